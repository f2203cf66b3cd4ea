import {describe, expect, test} from 'vitest';
import {type KernelLogicalAddress, logicalAddress, physicalAddress} from '../../../source/hardware/address.ts';
import {CMD_ASE, FRINDEX, STS_INT, USBSTS, UsbHostController} from '../../../source/hardware/usb.ts';
import {BLOCK_BYTES, RECORDER_BULK_OUT, stickByte} from '../../../source/hardware/usb_functions.ts';
import {pci_scan_function} from '../../../source/kernel/drivers/device.ts';
import {ehci_probe} from '../../../source/kernel/drivers/ehci.ts';
import {usb_submit_urb} from '../../../source/kernel/drivers/ehci_q.ts';
import {usb_alloc_urb} from '../../../source/kernel/drivers/usb.ts';
import {MAX_TRANSFER, skel_probe, skel_write} from '../../../source/kernel/drivers/usb_skeleton.ts';
import {usb_stor_probe, usb_stor_read} from '../../../source/kernel/drivers/usb_storage.ts';
import {usb_mouse_open} from '../../../source/kernel/drivers/usbmouse.ts';
import type {EraName} from '../../../source/kernel/era/behaviour.ts';
import {EBUSY, ESHUTDOWN} from '../../../source/kernel/errno.ts';
import {request_irq} from '../../../source/kernel/irq.ts';
import {kread, kwrite} from '../../../source/kernel/mm/access.ts';
import {GFP_KERNEL} from '../../../source/kernel/mm/gfp.ts';
import {lowmem_page_address} from '../../../source/kernel/mm/page.ts';
import {try_alloc_pages} from '../../../source/kernel/mm/page_alloc.ts';
import {bootTestKernel, dmesg, run, spawn, stepUntil, type TestKernelOptions} from '../support.ts';
import {
	allocPages,
	good,
	interruptLine,
	inUse,
	letPass,
	machineWithUsb,
	millisecondNs,
	mousePort,
	poolLines,
	recorderPort,
	registers,
	secondMousePort,
	secondNs,
	stickPort,
} from './usbMachine.ts';

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
		expect(k.irq.actions.get(interruptLine)?.name).toBe(action);
		expect(dmesg(k)).toContain(line);
	});

	test('does nothing at all: no schedule is enabled, time passes without events, frames are counted', () => {
		const {k, controller} = machineWithUsb();
		const {seq} = k.hw.timeline;
		const frame = k.hw.bus.read(physicalAddress(registers + FRINDEX), 4);
		letPass(k, 100 * millisecondNs);
		expect(k.hw.timeline.seq).toBe(seq);
		expect(controller.counters.frames).toBe(0);
		expect(k.hw.bus.read(physicalAddress(registers + FRINDEX), 4)).toBe((frame + 100) % 1024);
	});
});

