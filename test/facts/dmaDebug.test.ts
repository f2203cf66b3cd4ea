/** Section 6 of the fact sheet: every class of error that dma-debug of 2.6.32 and 3.2 tells, in its words. */
import {expect, test} from 'vitest';
import {busAddress, logicalAddress} from '../../source/hardware/address.ts';
import {dma_free_coherent, try_dma_alloc_coherent} from '../../source/kernel/dma/coherent.ts';
import {num_free_entries} from '../../source/kernel/dma/debug.ts';
import {
	DMA_BIDIRECTIONAL,
	DMA_FROM_DEVICE,
	DMA_TO_DEVICE,
	type dma_data_direction,
} from '../../source/kernel/dma/direction.ts';
import {createMappingTable, hash_fn} from '../../source/kernel/dma/entries.ts';
import {
	dma_map_single,
	dma_sync_single_for_cpu,
	dma_sync_single_for_device,
	dma_unmap_page,
	dma_unmap_single,
} from '../../source/kernel/dma/mapping.ts';
import {dma_map_sg, dma_unmap_sg, sg_alloc_table, sg_set_buf} from '../../source/kernel/dma/scatterlist.ts';
import {driver_unbind} from '../../source/kernel/drivers/dd.ts';
import type {device} from '../../source/kernel/drivers/device.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {GFP_KERNEL} from '../../source/kernel/mm/gfp.ts';
import {PAGE_OFFSET, setPageUse} from '../../source/kernel/mm/page.ts';
import {lowPages, pageOf, saidSince, testDevice} from '../kernel/dma/support.ts';
import {bootTestKernel} from '../kernel/support.ts';

type Driver = {
	readonly k: Kernel;
	readonly dev: device;
	readonly buffer: ReturnType<typeof lowPages>;
	readonly map: (direction?: dma_data_direction) => ReturnType<typeof busAddress>;
};

const size = 256;

type Class = readonly [string, (driver: Driver) => void, RegExp];

const outside: Class = [
	'11: sync outside range',
	({k, dev, map}) => dma_sync_single_for_device(k, dev, map(), 2 * size, DMA_TO_DEVICE),
	/device driver syncs DMA memory outside allocated range .*\[allocation size=256 bytes\] \[sync offset\+size=512\]$/,
];

const classes: readonly Class[] = [
	[
		'1: frees invalid address',
		({k, dev}) => dma_unmap_single(k, dev, busAddress(0), size, DMA_TO_DEVICE),
		/device driver tries to free an invalid DMA memory address$/,
	],
	[
		'2: frees memory not allocated',
		({k, dev}) => dma_unmap_single(k, dev, busAddress(0x123_4000), size, DMA_TO_DEVICE),
		/device driver tries to free DMA memory it has not allocated \[device address=0x0000000001234000\] \[size=256 bytes\]$/,
	],
	[
		'3: different size',
		({k, dev, map}) => dma_unmap_single(k, dev, map(), 128, DMA_TO_DEVICE),
		/device driver frees DMA memory with different size \[device address=0x\w{16}\] \[map size=256 bytes\] \[unmap size=128 bytes\]$/,
	],
	[
		'4: wrong function',
		({k, dev, map}) => dma_unmap_page(k, dev, map(), size, DMA_TO_DEVICE),
		/device driver frees DMA memory with wrong function .*\[mapped as single\] \[unmapped as page\]$/,
	],
	[
		'5: different CPU address',
		({k, dev}) => {
			const {cpu_addr, dma_handle} = try_dma_alloc_coherent(k, dev, size, GFP_KERNEL)!;
			dma_free_coherent(k, dev, size, logicalAddress(cpu_addr + 64), dma_handle);
		},
		/device driver frees DMA memory with different CPU address .*\[cpu alloc address=0x\w+\] \[cpu free address=0x\w+\]$/,
	],
	[
		'6: different sg entry count',
		({k, dev, buffer}) => {
			const list = sg_alloc_table(2);
			for (const [i, sg] of list.entries()) sg_set_buf(sg, logicalAddress(buffer + i * size), size);
			dma_map_sg(k, dev, list, 2, DMA_TO_DEVICE);
			dma_unmap_sg(k, dev, list, 1, DMA_TO_DEVICE);
		},
		/device driver frees DMA sg list with different entry count \[map count=2\] \[unmap count=1\]$/,
	],
	[
		'7: different direction',
		({k, dev, map}) => dma_unmap_single(k, dev, map(), size, DMA_FROM_DEVICE),
		/device driver frees DMA memory with different direction .*\[mapped with DMA_TO_DEVICE\] \[unmapped with DMA_FROM_DEVICE\]$/,
	],
	[
		'8: maps stack memory',
		({k, buffer, map}) => {
			setPageUse(k, pageOf(buffer), 'stack');
			map();
		},
		/device driver maps memory fromstack \[addr=\w{8}\]$/,
	],
	[
		'9: maps kernel text',
		({k, dev}) => {
			dma_map_single(k, dev, logicalAddress(PAGE_OFFSET + k.layout.image.start), size, DMA_TO_DEVICE);
		},
		/device driver maps memory from kernel text or rodata \[addr=\w{8}\] \[len=256\]$/,
	],
	[
		'10: syncs memory not allocated',
		({k, dev}) => dma_sync_single_for_cpu(k, dev, busAddress(0x123_4000), size, DMA_FROM_DEVICE),
		/device driver tries to sync DMA memory it has not allocated \[device address=0x0000000001234000\] \[size=256 bytes\]$/,
	],
	outside,
	[
		'12: sync different direction',
		({k, dev, map}) => dma_sync_single_for_device(k, dev, map(), size, DMA_FROM_DEVICE),
		/device driver syncs DMA memory with different direction .*\[mapped with DMA_TO_DEVICE\] \[synced with DMA_FROM_DEVICE\]$/,
	],
	[
		'13: syncs device read-only memory for cpu',
		({k, dev, map}) => dma_sync_single_for_cpu(k, dev, map(), size, DMA_BIDIRECTIONAL),
		/device driver syncs device read-only DMA memory for cpu .*\[mapped with DMA_TO_DEVICE\]/,
	],
	[
		'14: syncs device write-only memory to device',
		({k, dev, map}) => dma_sync_single_for_device(k, dev, map(DMA_FROM_DEVICE), size, DMA_BIDIRECTIONAL),
		/device driver syncs device write-only DMA memory to device .*\[mapped with DMA_FROM_DEVICE\]/,
	],
	[
		'15: pending allocations at driver unbind',
		({k, dev, map}) => {
			map();
			driver_unbind(k, dev);
		},
		/device driver has pending DMA allocations while released from device \[count=1\]/,
	],
];

