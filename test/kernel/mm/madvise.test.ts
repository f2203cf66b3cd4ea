import {expect, test} from 'vitest';
import {PAGE_SIZE, userAddress} from '../../../source/hardware/address.ts';
import type {EraName} from '../../../source/kernel/era/behaviour.ts';
import {EINVAL, ENOMEM} from '../../../source/kernel/errno.ts';
import {sys_madvise} from '../../../source/kernel/mm/madvise.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {user_read8, user_write8} from '../../../source/kernel/mm/uaccess.ts';
import {bootTestKernel, runProcess} from '../support.ts';

const base = 0x2000_0000;
const [normal, dontneed, unknown] = [0, 4, 77];

const advise = (era: EraName, start: number, length: number, advice = normal): number =>
	runProcess(bootTestKernel({memMiB: 64, era}), function* (k) {
		yield* sys_mmap2(k, base, 4 * PAGE_SIZE, 3, 0x32, -1, 0);
		return yield* sys_madvise(k, start, length, advice);
	});

test.each([
	['a range that is mapped', base, 4 * PAGE_SIZE, 0],
	['a range that ends in the middle of a page', base, 4 * PAGE_SIZE - 1, 0],
	['a range that goes a byte beyond what is mapped', base, 4 * PAGE_SIZE + 1, -ENOMEM],
	['a range that begins a page before it', base - PAGE_SIZE, PAGE_SIZE + 1, -ENOMEM],
	['no bytes', base, 0, 0],
	['no bytes where nothing is mapped', base - PAGE_SIZE, 0, 0],
	['a start inside a page', base + 1, PAGE_SIZE, -EINVAL],
	['an end at 4 GiB', 0xffff_f000, PAGE_SIZE, -ENOMEM],
	['an end a page above', 0xffff_f000, PAGE_SIZE + 1, -EINVAL],
	['a length that rounds up to 4 GiB', base, 0xffff_f001, -EINVAL],
	['the longest length that does not', PAGE_SIZE, 0xffff_f000, -ENOMEM],
])('madvise of %s: %s', (_what, start, length, answer) => {
	expect(advise('3.2', start, length)).toBe(answer);
});

test('advice that nobody knows is an error, and before 2.6.12 only where something is mapped', () => {
	expect([advise('ldd3', base, PAGE_SIZE, unknown), advise('3.2', base, PAGE_SIZE, unknown)]).toEqual([
		-EINVAL,
		-EINVAL,
	]);
	expect([advise('ldd3', base, 0, unknown), advise('3.2', base, 0, unknown)]).toEqual([0, -EINVAL]);
});

test('MADV_DONTNEED takes the pages of its range, to the page, and they are read as zeros', () => {
	runProcess(bootTestKernel({memMiB: 64, era: '3.2'}), function* (k) {
		yield* sys_mmap2(k, base, 4 * PAGE_SIZE, 3, 0x32, -1, 0);
		const at = (page: number) => userAddress(base + page * PAGE_SIZE);
		for (const page of [0, 1, 2, 3]) yield* user_write8(k, at(page), 0x10 + page);
		expect(yield* sys_madvise(k, at(1), PAGE_SIZE + 1, dontneed)).toBe(0);
		expect(k.cpu.current.mm!.rss_anon).toBe(2);
		const bytes: number[] = [];
		for (const page of [0, 1, 2, 3]) bytes.push(yield* user_read8(k, at(page)));
		expect(bytes).toEqual([0x10, 0, 0, 0x13]);
	});
});
