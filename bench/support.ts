import {physicalAddress} from '../source/hardware/address.ts';
import {powerOn} from '../source/hardware/machine.ts';
import {emptyFiles} from '../source/kernel/fs/file.ts';
import {type Kernel, LAB_CONFIG, start_kernel} from '../source/kernel/kernel.ts';
import {mm_alloc} from '../source/kernel/mm/mm.ts';
import {MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE} from '../source/kernel/mm/mman.ts';
import {createTask} from '../source/kernel/new_task.ts';
import type {Sleeps} from '../source/kernel/time.ts';

export const readWrite = PROT_READ | PROT_WRITE;
export const privateAnonymous = MAP_PRIVATE | MAP_ANONYMOUS;

/** A kernel whose current task is a process that never runs: its system calls are called directly. */
export function processKernel(memMiB = 256): Kernel {
	const memBytes = memMiB << 20;
	const hw = powerOn({
		memBytes,
		cpus: 1,
		seed: 1,
		paging: 'two-level',
		firmwareMap: [{start: physicalAddress(0x10_0000), end: physicalAddress(memBytes), usable: true}],
	});
	const k = start_kernel(hw, {...LAB_CONFIG, era: '6.1', highmemBytes: (memMiB / 2) << 20});
	// Tracing is off on the kernel that this is compared with, too.
	k.trace.on = false;
	const mm = mm_alloc(k)!;
	k.cpu.current = createTask(k, {comm: 'bench', mm, parent: null, files: emptyFiles()});
	return k;
}

/** @throws where the kernel refuses, or cannot finish at once */
export function must(result: number | string): number {
	if (typeof result === 'string' || result < 0) throw new Error(`the kernel refused: ${result}`);
	return result;
}

/** Runs a system call that only spends time, without letting it pass. */
export function drive<T>(body: Sleeps<T>): T {
	for (;;) {
		const {value, done} = body.next();
		if (done) return value;
		if (typeof value !== 'number') throw new Error('the call gave up the CPU');
	}
}
