/**
 * The book's scullv: a scull whose quanta come from vmalloc, so that mapping them needs a page-table walk. LDD3 ch. 8
 * and 15.
 */
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {kmemset} from '../mm/access.ts';
import {vfree, vmalloc, vmalloc_to_page} from '../mm/vmalloc.ts';
import {type ScullDevice, type ScullMemory, type ScullOptions, scull_init} from './scull.ts';

const vmallocMemory: ScullMemory = {
	name: 'scullv',
	*alloc(k, order) {
		const address = yield* vmalloc(k, PAGE_SIZE << order, 'scullv_write');
		if (address !== undefined) kmemset(k, address, 0, PAGE_SIZE << order);
		return address;
	},
	free: (k, address) => vfree(k, address),
	toPage: vmalloc_to_page,
	mapsOrderZeroOnly: false,
};

/** Quanta of 16 pages, unless told otherwise. @returns the devices, or -EBUSY */
export const scullv_init = (k: Kernel, options: ScullOptions = {}): ScullDevice[] | number =>
	scull_init(k, vmallocMemory, {order: 4, ...options});
