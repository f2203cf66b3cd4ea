import type {TargetMachine} from './machine.ts';
import type {Pacer} from './pacer.ts';
import type {WallClock} from './wallClock.ts';

/** Longest stretch of it between two looks at input, in wall milliseconds. */
const sliceMs = {between: 4, still: 8, none: 0} as const;
/** Rest for each of them: a tenth of the time is used while the machine lives, most of it while that stands still. */
const restMs = {between: 36, still: 2, none: 0} as const;
/** How often it is looked whether there is something to do again, where the machine lives. */
const lookMs = 1000;
/** Looking at the wall clock costs little beside so many events. */
const eventsPerLook = 32;

type LeisureOptions = {
	readonly machine: Pick<TargetMachine, 'follow'>;
	readonly pacer: Pick<Pacer, 'leisure'>;
	readonly wall: WallClock;
	/** Whether it may cost something before anybody has gone back in time. */
	readonly unasked: boolean;
};

export type Leisure = {
	/** To be called when the machine has done something. */
	look(): void;
	end(): void;
};

/**
 * Does in idle time what makes going back in time take less. Sets no timer while there is nothing to do.
 */
export function spendLeisure({machine, pacer, wall, unasked}: LeisureOptions): Leisure {
	let cancel: (() => void) | undefined;
	let lookedMs = Number.NEGATIVE_INFINITY;
	let hasEnded = false;

	const turn = (): void => {
		const leisure = pacer.leisure();
		const startMs = wall.nowMs();
		let isMore = leisure !== 'none';
		while (isMore && wall.nowMs() - startMs < sliceMs[leisure]) {
			isMore = machine.follow?.(eventsPerLook, unasked) ?? false;
		}

		lookedMs = wall.nowMs();
		cancel = isMore ? wall.setTimer(turn, restMs[leisure]) : undefined;
	};

	return {
		look() {
			if (hasEnded || cancel || wall.nowMs() - lookedMs < lookMs) return;
			lookedMs = wall.nowMs();
			if (machine.follow?.(0, unasked)) cancel = wall.setTimer(turn, restMs.between);
		},
		end() {
			hasEnded = true;
			cancel?.();
		},
	};
}
