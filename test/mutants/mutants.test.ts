import {describe, expect, test} from 'vitest';
import {askers, nearestTests} from './nearest.ts';
import {changesTheProgram, identity, mutantsOf, planted} from './plant.ts';
import {report} from './report.ts';
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
	expect(nearestTests(imports, ['source/kernel/mm/gup.ts'], 2)).toEqual(near.slice(0, 2));
	expect(nearestTests(imports, ['source/kernel/mm/gup.ts'], 9)).toEqual([...near, 'test/lab/user.test.ts']);
	expect(nearestTests(imports, ['source/kernel/mm/zap.ts'], 9)).toEqual([]);
	const named = nearestTests(imports, ['source/kernel/mm/gup.ts'], 2, '\tfaults_init(k);');
	expect(named).toEqual(['test/kernel/mm/faults.test.ts', 'test/kernel/mm/gup.test.ts']);
});

test('a row of a table is near to what asks for it, another line to what imports its file', () => {
	const texts = new Map([
		['source/kernel/era/io.ts', 'export const io = {\n\tdirtyRatio: changes(\n\t\t{ldd3: 40},\n\t),\n\tunused: 1,\n};'],
		['source/kernel/mm/pdflush.ts', 'return k.era.dirtyRatio;'],
		['source/kernel/mm/mlock.ts', 'const {dirtyRatio, HZ} = k.era;'],
		['source/kernel/mm/gup.ts', 'return k.era.dirtyRatioOfAnother;'],
		['test/kernel/mm/gup.test.ts', 'return k.era.dirtyRatio;'],
	]);
	const near = ['source/kernel/mm/pdflush.ts', 'source/kernel/mm/mlock.ts'];
	expect([1, 2, 3, 5].map(line => askers(texts, 'source/kernel/era/io.ts', line))).toEqual([
		['source/kernel/era/io.ts'],
		near,
		near,
		['source/kernel/era/io.ts'],
	]);
	expect(askers(texts, 'source/kernel/mm/gup.ts', 1)).toEqual(['source/kernel/mm/gup.ts']);
});

describe('a sample', () => {
	const items = Array.from({length: 100}, (_, index) => `line ${index}`);
	const drawn = (from: readonly string[], count: number, seed: number, isFit = (_: string) => true) =>
		sample(from, count, seed, item => item, isFit);

	test('is drawn by its seed, in the order of what it is drawn from, nothing twice', () => {
		expect(drawn(items, 10, 1)).toEqual(drawn(items, 10, 1));
		expect(drawn(items, 10, 1)).not.toEqual(drawn(items, 10, 2));
		expect(drawn(items, 10, 1)).toEqual(items.filter(item => drawn(items, 10, 1).includes(item)));
		expect(drawn(items, 10, 1)).toHaveLength(10);
		expect(drawn(items, 101, 1)).toEqual(items);
		expect(drawn(['a', 'a', 'a'], 2, 1)).toEqual(['a', 'a']);
	});

	test('stays as it is where other lines come, but for what they take the place of', () => {
		const before = drawn(items, 10, 1);
		const after = drawn([...items, 'a new line'], 10, 1);
		expect(after.filter(item => before.includes(item)).length).toBeGreaterThanOrEqual(9);
	});

	test('leaves out what is not fit, and draws on', () => {
		const first = drawn(items, 10, 1);
		const fit = drawn(items, 10, 1, item => item !== first[3]);
		expect(fit).toHaveLength(10);
		expect(fit.filter(item => first.includes(item))).toEqual(first.filter((_, index) => index !== 3));
	});
});

describe('a change is fit', () => {
	const changeOf = (text: string, line: number, after: string) => {
		const before = text.split('\n')[line - 1]!;
		return changesTheProgram(text, {path: 'source/x.ts', line, kind: 'constant', before, after});
	};

	test('when the program is another one', () => {
		expect(changeOf('export const a = 1;', 1, 'export const a = 2;')).toBe(true);
	});

	test('not when only a type is', () => {
		expect(changeOf('export let a: 1 | 2 = 1;', 1, 'export let a: 1 | 3 = 1;')).toBe(false);
	});

	test('not when the rest cannot be read as a program', () => {
		expect(changeOf('export const f = () =>\n\tg();\n\nexport const a = 1;', 2, '')).toBe(false);
		expect(changeOf('class A {\n\t#b = 1;\n\tc() { return this.#b; }\n}', 2, '')).toBe(false);
	});
});

test('the report counts by room, names what survived, and says what was not tried', () => {
	const mutants = ['source/kernel/a.ts', 'source/kernel/b.ts', 'source/ui/c.ts', 'source/ui/d.ts'].map(path => ({
		path,
		line: 7,
		kind: 'constant' as const,
		before: '\ta = 1;',
		after: '\ta = 2;',
	}));
	const outcomes = [
		['source/kernel/a.ts', 'test/kernel/a.test.ts'],
		['source/kernel/b.ts', undefined],
		['source/ui/c.ts', 'test/ui/c.test.ts'],
	].map(([path, by]) => ({identity: identity(mutants.find(mutant => mutant.path === path)!), by}));
	const text = report(mutants, new Map(outcomes.map(outcome => [outcome.identity, outcome])));
	expect(text.split('\n')).toEqual([
		'| room | changes | noticed | |',
		'|---|-:|-:|-:|',
		'| kernel | 2 | 1 | 50 % |',
		'| ui | 1 | 1 | 100 % |',
		'| all | 3 | 2 | 67 % |',
		'',
		'Not tried: 1.',
		'',
		'- `source/kernel/b.ts:7` constant: a = 1;  →  a = 2;',
	]);
});
