/** What becomes of an allocation that cannot be had: a report in the log, or a process less. */
import {describe, expect, test} from 'vitest';
import {PAGE_SIZE, type Pfn} from '../../../source/hardware/address.ts';
import {KernelPanic, TaskKilled} from '../../../source/kernel/bug.ts';
import {ERA_NAMES, type EraName} from '../../../source/kernel/era/behaviour.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {
	__GFP_DMA,
	__GFP_NOFAIL,
	__GFP_NORETRY,
	__GFP_NOWARN,
	GFP_ATOMIC,
	GFP_KERNEL,
	GFP_NOFS,
	type gfp_t,
} from '../../../source/kernel/mm/gfp.ts';
import {__free_pages, alloc_pages, try_alloc_pages} from '../../../source/kernel/mm/page_alloc.ts';
import {wake_up_new_task} from '../../../source/kernel/new_task.ts';
import type {task_struct} from '../../../source/kernel/sched.ts';
import {dieIfKilled} from '../../../source/kernel/signal.ts';
import {msleep_interruptible} from '../../../source/kernel/timer.ts';
import {bootTestKernel, dmesg, newProcess, run} from '../support.ts';

/** Leaves no page of low memory to anybody. */
function exhaust(k: Kernel): void {
	while (try_alloc_pages(k, GFP_ATOMIC | __GFP_NOWARN, 0) !== undefined) {}
}

/** A process that sleeps. @param pages of its address space, and of memory that it has */
function sleeper(k: Kernel, comm: string, total: number, resident: number): task_struct {
	const task = newProcess(k, comm);
	task.mm!.total_vm = total;
	task.mm!.rss_anon = resident;
	// Init is never killed, so it is none of them.
	if (task.pid === 1) return sleeper(k, comm, total, resident);
	wake_up_new_task(k, task, function* () {
		for (;;) {
			yield* msleep_interruptible(k, 1_000);
			task.mm!.rss_anon = 0;
			dieIfKilled(k);
		}
	});
	return task;
}

const killed = (k: Kernel) => dmesg(k).flatMap(line => /[Kk]illed process \d+ \((\w+)\)/.exec(line)?.[1] ?? []);

/** Asks for memory where there is none, for some tries of the allocator's. */
function ask(k: Kernel, gfp: gfp_t = GFP_KERNEL, order = 0): unknown {
	try {
		return run(k, () => alloc_pages(k, gfp, order));
	} catch (error) {
		if (error instanceof KernelPanic || error instanceof TaskKilled) return error.message;
		throw error;
	}
}

describe('when no page can be had', () => {
	test.each([
		['ldd3', 'large'],
		['2.6.32', 'large'],
		['3.2', 'full'],
		['5.10', 'full'],
	] as const)('%s kills the %s one first', (era, victim) => {
		const k = bootTestKernel({era});
		sleeper(k, 'small', 100, 50);
		sleeper(k, 'large', 20_000, 1_000);
		sleeper(k, 'full', 10_000, 9_000);
		exhaust(k);
		// What they leave is no low memory, so one after the other goes, and then the kernel.
		expect(ask(k)).toBe(k.era.oomPanic);
		expect(killed(k)).toHaveLength(3);
		expect(killed(k)[0]).toBe(victim);
		expect(dmesg(k).filter(line => /^Kernel panic - not syncing/.test(line))).toHaveLength(1);
	});

	test.each(ERA_NAMES)('%s says who asked, what each zone has, and who dies for it', era => {
		const k = bootTestKernel({era});
		sleeper(k, 'large', 20_000, 9_000);
		exhaust(k);
		ask(k);
		const said = dmesg(k);
		const lines = ['oom-killer', 'HighMem free:', 'Normal: ', 'illed process'].map(text =>
			said.findIndex(line => line.includes(text)),
		);
		expect(lines).toEqual(lines.toSorted((a, b) => a - b));
		expect(lines[0]).toBeGreaterThan(0);
		const normal = k.pages.zones[1]!;
		expect(said[lines[1]! - 2]).toContain(`min:${(normal.pages_min * PAGE_SIZE) / 1024}kB`);
		expect(said.some(line => line === ' out_of_memory')).toBe(era !== 'ldd3');
	});

	test('the blocks of a zone add up to what is free in it', () => {
		for (const era of ERA_NAMES) {
			const k = bootTestKernel({era});
			sleeper(k, 'large', 20_000, 9_000);
			exhaust(k);
			ask(k);
			for (const name of ['DMA', 'Normal', 'HighMem']) {
				const free = Number(
					dmesg(k)
						.find(line => line.startsWith(`${name} free:`))!
						.match(/free:(\d+)kB/)![1],
				);
				const line = dmesg(k).find(each => each.startsWith(`${name}: `))!;
				const blocks = [...line.matchAll(/(\d+)\*(\d+)kB/g)].map(([, count, size]) => Number(count) * Number(size));
				expect(blocks).toHaveLength(11);
				expect(blocks.reduce((sum, block) => sum + block, 0)).toBe(free);
				expect(line).toMatch(new RegExp(`= ${free}kB$`));
			}
		}
	});

	test.each([
		['who may not wait for files', GFP_NOFS, 0],
		['who does not want it tried again', GFP_KERNEL | __GFP_NORETRY, 0],
	] as const)('nobody dies for %s', (_who, gfp, order) => {
		const k = bootTestKernel();
		sleeper(k, 'large', 20_000, 9_000);
		exhaust(k);
		expect(ask(k, gfp, order)).toBeUndefined();
		expect(killed(k)).toEqual([]);
		expect(dmesg(k).some(line => line.includes('oom-killer'))).toBe(false);
	});

	test.each(ERA_NAMES)('%s: what must not fail fails for a killed process in 2.6.11, and is tried again since', era => {
		const k = bootTestKernel({era});
		const ended = run(k, function* () {
			k.vmscan.oomVictims.add(k.cpu.current);
			let last = try_alloc_pages(k, GFP_KERNEL, 0)!;
			// It may have the last reserves, too.
			for (let frame: Pfn | undefined = last; frame !== undefined; ) {
				last = frame;
				frame = try_alloc_pages(k, GFP_KERNEL | __GFP_NOWARN, 0);
			}
			k.hw.timeline.after(1e9, () => __free_pages(k, last, 0));
			const refused = yield* alloc_pages(k, GFP_NOFS, 0);
			return [refused, yield* alloc_pages(k, GFP_NOFS | __GFP_NOFAIL, 0), last];
		});
		const [refused, got, last] = ended;
		expect([refused, got]).toEqual([undefined, era === 'ldd3' ? undefined : last]);
	});

	test.each([
		['ldd3', 4, true],
		['2.6.32', 3, true],
		['2.6.32', 4, false],
		['6.1', 4, false],
	] as const)('%s: somebody dies for a block of order %i: %s', (era, order, dies) => {
		const k = bootTestKernel({era});
		sleeper(k, 'large', 20_000, 9_000);
		exhaust(k);
		ask(k, GFP_KERNEL, order);
		expect(killed(k).length > 0).toBe(dies);
	});

	test.each([
		['2.6.32', true],
		['3.2', false],
	] as const)('%s: somebody dies for a page of zone DMA: %s', (era, dies) => {
		const k = bootTestKernel({era});
		sleeper(k, 'large', 20_000, 9_000);
		while (try_alloc_pages(k, GFP_ATOMIC | __GFP_DMA | __GFP_NOWARN, 0) !== undefined) {}
		ask(k, GFP_KERNEL | __GFP_DMA);
		expect(killed(k).length > 0).toBe(dies);
	});
});

