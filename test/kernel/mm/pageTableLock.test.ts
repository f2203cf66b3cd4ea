import {expect, test} from 'vitest';
import {userAddress} from '../../../source/hardware/address.ts';
import {copy_process} from '../../../source/kernel/fork.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {user_write8} from '../../../source/kernel/mm/uaccess.ts';
import {wake_up_new_task} from '../../../source/kernel/new_task.ts';
import {bootTestKernel, newProcess} from '../support.ts';

const pages = 64;

test('fork holds page_table_lock while the entries are copied, and another CPU can see it', () => {
	const k = bootTestKernel({cpus: 2});
	const task = newProcess(k, 'parent');
	const lock = task.mm!.page_table_lock;
	wake_up_new_task(k, task, function* () {
		const at = yield* sys_mmap2(k, 0, pages * 4096, 3, 0x22, -1, 0);
		for (let page = 0; page < pages; page++) yield* user_write8(k, userAddress(at + page * 4096), 1);
		yield* copy_process(k, {*body() {}});
	});
	const holders = new Set<string>();
	let heldNs = 0;
	let since: number | undefined;
	while (k.hw.timeline.step(Number.MAX_SAFE_INTEGER)) {
		if (lock.locked) {
			holders.add(lock.owner!.comm);
			since ??= k.hw.timeline.nowNs;
		} else if (since !== undefined) {
			heldNs += k.hw.timeline.nowNs - since;
			since = undefined;
		}
	}
	expect([...holders]).toEqual(['parent']);
	// One entry costs 30 ns.
	expect(heldNs).toBeGreaterThanOrEqual(pages * 30);
	expect(lock.locked).toBe(false);
});
