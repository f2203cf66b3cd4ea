/** What the kernel says when it stops for good, and what makes it. */
import {expect, test} from 'vitest';
import {BUG, die, KernelPanic, panic} from '../../source/kernel/bug.ts';
import {ERA_NAMES, type EraName} from '../../source/kernel/era/behaviour.ts';
import {request_irq} from '../../source/kernel/irq.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {oops} from '../../source/kernel/mm/access.ts';
import {msleep} from '../../source/kernel/timer.ts';
import {bootTestKernel, dmesg, spawn} from './support.ts';

const saysReasonAgain = (era: EraName) => ['5.10', '6.1', '6.18'].includes(era);

/** The log's last lines about a panic. */
const panicLines = (k: Kernel) => dmesg(k).filter(line => line.includes('Kernel panic'));

function linesOf(era: EraName, why: string): string[] {
	const line = `Kernel panic - not syncing: ${why}`;
	return saysReasonAgain(era) ? [line, `---[ end ${line} ]---`] : [line];
}

/** Lets events happen until none is left, or one of them panics. */
function letPass(k: Kernel) {
	for (let events = 0; events < 10_000 && k.hw.timeline.step(1e9); events++);
}

test.each(ERA_NAMES)('%s says why it panics, as an emergency', era => {
	const k = bootTestKernel({era});
	expect(() => panic(k, 'VFS: Unable to mount root fs')).toThrow(KernelPanic);
	expect(panicLines(k)).toEqual(linesOf(era, 'VFS: Unable to mount root fs'));
	const emergencies = k.log.lines.filter(({text}) => text.includes('Kernel panic'));
	expect(emergencies.map(({level}) => level)).toEqual(linesOf(era, '').map(() => 0));
	// Who had called is said since 2.6.36, unless an oops has.
	const calls = k.log.lines.some(({text}) => text === 'Call Trace:');
	expect(calls).toBe(era !== 'ldd3' && era !== '2.6.32');
});

const faults: readonly (readonly [string, (k: Kernel) => never])[] = [
	['an oops', k => oops(k, 0x6b6b_6b6b, false, false)],
	['a BUG()', k => BUG(k, 'mm/slab.c')],
	['a fatal signal', k => die(k)],
];

test.each(faults)('%s in an interrupt panics; in a task it ends the task and nothing else', (_what, fault) => {
	for (const era of ERA_NAMES) {
		const k = bootTestKernel({era});
		spawn(k, function* () {
			yield 1_000;
			fault(k);
		});
		letPass(k);
		expect(k.sched.tasks.size).toBe(0);
		request_irq(
			k,
			5,
			function* () {
				yield 1_000;
				fault(k);
			},
			'faulty',
		);
		spawn(k, kernel => msleep(kernel, 10));
		k.hw.timeline.after(1_000, () => k.hw.interrupts.raise(5));
		expect(() => letPass(k)).toThrow(KernelPanic);
		expect(panicLines(k)).toEqual(linesOf(era, 'Fatal exception in interrupt'));
	}
});

test.each(ERA_NAMES)('%s does not survive a fault of its idle task', era => {
	const k = bootTestKernel({era});
	k.hw.timeline.after(1_000, () => oops(k, 0, true, false));
	expect(() => letPass(k)).toThrow(KernelPanic);
	expect(panicLines(k)).toEqual(linesOf(era, 'Attempted to kill the idle task!'));
});

test.each(ERA_NAMES)('%s does not survive the end of init, and survives that of any other task', era => {
	const k = bootTestKernel({era});
	const init = spawn(k, function* () {
		yield* msleep(k, 5);
		oops(k, 0, true, false);
	});
	k.sched.child_reaper = init;
	spawn(k, function* () {
		yield 1_000;
		oops(k, 0, true, false);
	});
	while (k.hw.timeline.step(4e6)) {}
	expect([...k.sched.tasks.values()]).toEqual([init]);
	expect(() => letPass(k)).toThrow(KernelPanic);
	const code = saysReasonAgain(era) ? ' exitcode=0x00000009' : '';
	expect(panicLines(k)).toEqual(linesOf(era, `Attempted to kill init!${code}`));
});
