/** Machines with more memory than 32 address bits reach, and with so much that PCI's registers are in the way. */
import {describe, expect, test} from 'vitest';
import {files} from '../../source/formats/files.ts';
import {busAddress, PAGE_SIZE, pfn, physicalAddress} from '../../source/hardware/address.ts';
import {BusError} from '../../source/hardware/bus.ts';
import {DMA_FROM_DEVICE} from '../../source/kernel/dma/direction.ts';
import {dma_map_page, dma_unmap_page} from '../../source/kernel/dma/mapping.ts';
import {dma_set_mask} from '../../source/kernel/dma/masks.ts';
import {DMA_BIT_MASK} from '../../source/kernel/drivers/device.ts';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import {bio_add_page, bio_alloc} from '../../source/kernel/fs/bio.ts';
import {submit_bio} from '../../source/kernel/fs/block.ts';
import {try_alloc_pages} from '../../source/kernel/mm/page_alloc.ts';
import {msleep} from '../../source/kernel/timer.ts';
import {chooseMachine, type LabOptions} from '../../source/lab/presets.ts';
import {testDevice} from '../kernel/dma/support.ts';
import {run} from '../kernel/support.ts';
import {quietMachine} from './support.ts';

const GiB = 2 ** 30;
const framesBelow4GiB = 0x10_0000;

describe('how much memory a machine can have', () => {
	const wrong = (options: LabOptions) => () => chooseMachine(options);
	test('without PAE up to 4 GiB', () => {
		expect(wrong({memBytes: 4 * GiB})).not.toThrow();
		expect(wrong({memBytes: 4 * GiB + PAGE_SIZE})).toThrow(
			/^EINVAL: mem must be 64M\.\.4G, or up to 16G with --pae, got/,
		);
		expect(wrong({preset: 'pae', pae: false})).toThrow(/^EINVAL: mem must be 64M\.\.4G/);
	});
	test('with PAE up to 16 GiB, and as little as without', () => {
		expect(wrong({memBytes: 16 * GiB, pae: true})).not.toThrow();
		expect(wrong({memBytes: 16 * GiB + PAGE_SIZE, pae: true})).toThrow(/^EINVAL: mem must be 64M\.\.16G, got/);
		expect(wrong({memBytes: GiB / 16, pae: true})).not.toThrow();
		expect(wrong({memBytes: GiB / 16 - PAGE_SIZE, pae: true})).toThrow(/^EINVAL: mem must be/);
	});
});

const ramRows = (machine: ReturnType<typeof quietMachine>) =>
	files.iomem
		.parse(String(machine.read(files.iomem.path)))
		.resources.filter(({name}) => name === 'System RAM')
		.map(({start, end}) => [start, end]);

/** What [start, end) is, less the hole of the ISA bus. */
const belowHole = [[0x10_0000, 3 * GiB - 1]] as const;

describe.each(['ldd3', '2.6.32', '6.1'] as const)('4 GiB in %s', era => {
	test('lie below PCI’s registers and above them; without PAE the part above is lost', () => {
		const machine = quietMachine({era, memBytes: 4 * GiB});
		const {k} = machine;
		expect(ramRows(machine).slice(1)).toEqual(belowHole);
		const seen = k.layout.ram.reduce((sum, {start, end}) => sum + end - start, 0) * PAGE_SIZE;
		expect(seen).toBeGreaterThan(3 * GiB - (1 << 20));
		expect(seen).toBeLessThanOrEqual(3 * GiB);
		// 2.6.11 cuts the end of memory off at 4 GiB, so that the hole has its struct pages.
		expect(k.layout.max_pfn).toBe(era === 'ldd3' ? framesBelow4GiB : (3 * GiB) / PAGE_SIZE);
		const warned = k.log.lines.filter(({text}) => /Warning only 4GB|Use a PAE/.test(text)).length;
		expect(warned).toBe(era === 'ldd3' ? 2 : 0);
	});
	test('with PAE all of it is there', () => {
		const machine = quietMachine({era, memBytes: 4 * GiB, pae: true});
		expect(ramRows(machine).slice(1)).toEqual([...belowHole, [4 * GiB, 5 * GiB - 1]]);
		expect(machine.k.layout.max_pfn).toBe((5 * GiB) / PAGE_SIZE);
	});
});

