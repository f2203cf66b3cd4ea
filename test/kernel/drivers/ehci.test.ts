import {describe, expect, test} from 'vitest';
import {type KernelLogicalAddress, physicalAddress} from '../../../source/hardware/address.ts';
import {Chance} from '../../../source/hardware/chance.ts';
import {CMD_ASE, FRINDEX, UsbHostController} from '../../../source/hardware/usb.ts';
import {
	BLOCK_BYTES,
	RECORDER_BULK_OUT,
	stickByte,
	UsbMouse,
	UsbRecorder,
	UsbStick,
} from '../../../source/hardware/usb_functions.ts';
import {poolInfo} from '../../../source/kernel/dma/dmapool.ts';
import {eachMapping} from '../../../source/kernel/dma/entries.ts';
import {pci_scan_function} from '../../../source/kernel/drivers/device.ts';
import {type ehci_hcd, ehci_probe, ehci_remove} from '../../../source/kernel/drivers/ehci.ts';
import {startUsbLoad} from '../../../source/kernel/drivers/usb_load.ts';
import {MAX_TRANSFER, skel_probe, skel_write} from '../../../source/kernel/drivers/usb_skeleton.ts';
import {type us_data, usb_stor_probe, usb_stor_read} from '../../../source/kernel/drivers/usb_storage.ts';
import {usb_mouse_open} from '../../../source/kernel/drivers/usbmouse.ts';
import type {EraName} from '../../../source/kernel/era/behaviour.ts';
import {EBUSY, ENODEV, ESHUTDOWN} from '../../../source/kernel/errno.ts';
import {request_irq} from '../../../source/kernel/irq.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {kread} from '../../../source/kernel/mm/access.ts';
import {GFP_KERNEL} from '../../../source/kernel/mm/gfp.ts';
import {lowmem_page_address, virt_to_page} from '../../../source/kernel/mm/page.ts';
import {put_page, try_alloc_pages} from '../../../source/kernel/mm/page_alloc.ts';
import {bootTestKernel, dmesg, run, spawn, stepUntil, type TestKernelOptions} from '../support.ts';

const LINE = 10;
const REGISTERS = 0xfeb0_2000;
const MILLISECOND_NS = 1_000_000;
const SECOND_NS = 1_000_000_000;
const [MOUSE, SECOND_MOUSE, STICK, RECORDER] = [1, 2, 3, 4];

/** A machine with a controller, functions in its ports, and the controller's driver, but none for the functions. */
function machineWithUsb(options: TestKernelOptions = {}) {
	const k = bootTestKernel(options);
	const controller = new UsbHostController(k.hw, {
		address: '0000:00:1d.7',
		registers: physicalAddress(REGISTERS),
		interruptLine: LINE,
	});
	const chance = new Chance(options.seed ?? 1);
	const mice = [new UsbMouse(MOUSE, chance), new UsbMouse(SECOND_MOUSE, chance)];
	const stick = new UsbStick(STICK);
	const recorder = new UsbRecorder(RECORDER, k.hw.timeline);
	for (const each of [...mice, stick, recorder]) controller.plug(each);
	const pdev = pci_scan_function(k, controller.pci);
	const ehci = good(run(k, () => ehci_probe(k, pdev)));
	return {k, controller, chance, mice, stick, recorder, pdev, ehci};
}

function good<T extends object>(result: T | number): T {
	if (typeof result === 'number') throw new Error(`returned ${result}`);
	return result;
}

function letPass(k: Kernel, ns: number): void {
	const end = k.hw.timeline.nowNs + ns;
	while (k.hw.timeline.step(end)) {}
	k.hw.timeline.advanceTo(end);
}

function allocPages(k: Kernel, count: number): KernelLogicalAddress[] {
	return Array.from({length: count}, () => lowmem_page_address(try_alloc_pages(k, GFP_KERNEL, 0)!));
}

/** Free pages, those on the CPUs' own lists too. */
const freePages = (k: Kernel) =>
	k.pages.zones.reduce(
		(sum, zone) => sum + zone.free_pages + zone.pageset.reduce((kept, cpu) => kept + cpu.count, 0),
		0,
	);

