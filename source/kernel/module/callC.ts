/**
 * Calls into C: the kernel's side of function pointers, on the kernel stack of the current task. C runs until it
 * returns, calls a gate, faults or has used up a slice; while it does, time passes as it does for a compiled program. A
 * gate is a function of the kernel at an address whose bytes stop the processor.
 *
 * Not modelled: preemption of C in the kernel; interrupt stacks of their own (handlers use that of the task below).
 */
import {kernelAddress, pfn} from '../../hardware/address.ts';
import {EAX, EDX, ESP, type Stop, Trap} from '../../hardware/cpu/core.ts';
import {PageFault} from '../../hardware/cpu/memory.ts';
import {newRegisters, type Registers} from '../../hardware/cpu/processor.ts';
import {dieForMemory, KernelPanic, panic, TaskKilled} from '../bug.ts';
import {debuggedSlice, noteRun} from '../debug/debugger.ts';
import type {Kernel} from '../kernel.ts';
import {kread32, kwrite, kwrite32} from '../mm/access.ts';
import {GFP_ATOMIC} from '../mm/gfp.ts';
import {TASK_SIZE} from '../mm/mm.ts';
import type {mm_struct} from '../mm/mm_types.ts';
import {mmap_read_trylock, mmap_read_unlock_now} from '../mm/mmap_lock.ts';
import {setPageUse, virt_to_page} from '../mm/page.ts';
import {free_pages, try_get_free_pages} from '../mm/page_alloc.ts';
import {user_touch} from '../mm/uaccess.ts';
import {INSTRUCTION_NS, processorOf} from '../processor.ts';
import {STACK_END_MAGIC, type task_struct} from '../sched.ts';
import {GIVE_UP_CPU, type Sleeps, type Spends} from '../time.ts';
import {report, StrangeStore} from './containment.ts';
import {RETURN_GATE} from './gates.ts';
import {badCall, bugTrap, kernelFault} from './oops.ts';
import {type GateResult, modulesOf} from './state.ts';

const SLICE_INSTRUCTIONS = 2_000;
/** Two pages of low memory. */
const STACK_ORDER = 1;
/** Bytes of a kernel stack. */
export const THREAD_SIZE = 4096 << STACK_ORDER;
const KERNEL_CS = 0x60;
const KERNEL_DS = 0x68;

/**
 * The kernel stack of the current task, made when C first runs on it; `sp` is how far it is used.
 * @throws TaskKilled without memory
 */
function kernelStack(k: Kernel): NonNullable<task_struct['stack']> {
	const task = k.cpu.current;
	if (!task.stack) {
		const base = try_get_free_pages(k, GFP_ATOMIC, STACK_ORDER);
		if (base === undefined) return dieForMemory(k, `the kernel stack of ${task.comm}`);
		for (let i = 0; i < 1 << STACK_ORDER; i++) setPageUse(k, pfn(virt_to_page(base) + i), 'stack');
		kwrite32(k, base, STACK_END_MAGIC);
		task.stack = {base, sp: base + THREAD_SIZE, isOverrun: false};
	}
	return task.stack;
}

/** Room on the kernel stack for something that C is handed for the length of a call. */
export function* onStack<T>(k: Kernel, bytes: Uint8Array, use: (address: number) => Sleeps<T>): Sleeps<T> {
	const stack = kernelStack(k);
	const former = stack.sp;
	stack.sp = ((former - bytes.length) & ~15) >>> 0;
	const at = stack.sp;
	kwrite(k, kernelAddress(at), bytes);
	try {
		return yield* use(at);
	} finally {
		stack.sp = former;
	}
}

type Slice = {readonly entry: Stop | PageFault | Trap | StrangeStore; readonly instructions: number};

function runSlice(k: Kernel, regs: Registers, budget: number): Slice {
	const processor = processorOf(k);
	processor.load(regs);
	processor.userMode = false;
	const before = processor.instructions;
	let entry: Slice['entry'];
	try {
		entry = processor.run(budget);
	} catch (reason) {
		if (!(reason instanceof PageFault || reason instanceof Trap || reason instanceof StrangeStore)) throw reason;
		entry = reason;
	}
	processor.save(regs);
	const instructions = processor.instructions - before;
	noteRun(k, k.cpu.current, entry, instructions);
	return {entry, instructions};
}

/**
 * Calls a function of C with words as arguments. Sleeps where what it calls sleeps.
 * @returns eax, signed, and edx for who wants a long long
 * @throws TaskKilled when it oopses
 */
