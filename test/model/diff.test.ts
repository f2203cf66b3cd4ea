import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {diffRows, type RowRules, sameList} from '../../source/model/diff.ts';
import {lingerMs, type Moment, type Row} from '../../source/model/moment.ts';

/** A thing with a name, a value that may change, and one that is shown but is not news. */
type Thing = {readonly name: string; readonly value: number; readonly detail: number};
type ThingRow = Row & {readonly thing: Thing};

const isSame = (a: Thing, b: Thing): boolean => a.name === b.name && a.value === b.value && a.detail === b.detail;

const rules: RowRules<Thing, ThingRow> = {
	idOf: ({name}) => name,
	kindOf: ({value}, known) => (known ? (known.thing.value === value ? undefined : 'changed') : 'new'),
	culpritOf: ({value}) => value,
	isSame: (row, thing) => isSame(row.thing, thing),
	rowOf: (thing, {id, mark}) => ({id, thing, mark}),
	gone: {culpritOf: ({thing}) => thing.value},
};

const at = (movedMs: number): Moment => ({timeNs: 0, movedMs});
const thing = (name: string, value = 0, detail = 0): Thing => ({name, value, detail});

const rowsAt = (movedMs: number, things: readonly Thing[], older?: readonly ThingRow[], change = rules) =>
	diffRows(things, older, at(movedMs), change);

const marks = (rows: readonly ThingRow[]): string[] => rows.map(({id, mark}) => `${id}${mark ? ` ${mark.kind}` : ''}`);

describe('marks', () => {
	test('who looks for the first time is shown no news', () => {
		expect(marks(rowsAt(0, [thing('a'), thing('b')]))).toEqual(['a', 'b']);
	});

	test('after a sample without things all is new', () => {
		expect(marks(rowsAt(0, [thing('a')], []))).toEqual(['a new']);
	});

	test('what came, changed and went is marked, with who did it', () => {
		const older = rowsAt(0, [thing('a'), thing('b', 1), thing('c', 4)]);
		const newer = rowsAt(100, [thing('a', 2), thing('b', 1), thing('d', 3)], older);
		expect(marks(newer)).toEqual(['a changed', 'b', 'd new', 'c gone']);
		expect(newer.map(({mark}) => mark?.injection)).toEqual([2, undefined, 3, 4]);
		expect(newer.map(({mark}) => mark?.sinceMs)).toEqual([100, undefined, 100, 100]);
	});

	test.each([
		[lingerMs - 1, ['a changed', 'd new', 'c gone']],
		[lingerMs, ['a', 'd']],
	])('%i ms later they are %j', (passedMs, left) => {
		const now = [thing('a', 2), thing('d')];
		const newer = rowsAt(100, now, rowsAt(0, [thing('a'), thing('c')]));
		expect(marks(rowsAt(100 + passedMs, now, newer))).toEqual(left);
	});

	test('a change while the mark of another lasts begins a mark anew', () => {
		const first = rowsAt(100, [thing('a', 1)], rowsAt(0, [thing('a')]));
		const second = rowsAt(100 + lingerMs - 1, [thing('a', 2)], first);
		expect(marks(rowsAt(100 + lingerMs, [thing('a', 2)], second))).toEqual(['a changed']);
	});

	test('what comes back while it is shown as gone is new, and one row', () => {
		const gone = rowsAt(100, [], rowsAt(0, [thing('a')]));
		expect(marks(rowsAt(200, [thing('a')], gone))).toEqual(['a new']);
	});

	test('without rules for it nothing stays in sight, and nothing changes', () => {
		const {idOf, rowOf, isSame: same} = rules;
		const newer = rowsAt(100, [thing('a', 2)], rowsAt(0, [thing('a'), thing('b')]), {idOf, rowOf, isSame: same});
		expect(marks(newer)).toEqual(['a']);
		expect(newer[0]?.thing.value).toBe(2);
	});

	test('a thing that left the sample without being gone leaves no row', () => {
		const partial = {...rules, gone: {isGone: ({id}: ThingRow) => id === 'b'}};
		const newer = rowsAt(100, [], rowsAt(0, [thing('a'), thing('b')]), partial);
		expect(marks(newer)).toEqual(['b gone']);
		expect(marks(rowsAt(200, [], newer, {...partial, gone: {isGone: () => false}}))).toEqual(['b gone']);
	});

	test('things of one name are numbered, in their order', () => {
		expect(marks(rowsAt(0, [thing('a', 1), thing('b'), thing('a', 2)]))).toEqual(['a', 'b', 'a 2']);
	});
});

describe('what did not change is the same object', () => {
	test('a row, when nothing that it shows changed', () => {
		const older = rowsAt(0, [thing('a'), thing('b')]);
		const newer = rowsAt(100, [thing('a'), thing('b', 0, 1)], older);
		expect(newer[0]).toBe(older[0]);
		expect(newer[1]).not.toBe(older[1]);
		expect(newer[1]?.mark).toBeUndefined();
	});

	test('a marked row, as long as its mark lasts', () => {
		const newer = rowsAt(100, [thing('a', 1)], rowsAt(0, [thing('a')]));
		expect(rowsAt(99 + lingerMs, [thing('a', 1)], newer)).toBe(newer);
		expect(rowsAt(100 + lingerMs, [thing('a', 1)], newer)[0]).not.toBe(newer[0]);
	});

	test('the list, when every row in it is', () => {
		const rows = [1, 2];
		expect(sameList(rows, [1, 2])).toBe(rows);
		expect(sameList(rows, [2, 1])).toEqual([2, 1]);
		expect(sameList(rows, [1])).toEqual([1]);
		expect(sameList(rows, [1, 2, 3])).toEqual([1, 2, 3]);
		expect(sameList(undefined, rows)).toBe(rows);
	});
});

const anyThing = fc.record({
	name: fc.constantFrom('a', 'b', 'c', 'd'),
	value: fc.nat(2),
	detail: fc.nat(1),
});
const anySamples = fc.array(fc.tuple(fc.array(anyThing, {maxLength: 6}), fc.nat(2 * lingerMs)), {
	minLength: 2,
	maxLength: 8,
});

test('whatever comes and goes: a row for each thing, ids of their own, and nothing anew that says the same', () => {
	fc.assert(
		fc.property(anySamples, samples => {
			let older: readonly ThingRow[] | undefined;
			let movedMs = 0;
			for (const [things, passedMs] of samples) {
				movedMs += passedMs;
				const newer: readonly ThingRow[] = rowsAt(movedMs, things, older);
				const living = newer.filter(({mark}) => mark?.kind !== 'gone');
				expect(living.map(row => row.thing)).toEqual(things);
				expect(new Set(newer.map(({id}) => id)).size).toBe(newer.length);
				for (const {mark} of newer) {
					if (mark) expect(movedMs - mark.sinceMs).toBeLessThan(lingerMs);
				}
				for (const row of newer) {
					const known = older?.find(({id}) => id === row.id);
					const says = known && isSame(known.thing, row.thing) && known.mark === row.mark;
					if (says) expect(row).toBe(known);
				}
				// Asked again at once, it has nothing to add.
				expect(rowsAt(movedMs, things, newer)).toBe(newer);
				older = newer;
			}
		}),
	);
});