const poolLines = ({pdev}: {pdev: ehci_hcd['pdev']}) =>
	pdev.dev.dma_pools.map(poolInfo).map(info => `${info.name} ${info.blocksInUse} ${info.sizeBytes} ${info.pages}`);
const inUse = ({pdev}: {pdev: ehci_hcd['pdev']}, name: string) =>
	poolInfo(pdev.dev.dma_pools.find(pool => pool.name === name)!).blocksInUse;

describe('ehci at rest', () => {
	test.each<[EraName, number, number]>([
		['ldd3', 128, 192],
		['2.6.32', 96, 160],
		['6.1', 96, 160],
	])('of %s has its pools, newest first, with the sizes of that kernel', (era, qhBytes, itdBytes) => {
		expect(poolLines(machineWithUsb({era}))).toEqual([
			'ehci_sitd 0 96 0',
			`ehci_itd 0 ${itdBytes} 0`,
			`ehci_qh 1 ${qhBytes} 1`,
			'ehci_qtd 1 96 1',
			'buffer-2048 0 2048 0',
			'buffer-512 0 512 0',
			'buffer-128 0 128 0',
			'buffer-32 0 32 0',
		]);
	});

	test.each<[EraName, string, string]>([
		['ldd3', 'ehci_hcd', 'ehci_hcd 0000:00:1d.7: USB 2.0 initialized, EHCI 1.00, driver 10 Dec 2004'],
		['3.2', 'ehci_hcd:usb1', 'ehci_hcd 0000:00:1d.7: USB 2.0 started, EHCI 1.00'],
		['5.10', 'ehci_hcd:usb1', 'ehci-pci 0000:00:1d.7: irq 10, io mem 0xfeb02000'],
	])('of %s calls its interrupt and itself as that kernel does', (era, action, line) => {
		const {k} = machineWithUsb({era});
		expect(k.irq.actions.get(LINE)?.name).toBe(action);
		expect(dmesg(k)).toContain(line);
	});

	test('does nothing at all: no schedule is enabled, time passes without events, frames are counted', () => {
		const {k, controller} = machineWithUsb();
		const {seq} = k.hw.timeline;
		const frame = k.hw.bus.read(physicalAddress(REGISTERS + FRINDEX), 4);
		letPass(k, 100 * MILLISECOND_NS);
		expect(k.hw.timeline.seq).toBe(seq);
		expect(controller.counters.frames).toBe(0);
		expect(k.hw.bus.read(physicalAddress(REGISTERS + FRINDEX), 4)).toBe((frame + 100) % 1024);
	});
});

describe('an interrupt endpoint', () => {
	test('is asked every eighth frame, and every report of the mouse arrives', () => {
		const {k, controller, mice, ehci} = machineWithUsb();
		const mouse = good(run(k, () => usb_mouse_open(k, ehci, MOUSE)));
		letPass(k, 4 * SECOND_NS);
		expect(controller.counters.frames).toBe(500);
		expect(mouse.reports).toBeGreaterThan(50);
		expect(mouse.reports).toBe(mice[0]!.reports);
		expect([mouse.x, mouse.y]).toEqual([mice[0]!.x, mice[0]!.y]);
	});

	test('of a second mouse works beside the first, in frames of its own', () => {
		const {k, mice, ehci} = machineWithUsb();
		const first = good(run(k, () => usb_mouse_open(k, ehci, MOUSE)));
		const second = good(run(k, () => usb_mouse_open(k, ehci, SECOND_MOUSE)));
		letPass(k, 4 * SECOND_NS);
		expect(first.reports).toBeGreaterThan(0);
		expect(second.reports).toBeGreaterThan(0);
		expect([first.reports, second.reports]).toEqual(mice.map(mouse => mouse.reports));
	});

	test('holds one queue, its dummy, one transfer and one small buffer, however often it is asked', () => {
		const machine = machineWithUsb();
		const before = [inUse(machine, 'ehci_qh'), inUse(machine, 'ehci_qtd'), inUse(machine, 'buffer-32')];
		const mouse = good(run(machine.k, () => usb_mouse_open(machine.k, machine.ehci, MOUSE)));
		letPass(machine.k, 4 * SECOND_NS);
		expect(mouse.reports).toBeGreaterThan(0);
		const after = [inUse(machine, 'ehci_qh'), inUse(machine, 'ehci_qtd'), inUse(machine, 'buffer-32')];
		expect(after.map((count, i) => count - before[i]!)).toEqual([1, 2, 1]);
	});
});

