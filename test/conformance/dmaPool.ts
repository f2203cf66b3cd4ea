/** dma_pool vectors: truth/i386 and truth/old, where the same program drove booted kernels and the old source. */

import {formatPools} from '../../source/formats/sys/pools.ts';
import {type KernelLogicalAddress, kernelAddress, PAGE_SIZE, type Pfn, pfn} from '../../source/hardware/address.ts';
import {
	type dma_page,
	type dma_pool,
	dma_pool_alloc,
	dma_pool_create,
	dma_pool_destroy,
	dma_pool_free,
	type PoolBlock,
	try_dma_pool_alloc,
} from '../../source/kernel/dma/dmapool.ts';
import {poolInfo} from '../../source/kernel/dma/dmapool_info.ts';
import {DMA_BIT_MASK, type device} from '../../source/kernel/drivers/device.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {kmemset, kread32} from '../../source/kernel/mm/access.ts';
import {__GFP_ZERO, GFP_ATOMIC, GFP_KERNEL} from '../../source/kernel/mm/gfp.ts';
import {__free_pages, try_alloc_pages} from '../../source/kernel/mm/page_alloc.ts';
import {spawn, stepUntil} from '../kernel/support.ts';
import {forgetDevice, freshDevice, hexOf, questionOf, relateLeaves, withoutAddresses} from './dmaDevice.ts';
import {oldMachine, runMachine} from './machines.ts';
import {type Document, type Vector, vectorTopic} from './topic.ts';

const questionPath = /^(run|topic|id|size|align|boundary|what|coherent_mask_bits|skipped_alloc)$/;
export const isPoolAnswer = (path: string): boolean => !questionPath.test(path);
/** As the messages of truth/old name it; in 2.6.11 no driver was bound. */
const deviceAddress = '0000:00:04.0';
const allocations = 40;
/** Every second one, then every sixth from the end. */
const freed = [...Array.from({length: 20}, (_, i) => 2 * i), 39, 33, 27, 21, 15, 9, 3];

function kernelOf(document: Document): Kernel {
	const era = document.era;
	return typeof era === 'string' ? oldMachine(era, 'UP') : runMachine('A');
}

const lineOf = (pool: dma_pool) => formatPools({pools: [poolInfo(pool)]}).split('\n')[1]!;

/** Pages in order of first use, and blocks as [page, offset]. */
class Pages {
	private readonly seen: dma_page[] = [];

	place(pool: dma_pool, block: PoolBlock): [number, number] {
		const page = pool.page_list.find(each => block.dma >= each.dma && block.dma < each.dma + pool.allocation)!;
		return [this.indexOf(page), block.dma - page.dma];
	}

	indexOf(page: dma_page): number {
		if (!this.seen.includes(page)) this.seen.push(page);
		return this.seen.indexOf(page);
	}
}

const firstFree = (pool: dma_pool, page: dma_page) =>
	pool.bitmap ? (page.free.includes(1) ? page.free.indexOf(1) : pool.blocks_per_page) * pool.size : page.offset;

const listOrder = (pool: dma_pool, pages: Pages) =>
	pool.page_list.map(page => ({page: pages.indexOf(page), in_use: page.in_use, free_off: firstFree(pool, page)}));

/** Length of the free chain of a page, as it lies in RAM. */
function chainLength(k: Kernel, pool: dma_pool, page: dma_page): number {
	if (pool.bitmap) return page.free.filter(free => free === 1).length;
	let length = 0;
	for (let at = page.offset; at < pool.allocation; length++) at = kread32(k, kernelAddress(page.vaddr + at));
	return length;
}

function grid(k: Kernel, dev: device, vector: Vector): Vector {
	const {size, align, boundary, id} = vector as {size: number; align: number; boundary: number; id: number};
	const pool = dma_pool_create(k, `t${id}`, dev, size, align, boundary);
	if (!pool) return {...questionOf(vector, questionPath), created: false};
	const answer: Record<string, unknown> = {
		...questionOf(vector, questionPath),
		created: true,
		eff_size: pool.size,
		allocation: pool.allocation,
		eff_boundary: pool.boundary,
		pools_line_empty: lineOf(pool),
	};
	// The recording program left these out: the kernel writes a link across the end of the page.
	const corrupts = !pool.bitmap && pool.boundary > pool.allocation && pool.size % 4 !== 0;
	if (!corrupts) Object.assign(answer, exercise(k, pool, align, boundary));
	dma_pool_destroy(k, pool);
	return answer;
}

