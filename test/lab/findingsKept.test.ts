/** Which findings are kept, which are the same one, and whose they are. */
import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import type {Pfn} from '../../source/hardware/address.ts';
import {DMA_TO_DEVICE} from '../../source/kernel/dma/direction.ts';
import {dma_pool_alloc, dma_pool_create, dma_pool_free} from '../../source/kernel/dma/dmapool.ts';
import {dma_map_single, dma_unmap_single} from '../../source/kernel/dma/mapping.ts';
import {driver_bind, driver_unbind} from '../../source/kernel/drivers/dd.ts';
import {type device, device_add} from '../../source/kernel/drivers/device.ts';
import {IRQ_HANDLED, request_irq} from '../../source/kernel/irq.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {GFP_KERNEL} from '../../source/kernel/mm/gfp.ts';
import type {Pin} from '../../source/kernel/mm/mm.ts';
import type {mm_struct} from '../../source/kernel/mm/mm_types.ts';
import {alloc_pages} from '../../source/kernel/mm/page_alloc.ts';
import {kmalloc} from '../../source/kernel/mm/slab.ts';
import {callC} from '../../source/kernel/module/callC.ts';
import {symbolsOf} from '../../source/kernel/module/kallsyms.ts';
import {load_module} from '../../source/kernel/module/loader.ts';
import {printk} from '../../source/kernel/printk.ts';
import {inReport, made} from '../../source/kernel/watch.ts';
import {
	begins,
	ends,
	type Found,
	findingNamed,
	happened,
	noFindings,
	settle,
} from '../../source/lab/findings/findings.ts';
import {watchKernel} from '../../source/lab/findings/watch.ts';
import {bootTestKernel, run, spawn} from '../kernel/support.ts';

const most = 128;

const found = (key: string, more: Partial<Found> = {}): Found => ({
	key,
	kind: 'message',
	severity: 'note',
	sinceNs: 0,
	comm: 'a',
	pid: 1,
	driver: null,
	record: 'untraced',
	says: key,
	frames: [],
	objects: [],
	...more,
});

describe('so many are kept', () => {
	const full = () => {
		const findings = noFindings();
		for (let i = 0; i < most; i++) begins(findings, found(`old:${i}`));
		return findings;
	};
	const says = ({all}: ReturnType<typeof noFindings>) => all.map(each => each.says);

	test('those that are over go first, and are counted', () => {
		const findings = noFindings();
		begins(findings, found('open'));
		for (let i = 0; i < most - 1; i++) happened(findings, found(`over ${i}`), 0);
		expect(findings).toMatchObject({dropped: 0});
		happened(findings, found('one more'), 0);
		expect(findings).toMatchObject({dropped: 1});
		expect(says(findings).slice(0, 2)).toEqual(['open', 'over 1']);
		expect(findings.all).toHaveLength(most);
		ends(findings, 'open', 5);
		expect(findings.all[0]).toMatchObject({untilNs: 5});
		begins(findings, found('open'));
		expect(findings.all.at(-1)).toMatchObject({id: 130, says: 'open'});
	});

	test('the newest stays, though it is over and all others are not', () => {
		const findings = full();
		expect(findings.dropped).toBe(0);
		happened(findings, found('over at once'), 0);
		expect([findings.all.length, says(findings)[0], says(findings).at(-1)]).toEqual([most, 'old:1', 'over at once']);
		happened(findings, found('and another'), 0);
		expect([says(findings)[0], says(findings).at(-1)]).toEqual(['old:1', 'and another']);
	});

	test('one that is still so and was forgotten is not found each time anew, but again when it was over between', () => {
		const findings = full();
		begins(findings, found('new:0'));
		expect(says(findings)[0]).toBe('old:1');
		const {nextId} = findings;
		const still = Array.from({length: most}, (_, i) => found(`old:${i}`));
		settle(findings, 'old', still, 1);
		expect(findings).toMatchObject({nextId, dropped: 1});
		settle(findings, 'old', still.slice(1), 2);
		settle(findings, 'old', still, 3);
		expect(findings).toMatchObject({nextId: nextId + 1, dropped: 2});
		expect(says(findings).at(-1)).toBe('old:0');
	});
});

test('what is found again says as a whole what it says now', () => {
	const findings = noFindings();
	begins(findings, found('a', {sinceNs: 1, comm: 'first', pid: 7, driver: 'leaky'}));
	begins(findings, found('a', {sinceNs: 2, comm: 'second', pid: 8, says: 'made by second-8', frames: [3]}));
	expect(findings.all).toEqual([
		expect.objectContaining({id: 1, sinceNs: 2, comm: 'second', pid: 8, driver: null, says: 'made by second-8'}),
	]);
});

