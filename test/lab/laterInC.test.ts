/** What the kernel does later for a driver in C: timers of high resolution, and what waits for readers. */
import {expect, test} from 'vitest';
import {parseVmstat} from '../../source/formats/proc/vmstat.ts';
import {fixture, insmod, kmsg, newLab, rmmod} from './modules.ts';

const stackRow = (lab: ReturnType<typeof newLab>) =>
	parseVmstat(lab.read('/proc/vmstat') as string).counters.nr_kernel_stack;

test.each([
	['ldd3', undefined, undefined],
	['2.6.32', 0, 2],
	['6.18', 0, 2 * 8],
] as const)('in %s timers run between two ticks, and nothing is freed under a reader', (era, before, after) => {
	const lab = newLab(era);
	expect(stackRow(lab)).toBe(before);
	const answer = insmod(lab, 'later.ko', fixture(`modules/later.${era}.o`));
	// The line of a check that failed; stores that are said to be outside of it.
	const wrong = kmsg(lab).match(/later: line.*|stores to.*/g);
	expect({answer, wrong}).toEqual({answer: 0, wrong: null});
	// Of the idle tasks, which its timers and callbacks interrupted. Kilobytes in later kernels.
	expect(stackRow(lab)).toBe(after);
	expect(rmmod(lab, 'later')).toBe(0);
	// Its exit function started a timer of a thousand seconds.
	const findings = lab.read('/sys/kernel/debug/lab/findings') as string;
	if (era === 'ldd3') expect(findings).not.toContain('pending timer');
	else expect(findings).toContain('a pending timer');
});
