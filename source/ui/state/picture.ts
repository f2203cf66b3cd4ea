/** The newest sample: its files, when it was taken, and whether this monitor still looks. */

import type {Moment} from '../../model/moment.ts';
import {mergeSample, type SampledTree} from '../../model/tree.ts';
import type {Playback, Sample} from '../../target/target.ts';
import type {PaneId} from './panes.ts';

export type Picture = {
	readonly tree: SampledTree;
	readonly at: Moment;
	readonly seq: number;
	readonly behindNs: number;
	/** Which machine it is, where the target can tell. */
	readonly machine: string | undefined;
	/** Wall time at which it came. */
	readonly sampledMs: number | undefined;
	/** Panes that it had the files of. */
	readonly panes: readonly PaneId[];
	/** True while this monitor keeps its picture though the machine goes on. */
	readonly frozen: boolean;
	/** True from when this monitor stopped looking, frozen or suspended, until it has looked again. */
	readonly looksAway: boolean;
	/** Of a recording: where it is played. */
	readonly playback: Playback | undefined;
};

export const noPicture: Picture = {
	tree: {},
	at: {timeNs: 0, movedMs: 0},
	seq: -1,
	behindNs: 0,
	machine: undefined,
	sampledMs: undefined,
	panes: [],
	frozen: false,
	looksAway: false,
	playback: undefined,
};

/** A gap longer than this between two samples is not time in which marks could be seen. */
const longestStepMs = 500;

/** A machine that went back, or started over, counts from there: nothing is older than it. */
export const isAnother = (picture: Picture, {timeNs, seq}: Sample): boolean =>
	timeNs < picture.at.timeNs || seq < picture.seq;

const hasMoved = (before: Picture, {timeNs, seq}: Sample): boolean => seq !== before.seq || timeNs !== before.at.timeNs;

/** What became of a machine whose server was lost and is there again; undefined for a target that cannot tell. */
export function returnText({machine, at}: Picture, sample: Sample): string | undefined {
	// Only the way to it was lost, or nothing is known.
	if (machine === undefined || sample.machine === undefined || machine === sample.machine) return undefined;
	const [id] = machine.split('.');
	if (id !== sample.machine.split('.')[0]) return 'this is another machine: the former one is gone';
	const lostNs = at.timeNs - sample.timeNs;
	const lost = lostNs > 0 ? `, ${(lostNs / 1e9).toFixed(1)} s lost` : '';
	return `restored to ${(sample.timeNs / 1e9).toFixed(1)} s${lost}`;
}

/** The picture that marks are counted from. */
export const comparable = (picture: Picture, sample: Sample): Picture =>
	isAnother(picture, sample) ? {...picture, panes: [], at: {...picture.at, timeNs: sample.timeNs}} : picture;

/** @param before as `comparable` gives it; `panes` stay those of before until their models are made */
export function nextPicture(before: Picture, sample: Sample, nowMs: number): Picture {
	const {timeNs, seq} = sample;
	const passedMs = before.sampledMs === undefined ? 0 : Math.min(longestStepMs, Math.max(0, nowMs - before.sampledMs));
	return {
		...before,
		tree: mergeSample(before.tree, sample),
		at: {timeNs, movedMs: before.at.movedMs + (hasMoved(before, sample) ? passedMs : 0)},
		seq,
		behindNs: sample.behindNs ?? 0,
		machine: sample.machine,
		sampledMs: nowMs,
		looksAway: before.frozen,
		playback: sample.playback,
	};
}