/** A kernel that is watched, and what was found. @param look after so many nanoseconds what takes a look each second */
function watched() {
	const k = bootTestKernel({memMiB: 32, highmemMiB: 0, cpus: 1});
	const findings = noFindings();
	watchKernel(k, findings);
	const look = (ns = 1e9) => {
		k.hw.timeline.advanceTo(k.hw.timeline.nowNs + ns);
		for (const each of k.timers.onTick) each();
	};
	return {k, findings, look};
}

describe('lines of the log', () => {
	const textsOf = ({all}: ReturnType<typeof noFindings>) =>
		all.map(({times, lines}) => [times, ...lines.map(({text}) => text)]);

	test('a message of several lines that comes again is counted as one', () => {
		const {k, findings, look} = watched();
		for (let time = 0; time < 3; time++) {
			for (const text of ['it is odd', 'and wrong', 'and more']) printk(k, 4, text);
			look(1e6);
		}
		expect(textsOf(findings)).toEqual([[3, 'it is odd', 'and wrong', 'and more']]);
	});

	test('what comes later, after another line or after a report is a message of its own', () => {
		const {k, findings, look} = watched();
		printk(k, 4, 'first');
		look(1e6);
		printk(k, 4, 'later');
		printk(k, 6, 'between');
		printk(k, 4, 'after another');
		inReport(k, 'warning', () => printk(k, 4, 'a report'));
		printk(k, 4, 'after it');
		expect(textsOf(findings)).toEqual(
			['first', 'later', 'after another', 'a report', 'after it'].map(text => [1, text]),
		);
	});
});

describe('a device that drivers leave', () => {
	/** Binds a driver, which takes a block of a pool of its own. */
	function* bind(k: Kernel, dev: device, name: string) {
		driver_bind(dev, name);
		const pool = dma_pool_create(k, `pool of ${name}`, dev, 64, 64, 0)!;
		const block = (yield* dma_pool_alloc(k, pool, GFP_KERNEL))!;
		return {pool, block};
	}

	test('each has lost what it mapped itself, once, whatever the next one does', () => {
		const {k, findings, look} = watched();
		findings.olderNs = 1e9;
		const says = () => findings.all.map(({kind, says, untilNs}) => [kind, says.replace(/0x\w+/g, 'X'), untilNs]);
		const first =
			'first left 0000:00:05.0 with 2 DMA mappings: X (coherent, 4096 bytes), X (single, 64 bytes); ' +
			'pools that were not destroyed: pool of first';
		const dev = device_add(k, '0000:00:05.0', 'pci');
		const buffer = run(k, () => kmalloc(k, 64, GFP_KERNEL))!;
		run(k, () => bind(k, dev, 'first'));
		look(1000);
		const mapped = dma_map_single(k, dev, buffer, 64, DMA_TO_DEVICE);
		const leftNs = k.hw.timeline.nowNs;
		driver_unbind(k, dev);
		expect(says()).toEqual([['mapping-lost', first, undefined]]);
		// The driver of the same name comes again, and takes all of it along that it makes.
		driver_bind(dev, 'first');
		look();
		look();
		driver_unbind(k, dev);
		expect(says()).toEqual([['mapping-lost', first, undefined]]);
		// Of two mappings that are equal the one that is left is the lost one.
		driver_bind(dev, 'first');
		dma_map_single(k, dev, buffer, 64, DMA_TO_DEVICE);
		dma_unmap_single(k, dev, mapped, 64, DMA_TO_DEVICE);
		look();
		look();
		driver_unbind(k, dev);
		expect(says()).toEqual([['mapping-lost', first, undefined]]);

		const {pool, block} = run(k, () => bind(k, dev, 'second'));
		dma_pool_free(k, pool, block.vaddr, block.dma);
		dma_unmap_single(k, dev, mapped, 64, DMA_TO_DEVICE);
		look();
		const firstNow = first.replace('2 DMA mappings', '1 DMA mapping').replace(', X (single, 64 bytes)', '');
		expect(says()).toEqual([['mapping-lost', firstNow, undefined]]);
		expect(findings.all[0]).toMatchObject({sinceNs: leftNs, driver: 'first'});
		driver_unbind(k, dev);
		expect(says()).toEqual([
			['mapping-lost', firstNow, undefined],
			['mapping-lost', firstNow.replaceAll('first', 'second'), undefined],
		]);
	});
});