describe('an interrupt endpoint', () => {
	test('is asked every eighth frame, and every report of the mouse arrives', () => {
		const {k, controller, mice, ehci} = machineWithUsb();
		const mouse = good(run(k, () => usb_mouse_open(k, ehci, mousePort)));
		letPass(k, 4 * secondNs);
		expect(controller.counters.frames).toBe(500);
		expect(mouse.reports).toBeGreaterThan(50);
		expect(mouse.reports).toBe(mice[0]!.reports);
		expect([mouse.x, mouse.y]).toEqual([mice[0]!.x, mice[0]!.y]);
	});

	test('of a second mouse works beside the first, in frames of its own', () => {
		const {k, mice, ehci, controller} = machineWithUsb();
		const first = good(run(k, () => usb_mouse_open(k, ehci, mousePort)));
		const second = good(run(k, () => usb_mouse_open(k, ehci, secondMousePort)));
		// The controller has looked ahead before the second was there.
		letPass(k, 50 * millisecondNs);
		const {frames} = controller.counters;
		letPass(k, 4 * secondNs);
		expect(controller.counters.frames - frames).toBe(2 * 500);
		expect(first.reports).toBeGreaterThan(0);
		expect(second.reports).toBeGreaterThan(0);
		expect([first.reports, second.reports]).toEqual(mice.map(mouse => mouse.reports));
	});

	test('holds one queue, its dummy, one transfer and one small buffer, however often it is asked', () => {
		const machine = machineWithUsb();
		const before = [inUse(machine, 'ehci_qh'), inUse(machine, 'ehci_qtd'), inUse(machine, 'buffer-32')];
		const mouse = good(run(machine.k, () => usb_mouse_open(machine.k, machine.ehci, mousePort)));
		letPass(machine.k, 4 * secondNs);
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
			const us = good(yield* usb_stor_probe(k, ehci, stickPort));
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

	test('have their interrupt taken back when it was served', () => {
		const {k, ehci} = machineWithUsb();
		run(k, function* () {
			const us = good(yield* usb_stor_probe(k, ehci, stickPort));
			yield* usb_stor_read(k, us, 0, allocPages(k, 1));
		});
		expect(ehci.interrupts).toBeGreaterThan(0);
		expect(k.hw.bus.read(physicalAddress(registers + USBSTS), 4) & STS_INT).toBe(0);
	});

	test('take a transfer and a streaming mapping per page while they work, and give all back', () => {
		const machine = machineWithUsb();
		const {k, ehci, controller} = machine;
		const us = good(run(k, () => usb_stor_probe(k, ehci, stickPort)));
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

	test(
		'cut a buffer of more than 16 KiB into several transfers, wherever it begins, and interrupt once ' + 'for all',
		() => {
			const machine = machineWithUsb();
			const {k, ehci, recorder} = machine;
			const arrived: number[] = [];
			recorder.onPacket = packet => arrived.push(...packet);
			const data = Uint8Array.from({length: 40_000}, (_, i) => (i * 7 + (i >>> 8)) & 0xff);
			const buffer = logicalAddress(lowmem_page_address(try_alloc_pages(k, GFP_KERNEL, 4)!) + 100);
			kwrite(k, buffer, data);
			let done = 0;
			const urb = usb_alloc_urb({
				pipe: {device: recorderPort, endpoint: RECORDER_BULK_OUT, in: false, kind: 'bulk'},
				transfer_buffer: buffer,
				transfer_buffer_length: data.length,
				complete: () => done++,
			});
			expect(
				run(k, function* () {
					return usb_submit_urb(k, ehci, urb);
				}),
			).toBe(0);
			const dummies = 2;
			expect(inUse(machine, 'ehci_qtd')).toBe(dummies + 3);
			letPass(k, 200 * millisecondNs);
			expect(arrived).toEqual([...data]);
			expect(urb).toMatchObject({status: 0, actual_length: 40_000});
			expect([done, ehci.interrupts]).toEqual([1, 1]);
			expect(inUse(machine, 'ehci_qtd')).toBe(dummies);
		},
	);

	test('keep the ring enabled only while somebody waits for it', () => {
		const {k, ehci} = machineWithUsb();
		const us = good(run(k, () => usb_stor_probe(k, ehci, stickPort)));
		const task = spawn(k, () => usb_stor_read(k, us, 0, allocPages(k, 4)));
		stepUntil(k, () => ehci.command !== 1);
		expect(ehci.command & CMD_ASE).toBe(CMD_ASE);
		stepUntil(k, () => task.state === 'EXIT_DEAD');
		expect(ehci.command & CMD_ASE).toBe(0);
		const {seq} = k.hw.timeline;
		letPass(k, 10 * millisecondNs);
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
		const dev = skel_probe(k, ehci, recorderPort, RECORDER_BULK_OUT);
		const data = Uint8Array.from({length: bytes}, (_, i) => (i * 7) & 0xff);
		expect(run(k, () => skel_write(k, dev, data))).toBe(bytes);
		expect(inUse(machine, pool)).toBe(1);
		letPass(k, 20 * millisecondNs);
		expect(inUse(machine, pool)).toBe(0);
		expect(arrived).toEqual([...data]);
		expect(dev).toMatchObject({writes: 1, errors: 0, inFlight: 0});
	});

	test('takes at most 2048 bytes at a time, and lets at most eight writes be under way', () => {
		const machine = machineWithUsb();
		const {k, ehci, recorder} = machine;
		const dev = skel_probe(k, ehci, recorderPort, RECORDER_BULK_OUT);
		let most = 0;
		const results: number[] = [];
		const task = spawn(k, function* () {
			for (let i = 0; i < 20; i++) results.push(yield* skel_write(k, dev, new Uint8Array(5_000)));
		});
		stepUntil(k, () => {
			most = Math.max(most, inUse(machine, 'buffer-2048'));
			return task.state === 'EXIT_DEAD';
		});
		letPass(k, 100 * millisecondNs);
		expect(results).toEqual(new Array(20).fill(MAX_TRANSFER));
		expect(most).toBe(8);
		expect(recorder.bytes).toBe(20 * MAX_TRANSFER);
	});
});

describe('ehci and errors', () => {
	test('a transfer that leads nowhere kills the controller; what waits comes back with -ESHUTDOWN', () => {
		const {k, ehci} = machineWithUsb();
		const us = good(run(k, () => usb_stor_probe(k, ehci, stickPort)));
		const nowhere = 0xc000_0000 + k.hw.ram.banks.at(-1)!.end;
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
		const place = {address: '0000:00:1d.7', registers: physicalAddress(registers), interruptLine: interruptLine};
		const pdev = pci_scan_function(k, new UsbHostController(k.hw, place).pci);
		request_irq(k, interruptLine, function* () {}, 'other');
		expect(run(k, () => ehci_probe(k, pdev))).toBe(-EBUSY);
		expect(k.dma.mappings.live).toBe(0);
		expect(pdev.dev.dma_pools).toEqual([]);
		expect(pdev.dev.driver).toBeNull();
	});
});
