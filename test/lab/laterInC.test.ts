/** What the kernel does later for a driver in C: timers of high resolution, and what waits for readers. */
import {expect, test} from 'vitest';
import {fixture, insmod, kmsg, newLab, rmmod} from './modules.ts';

test.each([
	'ldd3',
	'2.6.32',
	'6.18',
] as const)('in %s timers run between two ticks, and nothing is freed under a reader', era => {
	const lab = newLab(era);
	const answer = insmod(lab, 'later.ko', fixture(`modules/later.${era}.o`));
	// The line of a check that failed; stores that are said to be none of its business.
	const wrong = kmsg(lab).match(/later: line.*|stores to.*/g);
	expect({answer, wrong}).toEqual({answer: 0, wrong: null});
	expect(rmmod(lab, 'later')).toBe(0);
	// Its exit function started a timer of a thousand seconds.
	const findings = lab.read('/sys/kernel/debug/lab/findings') as string;
	if (era === 'ldd3') expect(findings).not.toContain('pending timer');
	else expect(findings).toContain('a pending timer');
});
