import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {busAddress, PAGE_SIZE, type Pfn} from '../../../source/hardware/address.ts';
import {
	dma_pool_alloc,
	dma_pool_create,
	dma_pool_destroy,
	dma_pool_free,
	type PoolBlock,
	try_dma_pool_alloc,
} from '../../../source/kernel/dma/dmapool.ts';
import {poolInfo, usableBlocks} from '../../../source/kernel/dma/dmapool_info.ts';
import {GFP_ATOMIC, GFP_KERNEL} from '../../../source/kernel/mm/gfp.ts';
import {__free_pages, try_alloc_pages} from '../../../source/kernel/mm/page_alloc.ts';
import {runs} from '../../sample.ts';
import {bootTestKernel, dmesg, spawn, stepUntil} from '../support.ts';
import {testDevice} from './support.ts';

const plain = {debug: {slab: false}};

describe('how a page is cut', () => {
	test.each([
		// size, align, boundary, real size, blocks that a page serves, blocks that the pools file claims
		[32, 0, 0, 32, 127, 128],
		[24, 16, 0, 32, 127, 128],
		[64, 64, 0, 64, 63, 64],
		[100, 4, 0, 100, 40, 40],
		[100, 64, 0, 128, 31, 32],
		[1024, 1024, 0, 1024, 3, 4],
		[2048, 2048, 0, 2048, 1, 2],
		[512, 512, 1024, 512, 4, 8],
		[600, 8, 1024, 600, 4, 6],
	])(
		'size %i align %i boundary %i gives blocks of %i: %i a page, while pools ' + 'counts %i',
		(size, align, boundary, real, served, claimed) => {
			const k = bootTestKernel({era: '2.6.32', ...plain});
			const pool = dma_pool_create(k, 'p', testDevice(k), size, align, boundary)!;
			for (let i = 0; i < served; i++) try_dma_pool_alloc(k, pool, GFP_KERNEL);
			expect(poolInfo(pool)).toMatchObject({sizeBytes: real, blocksInUse: served, blocks: claimed, pages: 1});
			expect(usableBlocks(pool)).toBe(served);
			try_dma_pool_alloc(k, pool, GFP_KERNEL);
			expect(poolInfo(pool).pages).toBe(2);
		},
	);

	test.each([
		// size, align, boundary, real size, blocks a page
		[32, 0, 0, 32, 128],
		[2, 0, 0, 8, 512],
		[2048, 2048, 0, 2048, 2],
		[2048, 2048, 2048, 2048, 2],
		[600, 8, 1024, 600, 4],
		[512, 512, 1024, 512, 8],
		[3000, 8, 8192, 3000, 1],
	])('since 6.4 a block may end at the boundary: size %i align %i boundary %i gives %i, %i a page', (...row) => {
		const [size, align, boundary, real, served] = row;
		const k = bootTestKernel({era: '6.18', ...plain});
		const pool = dma_pool_create(k, 'p', testDevice(k), size, align, boundary)!;
		const taken = Array.from({length: served}, () => try_dma_pool_alloc(k, pool, GFP_KERNEL)!);
		expect(poolInfo(pool)).toMatchObject({sizeBytes: real, blocksInUse: served, blocks: served, pages: 1});
		expect(usableBlocks(pool)).toBe(served);
		expect(taken.map(({dma}) => dma)).toEqual([...taken.map(({dma}) => dma)].sort((a, b) => a - b));
		const edge = boundary || PAGE_SIZE;
		for (const {dma} of taken) expect(Math.floor(dma / edge)).toBe(Math.floor((dma + real - 1) / edge));
		try_dma_pool_alloc(k, pool, GFP_KERNEL);
		expect(poolInfo(pool)).toMatchObject({blocks: 2 * served, pages: 2});
	});

	test('a free block of 6.4 says its bus address, which takes eight bytes with PAE', () => {
		for (const [pae, least] of [
			[false, 8],
			[true, 12],
		] as const) {
			const k = bootTestKernel({era: '6.18', pae, ...plain});
			const dev = testDevice(k);
			expect(dma_pool_create(k, 'p', dev, 1, 1, 0)!.size).toBe(least);
			expect(dma_pool_create(k, 'q', dev, least + 1, 1, 0)!.size).toBe(least + 1);
		}
	});

	test('2.6.11 keeps a bitmap and uses all 128 blocks of 32 bytes', () => {
		const k = bootTestKernel({era: 'ldd3', ...plain});
		const pool = dma_pool_create(k, 'p', testDevice(k), 32, 0, 0)!;
		for (let i = 0; i < 128; i++) try_dma_pool_alloc(k, pool, GFP_KERNEL);
		expect(poolInfo(pool).pages).toBe(1);
	});

	test('2.6.11 rounds 31 bytes aligned to 16 up to 48, not 32', () => {
		const k = bootTestKernel({era: 'ldd3', ...plain});
		expect(dma_pool_create(k, 'p', testDevice(k), 31, 16, 0)!.size).toBe(48);
	});
});

