/**
 * The deliberate mistakes of truth/debug, call by call as their C sources have them. A case runs as a task of its own;
 * buffers come from two pages that stay with the machine. The file is long because it is a list, one entry a case.
 */
import {
	type BusAddress,
	busAddress,
	type KernelVirtualAddress,
	kernelAddress,
	logicalAddress,
	PAGE_SIZE,
	physicalAddress,
} from '../../source/hardware/address.ts';
import {local_irq_restore, local_irq_save} from '../../source/kernel/cpu.ts';
import {type CoherentMemory, dma_alloc_coherent, dma_free_coherent} from '../../source/kernel/dma/coherent.ts';
import {debug_dma_map_single} from '../../source/kernel/dma/debug.ts';
import type {dma_data_direction} from '../../source/kernel/dma/direction.ts';
import {dma_pool_alloc, dma_pool_create} from '../../source/kernel/dma/dmapool.ts';
import {
	DMA_ATTR_SKIP_CPU_SYNC,
	dma_map_page,
	dma_map_resource,
	dma_map_single,
	dma_mapping_error,
	dma_sync_single_for_cpu,
	dma_sync_single_for_device,
	dma_sync_single_range_for_cpu,
	dma_sync_single_range_for_device,
	dma_unmap_page,
	dma_unmap_resource,
	dma_unmap_single,
} from '../../source/kernel/dma/mapping.ts';
import {dma_set_mask} from '../../source/kernel/dma/masks.ts';
import {DMA_MAPPING_ERROR} from '../../source/kernel/dma/reach.ts';
import {
	dma_map_sg,
	dma_sync_sg_for_cpu,
	dma_sync_sg_for_device,
	dma_unmap_sg,
	type scatterlist,
	sg_alloc_table,
	sg_set_buf,
	sg_set_page,
} from '../../source/kernel/dma/scatterlist.ts';
import {DMA_BIT_MASK, type device} from '../../source/kernel/drivers/device.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {spin_lock, spin_lock_init, spin_unlock} from '../../source/kernel/locking.ts';
import {__GFP_DMA, __GFP_HIGHMEM, GFP_HIGHUSER, GFP_KERNEL} from '../../source/kernel/mm/gfp.ts';
import {kmap, kunmap} from '../../source/kernel/mm/highmem.ts';
import {kmap_atomic, kunmap_atomic} from '../../source/kernel/mm/kmap_atomic.ts';
import {lowmem_page_address, PAGE_OFFSET, setPageUse, virt_to_page} from '../../source/kernel/mm/page.ts';
import {__free_pages, free_pages, try_alloc_pages, try_get_free_pages} from '../../source/kernel/mm/page_alloc.ts';
import {vfree, vmalloc} from '../../source/kernel/mm/vmalloc.ts';
import type {Sleeps} from '../../source/kernel/time.ts';

/** What a case has at hand; names as in the recording driver. */
export class Driver {
	readonly k: Kernel;
	readonly D: device;
	/** Device registers of the example device, mapped. */
	readonly bar: KernelVirtualAddress;
	readonly barPhysical = physicalAddress(0xfe90_0000);
	/** Two pages of low memory. */
	readonly buf: KernelVirtualAddress;
	sg: scatterlist[] = [];

	constructor(k: Kernel, dev: device, bar: KernelVirtualAddress) {
		this.k = k;
		this.D = dev;
		this.bar = bar;
		this.buf = try_get_free_pages(k, GFP_KERNEL, 1)!;
	}

	at = (offset: number) => kernelAddress(this.buf + offset);

	/** Maps without asking whether that worked. */
	ms_nc = (address: KernelVirtualAddress, size: number, direction: dma_data_direction) =>
		dma_map_single(this.k, this.D, address, size, direction);

	ms = (address: KernelVirtualAddress, size: number, direction: dma_data_direction): BusAddress => {
		const h = this.ms_nc(address, size, direction);
		dma_mapping_error(this.k, this.D, h);
		return h;
	};

	us = (h: BusAddress | number, size: number, direction: dma_data_direction) =>
		dma_unmap_single(this.k, this.D, busAddress(h), size, direction);

	/** A list of `n` pieces, 512 bytes each and 1024 apart, mapped. */
	mksg = (n: number, direction: dma_data_direction): number => {
		this.sg = this.pieces(n);
		return dma_map_sg(this.k, this.D, this.sg, n, direction);
	};

