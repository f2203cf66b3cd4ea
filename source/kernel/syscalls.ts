/**
 * The way into the kernel (arch/i386/kernel/entry.S): every system call of a program goes through `syscall`, which
 * counts the task as being in the kernel, charges the way in and out, and traces call and result.
 */
import {COST} from '../hardware/costs.ts';
import {charge} from './cpu.ts';
import type {Kernel} from './kernel.ts';
import {dieIfKilled} from './signal.ts';
import type {Sleeps} from './time.ts';
import {traceSyscall, traceSysret, traceWithin} from './trace.ts';

/**
 * Runs one system call for the current task.
 * @param name without `sys_`
 * @param args as the tracer prints them: `addr: 0x40000000, len: 4096`; a function is called when somebody reads it
 * @throws TaskKilled when a fatal signal came meanwhile
 */
export function* syscall(k: Kernel, name: string, args: string | (() => string), body: Sleeps<number>): Sleeps<number> {
	const task = k.cpu.current;
	task.kernelDepth++;
	charge(k, COST.syscallNs);
	const call = traceSyscall(k, name, args);
	const outer = traceWithin(k, call);
	let result: number;
	try {
		result = yield* body;
	} finally {
		task.kernelDepth--;
	}
	traceSysret(k, name, call, result);
	traceWithin(k, outer);
	dieIfKilled(k);
	return result;
}
