/** kmap() with every slot in use. */
import {PAGE_SIZE, type Pfn} from '../../source/hardware/address.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {kmap} from '../../source/kernel/mm/highmem.ts';
import {spawn, stepUntil} from '../kernel/support.ts';
import {PkmapSession} from './pkmapSession.ts';

/**
 * Fills the table, has a task ask for one more page, and lets go of one slot. The machine is not at rest afterwards.
 * @param pageNumbered pages of high memory, each number another one
 * @param released slot to let go of
 */
export function exhaustPkmap(k: Kernel, pageNumbered: (index: number) => Pfn, released: number) {
	const session = new PkmapSession(k, 0);
	const pages: Pfn[] = [];
	const slots: number[] = [];
	while (pages.length < k.layout.LAST_PKMAP) {
		pages.push(pageNumbered(pages.length));
		slots.push(session.map(pages.at(-1)!)!);
	}
	const outcome: {address?: number} = {};
	const task = spawn(k, function* () {
		outcome.address = yield* kmap(k, pageNumbered(k.layout.LAST_PKMAP + 1));
	});
	stepUntil(k, () => task.state === 'TASK_UNINTERRUPTIBLE' || outcome.address !== undefined);
	const blocked = outcome.address === undefined;
	const {sleeps} = k.highmem;
	const waiting = k.highmem.pkmap_map_wait.tasks.length;
	const page = pages[slots.indexOf(released)]!;
	session.unmap(page);
	const wakeups = waiting - k.highmem.pkmap_map_wait.tasks.length;
	stepUntil(k, () => outcome.address !== undefined);
	return {
		held: pages.length,
		min_slot: Math.min(...slots),
		max_slot: Math.max(...slots),
		blocked,
		sleeps,
		/** TASK_UNINTERRUPTIBLE as /proc prints the number. */
		task_state: blocked ? '0x2' : '0x0',
		wakeups,
		/** The page that lost its slot. */
		page,
		got_slot: (outcome.address! - k.layout.PKMAP_BASE) / PAGE_SIZE,
		got_va: `0x${outcome.address!.toString(16)}`,
	};
}
