/** Findings, and a target that has them. */
import {formatCause} from '../../../source/formats/debugfs/cause.ts';
import {type FindingRecord, formatFindings, formatWholeFinding} from '../../../source/formats/debugfs/lab/findings.ts';
import {causePath} from '../../../source/model/cause.ts';
import {path} from '../../../source/model/paths.ts';
import type {FakeTarget} from './fakeTarget.ts';

export const pinned: FindingRecord = {
	id: 1,
	kind: 'pin-alone',
	severity: 'warning',
	sinceUs: 12_345_678,
	untilUs: null,
	times: 1,
	task: {comm: 'writer', pid: 7},
	driver: 'leaky',
	frames: [{pfn: 0x7c00, frames: 2}],
	objects: ['pfn:0x7c00', 'pfn:0x7c01'],
	says: 'page frames 0x7c00, 0x7c01 are held by a pin alone',
};
export const oops: FindingRecord = {
	...pinned,
	id: 2,
	kind: 'oops',
	severity: 'error',
	untilUs: 13_000_000,
	times: 3,
	frames: [],
	objects: [],
	says: 'Unable to handle kernel NULL pointer dereference',
};

const step = {cpu: 0, task: {comm: 'writer', pid: 7}, context: 'task'} as const;
const changes = [
	{
		events: [{...step, timeUs: 12_345_640, name: 'get_user_pages', text: 'pfn=0x7c00', result: null}],
		more: 0,
		within: [{...step, timeUs: 12_345_601, name: 'sys_write', text: 'fd: 3', result: '0x1000'}],
		origin: 'syscall' as const,
		injection: null,
	},
];

export function put(target: FakeTarget, findings: readonly FindingRecord[]): void {
	target.files.set(path.findings, formatFindings({olderUs: 10_000_000, dropped: 0, findings}));
	for (const finding of findings) {
		const log =
			finding.kind === 'oops' ? ['<1>[   13.000000] Unable to handle it', '<4>[   13.000000]  leaky_write'] : [];
		target.files.set(path.finding(finding.id), formatWholeFinding({finding, log, changes}));
		const object = {kind: 'finding', id: finding.id} as const;
		const cause = {object, on: true, oldestUs: null, lost: 0, changes, nothing: null};
		target.files.set(causePath(object), formatCause(cause));
	}
}
