import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {physicalAddress} from '../../../source/hardware/address.ts';
import {Chance} from '../../../source/hardware/chance.ts';
import {Lan, startTraffic} from '../../../source/hardware/lan.ts';
import {Nic} from '../../../source/hardware/nic.ts';
import {eachMapping} from '../../../source/kernel/dma/entries.ts';
import {type pci_dev, pci_scan_function} from '../../../source/kernel/drivers/device.ts';
import {e100_probe, e100_remove, type nic} from '../../../source/kernel/drivers/e100.ts';
import type {EraName} from '../../../source/kernel/era/behaviour.ts';
import {EBUSY} from '../../../source/kernel/errno.ts';
import {request_irq} from '../../../source/kernel/irq.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {slabInfo} from '../../../source/kernel/mm/slab.ts';
import type {TraceRecord} from '../../../source/kernel/trace.ts';
import {bootTestKernel, dmesg, run, spawn, stepUntil, type TestKernelOptions} from '../support.ts';

const interruptLine = 11;
const rxDescriptors = 16;
const millisecondNs = 1_000_000;
const secondNs = 1_000_000_000;

/** A machine with a network card, the driver bound to it, and a cable on which nobody speaks yet. */
function machineWithCard(options: TestKernelOptions = {}) {
	const k = bootTestKernel(options);
	const card = new Nic(k.hw, {
		address: '0000:00:03.0',
		registers: physicalAddress(0xfeb0_1000),
		interruptLine: interruptLine,
	});
	const lan = new Lan(k.hw, new Chance(1), card);
	const pdev = pci_scan_function(k, card.pci);
	return {k, card, lan, pdev, nic: probe(k, pdev)};
}

function probe(k: Kernel, pdev: pci_dev): nic {
	const result = run(k, () => e100_probe(k, pdev));
	if (typeof result === 'number') throw new Error(`e100_probe returned ${result}`);
	return result;
}

function letPass(k: Kernel, ns: number): void {
	const end = k.hw.timeline.nowNs + ns;
	while (k.hw.timeline.step(end)) {}
	k.hw.timeline.advanceTo(end);
}

const kinds = (k: Kernel) => eachMapping(k.dma.mappings).map(entry => `${entry.type} ${entry.size}`);
const objectsInUse = (k: Kernel) => slabInfo(k).reduce((sum, cache) => sum + cache.active_objs, 0);

describe('e100 at rest', () => {
	test('holds two coherent rings and one streaming buffer per receive descriptor', () => {
		const {k} = machineWithCard();
		expect(kinds(k).sort()).toEqual([
			'coherent 256',
			'coherent 256',
			...Array.from({length: rxDescriptors}, () => 'single 1536'),
		]);
	});

	test.each<[EraName, string]>([
		['ldd3', 'e100: eth0: e100_probe: addr 0xfeb01000, irq 11, MAC addr 00:0E:0C:12:34:56'],
		['3.2', 'e100 0000:00:03.0: eth0: addr 0xfeb01000, irq 11, MAC addr 00:0e:0c:12:34:56'],
		['6.1', 'e100 0000:00:03.0 eth0: addr 0xfeb01000, irq 11, MAC addr 00:0e:0c:12:34:56'],
	])('of %s says what it found, the station address read from the card', (era, line) => {
		expect(dmesg(machineWithCard({era}).k)).toContain(line);
	});
});

describe('e100 receives', () => {
	test('a frame: DMA into the lent buffer, interrupt, poll in softirq, buffer replaced', () => {
		const {k, lan, nic} = machineWithCard();
		const before = kinds(k).sort();
		lan.send(590, false);
		letPass(k, millisecondNs);
		expect(nic.netdev.stats).toMatchObject({rx_packets: 1, rx_bytes: 590, rx_dropped: 0, tx_packets: 0});
		expect(nic.interrupts).toBe(1);
		expect(k.irq.actions.get(interruptLine)).toMatchObject({name: 'eth0'});
		expect(kinds(k).sort()).toEqual(before);
	});

	test('any number of frames without losing one, slab objects or mappings', () => {
		const {k, lan, nic} = machineWithCard();
		const objects = objectsInUse(k);
		for (let i = 0; i < 100; i++) {
			lan.send(1514, false);
			letPass(k, millisecondNs);
		}
		expect(nic.netdev.stats).toMatchObject({rx_packets: 100, rx_bytes: 151_400, rx_dropped: 0});
		expect(objectsInUse(k)).toBe(objects);
		expect(kinds(k)).toHaveLength(2 + rxDescriptors);
	});

	test('a burst in fewer polls than frames, for the card may not interrupt while it is polled', () => {
		const {k, lan, nic, card} = machineWithCard();
		for (let i = 0; i < 12; i++) lan.send(60, false);
		letPass(k, 5 * millisecondNs);
		expect(card.counters).toMatchObject({received: 12, lostNoBuffer: 0});
		expect(nic.netdev.stats.rx_packets).toBe(12);
		expect(nic.interrupts).toBeLessThan(12);
	});

	test('as many frames as it has buffers while interrupts are off; the card loses the rest and says so', () => {
		const {k, lan, nic, card} = machineWithCard();
		for (const cpu of k.sched.cpus) cpu.irqsDisabled = true;
		for (let i = 0; i < rxDescriptors + 5; i++) lan.send(60, false);
		letPass(k, millisecondNs);
		expect(card.counters).toMatchObject({received: rxDescriptors, lostNoBuffer: 5});
		for (const cpu of k.sched.cpus) cpu.irqsDisabled = false;
		// The line stays pending: the next interrupt of any kind lets it through.
		k.hw.interrupts.raise(interruptLine);
		letPass(k, millisecondNs);
		expect(nic.netdev.stats).toMatchObject({rx_packets: rxDescriptors, rx_dropped: 1});
		lan.send(60, false);
		letPass(k, millisecondNs);
		expect(nic.netdev.stats.rx_packets).toBe(rxDescriptors + 1);
	});
});