test('frames that only a pin holds: those that the finding names, though it was forgotten in between', () => {
	const {k, findings} = watched();
	const mm = {id: 5} as mm_struct;
	const leave = (): Pfn => {
		const frame = run(k, () => alloc_pages(k, GFP_KERNEL, 0))!;
		k.mm.pins.set(frame, [{weight: 1, made: made(k), mm} as Pin]);
		k.watcher!.putPinned(frame);
		return frame;
	};
	const unpin = (frame: Pfn) => {
		k.mm.pins.delete(frame);
		k.watcher!.unpinned(frame);
	};
	const first = leave();
	for (let i = 0; i < most; i++) begins(findings, found(`other:${i}`));
	const second = leave();
	expect(findings.all.some(({kind}) => kind === 'pin-alone')).toBe(false);
	unpin(first);
	unpin(second);
	const third = leave();
	expect(findings.all.at(-1)).toMatchObject({kind: 'pin-alone', frames: [third], untilNs: undefined});
	unpin(third);
	expect(findings.all.at(-1)).toMatchObject({frames: [third], untilNs: expect.any(Number)});
});

test('a thousand frames of one instant are written once, when they are read or at the next tick', () => {
	const {k, findings, look} = watched();
	const mm = {id: 5} as mm_struct;
	const frames = Array.from({length: 1000}, () => run(k, () => alloc_pages(k, GFP_KERNEL, 0))!);
	const since = made(k);
	const leave = (frame: Pfn) => {
		k.mm.pins.set(frame, [{weight: 1, made: since, mm} as Pin]);
		k.watcher!.putPinned(frame);
	};
	const unpin = (frame: Pfn) => {
		k.mm.pins.delete(frame);
		k.watcher!.unpinned(frame);
	};
	const [first, second, ...rest] = frames as [Pfn, Pfn, ...Pfn[]];
	leave(first);
	const [finding] = findings.all;
	const {frames: atFirst} = finding!;
	for (const frame of [second, ...rest]) leave(frame);
	expect(finding!.frames).toBe(atFirst);
	expect(findingNamed(findings, 1)).toMatchObject({says: /^page frames .* and 997 more are held by a pin alone/});
	const {frames: asRead} = finding!;
	expect(asRead).toEqual([...frames].sort((a, b) => a - b));
	rest.forEach(unpin);
	expect(finding!.frames).toBe(asRead);
	look(1);
	expect(finding!.frames).toEqual([first, second].sort((a, b) => a - b));
	unpin(first);
	unpin(second);
	expect(finding).toMatchObject({frames: [second], untilNs: k.hw.timeline.nowNs});
	expect(findings.stale.size).toBe(0);
});

test('what is found once only leaves nothing behind when it is forgotten', () => {
	const {k, findings} = watched();
	for (let i = 0; i < 3 * most; i++) k.watcher!.moduleLeft(`module${i}`, ['a timer']);
	expect([findings.all.length, findings.dropped]).toEqual([most, 2 * most]);
	expect(findings.all.every(({untilNs}) => untilNs === undefined)).toBe(true);
	expect([findings.open.size, findings.forgotten.size]).toEqual([0, 0]);
});

test('a line that an interrupt prints is not of the driver in C below it', () => {
	const k = bootTestKernel({era: '6.1', cpus: 1});
	const findings = noFindings();
	watchKernel(k, findings);
	const object = new URL('../../fixtures/vectors/modules/objects/spin-O1.o', import.meta.url);
	expect(run(k, () => load_module(k, 'spin', readFileSync(object), ''))).toBe(0);
	const {image} = k.modules!.loaded.get('spin')!;
	const {address} = symbolsOf(image).find(({name}) => name === 'spin_ioctl')!;
	const drivers: (string | undefined)[] = [];
	const handler = function* () {
		printk(k, 4, 'of the kernel');
		drivers.push(made(k).module);
		return IRQ_HANDLED;
	};
	request_irq(k, 5, handler, 'own');
	spawn(k, () => callC(k, address, [0, 0, 0]), 'spinner');
	const {nowNs} = k.hw.timeline;
	k.hw.timeline.at(nowNs + 1e6, () => k.hw.interrupts.raise(5));
	k.hw.timeline.at(nowNs + 2e6, () => void drivers.push(made(k).module));
	while (k.hw.timeline.step(nowNs + 3e6));
	expect(drivers).toEqual([undefined, 'spin']);
	expect(findings.all.at(-1)).toMatchObject({says: 'of the kernel', driver: null, comm: 'spinner'});
});