describe('who gets which block', () => {
	test('the block freed last is served first; with a bitmap it is the lowest', () => {
		for (const [era, expected] of [
			['3.2', 'b'],
			['ldd3', 'a'],
		] as const) {
			const k = bootTestKernel({era, ...plain});
			const pool = dma_pool_create(k, 'p', testDevice(k), 64, 64, 0)!;
			const [a, b] = [try_dma_pool_alloc(k, pool, GFP_KERNEL)!, try_dma_pool_alloc(k, pool, GFP_KERNEL)!];
			dma_pool_free(k, pool, a.vaddr, a.dma);
			dma_pool_free(k, pool, b.vaddr, b.dma);
			expect(try_dma_pool_alloc(k, pool, GFP_KERNEL)).toEqual({a, b}[expected]);
		}
	});

	test('three blocks of 2048 take three pages: the pools file says 3 of 6', () => {
		const k = bootTestKernel({era: '6.1'});
		const pool = dma_pool_create(k, 'name', testDevice(k), 2048, 2048, 0)!;
		for (let i = 0; i < 3; i++) try_dma_pool_alloc(k, pool, GFP_KERNEL);
		expect(poolInfo(pool)).toEqual({name: 'name', blocksInUse: 3, blocks: 6, sizeBytes: 2048, pages: 3});
	});

	test('blocks in use never overlap, whatever is taken and given back', () => {
		fc.assert(
			fc.property(
				fc.constantFrom('ldd3', '2.6.32', '6.1', '6.18' as const),
				fc.integer({min: 1, max: 700}),
				fc.constantFrom(0, 4, 16, 64),
				fc.array(fc.nat(40), {maxLength: 120}),
				(era, size, align, choices) => {
					const k = bootTestKernel({era: era as 'ldd3', ...plain});
					const pool = dma_pool_create(k, 'p', testDevice(k), size, align, 0)!;
					const held: PoolBlock[] = [];
					for (const choice of choices) {
						if (choice < 25) held.push(try_dma_pool_alloc(k, pool, GFP_KERNEL)!);
						else
							for (const block of held.splice(choice % (held.length || 1), 1))
								dma_pool_free(k, pool, block.vaddr, block.dma);
						const starts = held.map(block => block.dma).sort((a, b) => a - b);
						for (let i = 1; i < starts.length; i++)
							expect(starts[i]! - starts[i - 1]!).toBeGreaterThanOrEqual(pool.size);
						expect(poolInfo(pool).blocksInUse).toBe(held.length);
					}
					for (const block of held) dma_pool_free(k, pool, block.vaddr, block.dma);
					dma_pool_destroy(k, pool);
					expect(k.dma.mappings.live).toBe(0);
				},
			),
			{numRuns: runs(60)},
		);
	});
});

