/**
 * /sys/kernel/debug/vma/<pid>/START-END (ours): the page frames behind a part of an address space, as its page tables
 * say. A run is contiguous in both kinds of address.
 *
 *     # vma_frames 0.1: pid=112 start=40000000 end=40008000 present=5
 *     # address frames
 *     40000000  0xf0+4
 *     40005000  0x6a31
 */

import {addressCell, decimal, type FrameRun, frameRun} from '../cells.ts';
import {column, one, pairs, table} from '../table.ts';
import {joinLines, Lines} from '../text.ts';

export type VmaFramesRun = {
	/** Virtual address of the first page. */
	readonly address: number;
	readonly run: FrameRun;
};

type Head = {
	readonly pid: number;
	readonly start: number;
	/** First address behind the part. */
	readonly end: number;
	/** Pages of it that have a frame. */
	readonly present: number;
};

type VmaFrames = Head & {readonly runs: readonly VmaFramesRun[]};

const head = one(
	'# vma_frames 0.1',
	pairs<Head>({
		pid: ['pid', decimal],
		start: ['start', addressCell],
		end: ['end', addressCell],
		present: ['present', decimal],
	}),
);
const rows = table<VmaFramesRun>({address: column('# address', 9, addressCell), run: column('frames', 6, frameRun)});

export function formatVmaFrames(record: VmaFrames): string {
	return joinLines([...head.write(record), rows.heading, ...record.runs.map(rows.show)]);
}

/** @throws FormatError */
export function parseVmaFrames(text: string): VmaFrames {
	const lines = new Lines('vma_frames', text);
	const record = head.read(lines);
	lines.expect(rows.heading);
	const runs: VmaFramesRun[] = [];
	while (!lines.done) runs.push(lines.read(rows.read));
	return {...record, runs};
}