function exercise(k: Kernel, pool: dma_pool, align: number, boundary: number): Vector {
	const pages = new Pages();
	const take = () => try_dma_pool_alloc(k, pool, GFP_KERNEL)!;
	const blocks = Array.from({length: allocations}, take);
	const alloc = blocks.map(block => pages.place(pool, block));
	const crosses = ({dma}: PoolBlock) =>
		boundary > 0 && Math.floor(dma / boundary) !== Math.floor((dma + pool.size - 1) / boundary);
	const afterAlloc = {
		alloc,
		misaligned: blocks.filter(({dma}) => align > 0 && (dma & (align - 1)) !== 0).length,
		boundary_crossings: blocks.filter(crosses).length,
		blocks_overrunning_page: alloc.filter(([, offset]) => offset + pool.size > pool.allocation).length,
		list_order_after_alloc: listOrder(pool, pages),
		pools_line_after_alloc: lineOf(pool),
		freed: freed,
	};
	const free = (block: PoolBlock) => dma_pool_free(k, pool, block.vaddr, block.dma);
	for (const index of freed) free(blocks[index]!);
	const afterFree = {list_order_after_free: listOrder(pool, pages), pools_line_after_free: lineOf(pool)};
	for (const index of [...freed].sort((a, b) => a - b)) blocks[index] = take();
	const realloc = [...freed].sort((a, b) => a - b).map(index => pages.place(pool, blocks[index]!));
	for (const block of blocks) free(block);
	return {
		...afterAlloc,
		...afterFree,
		realloc,
		usable_blocks_per_page: chainLength(k, pool, pool.page_list[0]!),
		pools_line_all_freed: lineOf(pool),
	};
}

// ── the pools file ─────────────────────────────────────────────────────────────────────────────────────────────────

const wholeFile = (dev: device) => formatPools({pools: dev.dma_pools.map(poolInfo)});

function sysfs(k: Kernel, dev: device, what: string, old: boolean): Vector {
	if (/before any pool/.test(what)) return old ? {created_files: dev.dma_pools.length} : {open_ret: fileIsThere(dev)};
	const first = dma_pool_create(k, 'first', dev, 64, 8, 0)!;
	const second = dma_pool_create(k, 'second-name-is-longer-than-thirty-one-characters', dev, 100, 4, 0)!;
	if (/two pools created/.test(what)) {
		const text = wholeFile(dev);
		dma_pool_destroy(k, first);
		dma_pool_destroy(k, second);
		return {text, ...(old ? {device_create_file_calls: 1} : {})};
	}
	const blocks = Array.from({length: 3}, () => try_dma_pool_alloc(k, first, GFP_KERNEL)!);
	dma_pool_free(k, first, blocks[1]!.vaddr, blocks[1]!.dma);
	if (/^after first/.test(what)) return {text: wholeFile(dev)};
	const pagesBefore = k.dma.mappings.live;
	const log = messages(k, () => {
		dma_pool_destroy(k, first);
		dma_pool_destroy(k, second);
	});
	if (!old) return {open_ret: fileIsThere(dev)};
	const leaked = 1 - (pagesBefore - k.dma.mappings.live);
	return {device_remove_file_calls: dev.dma_pools.length === 0 ? 1 : 0, pages_leaked: leaked, log};
}

/** open() of the pools file: it exists while a pool does. */
const fileIsThere = (dev: device) => (dev.dma_pools.length > 0 ? 0 : -2);

/** What the kernel prints meanwhile, as the recording program kept it: each line with its end. */
function messages(k: Kernel, action: () => void): string {
	const from = k.log.lines.length;
	action();
	return k.log.lines
		.slice(from)
		.map(line => `${k.era.name === 'ldd3' ? `<${line.level}>` : ''}${line.text}\n`)
		.join('');
}

// ── contents, wrong frees, memory that is out ──────────────────────────────────────────────────────────────────────

const wordsOf = (k: Kernel, address: KernelLogicalAddress) =>
	[0, 4, 8].map(at => kread32(k, kernelAddress(address + at)));

function content(k: Kernel, dev: device, what: string, old: boolean): Vector {
	const pool = dma_pool_create(k, 'content', dev, 64, 64, 0)!;
	const take = (flags = 0) => try_dma_pool_alloc(k, pool, GFP_KERNEL | flags)!;
	const blocks = [take(), take()];
	const third = old ? take() : take(__GFP_ZERO);
	if (/freshly allocated/.test(what)) {
		const fresh = blocks.map(block => wordsOf(k, block.vaddr));
		return old ? {blocks: [...fresh, wordsOf(k, third.vaddr)]} : {blocks: fresh, zalloc: wordsOf(k, third.vaddr)};
	}
	kmemset(k, blocks[1]!.vaddr, 0xaa, 64);
	dma_pool_free(k, pool, blocks[1]!.vaddr, blocks[1]!.dma);
	return {block1: wordsOf(k, blocks[1]!.vaddr)};
}

function badfree(k: Kernel, dev: device, what: string, old: boolean): Vector {
	const pool = dma_pool_create(k, 'badfree', dev, 64, 64, 0)!;
	const block = try_dma_pool_alloc(k, pool, GFP_KERNEL)!;
	if (/in no page/.test(what)) {
		const log = messages(k, () => {
			dma_pool_free(k, pool, block.vaddr, (block.dma + 0x10_0000) as typeof block.dma);
		});
		return {pools_line: lineOf(pool), ...(old ? {log} : {})};
	}
	const log = messages(k, () => {
		dma_pool_free(k, pool, block.vaddr, block.dma);
		dma_pool_free(k, pool, block.vaddr, block.dma);
	});
	if (/freed twice/.test(what)) return {pools_line: lineOf(pool), log};
	const again = try_dma_pool_alloc(k, pool, GFP_KERNEL)!;
	return {same_block: again.dma === block.dma ? 1 : 0, pools_line: lineOf(pool)};
}

