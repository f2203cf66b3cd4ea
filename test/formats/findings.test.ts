import fc from 'fast-check';
import {expect, test} from 'vitest';
import {
	type FindingRecord,
	formatFindings,
	formatWholeFinding,
	parseFindings,
	parseWholeFinding,
} from '../../source/formats/debugfs/lab/findings.ts';
import {formatSession, parseSession} from '../../source/formats/debugfs/lab/session.ts';
import {runs} from '../sample.ts';

const time = fc.integer({min: 0, max: 2 ** 40});
const text = fc.string({unit: fc.constantFrom('a', ' ', '=', ',', ':', '\n', '\\', '-', 'é')});

const finding: fc.Arbitrary<FindingRecord> = fc.record({
	id: fc.nat(),
	kind: fc.constantFrom('oops', 'pin-alone', 'module-left', 'iocb-old'),
	severity: fc.constantFrom('error', 'warning', 'note'),
	sinceUs: time,
	untilUs: fc.option(time),
	times: fc.integer({min: 1, max: 1e6}),
	task: fc.record({comm: text, pid: fc.nat()}),
	driver: fc.option(text),
	frames: fc.array(fc.record({pfn: fc.nat(), frames: fc.integer({min: 1, max: 99})})),
	objects: fc.array(text),
	says: text,
});

test('what was formatted is parsed again', () => {
	const files = fc.record({olderUs: time, dropped: fc.nat(), findings: fc.array(finding)});
	fc.assert(
		fc.property(files, record => void expect(parseFindings(formatFindings(record))).toEqual(record)),
		{numRuns: runs(100)},
	);
	const whole = fc.record({finding, log: fc.array(text), changes: fc.constant([])});
	fc.assert(
		fc.property(whole, record => void expect(parseWholeFinding(formatWholeFinding(record))).toEqual(record)),
		{numRuns: runs(100)},
	);
});

test('a session keeps each text as it was written', () => {
	const write = fc.record({timeNs: time, seq: fc.nat(), by: text, path: text, text});
	const session = fc.record({timeNs: time, events: fc.nat(), machine: text, writes: fc.array(write)});
	fc.assert(
		fc.property(session, record => void expect(parseSession(formatSession(record))).toEqual(record)),
		{numRuns: runs(100)},
	);
});

test('what is not in the format is refused with its line', () => {
	const good = formatFindings({olderUs: 1, dropped: 0, findings: []});
	expect(() => parseFindings(good.replace('older', 'elder'))).toThrow(/lab\/findings, line 1: expected older=…/);
	expect(() => parseFindings(`${good}odd\n`)).toThrow(/line 2: expected finding: …/);
	expect(() => parseWholeFinding('')).toThrow(/lab\/findings\/<id>/);
	expect(() => parseSession('# session 0.1: time_ns=1 events=x\n')).toThrow(/lab\/session, line 1/);
});
