/** linux/spinlock.h: the word in the driver's memory says whether it is taken; who spins hangs beside it. */
import {kernelAddress} from '../../../hardware/address.ts';
import {local_irq_restore, local_irq_save} from '../../cpu.ts';
import type {Kernel} from '../../kernel.ts';
import {spin_lock, spin_lock_init, spin_unlock, type spinlock_t} from '../../locking.ts';
import {kwrite32} from '../../mm/access.ts';
import type {Spends} from '../../time.ts';
import {addressName} from '../oops.ts';
import {type Gate, modulesOf} from '../state.ts';

function lockAt(k: Kernel, address: number): spinlock_t {
	const {beside} = modulesOf(k);
	let found = beside.get(address) as spinlock_t | undefined;
	if (!found) beside.set(address, (found = spin_lock_init(addressName(k, address))));
	return found;
}

function* take(k: Kernel, address: number): Spends<void> {
	yield* spin_lock(k, lockAt(k, address));
	kwrite32(k, kernelAddress(address), 1);
}

function letGo(k: Kernel, address: number): void {
	kwrite32(k, kernelAddress(address), 0);
	spin_unlock(k, lockAt(k, address));
}

export const spinlockExports: readonly Gate[] = [
	{name: 'spin_lock', run: ({k, arg}) => take(k, arg(0))},
	{name: 'spin_unlock', run: ({k, arg}) => letGo(k, arg(0))},
	{
		name: 'spin_trylock',
		*run({k, arg}) {
			if (lockAt(k, arg(0)).locked) return 0;
			yield* take(k, arg(0));
			return 1;
		},
	},
	{
		name: 'spin_lock_irq',
		*run({k, arg}) {
			local_irq_save(k);
			yield* take(k, arg(0));
		},
	},
	{
		name: 'spin_unlock_irq',
		run({k, arg}) {
			letGo(k, arg(0));
			local_irq_restore(k, false);
		},
	},
	{
		name: '_spin_lock_irqsave',
		*run({k, arg}) {
			const flags = local_irq_save(k) ? 1 : 0;
			yield* take(k, arg(0));
			return flags;
		},
	},
	{
		name: 'spin_unlock_irqrestore',
		run({k, arg}) {
			letGo(k, arg(0));
			local_irq_restore(k, arg(1) !== 0);
		},
	},
];
