import type {WallClock} from '../../../source/target/wallClock.ts';

/** A wall clock that moves when the test says so. */
type FakeClock = WallClock & {
	/** Lets time pass, calling what is due on the way, in order. */
	advance(ms: number): void;
	/** Time passes without anyone being called: this thread was busy. */
	busy(ms: number): void;
	readonly timers: () => number;
	readonly calls: () => number;
};

export function fakeClock(): FakeClock {
	let nowMs = 1000;
	let calls = 0;
	const timers = new Map<symbol, {dueMs: number; callback: () => void}>();
	const nextDue = (limitMs: number) =>
		[...timers].filter(([, {dueMs}]) => dueMs <= limitMs).sort(([, a], [, b]) => a.dueMs - b.dueMs)[0];
	return {
		nowMs: () => nowMs,
		setTimer(callback, delayMs) {
			const key = Symbol('timer');
			timers.set(key, {dueMs: nowMs + delayMs, callback});
			return () => timers.delete(key);
		},
		advance(ms) {
			const endMs = nowMs + ms;
			for (let due = nextDue(endMs); due; due = nextDue(Math.max(endMs, nowMs))) {
				timers.delete(due[0]);
				nowMs = Math.max(nowMs, due[1].dueMs);
				calls++;
				due[1].callback();
				if (nowMs >= endMs) break;
			}

			nowMs = Math.max(nowMs, endMs);
		},
		busy(ms) {
			nowMs += ms;
		},
		timers: () => timers.size,
		calls: () => calls,
	};
}
