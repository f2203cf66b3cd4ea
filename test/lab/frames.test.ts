import {expect, test} from 'vitest';
import {type Pfn, userAddress} from '../../source/hardware/address.ts';
import {sys_wait4} from '../../source/kernel/exit.ts';
import {copy_process} from '../../source/kernel/fork.ts';
import {unpin_user_page} from '../../source/kernel/mm/gup.ts';
import {pin_user_pages_fast} from '../../source/kernel/mm/gup_fast.ts';
import {sys_mmap2} from '../../source/kernel/mm/mmap.ts';
import {pte_offset, pte_pfn} from '../../source/kernel/mm/pgtable.ts';
import {user_write8} from '../../source/kernel/mm/uaccess.ts';
import {frameLetter} from '../../source/lab/tree/frames.ts';
import {bootTestKernel, runProcess} from '../kernel/support.ts';

const start = userAddress(0x2000_0000);

test('a page of one process is A, of two or more a, and A again when the others are gone; pinned it is P', () => {
	const k = bootTestKernel({memMiB: 64, era: '5.10'});
	runProcess(k, function* () {
		yield* sys_mmap2(k, start, 4096, 3, 0x32, -1, 0);
		yield* user_write8(k, start, 1);
		const frame: Pfn = pte_pfn(k, pte_offset(k, k.cpu.current.mm!, start));
		const seen = [frameLetter(k, frame)];
		let isSeen = false;
		const child = yield* copy_process(k, {
			*body() {
				while (!isSeen) yield 1_000;
			},
		});
		if (typeof child === 'number') throw new Error('no child');
		seen.push(frameLetter(k, frame));
		isSeen = true;
		yield* sys_wait4(k, child.pid);
		seen.push(frameLetter(k, frame));
		const pages: Pfn[] = [];
		yield* pin_user_pages_fast(k, start, 1, false, pages);
		seen.push(frameLetter(k, frame));
		unpin_user_page(k, pages[0]!);
		expect([...seen, frameLetter(k, frame)]).toEqual(['A', 'a', 'A', 'P', 'A']);
	});
});
