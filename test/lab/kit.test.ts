import {describe, expect, test} from 'vitest';
import {fixture, insmod, kmsg, newLab, rmmod, run} from './modules.ts';

/** What a driver in C stands on, tried from within one: fixtures/modules/kit.c says what each trial is. */

const program = `trial 100: 0
trial 101: 0
trial 102: 0
trial 103: 0
trial 104: 0
trial 105: 0
unknown: 25
seek: 29
nothing there: 11
poll: 0 0
poll with a bad one: 1 0 20
select: 1 0 1
select in time: 0, left 0
select of a bad one: 9
woken: 1 1, signal 29
read: 4 news
/proc/kit: 5390 bytes, 0, ends record 499
/sys/kernel/debug/kit/shown: 2 bytes, 0, ends 7
set: 5, nonsense: 22
/sys/kernel/debug/kit/shown: 3 bytes, 0, ends 16
unlink: 1
node: 0
again: 17
no driver: 6
`;

describe.each(['ldd3', '3.2', '6.18'] as const)('a driver in C, on %s', era => {
	test('has locks, texts, memory, timers, threads and work; can be waited for; has files; leaves nothing', () => {
		const lab = newLab(era);
		const before = lab.read('/proc/devices');
		expect(insmod(lab, 'kit.ko', fixture(`modules/kit.${era}.o`), 'doubled=21')).toBe(0);
		expect(kmsg(lab)).toMatch(/kit: ready, doubled 42, shown 7\n/);
		expect(run(lab, 'kit')).toBe(program);
		expect(() => lab.read('/proc/kit')).toThrow(/a program of the machine has to read it/);
		expect(rmmod(lab, 'kit')).toBe(0);
		expect(kmsg(lab)).toMatch(/kit: shown was 16\n/);
		expect(lab.read('/proc/devices')).toBe(before);
		expect(() => lab.read('/proc/kit')).toThrow(/ENOENT|no file/);
		expect(run(lab, 'kit')).toBe('no kit: 2\n');
		expect(lab.stopped()).toBeUndefined();
	});

	test('whose parameter has a function of its own refuses what that refuses', () => {
		const lab = newLab(era);
		expect(insmod(lab, 'kit.ko', fixture(`modules/kit.${era}.o`), 'doubled=many')).toBe(22);
		expect(kmsg(lab)).toMatch(/kit: `many' invalid for parameter `doubled'\n/);
	});
});