/** Takes all low memory, so that no page is to be had; returns what gives it back. */
function exhaustMemory(k: Kernel): () => void {
	const taken: [Pfn, number][] = [];
	for (let order = 10; order >= 0; order--) {
		for (;;) {
			const page = try_alloc_pages(k, GFP_ATOMIC, order);
			if (page === undefined) break;
			taken.push([page, order]);
		}
	}
	return () => {
		for (const [page, order] of taken) __free_pages(k, pfn(page), order);
	};
}

function nomem(k: Kernel, dev: device, what: string): Vector {
	const pool = dma_pool_create(k, 'nomem', dev, 64, 64, 0)!;
	const giveBack = exhaustMemory(k);
	if (!/GFP_KERNEL/.test(what)) {
		const block = try_dma_pool_alloc(k, pool, GFP_ATOMIC);
		giveBack();
		return {ret_null: block ? 0 : 1, schedule_timeout_calls: 0};
	}
	const start = k.hw.timeline.nowNs;
	let waited = -1;
	let gotBlock = false;
	const task = spawn(k, function* () {
		gotBlock = (yield* dma_pool_alloc(k, pool, GFP_KERNEL)) !== undefined;
		waited = k.hw.timeline.nowNs - start;
	});
	stepUntil(k, () => task.waitingFor !== '');
	const state = task.state;
	k.hw.timeline.at(start + 250_000_000, giveBack);
	stepUntil(k, () => waited >= 0);
	return {
		ret_null: gotBlock ? 0 : 1,
		schedule_timeout_calls: Math.floor(waited / 100_000_000),
		state_while_waiting: state === 'TASK_UNINTERRUPTIBLE' ? 2 : 1,
	};
}

function nodev(k: Kernel, dev: device): Vector {
	const pool = dma_pool_create(k, 'nodev', null, 64, 64, 0);
	const block = pool && try_dma_pool_alloc(k, pool, GFP_KERNEL);
	return {created: pool !== null, alloc_ok: block ? 1 : 0, text: wholeFile(dev)};
}

function mask(k: Kernel, dev: device, bits: number): Vector {
	dev.coherent_dma_mask = DMA_BIT_MASK(bits);
	const pool = dma_pool_create(k, 'mask', dev, 64, 64, 0)!;
	const {dma} = try_dma_pool_alloc(k, pool, GFP_KERNEL)!;
	return {dma: hexOf(dma), zone: dma < 0x100_0000 ? 'DMA' : 'Normal'};
}

function answer(k: Kernel, vector: Vector, old: boolean): Vector {
	const dev = freshDevice(k, deviceAddress, k.era.name === 'ldd3' ? undefined : 'truth');
	const what = String(vector.what ?? '');
	const more = (): Vector => {
		switch (vector.topic) {
			case 'dma_pool':
				return grid(k, dev, vector);
			case 'dma_pool_sysfs':
				return sysfs(k, dev, what, old);
			case 'dma_pool_content':
				return content(k, dev, what, old);
			case 'dma_pool_badfree':
				return badfree(k, dev, what, old);
			case 'dma_pool_nomem':
				return nomem(k, dev, what);
			case 'dma_pool_nodev':
				return nodev(k, dev);
			case 'dma_pool_mask':
				return mask(k, dev, Number(vector.coherent_mask_bits));
		}
		throw new Error(`no such topic: ${vector.topic}`);
	};
	const answered = {...questionOf(vector, questionPath), ...more()};
	forgetDevice(k, dev);
	return answered;
}

export const dmaPool = vectorTopic({
	name: 'dma_pool',
	accepts: document => /^dma_pool(_full)?\.json$/.test(String(document.file)),
	isAnswer: isPoolAnswer,
	leftOut: [
		{path: /^dma$/, reason: 'which page the pool got depends on what the machine did before; its zone is compared'},
		{path: /^(timeout_jiffies|HZ)$/, reason: 'the recording program was compiled with HZ 1000; the time is compared'},
		{
			path: /^boundary_crossings$/,
			reason: 'with a boundary that does not divide the page, it depends on the addresses of the pages',
			when: vector => Number(vector.boundary) > 0 && PAGE_SIZE % Number(vector.boundary) !== 0,
		},
	],
	relate: relateLeaves((path, leaf) => (path === 'log' ? withoutAddresses(String(leaf)) : leaf)),
	nameOf: (vector, index) =>
		`${vector.topic} ${vector.id ?? index} ${vector.what ?? [vector.size, vector.align, vector.boundary].join('/')}`,
	prepare: document => {
		const k = kernelOf(document);
		const old = typeof document.era === 'string';
		return vector => answer(k, vector, old);
	},
});
