/** linux/mutex.h, linux/sched.h: sleeping, and keeping others out. The word in the driver's memory says what is so. */
import {kernelAddress} from '../../../hardware/address.ts';
import {EINTR} from '../../errno.ts';
import type {Kernel} from '../../kernel.ts';
import {type mutex, mutex_init, mutex_lock, mutex_unlock} from '../../locking.ts';
import {kwrite32} from '../../mm/access.ts';
import {msleep, schedule} from '../../sched.ts';
import type {Sleeps} from '../../time.ts';
import {addressName} from '../oops.ts';
import {type Gate, modulesOf} from '../state.ts';
import {taskWindow} from '../structureWindows.ts';

/** Who waits for it hangs beside the mutex of C. */
function mutexAt(k: Kernel, address: number): mutex {
	const {beside} = modulesOf(k);
	let found = beside.get(address) as mutex | undefined;
	if (!found) beside.set(address, (found = mutex_init(addressName(k, address))));
	return found;
}

/** The count is the first word: 1 where it is free. */
const showLocked = (k: Kernel, address: number, isLocked: boolean) =>
	kwrite32(k, kernelAddress(address), isLocked ? 0 : 1);

function* lock(k: Kernel, address: number): Sleeps<void> {
	const found = mutexAt(k, address);
	yield* mutex_lock(k, found);
	showLocked(k, address, true);
}

export const lockingExports: readonly Gate[] = [
	{
		name: 'mutex_init',
		run({k, arg}) {
			modulesOf(k).beside.delete(arg(0));
			showLocked(k, arg(0), false);
		},
	},
	{name: 'mutex_destroy', run: ({k, arg}) => void modulesOf(k).beside.delete(arg(0))},
	{name: 'mutex_lock', run: ({k, arg}) => lock(k, arg(0))},
	...['mutex_lock_interruptible', 'mutex_lock_killable'].map(
		(name): Gate => ({
			name,
			*run({k, arg}) {
				if (mutexAt(k, arg(0)).owner && k.cpu.current.fatalSignal !== 0) return -EINTR;
				yield* lock(k, arg(0));
				return 0;
			},
		}),
	),
	{
		name: 'mutex_trylock',
		*run({k, arg}) {
			if (mutexAt(k, arg(0)).owner) return 0;
			yield* lock(k, arg(0));
			return 1;
		},
	},
	{
		name: 'mutex_unlock',
		run({k, arg}) {
			const found = mutexAt(k, arg(0));
			// Letting go of what another holds is a bug that Linux does not see either, without its checkers.
			if (found.owner === k.cpu.current) mutex_unlock(k, found);
			showLocked(k, arg(0), found.owner !== undefined);
		},
	},
	{name: 'msleep', run: ({k, arg}) => msleep(k, arg(0))},
	{name: 'schedule', run: ({k}) => schedule(k)},
	{name: 'get_current', run: ({k}) => modulesOf(k).windows.addressOf(taskWindow, k.cpu.current)},
	{name: 'signal_pending', run: ({k}) => (k.cpu.current.fatalSignal !== 0 ? 1 : 0)},
];
