/** kernel/signal.c of 2.6.11 to 6.18: which signals there are, and how large a set of them is. */
import {expect, test} from 'vitest';
import {EINVAL} from '../../source/kernel/errno.ts';
import {sys_rt_sigaction} from '../../source/kernel/signal_calls.ts';
import {bootTestKernel, runProcess} from './support.ts';

/** Asks for what is done at a signal, and for nothing else. */
const asked = (signal: number, sizeBytes = 8) =>
	runProcess(bootTestKernel({memMiB: 64, era: '3.2'}), k => sys_rt_sigaction(k, signal, 0, 0, sizeBytes));

test('signals are numbered from 1 to 64', () => {
	expect([0, 1, 64, 65].map(signal => asked(signal))).toEqual([-EINVAL, 0, 0, -EINVAL]);
});

test('a set of them has 8 bytes', () => {
	expect([7, 8, 9].map(size => asked(1, size))).toEqual([-EINVAL, 0, -EINVAL]);
});