describe('e100 sends', () => {
	test.each<[string, TestKernelOptions]>([
		['by the buffer’s own address', {}],
		['through bounce buffers', {swiotlb: 'force', memMiB: 512, highmemMiB: 0}],
		['with PAE page tables', {pae: true, era: '6.1'}],
	])('an echo back from the buffer that it came in, byte for byte: %s', (_, options) => {
		const {k, lan, nic, card} = machineWithCard(options);
		const before = kinds(k).sort();
		for (const bytes of [60, 590, 1514]) {
			lan.send(bytes, true);
			letPass(k, millisecondNs);
		}
		expect(lan.echoes).toEqual({right: 3, wrong: 0});
		expect(nic.netdev.stats).toMatchObject({tx_packets: 3, tx_bytes: 60 + 590 + 1514, tx_dropped: 0});
		expect(card.counters.transmitted).toBe(3);
		expect(kinds(k).sort()).toEqual(before);
	});

	test('what it owns: a frame on the wire is mapped TO_DEVICE until the card has sent it', () => {
		const {k, lan, card} = machineWithCard();
		lan.send(1514, true);
		while (k.hw.timeline.step(Number.MAX_SAFE_INTEGER) && !kinds(k).includes('single 1514')) {}
		expect(card.counters.transmitted).toBe(0);
		letPass(k, millisecondNs);
		expect(card.counters.transmitted).toBe(1);
		expect(kinds(k)).not.toContain('single 1514');
	});
});

test('e100 counts every byte and answers every echo, whatever comes in whatever order', () => {
	const frames = fc.array(
		fc.record({
			bytes: fc.integer({min: 60, max: 1514}),
			echo: fc.boolean(),
			pauseNs: fc.integer({min: 0, max: 200_000}),
		}),
		{maxLength: 40},
	);
	fc.assert(
		fc.property(frames, fc.boolean(), (all, bounce) => {
			const {k, lan, nic, card} = machineWithCard(bounce ? {swiotlb: 'force', memMiB: 512, highmemMiB: 0} : {});
			for (const {bytes, echo, pauseNs} of all) {
				lan.send(bytes, echo);
				letPass(k, pauseNs);
			}
			letPass(k, 20 * millisecondNs);
			const {stats} = nic.netdev;
			const sum = (of: typeof all) => of.reduce((total, {bytes}) => total + bytes, 0);
			const taken = stats.rx_packets + card.counters.lostNoBuffer;
			expect(taken).toBe(all.length);
			expect(lan.echoes.wrong).toBe(0);
			expect(lan.echoes.right).toBe(stats.tx_packets);
			if (card.counters.lostNoBuffer > 0) return;
			const asked = all.filter(({echo}) => echo);
			expect(stats.rx_bytes).toBe(sum(all));
			expect(stats.tx_packets + stats.tx_dropped).toBe(asked.length);
			if (stats.tx_dropped === 0) expect(stats.tx_bytes).toBe(sum(asked));
		}),
		{numRuns: 15, seed: 1},
	);
});

describe('e100 and errors', () => {
	test('a descriptor that leads nowhere stops the card, not the machine', () => {
		const {k, lan, card, nic} = machineWithCard();
		const {cpu_addr} = nic.rx.memory;
		k.hw.ram.write32(physicalAddress(cpu_addr - 0xc000_0000), 0xf000_0000);
		lan.send(60, false);
		lan.send(60, false);
		letPass(k, millisecondNs);
		expect(card.counters).toMatchObject({busErrors: 1, received: 0});
		expect(nic.netdev.stats).toMatchObject({rx_errors: 1, rx_packets: 0});
	});

	test('a taken interrupt line refuses the card, and the refusal leaves nothing behind', () => {
		const k = bootTestKernel();
		const card = new Nic(k.hw, {
			address: '0000:00:03.0',
			registers: physicalAddress(0xfeb0_1000),
			interruptLine: interruptLine,
		});
		const pdev = pci_scan_function(k, card.pci);
		const objects = objectsInUse(k);
		request_irq(k, interruptLine, function* () {}, 'other');
		expect(run(k, () => e100_probe(k, pdev))).toBe(-EBUSY);
		expect(kinds(k)).toEqual([]);
		expect(objectsInUse(k)).toBe(objects);
		expect(pdev.dev.driver).toBeNull();
		expect(k.net.devices).toEqual([]);
	});
});

