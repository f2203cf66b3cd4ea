import {expect, test} from 'vitest';
import {PAGE_SIZE, userAddress} from '../../../source/hardware/address.ts';
import {preempt_disable} from '../../../source/kernel/cpu.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {sys_munmap} from '../../../source/kernel/mm/munmap.ts';
import {
	copy_from_user,
	copy_from_user_inatomic,
	copy_to_user,
	user_read,
	user_write8,
} from '../../../source/kernel/mm/uaccess.ts';
import {preempt_enable} from '../../../source/kernel/sched.ts';
import {bootTestKernel, runProcess} from '../support.ts';

const base = 0x2000_0000;

test('a copy across pages faults them in, and says how many bytes it did not reach', () => {
	runProcess(bootTestKernel({memMiB: 64}), function* (k) {
		yield* sys_mmap2(k, base, 3 * PAGE_SIZE, 3, 0x32, -1, 0);
		yield* sys_munmap(k, base + 2 * PAGE_SIZE, PAGE_SIZE);
		const bytes = Uint8Array.from({length: 6000}, (_, index) => index);
		const start = userAddress(base + 1000);
		expect(yield* copy_to_user(k, start, bytes)).toBe(0);
		expect(yield* user_read(k, start, 6000)).toEqual(bytes);
		const back = new Uint8Array(8000);
		expect(yield* copy_from_user(k, back, start)).toBe(8000 - (2 * PAGE_SIZE - 1000));
		expect(back.subarray(0, 6000)).toEqual(bytes);
	});
});

test('where faults are forbidden the copy stops at the first page that is not there, and does not sleep', () => {
	runProcess(bootTestKernel({memMiB: 64}), function* (k) {
		yield* sys_mmap2(k, base, 2 * PAGE_SIZE, 3, 0x32, -1, 0);
		yield* user_write8(k, userAddress(base), 5);
		preempt_disable(k);
		const bytes = new Uint8Array(2 * PAGE_SIZE);
		expect(yield* copy_from_user(k, bytes, userAddress(base))).toBe(PAGE_SIZE);
		expect(copy_from_user_inatomic(k, bytes, userAddress(base + PAGE_SIZE))).toBe(2 * PAGE_SIZE);
		preempt_enable(k);
		expect(bytes[0]).toBe(5);
	});
});

test('kernel addresses are not user memory', () => {
	runProcess(bootTestKernel({memMiB: 64}), function* (k) {
		expect(yield* copy_from_user(k, new Uint8Array(4), userAddress(0xc000_0000))).toBe(4);
		expect(yield* copy_to_user(k, userAddress(0xbfff_fffe), new Uint8Array(4))).toBe(4);
	});
});