describe('an allocation that fails', () => {
	const failures = (k: Kernel) => dmesg(k).filter(line => line.includes('page allocation failure'));
	const modes: Readonly<Partial<Record<EraName, string>>> = {
		ldd3: 'test: page allocation failure. order:2, mode:0x20',
		'2.6.32': 'test: page allocation failure. order:2, mode:0x20',
		'3.2': 'test: page allocation failure: order:2, mode:0x20',
		'5.10': 'test: page allocation failure: order:2, mode:0xa20(GFP_ATOMIC), nodemask=(null),cpuset=/,mems_allowed=0',
	};

	test.each(Object.entries(modes))('%s: %s', (era, line) => {
		const k = bootTestKernel({era: era as EraName});
		exhaust(k);
		expect(ask(k, GFP_ATOMIC, 2)).toBeUndefined();
		expect(failures(k)).toEqual([line]);
		const after = dmesg(k).slice(dmesg(k).indexOf(line) + 1);
		expect(after.some(each => /^ __alloc_pages/.test(each))).toBe(true);
		expect(after.some(each => each === 'Mem-Info:')).toBe(era !== 'ldd3');
	});

	test.each([
		['2.6.32', [' isolated_file:3']],
		['6.1', [' isolated_file:3', ' isolated(file):12kB']],
	] as const)('%s: names what reclaim holds apart', (era, counts) => {
		const k = bootTestKernel({era});
		exhaust(k);
		k.vm_events.nr_isolated_file = 3;
		ask(k, GFP_ATOMIC, 2);
		const text = dmesg(k).join('\n');
		for (const count of counts) expect(text).toContain(count);
	});

	test('says nothing with __GFP_NOWARN', () => {
		const k = bootTestKernel();
		exhaust(k);
		ask(k, GFP_ATOMIC | __GFP_NOWARN);
		expect(failures(k)).toEqual([]);
	});

	test.each([
		['ldd3', 10, 12, 'printk: 5 messages suppressed.'],
		['3.2', 10, 20, 'warn_alloc_failed: 5 callbacks suppressed'],
		['5.10', 1, 2, 'warn_alloc: 14 callbacks suppressed'],
	] as const)('%s: is logged %i times at once, and counted then', (era, first, later, suppressed) => {
		const k = bootTestKernel({era});
		exhaust(k);
		const fail = () =>
			run(k, function* () {
				for (let i = 0; i < 15; i++) yield* alloc_pages(k, GFP_ATOMIC, 0);
			});
		fail();
		expect(failures(k)).toHaveLength(first);
		k.hw.timeline.step(k.hw.timeline.nowNs);
		k.hw.timeline.after(10e9, () => {});
		while (k.hw.timeline.step(Number.MAX_SAFE_INTEGER)) {}
		fail();
		expect(failures(k)).toHaveLength(later);
		expect(dmesg(k)).toContain(suppressed);
	});
});
