import {describe, expect, test} from 'vitest';
import {Chance} from '../../../source/hardware/chance.ts';
import {RECORDER_BULK_OUT} from '../../../source/hardware/usb_functions.ts';
import {eachMapping} from '../../../source/kernel/dma/entries.ts';
import {ehci_probe, ehci_remove} from '../../../source/kernel/drivers/ehci.ts';
import {startUsbLoad} from '../../../source/kernel/drivers/usb_load.ts';
import {skel_probe, skel_write} from '../../../source/kernel/drivers/usb_skeleton.ts';
import {type us_data, usb_stor_probe, usb_stor_read} from '../../../source/kernel/drivers/usb_storage.ts';
import {usb_mouse_open} from '../../../source/kernel/drivers/usbmouse.ts';
import type {EraName} from '../../../source/kernel/era/behaviour.ts';
import {ENODEV} from '../../../source/kernel/errno.ts';
import {virt_to_page} from '../../../source/kernel/mm/page.ts';
import {put_page} from '../../../source/kernel/mm/page_alloc.ts';
import {dmesg, run, spawn, stepUntil} from '../support.ts';
import {
	allocPages,
	freePages,
	good,
	interruptLine,
	inUse,
	letPass,
	machineWithUsb,
	millisecondNs,
	mousePort,
	recorderPort,
	secondNs,
	stickPort,
} from './usbMachine.ts';

describe('ehci removed', () => {
	/** Everything at work: a mouse, a reader of the stick, writers to the recorder. */
	function busyMachine(seed: number, era: EraName) {
		const machine = machineWithUsb({seed, era});
		const {k, ehci} = machine;
		good(run(k, () => usb_mouse_open(k, ehci, mousePort)));
		const us = good(run(k, () => usb_stor_probe(k, ehci, stickPort)));
		const recorder = skel_probe(k, ehci, recorderPort, RECORDER_BULK_OUT);
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
		letPass(k, 30 * millisecondNs + seed * 271_828);
		expect(results.reads.filter(result => result === 0).length).toBeGreaterThan(0);
		run(k, () => ehci_remove(k, ehci));
		stepUntil(k, () => tasks.every(task => task.state === 'EXIT_DEAD'));
		expect(results.reads.at(-1)).toBe(-ENODEV);
		expect(results.writes.at(-1)).toBe(-ENODEV);
		expect(eachMapping(k.dma.mappings)).toEqual([]);
		expect(pdev.dev.dma_pools).toEqual([]);
		expect(pdev.dev.driver).toBeNull();
		expect(k.irq.actions.has(interruptLine)).toBe(false);
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
			const us: us_data = good(run(k, () => usb_stor_probe(k, ehci, stickPort)));
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
		good(run(k, () => usb_mouse_open(k, ehci, mousePort)));
		const dev = skel_probe(k, ehci, recorderPort, RECORDER_BULK_OUT);
		startUsbLoad(k, dev, new Chance(seed));
		const [charged, seq] = [k.charged, k.hw.timeline.seq];
		const seen = {qtds: new Set<number>(), big: new Set<number>(), small: new Set<number>()};
		const end = k.hw.timeline.nowNs + secondNs;
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
