import {describe, expect, test} from 'vitest';
import {nearestTests} from './nearest.ts';
import {mutantsOf, planted} from './plant.ts';
import {sample} from './sample.ts';

const file = [
	'/** From 1 to 3 < 4. */',
	"import {a} from './1.ts';",
	'export function f(k: number): number {',
	"\tif (k < 8) return a('2 < 3'); // 5 > 4",
	'\tcharge(k);',
	'\tk += 1;',
	'\treturn 0x10;',
	'}',
].join('\n');

describe('small changes', () => {
	const found = mutantsOf('source/x.ts', file).map(({line, kind, after}) => [line, kind, after.trim()]);

	test('are at a boundary, in a constant, or a line left out, never in a comment, a string or an import', () => {
		expect(found).toEqual([
			[4, 'boundary', "if (k <= 8) return a('2 < 3'); // 5 > 4"],
			[4, 'constant', "if (k < 9) return a('2 < 3'); // 5 > 4"],
			[4, 'dropped line', ''],
			[5, 'dropped line', ''],
			[6, 'constant', 'k += 2;'],
			[6, 'dropped line', ''],
		]);
	});

	test('change their line and no other', () => {
		for (const mutant of mutantsOf('source/x.ts', file)) {
			const lines = planted(file, mutant).split('\n');
			const differing = file.split('\n').flatMap((line, index) => (line === lines[index] ? [] : [index + 1]));
			expect(differing).toEqual([mutant.line]);
		}
	});
});

test('the nearest tests have the fewest imports in between; of equals, the same room and name come first', () => {
	const imports = new Map([
		['source/kernel/mm/gup.ts', []],
		['source/lab/user.ts', ['source/kernel/mm/gup.ts']],
		['test/facts/gup.test.ts', ['source/kernel/mm/gup.ts']],
		['test/kernel/mm/faults.test.ts', ['source/kernel/mm/gup.ts']],
		['test/kernel/mm/gup.test.ts', ['source/kernel/mm/gup.ts']],
		['test/lab/user.test.ts', ['source/lab/user.ts']],
		['test/terminal/keys.test.ts', ['source/kernel/mm/gup.ts']],
	]);
	const near = ['test/kernel/mm/gup.test.ts', 'test/kernel/mm/faults.test.ts', 'test/facts/gup.test.ts'];
	expect(nearestTests(imports, 'source/kernel/mm/gup.ts', 2)).toEqual(near.slice(0, 2));
	expect(nearestTests(imports, 'source/kernel/mm/gup.ts', 9)).toEqual([...near, 'test/lab/user.test.ts']);
	expect(nearestTests(imports, 'source/kernel/mm/zap.ts', 9)).toEqual([]);
});

test('a sample is drawn by its seed, in the order of what it is drawn from, nothing twice', () => {
	const items = Array.from({length: 100}, (_, index) => index);
	expect(sample(items, 10, 1)).toEqual(sample(items, 10, 1));
	expect(sample(items, 10, 1)).not.toEqual(sample(items, 10, 2));
	const drawn = sample(items, 10, 1);
	expect(drawn).toEqual([...new Set(drawn)].sort((a, b) => a - b));
	expect(sample(items, 101, 1)).toEqual(items);
});
