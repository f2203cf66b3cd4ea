/** Whose complaint it is that fails a check, on a machine that several people use. */
import {expect, test} from 'vitest';
import type {FindingRecord} from '../../source/formats/debugfs/lab/findings.ts';
import {complaintSince} from '../../source/lab/check.ts';

const text = 'WARNING: at lib/dma-debug.c';
const lines = [{level: 4, timeUs: 500, text}];

const finding = (driver: string | null, pid: number, sinceUs = 500): FindingRecord => ({
	id: 1,
	kind: 'warning',
	severity: 'warning',
	sinceUs,
	untilUs: sinceUs,
	times: 1,
	task: {comm: 'insmod', pid},
	driver,
	frames: [],
	objects: [],
	says: text,
});

test.each<[string, readonly FindingRecord[], string | undefined]>([
	['without a finding', [], text],
	['of the module', [finding('mine', 8)], text],
	['in the check itself', [finding('other', 7)], text],
	['of no driver', [finding(null, 8)], text],
	['of another driver, in another process', [finding('other', 8)], undefined],
	['of both', [finding('other', 8), finding('mine', 8)], text],
	['of another driver, at another time', [finding('other', 8, 499)], text],
])('%s', (_what, all, complaint) => {
	expect(complaintSince(500, all, 'mine', 7)({lines})).toBe(complaint);
	expect(complaintSince(501, all, 'mine', 7)({lines})).toBeUndefined();
});