describe('e100 removed', () => {
	test.each([
		1, 2, 3, 4, 5,
	])('in the middle of traffic leaves no mapping, no object, no interrupt behind (seed %i)', seed => {
		const k = bootTestKernel({seed, era: '6.1'});
		const objects = objectsInUse(k);
		const card = new Nic(k.hw, {
			address: '0000:00:03.0',
			registers: physicalAddress(0xfeb0_1000),
			interruptLine: interruptLine,
		});
		const pdev = pci_scan_function(k, card.pci);
		const nic = probe(k, pdev);
		const lan = startTraffic(k.hw, new Chance(seed), card, {framesPerSecond: 5_000, burst: 20});
		letPass(k, 20 * millisecondNs + seed * 61_803);
		expect(nic.netdev.stats.rx_packets).toBeGreaterThan(0);
		run(k, () => e100_remove(k, nic));
		letPass(k, 20 * millisecondNs);
		lan.stop();
		expect(kinds(k)).toEqual([]);
		expect(objectsInUse(k)).toBe(objects);
		expect(k.irq.actions.has(interruptLine)).toBe(false);
		expect(dmesg(k).filter(line => line.includes('DMA-API: device driver'))).toEqual([]);
		expect(dmesg(k).filter(line => line.includes('leak'))).toEqual([]);
	});

	test('while another CPU polls it waits for that CPU', () => {
		const {k, lan, nic} = machineWithCard();
		for (let i = 0; i < 8; i++) lan.send(1514, false);
		stepUntil(k, () => nic.netdev.scheduled && nic.netdev.stats.rx_packets === 0);
		const remover = spawn(k, () => e100_remove(k, nic));
		let polledMeanwhile = false;
		stepUntil(k, () => {
			polledMeanwhile ||= !nic.netdev.running && nic.netdev.scheduled;
			return remover.state === 'EXIT_DEAD';
		});
		letPass(k, millisecondNs);
		expect(polledMeanwhile).toBe(true);
		expect(kinds(k)).toEqual([]);
		expect(objectsInUse(k)).toBe(0);
	});

	test('can be taken into use again', () => {
		const {k, lan, nic, pdev} = machineWithCard();
		run(k, () => e100_remove(k, nic));
		const again = probe(k, pdev);
		lan.send(60, true);
		letPass(k, millisecondNs);
		expect(again.netdev.stats).toMatchObject({rx_packets: 1, tx_packets: 1});
		expect(lan.echoes).toEqual({right: 1, wrong: 0});
	});
});

describe('e100 under the traffic of the lab', () => {
	const secondOfTraffic = (seed: number) => {
		const {k, card, nic} = machineWithCard({seed});
		k.trace.ring.length = 0;
		const [charged, seq] = [k.charged, k.hw.timeline.seq];
		const lan = startTraffic(k.hw, new Chance(seed), card);
		letPass(k, secondNs);
		return {k, nic, lan, charged: k.charged - charged, events: k.hw.timeline.seq - seq};
	};

	test('takes 100 to 350 frames a second, drops none, and costs a bounded share of the machine', () => {
		for (const seed of [1, 2, 3]) {
			const {nic, lan, charged, events} = secondOfTraffic(seed);
			expect(nic.netdev.stats.rx_packets).toBeGreaterThan(100);
			expect(nic.netdev.stats.rx_packets).toBeLessThan(350);
			expect(nic.netdev.stats.rx_dropped).toBe(0);
			expect(nic.netdev.stats.tx_packets).toBe(lan.echoes.right);
			expect(lan.echoes.wrong).toBe(0);
			expect(charged).toBeLessThan(5_000);
			expect(events).toBeLessThan(2_000);
		}
	});

	test('is the same for the same seed and another for another', () => {
		const shape = (seed: number) => {
			const {k, nic} = secondOfTraffic(seed);
			return JSON.stringify([nic.netdev.stats, k.trace.ring.slice(-50), k.hw.timeline.seq]);
		};
		expect(shape(7)).toBe(shape(7));
		expect(shape(7)).not.toBe(shape(8));
	});

	test('works in atomic context only: handler in hardirq, DMA calls of its frames in softirq', () => {
		const {k} = secondOfTraffic(1);
		const contexts = (name: string) =>
			new Set(k.trace.ring.filter((record: TraceRecord) => record.name === name).map(record => record.context));
		expect(contexts('irq_handler_entry')).toEqual(new Set(['hardirq']));
		expect(contexts('dma_unmap_page')).toEqual(new Set(['softirq']));
		expect(contexts('kmalloc')).toEqual(new Set(['softirq']));
	});
});
