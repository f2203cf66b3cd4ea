/** Somebody copies from a memory stick: a few pages at a time, through the USB controller's pools. */
import type {KernelLogicalAddress} from '../../hardware/address.ts';
import {type us_data, usb_stor_read} from '../../kernel/drivers/usb_storage.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {lowmem_page_address, virt_to_page} from '../../kernel/mm/page.ts';
import {alloc_pages, put_page} from '../../kernel/mm/page_alloc.ts';
import type {Sleeps} from '../../kernel/time.ts';
import {msleep} from '../../kernel/timer.ts';
import {type LabLoad, nextTurn} from '../load.ts';

const stickBlocks = 65_536;
const blocksAPage = 8;

export function* stickReader(k: Kernel, stick: us_data, load: LabLoad): Sleeps<void> {
	const {chance} = k.hw;
	for (;;) {
		const busy = () => msleep(k, chance.integer(40, 250));
		const turn = yield* nextTurn(k, load, {calmMs: [4_000, 9_000], busy});
		const pages: KernelLogicalAddress[] = [];
		for (let wanted = turn === 'calm' ? 1 : chance.integer(2, 12); wanted > 0; wanted--) {
			const page = yield* alloc_pages(k, GFP_KERNEL, 0);
			if (page !== undefined) pages.push(lowmem_page_address(page));
		}
		const block = chance.integer(0, stickBlocks / blocksAPage - 16) * blocksAPage;
		yield* usb_stor_read(k, stick, block, pages);
		for (const page of pages) put_page(k, virt_to_page(page));
	}
}