	pieces = (n: number): scatterlist[] => {
		const list = sg_alloc_table(n);
		list.forEach((sg, i) => {
			sg_set_buf(sg, logicalAddress(this.buf + i * 1024), 512);
		});
		return list;
	};

	*coherent(size: number, gfp = GFP_KERNEL): Sleeps<CoherentMemory> {
		const memory = yield* dma_alloc_coherent(this.k, this.D, size, gfp);
		if (!memory) throw new Error('no coherent memory');
		return memory;
	}

	free = (size: number, cpu: KernelVirtualAddress | null, h: BusAddress) =>
		dma_free_coherent(this.k, this.D, size, cpu, h);
}

export type Case = (driver: Driver) => Sleeps<void>;

/** A case that takes no time. */
const plain = (action: (driver: Driver) => void): Case =>
	function* (driver) {
		action(driver);
	};

const [bidi, to, from] = [0, 1, 2] as const;
const ways = {bidi: bidi, to: to, from: from} as const;

/** All combinations of how a buffer is mapped and how it is synced. */
function syncMatrix(): Record<string, Case> {
	const cases: Record<string, Case> = {};
	for (const [mappedName, mapped] of Object.entries(ways))
		for (const [syncedName, synced] of Object.entries(ways))
			for (const side of ['cpu', 'dev'] as const)
				cases[`sync_${side}_mapped_${mappedName}_synced_${syncedName}`] = plain(({k, D, buf, ms, us}) => {
					const h = ms(buf, 256, mapped);
					(side === 'cpu' ? dma_sync_single_for_cpu : dma_sync_single_for_device)(k, D, h, 256, synced);
					us(h, 256, mapped);
				});
	return cases;
}

const lock = () => spin_lock_init('l');

