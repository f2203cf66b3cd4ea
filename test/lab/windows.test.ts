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
	expect(vma.mapCount).toBe(maps.length);
	expect(parseMaps(String(lab.read(`/proc/${pid}/maps/2/3`))).areas).toEqual(maps.slice(2, 5));
	const window = parseVma(String(lab.read(`/sys/kernel/debug/vma/${pid}/2/3`)));
	expect(window).toEqual({...vma, areas: vma.areas.slice(2, 5)});
	expect(lab.read(`/proc/${pid}/maps/${maps.length}/3`)).toBe('');
	expect(() => lab.read(`/proc/${pid}/maps/0/5000`)).toThrow('EINVAL: AREAS must be 1..4096, got "5000"');
});

test.each(['0', '401', '-1', 'all', '1e2'])('trace/%s is refused', lines => {
	expect(() => bootLab({}).read(`${tracing}/trace/${lines}`)).toThrow(`EINVAL: LINES must be 1..400, got "${lines}"`);
});