test('in the hole nothing answers, neither the processor nor a device', () => {
	const {bus} = quietMachine({memBytes: 4 * GiB}).k.hw;
	for (const at of [3 * GiB, 4 * GiB - 4]) {
		bus.write(physicalAddress(at), 4, 0x1234_5678);
		expect(bus.read(physicalAddress(at), 4)).toBe(0xffff_ffff);
		expect(() => bus.dmaRead('edu', busAddress(at), 4)).toThrow(BusError);
	}
	// A transfer that runs into the hole has moved what lies before it.
	const bytes = new Uint8Array(8).fill(0x5a);
	expect(() => bus.dmaWrite('edu', busAddress(3 * GiB - 4), bytes)).toThrow(BusError);
	expect(bus.read(physicalAddress(3 * GiB - 4), 4)).toBe(0x5a5a_5a5a);
	bus.write(physicalAddress(4 * GiB), 4, 7);
	expect(bus.read(physicalAddress(4 * GiB), 4)).toBe(7);
});

/** The last frame of RAM, which boot leaves free. */
const lastFrame = ({k}: ReturnType<typeof quietMachine>) => pfn(k.layout.max_pfn - 1);

test.each(ERA_NAMES)('preset pae in %s: what 32 bits do not reach bounces, and with 36 it does not', era => {
	const machine = quietMachine({era, preset: 'pae'});
	const {k} = machine;
	const dev = testDevice(k);
	const page = lastFrame(machine);
	for (const bits of [32, 36]) {
		expect(dma_set_mask(k, dev, DMA_BIT_MASK(bits))).toBe(0);
		const bus = dma_map_page(k, dev, page, 0, PAGE_SIZE, DMA_FROM_DEVICE);
		expect(bus === page * PAGE_SIZE).toBe(bits === 36);
		expect(bus + PAGE_SIZE).toBeLessThanOrEqual(2 ** bits);
		k.hw.bus.dmaWrite('edu', bus, new Uint8Array(PAGE_SIZE).fill(bits));
		dma_unmap_page(k, dev, bus, PAGE_SIZE, DMA_FROM_DEVICE);
		expect(k.hw.ram.page(page)).toEqual(new Uint8Array(PAGE_SIZE).fill(bits));
	}
	expect(k.dma.swiotlb!.used).toBe(0);
});

test.each([
	'ldd3',
	'3.2',
	'5.10',
] as const)('%s without the preset: a disk of 32 bits is read into memory above 4 GiB all the same', era => {
	const machine = quietMachine({era, memBytes: 6 * GiB, pae: true});
	const {k, board} = machine;
	// i386 had no swiotlb before 4.19: there the queue bounces.
	expect(k.dma.swiotlb !== undefined).toBe(era === '5.10');
	const page = lastFrame(machine);
	const sd = board.drivers.sd.bdev;
	const low = try_alloc_pages(k, 0, 0)!;
	const errors = run(k, function* () {
		const results: number[] = [];
		const bio = (bi_rw: 'READ' | 'WRITE', frame: typeof page) => {
			const wanted = bio_alloc(k, {
				bi_bdev: sd,
				bi_sector: 1_000_000,
				bi_rw,
				bi_end_io: (_k, _bio, error) => void results.push(error),
			});
			bio_add_page(wanted, frame, PAGE_SIZE, 0);
			return wanted;
		};
		k.hw.ram.pageForWrite(page).fill(0x6b);
		yield* submit_bio(k, bio('WRITE', page));
		while (results.length < 1) yield* msleep(k, 1);
		k.hw.ram.pageForWrite(page).fill(0);
		yield* submit_bio(k, bio('READ', page));
		yield* submit_bio(k, bio('READ', low));
		while (results.length < 3) yield* msleep(k, 1);
		return results;
	});
	expect(errors).toEqual([0, 0, 0]);
	for (const frame of [page, low]) expect(k.hw.ram.page(frame).every(byte => byte === 0x6b)).toBe(true);
	expect(k.block.nr_bounce).toBe(0);
});