describe('bulk endpoints', () => {
	test.each<[string, TestKernelOptions]>([
		['two-level page tables', {}],
		['PAE, the bitmap of 2.6.11 gone', {pae: true, era: '6.1'}],
		['forced bounce buffers', {memMiB: 512, highmemMiB: 0, swiotlb: 'force'}],
	])('fill pages with what the stick holds: %s', (_, options) => {
		const {k, ehci} = machineWithUsb(options);
		const pages = allocPages(k, 7);
		const block = 4_711;
		const result = run(k, function* () {
			const us = good(yield* usb_stor_probe(k, ehci, STICK));
			return yield* usb_stor_read(k, us, block, pages);
		});
		expect(result).toBe(0);
		for (const [page, address] of pages.entries()) {
			const wanted = Uint8Array.from({length: 4096}, (_, i) =>
				stickByte(block + page * 8 + Math.floor(i / BLOCK_BYTES), i % BLOCK_BYTES),
			);
			expect(kread(k, address, 4096)).toEqual(wanted);
		}
	});

	test('take a transfer and a streaming mapping per page while they work, and give all back', () => {
		const machine = machineWithUsb();
		const {k, ehci, controller} = machine;
		const us = good(run(k, () => usb_stor_probe(k, ehci, STICK)));
		run(k, () => usb_stor_read(k, us, 0, allocPages(k, 1)));
		const rest = {lines: poolLines(machine), mappings: k.dma.mappings.live};
		const pages = allocPages(k, 16);
		let most = {qtds: 0, mappings: 0};
		const task = spawn(k, () => usb_stor_read(k, us, 0, pages));
		stepUntil(k, () => {
			most = {
				qtds: Math.max(most.qtds, inUse(machine, 'ehci_qtd')),
				mappings: Math.max(most.mappings, k.dma.mappings.live - rest.mappings),
			};
			return task.state === 'EXIT_DEAD';
		});
		const qtdsAtRest = 2 + 1;
		expect(most).toEqual({qtds: qtdsAtRest + 16, mappings: 16});
		expect(poolLines(machine)).toEqual(rest.lines);
		expect(k.dma.mappings.live).toBe(rest.mappings);
		expect(controller.counters.bytesIn).toBe(17 * 4096 + 2 * 13);
	});

	test('cut a buffer of more than 16 KiB into several transfers, one interrupt for all', () => {
		const {k, ehci, stick, controller} = machineWithUsb();
		const us = good(run(k, () => usb_stor_probe(k, ehci, STICK)));
		const page = try_alloc_pages(k, GFP_KERNEL, 4)!;
		const whole = lowmem_page_address(page);
		const {urbsDone} = ehci;
		const result = run(k, () => usb_stor_read(k, us, 0, [whole]));
		expect(result).toBe(0);
		expect(stick.commands).toBe(1);
		expect(ehci.urbsDone - urbsDone).toBe(3);
		expect(controller.counters.bytesOut).toBe(31);
	});

	test('keep the ring enabled only while somebody waits for it', () => {
		const {k, ehci} = machineWithUsb();
		const us = good(run(k, () => usb_stor_probe(k, ehci, STICK)));
		const task = spawn(k, () => usb_stor_read(k, us, 0, allocPages(k, 4)));
		stepUntil(k, () => ehci.command !== 1);
		expect(ehci.command & CMD_ASE).toBe(CMD_ASE);
		stepUntil(k, () => task.state === 'EXIT_DEAD');
		expect(ehci.command & CMD_ASE).toBe(0);
		const {seq} = k.hw.timeline;
		letPass(k, 10 * MILLISECOND_NS);
		expect(k.hw.timeline.seq).toBe(seq);
	});
});

