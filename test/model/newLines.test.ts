import fc from 'fast-check';
import {expect, test} from 'vitest';
import {newLines} from '../../source/model/newLines.ts';

test('lines that came are told from lines that stayed', () => {
	expect(newLines(['a', 'b'], ['a', 'b', 'c'])).toEqual({lines: ['c'], older: [], lost: false});
	expect(newLines(['a', 'b', 'c'], ['c', 'd'])).toEqual({lines: ['d'], older: [], lost: false});
	expect(newLines(['a', 'b'], ['a', 'b'])).toEqual({lines: [], older: [], lost: false});
	expect(newLines([], ['a'])).toEqual({lines: ['a'], older: [], lost: false});
});

test('a line printed again is new', () => {
	expect(newLines(['x', 'a'], ['x', 'a', 'x', 'a'])).toEqual({lines: ['x', 'a'], older: [], lost: false});
});

test('a text that reaches further back says what was before', () => {
	expect(newLines(['c', 'd'], ['a', 'b', 'c', 'd', 'e'])).toEqual({lines: ['e'], older: ['a', 'b'], lost: false});
});

test('a log that has moved on past the last line seen says so', () => {
	expect(newLines(['a', 'b'], ['d', 'e'])).toEqual({lines: ['d', 'e'], older: [], lost: true});
});

test('any reader of any ring of distinct lines gets each line once, or is told', () => {
	const steps = fc.array(fc.nat({max: 12}), {maxLength: 30});
	fc.assert(
		fc.property(fc.integer({min: 1, max: 8}), steps, (ringSize, counts) => {
			let next = 0;
			let ring: string[] = [];
			let seen: readonly string[] = [];
			const got: string[] = [];
			for (const count of counts) {
				const firstMissed = Number(seen.at(-1) ?? -1) + 1;
				for (let i = 0; i < count; i++) {
					ring = [...ring, String(next++)].slice(-ringSize);
				}

				const {lines, lost} = newLines(seen, ring);
				expect(lost).toBe(seen.length > 0 && next - firstMissed >= ringSize);
				got.push(...lines);
				seen = ring;
			}

			expect(new Set(got).size).toBe(got.length);
		}),
	);
});
