/**
 * The pull loop: ask, draw, ask again. A target takes the next question as proof that its last answer was drawn, which
 * is what slow motion waits for; so it never asks before the picture has gone out, and a slow line slows only itself.
 */

import {type Sample, type Target, TargetError} from '../../target/target.ts';
import type {PaneId} from '../state/panes.ts';
import {type After, afterRunning, wallAfter} from '../terminal/patience.ts';
import {sentenceOf} from './effects.ts';

/** Usual time between two questions. */
const usualPeriodMs = 100;
/** Usual time between two questions to a target that is gone. */
const usualRetryMs = 250;
/** A question that waits this long for its answer is worth a word: what is on the screen is old by then. */
const silentMs = 5000;

type AskedFiles = {readonly paths: readonly string[]; readonly panes: readonly PaneId[]};

type SamplerOptions = {
	readonly target: Pick<Target, 'sample'>;
	/** What to ask for now; undefined to ask nothing (a frozen picture). */
	readonly question: () => AskedFiles | undefined;
	readonly onSample: (sample: Sample, panes: readonly PaneId[]) => void;
	readonly onLost: (reason: string) => void;
	/** The target has not answered for so long. It is not gone, or one would know: the question stands. */
	readonly onSilent: (silentMs: number) => void;
	/** Resolves when the newest picture has gone out. */
	readonly drawn: () => Promise<void>;
	readonly nowMs: () => number;
	/** Time between two questions, in milliseconds. */
	readonly periodMs?: number;
	/** The same to a target that is gone. */
	readonly retryMs?: number;
	readonly after?: After;
};

type Sampler = {
	/** Asks at once in place of at the next turn; once more if a question is under way. */
	soon(): void;
	stop(): void;
};

/** @throws from the loop, by `onCrash`, whatever is not a target's refusal: that is our bug */
export function startSampler(options: SamplerOptions, onCrash: (error: unknown) => void): Sampler {
	const {target, question, onSample, onLost, onSilent, drawn, nowMs} = options;
	const {periodMs = usualPeriodMs, retryMs = usualRetryMs, after = wallAfter} = options;
	let isStopped = false;
	let isHurried = false;
	let wake: (() => void) | undefined;

	const rest = (ms: number): Promise<void> =>
		new Promise(resolve => {
			if (isHurried || isStopped) {
				isHurried = false;
				resolve();
				return;
			}
			const timer = setTimeout(() => wake?.(), Math.max(0, ms));
			wake = () => {
				clearTimeout(timer);
				wake = undefined;
				isHurried = false;
				resolve();
			};
		});

	const ask = async ({paths, panes}: AskedFiles): Promise<number> => {
		const noMoreSilent = afterRunning(after, silentMs, () => {
			if (!isStopped) onSilent(silentMs);
		});
		try {
			const sample = await target.sample({paths}).finally(noMoreSilent);
			if (isStopped) return 0;
			onSample(sample, panes);
			await drawn();
			return periodMs;
		} catch (error) {
			if (!(error instanceof TargetError)) throw error;
			if (!isStopped) {
				onLost(sentenceOf(error));
			}
			return retryMs;
		}
	};

	const loop = async (): Promise<void> => {
		while (!isStopped) {
			const begunMs = nowMs();
			const next = question();
			const pauseMs = next ? await ask(next) : periodMs;
			await rest(begunMs + pauseMs - nowMs());
		}
	};

	loop().catch(onCrash);
	return {
		soon() {
			isHurried = true;
			wake?.();
		},
		stop() {
			isStopped = true;
			wake?.();
		},
	};
}
