import {expect, test} from 'vitest';
import {parseTrace} from '../../source/formats/debugfs/tracing/trace.ts';
import {parseVma} from '../../source/formats/debugfs/vma.ts';
import {parseMaps} from '../../source/formats/proc/maps.ts';
import {bootLab} from '../../source/lab/lab.ts';

const tracing = '/sys/kernel/debug/tracing';

test('trace/LINES is the end of trace', () => {
	const lab = bootLab({});
	while (lab.run(1e9, 10_000) === 'budget') {}
	const whole = parseTrace(String(lab.read(`${tracing}/trace`))).lines;
	expect(whole).toHaveLength(400);
	expect(parseTrace(String(lab.read(`${tracing}/trace/64`))).lines).toEqual(whole.slice(-64));
	expect(lab.list(tracing).filter(name => name.startsWith('trace'))).toEqual(['trace', 'trace_pipe']);
});

test('maps/FIRST/AREAS and vma/<pid>/FIRST/AREAS are those areas, in their order', () => {
	const lab = bootLab({});
	while (lab.run(1e9, 10_000) === 'budget') {}
	const [pid] = lab.list('/sys/kernel/debug/vma').slice(-1);
	const maps = parseMaps(String(lab.read(`/proc/${pid}/maps`))).areas;
	const vma = parseVma(String(lab.read(`/sys/kernel/debug/vma/${pid}`)));
	// The last of them is the gate area, which is no area of the process.
	expect(vma.mapCount).toBe(maps.length - 1);
	expect(parseMaps(String(lab.read(`/proc/${pid}/maps/2/3`))).areas).toEqual(maps.slice(2, 5));
	const window = parseVma(String(lab.read(`/sys/kernel/debug/vma/${pid}/2/3`)));
	expect(window).toEqual({...vma, areas: vma.areas.slice(2, 5)});
	expect(lab.read(`/proc/${pid}/maps/${maps.length}/3`)).toBe('');
	expect(() => lab.read(`/proc/${pid}/maps/0/5000`)).toThrow('EINVAL: AREAS must be 1..4096, got "5000"');
});

test.each(['0', '401', '-1', 'all', '1e2'])('trace/%s is refused', lines => {
	expect(() => bootLab({}).read(`${tracing}/trace/${lines}`)).toThrow(`EINVAL: LINES must be 1..400, got "${lines}"`);
});

/** Each line: ways to write the name of one file. */
const spellings: readonly (readonly string[])[] = [
	[`${tracing}/trace/64`, `${tracing}/trace/064`],
	[`${tracing}/trace/65`],
	['/proc/1/maps/2/3', '/proc/1/maps/02/3', '/proc/1/maps/2/0003'],
	['/proc/1/maps/23/1'],
	['/sys/kernel/debug/vma/1/0/2', '/sys/kernel/debug/vma/1/000/02'],
	['/sys/kernel/debug/vma/1/08048000-0804a000', '/sys/kernel/debug/vma/1/8048000-804A000'],
	['/sys/kernel/debug/page_map/0x10/512/64', '/sys/kernel/debug/page_map/16/0x200/064'],
	['/sys/kernel/debug/page_map/0x10/512/64/PD', '/sys/kernel/debug/page_map/0X0010/0512/64/PD'],
	// It says in its first lines what was asked for, so this is another file.
	['/sys/kernel/debug/page_map/0x10/512/64/DP'],
	['/sys/kernel/debug/page/0x7c00', '/sys/kernel/debug/page/31744', '/sys/kernel/debug/page/0x07C00'],
	['/sys/kernel/debug/cause/pfn:0x7c00', '/sys/kernel/debug/cause/pfn:7c00', '/sys/kernel/debug/cause/pfn:0x7c00+1'],
	['/sys/kernel/debug/cause/zone:Normal'],
	['/sys/kernel/debug/translate/pfn:0x7c00', '/sys/kernel/debug/translate/PFN:007C00'],
	['/sys/kernel/debug/translate/phys:0x07c00000', '/sys/kernel/debug/translate/phys:7c00000'],
	['/proc/version'],
];

test('however a file is written, it is the same file and has one spelling', () => {
	const lab = bootLab({});
	while (lab.run(1e9, 10_000) === 'budget') {}
	const found = spellings.map(ways => {
		expect(new Set(ways.map(way => lab.read(way)))).toHaveLength(1);
		const spelt = new Set(ways.map(way => lab.spelling(way)));
		expect(spelt).toHaveLength(1);
		const [one = ''] = spelt;
		expect(lab.spelling(one)).toBe(one);
		expect(lab.read(one)).toEqual(lab.read(ways[0]!));
		return one;
	});
	expect(new Set(found)).toHaveLength(spellings.length);
});

test.each([
	`${tracing}/trace/all`,
	'/proc/1/maps/0x0/1',
	'/proc/01/maps/0/1',
	'/sys/kernel/debug/page_map/0x0/1/1/Dx',
	'/sys/kernel/debug/page/none',
	'/sys/kernel/debug/cause/nothing',
	'/sys/kernel/debug/translate/everything',
	'/no/such/file',
])('%s cannot be read, and is not taken for another file', path => {
	const lab = bootLab({});
	expect(() => lab.read(path)).toThrow(/^E/);
	expect(lab.spelling(path)).toBe(path);
});