export const dmaDebugCases: Readonly<Record<string, Case>> = {
	...syncMatrix(),
	ok_single: plain(({buf, ms, us}) => us(ms(buf, 256, to), 256, to)),
	ok_page: plain(({k, D, buf}) => {
		const h = dma_map_page(k, D, virt_to_page(logicalAddress(buf)), 100, 300, from);
		dma_mapping_error(k, D, h);
		dma_unmap_page(k, D, h, 300, from);
	}),
	ok_highmem_page: plain(({k, D}) => {
		const page = try_alloc_pages(k, GFP_HIGHUSER, 0)!;
		const h = dma_map_page(k, D, page, 0, 4096, from);
		dma_mapping_error(k, D, h);
		dma_unmap_page(k, D, h, 4096, from);
		__free_pages(k, page, 0);
	}),
	*ok_coherent(driver) {
		const {cpu_addr, dma_handle} = yield* driver.coherent(5000);
		driver.free(5000, cpu_addr, dma_handle);
	},
	ok_map_single_unmap_page: plain(({k, D, buf, ms}) => dma_unmap_page(k, D, ms(buf, 256, to), 256, to)),
	ok_unmap_mid_order: plain(({buf, at, ms, us}) => {
		const [a, b] = [ms(buf, 256, to), ms(at(4096), 256, to)];
		us(a, 256, to);
		us(b, 256, to);
	}),
	ok_sync_part: plain(({k, D, buf, ms, us}) => {
		const h = ms(buf, 4096, from);
		dma_sync_single_for_cpu(k, D, busAddress(h + 100), 200, from);
		dma_sync_single_range_for_device(k, D, h, 4000, 96, from);
		us(h, 4096, from);
	}),
	ok_same_buffer_twice_to_device: plain(({buf, ms, us}) => {
		const [a, b] = [ms(buf, 256, to), ms(buf, 256, to)];
		us(a, 256, to);
		us(b, 256, to);
	}),
	ok_pci_alloc_zero_len: plain(({buf, ms, us}) => us(ms(buf, 0, to), 0, to)),
	ok_sg: plain(driver => {
		driver.mksg(4, to);
		dma_unmap_sg(driver.k, driver.D, driver.sg, 4, to);
	}),

	unmap_not_mapped: plain(({us}) => us(0x1234_5000, 4096, to)),
	unmap_error_address: plain(({us}) => us(DMA_MAPPING_ERROR, 4096, to)),
	unmap_zero_address: plain(({us}) => us(0, 4096, to)),
	double_unmap: plain(({buf, ms, us}) => {
		const h = ms(buf, 256, to);
		us(h, 256, to);
		us(h, 256, to);
	}),
	unmap_inside: plain(({buf, ms, us}) => {
		const h = ms(buf, 4096, to);
		us(h + 256, 256, to);
		us(h, 4096, to);
	}),
	wrong_size_small: plain(({buf, ms, us}) => us(ms(buf, 256, to), 128, to)),
	wrong_size_large: plain(({buf, ms, us}) => us(ms(buf, 256, to), 512, to)),
	wrong_size_and_direction: plain(({buf, ms, us}) => us(ms(buf, 256, to), 512, from)),
	wrong_direction_matrix: plain(({buf, ms, us}) => {
		for (const a of [bidi, to, from]) for (const b of [bidi, to, from]) us(ms(buf, 256, a), 256, b);
	}),
	wrong_func_single_freed_as_coherent: plain(({k, ms, free}) => {
		const v = try_get_free_pages(k, GFP_KERNEL, 0)!;
		free(4096, v, ms(v, 4096, bidi));
	}),
	*wrong_func_coherent_unmapped_as_single(driver) {
		const {cpu_addr, dma_handle} = yield* driver.coherent(4096);
		driver.us(dma_handle, 4096, bidi);
		free_pages(driver.k, cpu_addr, 0);
	},
	wrong_func_resource_unmapped_as_single: plain(({k, D, barPhysical, us}) => {
		const h = dma_map_resource(k, D, barPhysical, 4096, to);
		dma_mapping_error(k, D, h);
		us(h, 4096, to);
	}),
	wrong_func_single_unmapped_as_resource: plain(({k, D, buf, ms}) =>
		dma_unmap_resource(k, D, ms(buf, 4096, to), 4096, to),
	),
	wrong_func_sg_unmapped_as_single: plain(driver => {
		driver.mksg(1, to);
		driver.us(driver.sg[0]!.dma_address, 512, to);
	}),
	wrong_func_single_unmapped_as_sg: plain(({k, D, buf, ms, pieces}) => {
		const h = ms(buf, 512, to);
		const list = pieces(1);
		Object.assign(list[0]!, {dma_address: h, dma_length: 512});
		dma_unmap_sg(k, D, list, 1, to);
	}),

	sg_unmap_fewer: plain(driver => {
		driver.mksg(4, to);
		dma_unmap_sg(driver.k, driver.D, driver.sg, 2, to);
		dma_unmap_sg(driver.k, driver.D, driver.sg.slice(2), 2, to);
	}),
	sg_unmap_more: plain(driver => {
		driver.mksg(3, to);
		const list = driver.pieces(4);
		list.forEach((sg, i) => {
			Object.assign(sg, {dma_address: busAddress(driver.buf - PAGE_OFFSET + i * 1024), dma_length: 512});
		});
		dma_unmap_sg(driver.k, driver.D, list, 4, to);
	}),
	sg_wrong_direction: plain(driver => {
		driver.mksg(2, to);
		dma_unmap_sg(driver.k, driver.D, driver.sg, 2, from);
	}),
	sg_double_unmap: plain(driver => {
		driver.mksg(2, to);
		dma_unmap_sg(driver.k, driver.D, driver.sg, 2, to);
		dma_unmap_sg(driver.k, driver.D, driver.sg, 2, to);
	}),
	sg_sync_different_count: plain(driver => {
		const {k, D, mksg} = driver;
		mksg(4, from);
		dma_sync_sg_for_cpu(k, D, driver.sg, 2, from);
		dma_sync_sg_for_device(k, D, driver.sg, 2, from);
		dma_unmap_sg(k, D, driver.sg, 4, from);
	}),
	sg_sync_wrong_direction: plain(driver => {
		driver.mksg(2, from);
		dma_sync_sg_for_cpu(driver.k, driver.D, driver.sg, 2, to);
		dma_unmap_sg(driver.k, driver.D, driver.sg, 2, from);
	}),
	sg_sync_after_unmap: plain(driver => {
		driver.mksg(2, from);
		dma_unmap_sg(driver.k, driver.D, driver.sg, 2, from);
		dma_sync_sg_for_cpu(driver.k, driver.D, driver.sg, 2, from);
	}),
	sg_segment_too_long: plain(({k, D}) => {
		const page = try_alloc_pages(k, GFP_KERNEL, 5)!;
		const list = sg_alloc_table(1);
		sg_set_page(list[0]!, page, 131_072, 0);
		dma_map_sg(k, D, list, 1, to);
		dma_unmap_sg(k, D, list, 1, to);
		__free_pages(k, page, 5);
	}),
	sg_segment_crosses_boundary: plain(({k, D}) => {
		const page = try_alloc_pages(k, GFP_KERNEL, 2)!;
		D.dma_parms.segment_boundary_mask = 0xfff;
		const list = sg_alloc_table(1);
		sg_set_page(list[0]!, page, 4096, 2048);
		dma_map_sg(k, D, list, 1, to);
		dma_unmap_sg(k, D, list, 1, to);
		D.dma_parms.segment_boundary_mask = 0xffff_ffff;
		__free_pages(k, page, 2);
	}),
	sg_map_zero_entries: plain(({k, D, pieces}) => {
		dma_map_sg(k, D, pieces(1), 0, to);
	}),
	sg_stack_memory: plain(({k, D}) =>
		onStack(k, address => {
			const list = sg_alloc_table(1);
			sg_set_buf(list[0]!, logicalAddress(address), 64);
			dma_map_sg(k, D, list, 1, to);
			dma_unmap_sg(k, D, list, 1, to);
		}),
	),

	sync_not_mapped: plain(({k, D}) => {
		dma_sync_single_for_cpu(k, D, busAddress(0x1234_5000), 4096, from);
		dma_sync_single_for_device(k, D, busAddress(0x1234_5000), 4096, to);
	}),
	sync_after_unmap: plain(({k, D, buf, ms, us}) => {
		const h = ms(buf, 256, from);
		us(h, 256, from);
		dma_sync_single_for_cpu(k, D, h, 256, from);
	}),
	sync_too_long: plain(({k, D, buf, ms, us}) => {
		const h = ms(buf, 256, from);
		dma_sync_single_for_cpu(k, D, h, 512, from);
		us(h, 256, from);
	}),
	sync_starts_inside_ends_outside: plain(({k, D, buf, ms, us}) => {
		const h = ms(buf, 256, from);
		dma_sync_single_for_cpu(k, D, busAddress(h + 200), 100, from);
		us(h, 256, from);
	}),
	sync_range_outside: plain(({k, D, buf, ms, us}) => {
		const h = ms(buf, 256, from);
		dma_sync_single_range_for_device(k, D, h, 256, 16, from);
		dma_sync_single_range_for_cpu(k, D, h, 100, 200, from);
		us(h, 256, from);
	}),
	sync_before_start: plain(({k, D, at, ms, us}) => {
		const h = ms(at(1024), 256, from);
		dma_sync_single_for_cpu(k, D, busAddress(h - 128), 256, from);
		us(h, 256, from);
	}),
	*sync_coherent_memory(driver) {
		const {cpu_addr, dma_handle} = yield* driver.coherent(4096);
		dma_sync_single_for_cpu(driver.k, driver.D, dma_handle, 4096, from);
		driver.free(4096, cpu_addr, dma_handle);
	},
	sync_sg_entry_as_single: plain(driver => {
		driver.mksg(2, from);
		dma_sync_single_for_cpu(driver.k, driver.D, driver.sg[1]!.dma_address, 512, from);
		dma_unmap_sg(driver.k, driver.D, driver.sg, 2, from);
	}),

	maperr_single_unchecked: plain(({buf, ms_nc, us}) => us(ms_nc(buf, 256, to), 256, to)),
	maperr_page_unchecked: plain(({k, D, buf}) => {
		const h = dma_map_page(k, D, virt_to_page(logicalAddress(buf)), 16, 64, from);
		dma_unmap_page(k, D, h, 64, from);
	}),
	maperr_resource_unchecked: plain(({k, D, barPhysical}) =>
		dma_unmap_resource(k, D, dma_map_resource(k, D, barPhysical, 4096, to), 4096, to),
	),
	maperr_one_of_two_checked: plain(({k, D, buf, ms_nc, us}) => {
		const [a, b] = [ms_nc(buf, 256, to), ms_nc(buf, 256, to)];
		dma_mapping_error(k, D, b);
		us(a, 256, to);
		us(b, 256, to);
	}),
	maperr_unchecked_and_wrong_size: plain(({buf, ms_nc, us}) => us(ms_nc(buf, 256, to), 128, from)),

	map_stack: plain(({k, ms, us}) => onStack(k, address => us(ms(address, 128, to), 128, to))),
	*map_vmalloc({k, D}) {
		const v = (yield* vmalloc(k, 4096, 'map_vmalloc'))!;
		dma_mapping_error(k, D, dma_map_single(k, D, v, 4096, to));
		debug_dma_map_single(k, D, v, 4096);
		vfree(k, v);
	},
	*map_module_static({k, D}) {
		// Modules live in vmalloc space on i386.
		const module = (yield* vmalloc(k, 4096, 'load_module'))!;
		debug_dma_map_single(k, D, module, 64);
		vfree(k, module);
	},
	map_user_address: plain(({k, D}) => debug_dma_map_single(k, D, kernelAddress(0x0804_8000), 4096)),
	*map_kmap_address({k, ms, us}) {
		const page = try_alloc_pages(k, GFP_HIGHUSER, 0)!;
		const v = yield* kmap(k, page);
		us(ms(v, 4096, to), 4096, to);
		kunmap(k, page);
		__free_pages(k, page, 0);
	},
	map_kmap_atomic_address: plain(({k, D}) => {
		const page = try_alloc_pages(k, GFP_HIGHUSER, 0)!;
		const v = kmap_atomic(k, page);
		debug_dma_map_single(k, D, v, 4096);
		kunmap_atomic(k, v);
		__free_pages(k, page, 0);
	}),
	map_ioremap_address: plain(({k, D, bar}) => debug_dma_map_single(k, D, bar, 16)),
	map_kernel_text: plain(({k, ms, us}) => {
		us(ms(kernelAddress(PAGE_OFFSET + k.layout.image.start + 0x1000), 64, to), 64, to);
	}),
	map_kernel_rodata: plain(({k, ms, us}) => {
		us(ms(kernelAddress(PAGE_OFFSET + k.layout.image.rodataEnd - 0x1000), 64, to), 64, to);
	}),
	map_kernel_data_ok: plain(({k, ms, us}) => {
		us(ms(kernelAddress(PAGE_OFFSET + k.layout.image.bssStart + 64), 64, to), 64, to);
	}),
	map_over_mask: plain(({k, D, buf}) => {
		dma_set_mask(k, D, DMA_BIT_MASK(24));
		dma_mapping_error(k, D, dma_map_single(k, D, buf, 256, to));
		dma_set_mask(k, D, DMA_BIT_MASK(32));
	}),
	map_resource_of_ram: plain(({k, D, buf}) => {
		const h = dma_map_resource(k, D, physicalAddress(buf - PAGE_OFFSET), 4096, to);
		dma_mapping_error(k, D, h);
		dma_unmap_resource(k, D, h, 4096, to);
	}),
	map_without_dma_mask: plain(({k, D, buf}) => {
		const mask = D.dma_mask;
		D.dma_mask = null;
		dma_map_single(k, D, buf, 256, to);
		D.dma_mask = mask;
	}),
	*alloc_without_coherent_mask({k, D}) {
		const mask = D.coherent_dma_mask;
		D.coherent_dma_mask = 0n;
		yield* dma_alloc_coherent(k, D, 4096, GFP_KERNEL);
		D.coherent_dma_mask = mask;
	},

	overlap_from_device_twice: plain(({buf, ms, us}) => {
		const [a, b] = [ms(buf, 256, from), ms(buf, 256, from)];
		us(a, 256, from);
		us(b, 256, from);
	}),
	overlap_to_then_from: plain(({buf, ms, us}) => {
		const [a, b] = [ms(buf, 256, to), ms(buf, 256, from)];
		us(a, 256, to);
		us(b, 256, from);
	}),
	overlap_from_then_to: plain(({buf, ms, us}) => {
		const [a, b] = [ms(buf, 256, from), ms(buf, 256, to)];
		us(a, 256, from);
		us(b, 256, to);
	}),
	overlap_same_cacheline_neighbours: plain(({buf, at, ms, us}) => {
		const [a, b] = [ms(buf, 8, from), ms(at(16), 8, from)];
		us(a, 8, from);
		us(b, 8, from);
	}),
	overlap_skip_cpu_sync_attr: plain(({k, D, buf, ms, us}) => {
		const a = ms(buf, 256, from);
		const b = dma_map_single(k, D, buf, 256, from, DMA_ATTR_SKIP_CPU_SYNC);
		dma_mapping_error(k, D, b);
		us(a, 256, from);
		us(b, 256, from);
	}),
	overlap_nine_times: plain(({buf, ms, us}) => {
		const mapped = Array.from({length: 10}, () => ms(buf, 64, from));
		for (const h of mapped) us(h, 64, from);
	}),

	*coherent_free_wrong_cpu(driver) {
		const {dma_handle} = yield* driver.coherent(4096);
		const other = try_get_free_pages(driver.k, GFP_KERNEL, 0)!;
		driver.free(4096, other, dma_handle);
		free_pages(driver.k, other, 0);
	},
	*coherent_free_wrong_size(driver) {
		const {cpu_addr, dma_handle} = yield* driver.coherent(8192);
		driver.free(4096, cpu_addr, dma_handle);
	},
	*coherent_free_wrong_dma(driver) {
		const {cpu_addr, dma_handle} = yield* driver.coherent(4096);
		const other = try_get_free_pages(driver.k, GFP_KERNEL, 0)!;
		driver.free(4096, cpu_addr, busAddress(other - PAGE_OFFSET));
		driver.free(4096, cpu_addr, dma_handle);
	},
	*coherent_free_irqs_off(driver) {
		const {cpu_addr, dma_handle} = yield* driver.coherent(4096);
		const flags = local_irq_save(driver.k);
		driver.free(4096, cpu_addr, dma_handle);
		local_irq_restore(driver.k, flags);
	},
	coherent_free_null: plain(({free}) => free(4096, null, busAddress(0x1234_5000))),
	*coherent_gfp_highmem(driver) {
		const {cpu_addr, dma_handle} = yield* driver.coherent(4096, GFP_KERNEL | __GFP_HIGHMEM | __GFP_DMA);
		driver.free(4096, cpu_addr, dma_handle);
	},

	*fatal_alloc_coherent_in_atomic(driver) {
		const l = lock();
		yield* spin_lock(driver.k, l);
		yield* driver.coherent(4096);
		spin_unlock(driver.k, l);
	},
	*fatal_coherent_free_wrong_dma_free_page(driver) {
		const {cpu_addr, dma_handle} = yield* driver.coherent(4096);
		driver.free(4096, cpu_addr, busAddress(dma_handle + 0x10_0000));
	},
	*fatal_double_free_coherent(driver) {
		const {cpu_addr, dma_handle} = yield* driver.coherent(4096);
		driver.free(4096, cpu_addr, dma_handle);
		driver.free(4096, cpu_addr, dma_handle);
	},
	fatal_map_dma_none: plain(({k, D, buf}) => {
		dma_map_single(k, D, buf, 256, 3);
	}),
	fatal_sg_past_end: plain(({k, D, pieces}) => {
		dma_map_sg(k, D, pieces(2), 4, to);
	}),
	fatal_unmap_dma_none: plain(({k, D, buf, ms}) => dma_unmap_single(k, D, ms(buf, 256, to), 256, 3)),

	leak_none: plain(() => {}),
	*leak_pool({k, D}) {
		const pool = dma_pool_create(k, 'leaky', D, 64, 64, 0)!;
		yield* dma_pool_alloc(k, pool, GFP_KERNEL);
	},
	leak_single: plain(({at, ms}) => {
		ms(at(64), 128, from);
	}),
	*leak_three_kinds(driver) {
		driver.ms(driver.at(4096), 128, to);
		yield* driver.coherent(PAGE_SIZE);
		driver.mksg(2, to);
	},
};

/** A page that stands for the stack of the task that runs. */
function onStack(k: Kernel, use: (address: KernelVirtualAddress) => void): void {
	const page = try_alloc_pages(k, GFP_KERNEL, 0)!;
	setPageUse(k, page, 'stack');
	use(kernelAddress(lowmem_page_address(page) + 0x100));
	setPageUse(k, page, 'unknown');
	__free_pages(k, page, 0);
}