export function* callCWide(k: Kernel, entry: number, args: readonly number[]): Sleeps<readonly [number, number]> {
	const stack = kernelStack(k);
	const former = stack.sp;
	const regs = newRegisters();
	regs.selectors.set([KERNEL_DS, KERNEL_CS, KERNEL_DS, KERNEL_DS, 0, 0]);
	// Arguments on a border of 16 bytes, the address to return to below them.
	const top = (((former - 4 * args.length) & ~15) - 4) >>> 0;
	kwrite(k, kernelAddress(top), new Uint8Array(Uint32Array.from([RETURN_GATE(k), ...args]).buffer));
	regs.general[ESP] = top;
	regs.eip = entry;
	const {calls} = modulesOf(k);
	const call = {regs, top: former, context: k.cpu.stack.at(-1)};
	calls.push(call);
	try {
		for (;;) {
			const {entry: event, instructions} = k.debugger
				? yield* debuggedSlice(k, regs, SLICE_INSTRUCTIONS, budget => runSlice(k, regs, budget))
				: runSlice(k, regs, SLICE_INSTRUCTIONS);
			stack.sp = regs.general[ESP]! >>> 0;
			if (instructions > 0) yield instructions * INSTRUCTION_NS;
			if (event === 'gate') {
				if (regs.eip === RETURN_GATE(k)) return [regs.general[EAX]!, regs.general[EDX]!];
				yield* passGate(k, regs);
			} else if (event instanceof StrangeStore) report(k, regs.eip, event);
			else if (event instanceof PageFault) yield* fault(k, regs, event);
			else if (event instanceof Trap) bugTrap(k, regs, event);
			else if (event !== 'budget') bugTrap(k, regs, new Trap('#GP', `${event} in a driver`));
		}
	} finally {
		stack.sp = former;
		calls.splice(calls.indexOf(call), 1);
	}
}

export function* callC(k: Kernel, entry: number, args: readonly number[]): Sleeps<number> {
	return (yield* callCWide(k, entry, args))[0];
}

function* passGate(k: Kernel, regs: Registers): Sleeps<void> {
	const gate = modulesOf(k).gates.get(regs.eip);
	if (!gate) {
		bugTrap(k, regs, new Trap('#UD', 'there is no function of the kernel here'));
		return;
	}
	const sp = regs.general[ESP]! >>> 0;
	const word = (at: number) => kread32(k, kernelAddress(sp + at));
	const arg = (n: number) => word(4 + 4 * n);
	let value: GateResult;
	try {
		const result = gate.run({k, arg, args: sp + 4, caller: word(0)});
		value = typeof result === 'object' && 'next' in result ? yield* result : result;
	} catch (error) {
		if (error instanceof TaskKilled || error instanceof KernelPanic) throw error;
		// An instruction of the function's, as it would be in Linux.
		if (error instanceof Trap) bugTrap(k, regs, error);
		badCall(k, regs, gate.name, error);
	}
	if (typeof value === 'number') regs.general[EAX] = value;
	else if (value) [regs.general[EAX], regs.general[EDX]] = value;
	regs.eip = word(0);
	regs.general[ESP] = sp + 4 + (gate.pops ?? 0);
}

/** An access that the tables do not allow: of user memory it may be mended, else it is an oops. */
function* fault(k: Kernel, regs: Registers, {address, write}: PageFault): Sleeps<void> {
	const {mm} = k.cpu.current;
	const mayMend = address < TASK_SIZE && mm && k.cpu.preempt_count === 0 && isFree(k, mm);
	if (mayMend && (yield* user_touch(k, address, write)) === 0) return;
	kernelFault(k, regs, address, write);
}

/**
 * Whether the address space can be looked at. An instruction of a driver has no entry in the exception tables, so
 * do_page_fault() does not wait for the semaphore (arch/i386/mm/fault.c, 2.6.11): the driver itself may hold it.
 */
function isFree(k: Kernel, mm: mm_struct): boolean {
	if (!mmap_read_trylock(k, mm)) return false;
	mmap_read_unlock_now(k, mm);
	return true;
}

/**
 * Calls C in an interrupt, or with a lock held: it may take time and cannot sleep. The scheduler has said what is wrong
 * by then; an interrupt that sleeps is the end of the machine.
 * @returns eax, signed
 */
export function* callCAtomic(k: Kernel, entry: number, args: readonly number[]): Spends<number> {
	const call = callC(k, entry, args);
	for (;;) {
		const {value, done} = call.next();
		if (done) return value;
		if (value === GIVE_UP_CPU) panic(k, 'Aiee, killing interrupt handler!');
		yield value as Exclude<typeof value, typeof GIVE_UP_CPU>;
	}
}

/** Gives back the kernel stack of a task that is gone. */
export function freeKernelStack(k: Kernel, task: task_struct): void {
	if (!task.stack) return;
	free_pages(k, task.stack.base, STACK_ORDER);
	task.stack = undefined;
}
