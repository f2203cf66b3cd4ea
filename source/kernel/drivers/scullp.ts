/** The book's scullp: a scull whose quanta are whole pages from __get_free_pages. LDD3 ch. 8 and 15. */
import {type KernelLogicalAddress, kernelAddress, PAGE_SIZE, pfn} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {__GFP_ZERO, GFP_KERNEL} from '../mm/gfp.ts';
import {virt_to_page} from '../mm/page.ts';
import {__get_free_pages, free_pages} from '../mm/page_alloc.ts';
import {type ScullDevice, type ScullMemory, type ScullOptions, scull_init} from './scull.ts';

const pagesMemory: ScullMemory = {
	name: 'scullp',
	alloc: (k, order) => __get_free_pages(k, GFP_KERNEL | __GFP_ZERO, order),
	free: (k, address, order) => free_pages(k, address as KernelLogicalAddress, order),
	toPage: (_k, address) => pfn(virt_to_page(kernelAddress(address - (address % PAGE_SIZE)) as KernelLogicalAddress)),
	mapsOrderZeroOnly: true,
};

/** @returns the devices, or -EBUSY */
export const scullp_init = (k: Kernel, options: ScullOptions = {}): ScullDevice[] | number =>
	scull_init(k, pagesMemory, options);
