import {describe, expect, test} from 'vitest';
import type {Lab} from '../../source/lab/lab.ts';
import {fixture, insmod, kmsg, newLab, rmmod, run} from './modules.ts';

/** Calls that do not come back, and works that wait for one another, in a driver in C: fixtures/modules/ends.c. */

/**
 * Trials that are not there in a kernel answer 0: div64_u64() is of 2.6.26, cancel_work_sync() of 2.6.22. Since 5.17
 * only kthreads can exit: kthread_exit() of another task is an oops, as no_queue and lost_words are.
 */
const program = (exits: string, divides: string) => `trial 100: status 0
trial 101: status 0
trial 102: status 0
trial 103: ${exits}
trial 104: ${divides}
trial 105: signal 9
trial 106: signal 9
trial 107: status 0
trial 108: status 0
trial 109: status 0
to write: 0, left 0
to read: 1
`;

/** What is taken of the caches for any size, by cache. */
const taken = (lab: Lab) => (lab.read('/proc/slabinfo') as string).match(/^(?:size|kmalloc)-\w+ +\d+/gm)!.join('\n');

describe.each([
	['ldd3', 'status 3', 'status 0'],
	['2.6.32', 'status 3', 'signal 11'],
	['6.18', 'signal 9', 'signal 11'],
] as const)('a driver in C, on %s', (era, exits, divides) => {
	test('ends threads and processes, has queues of one name, waits for works, and dies of its mistakes alone', () => {
		const lab = newLab(era);
		const object = fixture(`modules/ends.${era}.o`);
		expect(insmod(lab, 'ends.ko', object)).toBe(0);
		expect(run(lab, 'ends')).toBe(program(exits, divides));
		const log = kmsg(lab);
		expect(log.match(/divide error/g) ?? []).toHaveLength(era === 'ldd3' ? 0 : 1);
		// The walk over such a stack names who called, and faults no more.
		expect(log.slice(log.indexOf(' faults+0x'))).toMatch(/ lost_words\+0x/);
		if (era === '6.18') expect(log).toMatch(/ CR0: 80050037 CR2: 00000000 CR3: \w+ CR4: 00000090\n/);
		expect(log).not.toMatch(/mmtop: |kernel BUG/);
		const once = taken(lab);
		expect(run(lab, 'ends', ['109'])).toBe('trial 109: status 0\n');
		expect(taken(lab)).toBe(once);
		expect(run(lab, 'ends', ['110'])).toBe('trial 110: status 0\n');
		expect(kmsg(lab).match(/mmtop: .*/g)).toEqual([
			expect.stringMatching(/^mmtop: get_random_bytes\(\) for ends stores to \w+, which is free memory$/),
		]);
		expect(rmmod(lab, 'ends')).toBe(0);
		const without = taken(lab);
		expect(insmod(lab, 'ends.ko', object, 'word=of_some_length')).toBe(0);
		expect(rmmod(lab, 'ends')).toBe(0);
		expect(taken(lab)).toBe(without);
		expect(lab.stopped()).toBeUndefined();
	});
});
