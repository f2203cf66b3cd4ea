/**
 * Time passes in two ways, and the type of a function says which.
 *
 * `Spends<T>`: a generator that may let time pass on this CPU. Interrupts, the other CPUs and a sample may fall in
 * between; the task is not rescheduled. It yields a number of nanoseconds, or a lock that it spins on.
 *
 * `Sleeps<T>`: may also give up the CPU. Only a task may do that, and only with `preempt_count` at zero.
 *
 * Everything else is a plain function: it takes no time of its own, but may `charge` a cost, which is paid at the next
 * spend on that CPU.
 */

/** A lock that somebody spins on; `locked` is looked at again whenever a holder lets go. */
export type Spinnable = {locked: boolean; readonly spinners: (() => void)[]};

/** The CPU is wanted back at once. What the task waits for, it has arranged before. */
export const GIVE_UP_CPU = {giveUpCpu: true} as const;

type Spend = number | Spinnable;
type Sleep = Spend | typeof GIVE_UP_CPU;

export type Spends<T> = Generator<Spend, T, void>;
export type Sleeps<T> = Generator<Sleep, T, void>;

/** Answer of a plain `tryX()` that cannot finish without sleeping; call the generator `X()` then. */
export const MUST_SLEEP = 'must sleep' as const;
export type MustSleep = typeof MUST_SLEEP;

/** Lets `ns` nanoseconds pass on this CPU. */
export function* spend(ns: number): Spends<void> {
	yield ns;
}
