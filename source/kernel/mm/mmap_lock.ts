/**
 * Models include/linux/mmap_lock.h (5.8 on; earlier kernels took mmap_sem by name): the semaphore of an address space.
 *
 * What was charged under the lock passes before it is let go, so that a held mmap_sem can be seen and waited for.
 */
import type {Kernel} from '../kernel.ts';
import {
	down_read,
	down_read_trylock,
	down_write,
	down_write_trylock,
	downgrade_write,
	up_read,
	up_write,
} from '../locking.ts';
import type {Sleeps} from '../time.ts';
import {trace} from '../trace.ts';
import type {mm_struct} from './mm_types.ts';

export function* mmap_write_lock(k: Kernel, mm: mm_struct): Sleeps<void> {
	traceLock(k, 'start_locking', mm, true);
	yield* down_write(k, mm.mmap_sem);
	traceLock(k, 'acquire_returned', mm, true);
}

/** Calls the methods of areas that could not be called in between. */
export function* callLater({later}: mm_struct): Sleeps<void> {
	for (let call = later.shift(); call; call = later.shift()) yield* call();
}

/** Lets charged time pass and gives the semaphore back. */
export function* mmap_write_unlock(k: Kernel, mm: mm_struct): Sleeps<void> {
	yield* callLater(mm);
	yield 0;
	up_write(k, mm.mmap_sem);
	traceLock(k, 'released', mm, true);
}

export function* mmap_read_lock(k: Kernel, mm: mm_struct): Sleeps<void> {
	traceLock(k, 'start_locking', mm, false);
	yield* down_read(k, mm.mmap_sem);
	traceLock(k, 'acquire_returned', mm, false);
}

export function* mmap_read_unlock(k: Kernel, mm: mm_struct): Sleeps<void> {
	yield 0;
	up_read(k, mm.mmap_sem);
	traceLock(k, 'released', mm, false);
}

/**
 * Takes the semaphore for writing if it is free and no area's method may have to sleep; `mmap_write_unlock_now` gives
 * it back.
 */
export const mmap_write_trylock = (k: Kernel, mm: mm_struct): boolean =>
	!mm.methodsMaySleep && down_write_trylock(k, mm.mmap_sem);
export const mmap_read_trylock = (k: Kernel, mm: mm_struct): boolean => down_read_trylock(k, mm.mmap_sem);

/** As the unlocks above, for plain functions: what was charged is paid later. */
export const mmap_write_unlock_now = (k: Kernel, mm: mm_struct): void => up_write(k, mm.mmap_sem);
export const mmap_write_downgrade_now = (k: Kernel, mm: mm_struct): void => downgrade_write(k, mm.mmap_sem);
export const mmap_read_unlock_now = (k: Kernel, mm: mm_struct): void => up_read(k, mm.mmap_sem);

function traceLock(k: Kernel, edge: string, mm: mm_struct, write: boolean): void {
	const {id} = mm;
	trace(k, `mmap_lock_${edge}`, () => {
		const success = edge === 'acquire_returned' ? ' success=true' : '';
		return `mm=${id} memcg_path= write=${write}${success}`;
	});
}