describe('usb-skeleton', () => {
	test.each([
		[64, 'buffer-128'],
		[400, 'buffer-512'],
		[513, 'buffer-2048'],
	])('writes %i bytes from a block of %s, which the completion gives back', (bytes, pool) => {
		const machine = machineWithUsb();
		const {k, ehci, recorder} = machine;
		const arrived: number[] = [];
		recorder.onPacket = packet => arrived.push(...packet);
		const dev = skel_probe(k, ehci, RECORDER, RECORDER_BULK_OUT);
		const data = Uint8Array.from({length: bytes}, (_, i) => (i * 7) & 0xff);
		expect(run(k, () => skel_write(k, dev, data))).toBe(bytes);
		expect(inUse(machine, pool)).toBe(1);
		letPass(k, 20 * MILLISECOND_NS);
		expect(inUse(machine, pool)).toBe(0);
		expect(arrived).toEqual([...data]);
		expect(dev).toMatchObject({writes: 1, errors: 0, inFlight: 0});
	});

	test('takes at most 2048 bytes at a time, and lets at most eight writes be under way', () => {
		const machine = machineWithUsb();
		const {k, ehci, recorder} = machine;
		const dev = skel_probe(k, ehci, RECORDER, RECORDER_BULK_OUT);
		let most = 0;
		const results: number[] = [];
		const task = spawn(k, function* () {
			for (let i = 0; i < 20; i++) results.push(yield* skel_write(k, dev, new Uint8Array(5_000)));
		});
		stepUntil(k, () => {
			most = Math.max(most, inUse(machine, 'buffer-2048'));
			return task.state === 'EXIT_DEAD';
		});
		letPass(k, 100 * MILLISECOND_NS);
		expect(results).toEqual(new Array(20).fill(MAX_TRANSFER));
		expect(most).toBe(8);
		expect(recorder.bytes).toBe(20 * MAX_TRANSFER);
	});
});

describe('ehci and errors', () => {
	test('a transfer that leads nowhere kills the controller; what waits comes back with -ESHUTDOWN', () => {
		const {k, ehci} = machineWithUsb();
		const us = good(run(k, () => usb_stor_probe(k, ehci, STICK)));
		const nowhere = 0xc000_0000 + k.hw.ram.sizeBytes;
		const result = run(k, () => usb_stor_read(k, us, 0, [nowhere as KernelLogicalAddress]));
		expect(result).toBe(-ESHUTDOWN);
		expect(dmesg(k).slice(-2)).toEqual([
			'ehci_hcd 0000:00:1d.7: fatal error',
			'ehci_hcd 0000:00:1d.7: HC died; cleaning up',
		]);
		expect(run(k, () => usb_stor_read(k, us, 0, allocPages(k, 1)))).toBe(-ESHUTDOWN);
	});

	test('a taken interrupt line refuses the controller, and the refusal leaves nothing behind', () => {
		const k = bootTestKernel();
		const place = {address: '0000:00:1d.7', registers: physicalAddress(REGISTERS), interruptLine: LINE};
		const pdev = pci_scan_function(k, new UsbHostController(k.hw, place).pci);
		request_irq(k, LINE, function* () {}, 'other');
		expect(run(k, () => ehci_probe(k, pdev))).toBe(-EBUSY);
		expect(k.dma.mappings.live).toBe(0);
		expect(pdev.dev.dma_pools).toEqual([]);
		expect(pdev.dev.driver).toBeNull();
	});
});