describe('mistakes', () => {
	test('destroying a busy pool says so and loses the page', () => {
		const k = bootTestKernel({era: '2.6.32'});
		const dev = testDevice(k);
		const pool = dma_pool_create(k, 'busypool', dev, 64, 64, 0)!;
		const {vaddr} = try_dma_pool_alloc(k, pool, GFP_KERNEL)!;
		dma_pool_destroy(k, pool);
		expect(dmesg(k).at(-1)).toBe(`testdrv ${dev.bus_id}: dma_pool_destroy busypool, ${vaddr.toString(16)} busy`);
		expect(k.dma.mappings.live).toBe(1);
		expect(dev.dma_pools).toEqual([]);
	});

	test('since 6.4 a busy pool loses all its pages, and says so once', () => {
		const k = bootTestKernel({era: '6.18'});
		const dev = testDevice(k);
		const pool = dma_pool_create(k, 'busypool', dev, 4096, 0, 0)!;
		const [first] = [try_dma_pool_alloc(k, pool, GFP_KERNEL)!, try_dma_pool_alloc(k, pool, GFP_KERNEL)!];
		dma_pool_free(k, pool, first.vaddr, first.dma);
		dma_pool_destroy(k, pool);
		expect(dmesg(k).filter(line => line.includes('busypool'))).toEqual([
			`testdrv ${dev.bus_id}: dma_pool_destroy busypool busy`,
		]);
		expect(k.dma.mappings.live).toBe(2);
	});

	test('since 6.4 a wrong bus address is told with pool debugging only, and else given to the next', () => {
		for (const slab of [true, false]) {
			const k = bootTestKernel({era: '6.18', debug: {slab}});
			const pool = dma_pool_create(k, 'p', testDevice(k), 64, 64, 0)!;
			const block = try_dma_pool_alloc(k, pool, GFP_KERNEL)!;
			const wrong = busAddress(0x1234_5678);
			dma_pool_free(k, pool, block.vaddr, wrong);
			expect(dmesg(k).some(line => /\(bad dma\)$/.test(line))).toBe(slab);
			expect(poolInfo(pool).blocksInUse).toBe(slab ? 1 : 0);
			const next = try_dma_pool_alloc(k, pool, GFP_ATOMIC)!;
			expect(next.dma === wrong && next.vaddr === block.vaddr).toBe(!slab);
		}
	});

	test('with slab debugging a second free is caught, without it the block is handed out twice', () => {
		for (const slab of [true, false]) {
			const k = bootTestKernel({era: '6.1', debug: {slab}});
			const pool = dma_pool_create(k, 'p', testDevice(k), 64, 64, 0)!;
			const block = try_dma_pool_alloc(k, pool, GFP_KERNEL)!;
			for (let i = 0; i < 2; i++) dma_pool_free(k, pool, block.vaddr, block.dma);
			expect(dmesg(k).some(line => /already free$/.test(line))).toBe(slab);
			const [first, second] = [try_dma_pool_alloc(k, pool, GFP_ATOMIC)!, try_dma_pool_alloc(k, pool, GFP_ATOMIC)!];
			expect(first.dma === second.dma).toBe(!slab);
		}
	});

	test('a free block is full of 0xa7 behind its link, a fresh one of 0xa9', () => {
		const k = bootTestKernel({era: '6.1'});
		const pool = dma_pool_create(k, 'p', testDevice(k), 32, 32, 0)!;
		const {dma} = try_dma_pool_alloc(k, pool, GFP_KERNEL)!;
		const bytes = k.hw.bus.dmaRead('test', dma, 64);
		expect([...bytes.subarray(0, 32)]).toEqual(new Array(32).fill(0xa9));
		expect([...bytes.subarray(32, 40)]).toEqual([64, 0, 0, 0, 0xa7, 0xa7, 0xa7, 0xa7]);
	});
});

test('without memory an allocation that may sleep waits 100 ms at a time, and one that may not gives up', () => {
	const k = bootTestKernel({era: '3.2', highmemMiB: 0, memMiB: 64, ...plain});
	const pool = dma_pool_create(k, 'p', testDevice(k), 64, 64, 0)!;
	const taken: Pfn[] = [];
	for (let page = try_alloc_pages(k, GFP_ATOMIC, 0); page !== undefined; page = try_alloc_pages(k, GFP_ATOMIC, 0))
		taken.push(page);
	expect(try_dma_pool_alloc(k, pool, GFP_ATOMIC)).toBeUndefined();
	let block: PoolBlock | undefined;
	const task = spawn(k, function* () {
		block = yield* dma_pool_alloc(k, pool, GFP_KERNEL);
	});
	stepUntil(k, () => task.waitingFor !== '');
	expect(task.state).toBe('TASK_UNINTERRUPTIBLE');
	k.hw.timeline.after(250_000_000, () => {
		for (const page of taken) __free_pages(k, page, 0);
	});
	stepUntil(k, () => block !== undefined);
	expect(Math.floor(k.hw.timeline.nowNs / 100_000_000)).toBe(3);
	expect(block!.dma % PAGE_SIZE).toBe(0);
});

test('a pool’s name has 31 bytes at most', () => {
	const k = bootTestKernel(plain);
	const nameOf = (name: string) => dma_pool_create(k, name, null, 64, 0, 0)!.name;
	expect(nameOf('x'.repeat(31))).toBe('x'.repeat(31));
	expect(nameOf(`${'x'.repeat(31)}y`)).toBe('x'.repeat(31));
});