test.each(
	(['2.6.32', '3.2'] as const).flatMap(era =>
		classes.filter(each => era !== '3.2' || each !== outside).map(each => [era, ...each] as const),
	),
)('%s tells class %s', (era, _name, mistake, words) => {
	const k = bootTestKernel({era});
	k.dma.debug.all_errors = 1;
	const dev = testDevice(k);
	const buffer = lowPages(k);
	const from = k.log.lines.length;
	const map = (direction: dma_data_direction = DMA_TO_DEVICE) => dma_map_single(k, dev, buffer, size, direction);
	mistake({k, dev, buffer, map});
	const said = saidSince(k, from).flatMap(line => line.split('\n'));
	const told = said.filter(line => words.test(line));
	expect(told).toHaveLength(1);
	expect(told[0]).toContain('DMA-API: device driver');
	expect(said.some(line => line.startsWith('WARNING: at lib/dma-debug.c'))).toBe(true);
});

test('3.2 looks for a mapping that contains what is synced, so that a sync outside becomes class 10', () => {
	const k = bootTestKernel({era: '3.2'});
	const dev = testDevice(k);
	const dma = dma_map_single(k, dev, lowPages(k), size, DMA_TO_DEVICE);
	dma_sync_single_for_device(k, dev, dma, 2 * size, DMA_TO_DEVICE);
	expect(saidSince(k, 0).join('\n')).toContain('device driver tries to sync DMA memory it has not allocated');
});

test('3.2 adds one of the leaked entries to the message of class 15, 2.6.32 only the count', () => {
	for (const era of ['2.6.32', '3.2'] as const) {
		const k = bootTestKernel({era});
		const dev = testDevice(k);
		dma_map_single(k, dev, lowPages(k), size, DMA_TO_DEVICE);
		driver_unbind(k, dev);
		expect(saidSince(k, 0).join('\n').includes('One of leaked entries details:')).toBe(era === '3.2');
	}
});

test('2.6.32 and 3.2 do not care whether a driver asks dma_mapping_error', () => {
	for (const era of ['2.6.32', '3.2'] as const) {
		const k = bootTestKernel({era});
		const dev = testDevice(k);
		dma_unmap_single(k, dev, dma_map_single(k, dev, lowPages(k), size, DMA_TO_DEVICE), size, DMA_TO_DEVICE);
		expect(k.dma.debug.error_count).toBe(0);
	}
});

test(
	'32768 entries are set aside, one error is printed unless told otherwise, and 1024 buckets go by ' + 'address >> 13',
	() => {
		const k = bootTestKernel({era: '2.6.32'});
		const dev = testDevice(k);
		expect(num_free_entries(k)).toBe(32_768);
		expect([k.dma.debug.num_errors, k.dma.debug.all_errors]).toEqual([1, 0]);
		expect(k.dma.mappings.bucketCount).toBe(1024);
		const table = createMappingTable(1024);
		expect([0, 0x1fff, 0x2000, 0x7f_ffff, 0x80_0000].map(address => hash_fn(table, busAddress(address)))).toEqual([
			0, 0, 1, 1023, 0,
		]);
		dma_map_single(k, dev, lowPages(k), size, DMA_TO_DEVICE);
		expect(num_free_entries(k)).toBe(32_767);
	},
);