describe('ehci removed', () => {
	/** Everything at work: a mouse, a reader of the stick, writers to the recorder. */
	function busyMachine(seed: number, era: EraName) {
		const machine = machineWithUsb({seed, era});
		const {k, ehci} = machine;
		good(run(k, () => usb_mouse_open(k, ehci, MOUSE)));
		const us = good(run(k, () => usb_stor_probe(k, ehci, STICK)));
		const recorder = skel_probe(k, ehci, RECORDER, RECORDER_BULK_OUT);
		const results = {reads: [] as number[], writes: [] as number[]};
		const pages = allocPages(k, 12);
		const reader = spawn(k, () => until(results.reads, () => usb_stor_read(k, us, 0, pages)));
		const writer = spawn(k, () => until(results.writes, () => skel_write(k, recorder, new Uint8Array(2_048))));
		return {...machine, results, pages, tasks: [reader, writer]};
	}

	function* until(results: number[], act: () => ReturnType<typeof usb_stor_read>) {
		while (results.at(-1) !== -ENODEV) results.push(yield* act());
	}

	test.each([
		1, 2, 3, 4, 5, 6,
	])('in the middle of everything leaves no mapping, pool or page behind (seed %i)', seed => {
		const {k, ehci, pdev, results, tasks, pages} = busyMachine(seed, seed % 2 === 0 ? '6.1' : 'ldd3');
		letPass(k, 30 * MILLISECOND_NS + seed * 271_828);
		expect(results.reads.filter(result => result === 0).length).toBeGreaterThan(0);
		run(k, () => ehci_remove(k, ehci));
		stepUntil(k, () => tasks.every(task => task.state === 'EXIT_DEAD'));
		expect(results.reads.at(-1)).toBe(-ENODEV);
		expect(results.writes.at(-1)).toBe(-ENODEV);
		expect(eachMapping(k.dma.mappings)).toEqual([]);
		expect(pdev.dev.dma_pools).toEqual([]);
		expect(pdev.dev.driver).toBeNull();
		expect(k.irq.actions.has(LINE)).toBe(false);
		expect(dmesg(k).filter(line => /busy|DMA-API: .*device driver|leak|bad dma/.test(line))).toEqual([]);
		for (const page of pages) put_page(k, virt_to_page(page));
	});

	test('and taken into use again works as before, without losing a page', () => {
		const machine = machineWithUsb();
		const {k, pdev} = machine;
		let {ehci} = machine;
		const cycle = (): {result: number; free: number} => {
			run(k, () => ehci_remove(k, ehci));
			const free = freePages(k);
			ehci = good(run(k, () => ehci_probe(k, pdev)));
			const us: us_data = good(run(k, () => usb_stor_probe(k, ehci, STICK)));
			const pages = allocPages(k, 2);
			const result = run(k, () => usb_stor_read(k, us, 0, pages));
			for (const page of pages) put_page(k, virt_to_page(page));
			return {result, free};
		};
		const first = cycle();
		expect(first.result).toBe(0);
		expect(cycle()).toEqual(first);
		expect(cycle()).toEqual(first);
	});
});

describe('ehci under load', () => {
	function secondOfLoad(seed: number) {
		const machine = machineWithUsb({seed});
		const {k, ehci} = machine;
		good(run(k, () => usb_mouse_open(k, ehci, MOUSE)));
		const dev = skel_probe(k, ehci, RECORDER, RECORDER_BULK_OUT);
		startUsbLoad(k, dev, new Chance(seed));
		const [charged, seq] = [k.charged, k.hw.timeline.seq];
		const seen = {qtds: new Set<number>(), big: new Set<number>(), small: new Set<number>()};
		const end = k.hw.timeline.nowNs + SECOND_NS;
		while (k.hw.timeline.step(end)) {
			seen.qtds.add(inUse(machine, 'ehci_qtd'));
			seen.big.add(inUse(machine, 'buffer-2048'));
			seen.small.add(inUse(machine, 'buffer-512'));
		}
		return {...machine, dev, seen, charged: k.charged - charged, events: k.hw.timeline.seq - seq};
	}

	test('has pools that breathe, at a bounded cost', () => {
		for (const seed of [1, 2, 3]) {
			const {seen, charged, events, dev} = secondOfLoad(seed);
			expect(seen.qtds.size).toBeGreaterThan(3);
			expect(seen.big.size).toBeGreaterThan(1);
			expect(seen.small.size).toBeGreaterThan(1);
			expect(dev.errors).toBe(0);
			expect(charged).toBeLessThan(2_500);
			expect(events).toBeLessThan(1_500);
		}
	});

	test('is the same for the same seed and another for another', () => {
		const shape = (seed: number) => {
			const {k, recorder, mice} = secondOfLoad(seed);
			return JSON.stringify([recorder.bytes, mice[0]!.reports, k.trace.ring.slice(-50), k.hw.timeline.seq]);
		};
		expect(shape(7)).toBe(shape(7));
		expect(shape(7)).not.toBe(shape(8));
	});
});
