/** lab/findings: what is wrong, each with what it happened within. */
import {type FindingRecord, formatFindings, formatWholeFinding} from '../../formats/debugfs/lab/findings.ts';
import {formatKmsgLine} from '../../formats/proc/kmsg.ts';
import {micros} from '../../formats/text.ts';
import {LabError} from '../errors.ts';
import {findingNamed, type KnownFinding, writeStale} from '../findings/findings.ts';
import type {LabState} from '../lab.ts';
import {findingChanges} from './cause.ts';
import {runsOf} from './runs.ts';

const recordOf = (finding: KnownFinding): FindingRecord => ({
	id: finding.id,
	kind: finding.kind,
	severity: finding.severity,
	sinceUs: micros(finding.sinceNs),
	untilUs: finding.untilNs === undefined ? null : micros(finding.untilNs),
	times: finding.times,
	task: {comm: finding.comm, pid: finding.pid},
	driver: finding.driver,
	frames: runsOf(finding.frames),
	objects: finding.objects,
	says: finding.says,
});

export function findingsFile({findings}: LabState): string {
	writeStale(findings);
	return formatFindings({
		olderUs: micros(findings.olderNs),
		dropped: findings.dropped,
		findings: findings.all.map(recordOf),
	});
}

export function wholeFinding(state: LabState, id: string): string {
	const finding = findingNamed(state.findings, Number(id));
	return formatWholeFinding({
		finding: recordOf(finding),
		log: finding.lines.flatMap(({level, timeNs, text}) => formatKmsgLine({level, timeUs: micros(timeNs), text})),
		changes: findingChanges(state, finding),
	});
}

const [leastOlder, mostOlder] = [0.001, 3_600];

/** What may be written: from how many seconds on something is old. @throws LabError EINVAL */
export function writeFindings({findings}: LabState, text: string): string {
	const [, given] = /^\s*older\s+(\d{1,4}(?:\.\d{1,9})?)\s*$/.exec(text) ?? [];
	const value = Number(given);
	if (given === undefined || value < leastOlder || value > mostOlder)
		throw new LabError('EINVAL', `findings takes "older SECONDS", ${leastOlder} to ${mostOlder}, got "${text.trim()}"`);
	findings.olderNs = Math.round(value * 1e9);
	return '';
}
