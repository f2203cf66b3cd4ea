import {expect, test} from 'vitest';
import {parseTrace} from '../../source/formats/debugfs/tracing/trace.ts';
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

test.each(['0', '401', '-1', 'all', '1e2'])('trace/%s is refused', lines => {
	expect(() => bootLab({}).read(`${tracing}/trace/${lines}`)).toThrow(`EINVAL: LINES must be 1..400, got "${lines}"`);
});
