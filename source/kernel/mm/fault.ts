/**
 * Models arch/i386/mm/fault.c (2.6.11; later arch/x86/mm/fault.c) and expand_stack of mm/mmap.c: what the processor's
 * page fault leads to.
 *
 * The lab's own programs have no registers: messages print their instruction and stack pointer as (null).
 *
 * Not modelled: the check of the stack pointer before a stack grows (dropped in 4.20), vmalloc faults, prefetch errata,
 * vm86.
 */
import {PAGE_SHIFT, PAGE_SIZE, pageAlignDown} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {ESP} from '../../hardware/cpu/core.ts';
import {CORE, SOCKET} from '../../hardware/cpu/identity.ts';
import {_PAGE_PRESENT, FAULT_PROTECTION, FAULT_USER, FAULT_WRITE, translateAddress} from '../../hardware/mmu.ts';
import {charge, in_atomic} from '../cpu.ts';
import {ENOMEM} from '../errno.ts';
import {hex8} from '../hex.ts';
import type {Kernel} from '../kernel.ts';
import {printk} from '../printk.ts';
import type {task_struct} from '../sched.ts';
import {codeLine} from '../show_opcodes.ts';
import {MUST_SLEEP, type MustSleep, type Sleeps} from '../time.ts';
import {trace, traceTakeBack, traceWithin, type Within} from '../trace.ts';
import {countVma, may_expand_vm, may_lock, vm_enough_memory} from './accounting.ts';
import {handle_mm_fault, try_handle_mm_fault} from './memory.ts';
import {
	FAULT_FLAG_USER,
	FAULT_FLAG_WRITE,
	type FaultResult,
	type mm_struct,
	VM_ACCOUNT,
	VM_FAULT_ERROR,
	VM_FAULT_MAJOR,
	VM_FAULT_OOM,
	VM_FAULT_SIGSEGV,
	VM_GROWSDOWN,
	VM_LOCKED,
	VM_WRITE,
	type vm_area_struct,
} from './mm_types.ts';
import {mmap_read_lock, mmap_read_trylock, mmap_read_unlock, mmap_read_unlock_now} from './mmap_lock.ts';
import {NO_PTE, pte_offset, pte_val} from './pgtable.ts';
import {traceArea} from './vma_trace.ts';

/** What a fault ends in: 0, or the signal and its si_code in one number. */
export type FaultVerdict = number;

const SIGBUS = 7;
const SIGKILL = 9;
const SIGSEGV = 11;
const verdict = (signo: number, code: number): FaultVerdict => (signo << 8) | code;

export const SEGV_MAPERR = verdict(SIGSEGV, 1);
export const SEGV_ACCERR = verdict(SIGSEGV, 2);
export const BUS_ADRERR = verdict(SIGBUS, 2);
/** No memory was left: the task is killed. */
export const OUT_OF_MEMORY = verdict(SIGKILL, 0);

export const verdictSignal = (value: FaultVerdict) => value >> 8;
export const verdictCode = (value: FaultVerdict) => value & 0xff;

/** The VMA that an access may go to, growing a stack if need be; else the verdict. */
function lookUp(k: Kernel, mm: mm_struct, address: number, write: boolean): vm_area_struct | FaultVerdict {
	const vma = mm.mmap.find(address);
	if (!vma) return SEGV_MAPERR;
	if (vma.vm_start > address && ((vma.vm_flags & VM_GROWSDOWN) === 0 || expand_stack(k, vma, address) < 0))
		return SEGV_MAPERR;
	const needed = write ? VM_WRITE : k.era.readableWith;
	if ((vma.vm_flags & needed) === 0) return SEGV_ACCERR;
	if (k.era.stackGuard === 'page inside' && touchesGuardPage(vma, address) && !growGuard(k, vma)) return BUS_ADRERR;
	return vma;
}

/** Stable kernels of 2010 on: the lowest page of a stack is its guard; touching it moves the stack one page down. */
const touchesGuardPage = (vma: vm_area_struct, address: number) =>
	(vma.vm_flags & VM_GROWSDOWN) !== 0 && address < vma.vm_start + PAGE_SIZE;

function growGuard(k: Kernel, vma: vm_area_struct): boolean {
	const prev = vma.vm_prev;
	if (prev && prev.vm_end === vma.vm_start) return (prev.vm_flags & VM_GROWSDOWN) !== 0;
	return expand_stack(k, vma, vma.vm_start - PAGE_SIZE) === 0;
}

const STACK_GAP_BYTES = 256 * PAGE_SIZE;

/**
 * Lets a VMA that grows downwards reach `address`. mmap_sem held for reading suffices, as in Linux.
 * @returns 0 or -ENOMEM (RLIMIT_STACK, RLIMIT_AS, RLIMIT_MEMLOCK, no memory, too near to what lies below)
 */
export function expand_stack(k: Kernel, vma: vm_area_struct, address: number): number {
	const start = pageAlignDown(address);
	if (start < PAGE_SIZE) return -ENOMEM;
	const mm = vma.vm_mm;
	const pages = (vma.vm_start - start) >>> PAGE_SHIFT;
	const prev = vma.vm_prev;
	const gap =
		k.era.stackGuard === 'gap of 256 pages' && prev && (prev.vm_flags & VM_GROWSDOWN) === 0 ? STACK_GAP_BYTES : 0;
	if (prev && start - prev.vm_end < gap) return -ENOMEM;
	if (vma.vm_end - start > mm.rlimits.stack || !may_expand_vm(mm, pages)) return -ENOMEM;
	if ((vma.vm_flags & VM_LOCKED) !== 0 && !may_lock(k, mm, pages)) return -ENOMEM;
	if ((vma.vm_flags & VM_ACCOUNT) !== 0 && !vm_enough_memory(k, pages)) return -ENOMEM;
	mm.mmap.setStart(vma, start);
	vma.vm_pgoff -= pages;
	if (k.trace.on) traceArea(k, 'expand_stack', mm, start, vma.vm_end);
	countVma(mm, vma.vm_flags, vma.vm_file, pages);
	charge(k, COST.vmaNs);
	return 0;
}

function judge(k: Kernel, result: FaultResult): FaultVerdict {
	if ((result & VM_FAULT_ERROR) !== 0) {
		if ((result & VM_FAULT_OOM) !== 0) return OUT_OF_MEMORY;
		return (result & VM_FAULT_SIGSEGV) !== 0 ? SEGV_MAPERR : BUS_ADRERR;
	}
	count_fault(k, result);
	return 0;
}

/** Counts a fault that was answered, for the current task and for /proc/vmstat. */
export function count_fault(k: Kernel, result: FaultResult): void {
	const task = k.cpu.current;
	if ((result & VM_FAULT_MAJOR) !== 0) {
		task.maj_flt++;
		k.mm.majorFaults++;
	} else {
		task.min_flt++;
		k.mm.minorFaults++;
	}
}

/** @returns the record, for traceWithin */
function traceFault(k: Kernel, mm: mm_struct, address: number, write: boolean): Within {
	if (!k.trace.on) return 'untraced';
	const code = faultErrorCode(k, mm, address, write);
	const ip = k.cpu.current.thread?.regs.eip;
	const at = ip === undefined ? '(null)' : `0x${ip.toString(16)}`;
	const fields = () => `address=0x${address.toString(16)} ip=${at} error_code=0x${code.toString(16)}`;
	return trace(k, 'page_fault_user', fields);
}

/** The error code that the processor pushes for a user access. */
export function faultErrorCode(k: Kernel, mm: mm_struct, address: number, write: boolean): number {
	const at = pte_offset(k, mm, address);
	const present = at !== NO_PTE && (pte_val(k, at) & _PAGE_PRESENT) !== 0;
	return (present ? FAULT_PROTECTION : 0) | (write ? FAULT_WRITE : 0) | FAULT_USER;
}

/** A user access that faults while the CPU must not be taken away: it is not handled. @see faulthandler_disabled() */
const faulthandler_disabled = (k: Kernel): boolean => in_atomic(k) || k.cpu.current.pagefault_disabled > 0;

/** do_page_fault where it can be answered without sleeping: mmap_sem is free and the page needs nobody's help. */
export function try_do_page_fault(k: Kernel, mm: mm_struct, address: number, write: boolean): FaultVerdict | MustSleep {
	if (faulthandler_disabled(k)) return SEGV_MAPERR;
	if (!mmap_read_trylock(k, mm)) return MUST_SLEEP;
	const fault = traceFault(k, mm, address, write);
	const outer = traceWithin(k, fault);
	const vma = lookUp(k, mm, address, write);
	const result = typeof vma === 'number' ? vma : try_handle_mm_fault(k, mm, vma, address, write ? FAULT_FLAG_WRITE : 0);
	mmap_read_unlock_now(k, mm);
	traceWithin(k, outer);
	if (result === MUST_SLEEP) {
		traceTakeBack(k, fault);
		return MUST_SLEEP;
	}
	charge(k, COST.faultEntryNs);
	return typeof vma === 'number' ? vma : judge(k, result);
}

/**
 * A user access met an entry that does not allow it. Sleeps for mmap_sem, files, drivers and memory.
 * @returns 0 when the access can be tried again, or the signal that it earns
 */
export function* do_page_fault(k: Kernel, mm: mm_struct, address: number, write: boolean): Sleeps<FaultVerdict> {
	charge(k, COST.faultEntryNs);
	if (faulthandler_disabled(k)) return SEGV_MAPERR;
	const outer = traceWithin(k, traceFault(k, mm, address, write));
	yield* mmap_read_lock(k, mm);
	const vma = lookUp(k, mm, address, write);
	const flags = FAULT_FLAG_USER | (write ? FAULT_FLAG_WRITE : 0);
	const result = typeof vma === 'number' ? vma : yield* handle_mm_fault(k, mm, vma, address, flags);
	yield* mmap_read_unlock(k, mm);
	traceWithin(k, outer);
	return typeof vma === 'number' ? vma : judge(k, result);
}

/** Logs what a task dies of, in the kernels that do. @see show_signal_msg() */
export function logFatalFault(
	k: Kernel,
	task: task_struct,
	mm: mm_struct,
	address: number,
	write: boolean,
	why: FaultVerdict,
): void {
	if (verdictSignal(why) === SIGKILL) {
		printk(k, 3, `VM: killing process ${task.comm}`);
	} else if (k.era.logsSegfaults && verdictSignal(why) === SIGSEGV) {
		const code = faultErrorCode(k, mm, address, write).toString(16);
		const {ip, sp} = pointersOf(task);
		const area = areaAt(mm, task.thread?.regs.eip);
		const cpu = k.era.segfaultCpu(k.cpu.id, CORE, SOCKET);
		const what = `segfault at ${address.toString(16)} ip ${ip} sp ${sp} error ${code}${area}${cpu}`;
		printk(k, 6, `${task.comm}[${task.pid}]: ${what}`);
		if (task.thread && k.era.segfaultShowsCode) printk(k, 6, codeLine(k, task.thread.regs.eip, userCode(k, mm)));
	}
}

/** Bytes of a program's code, where they are in memory. */
const userCode = (k: Kernel, mm: mm_struct) => (at: number, count: number) => {
	const physical = (address: number) => translateAddress(k.hw.ram, k.hw.paging, mm.pgd, address);
	const [first, last] = [physical(at), physical(at + count - 1)];
	if (first === undefined || last === undefined) return undefined;
	return Uint8Array.from({length: count}, (_, i) => k.hw.ram.read8(physical(at + i)!));
};

/** Instruction and stack pointer as %p prints them; a program of the lab's own has none. */
function pointersOf({thread}: task_struct): {readonly ip: string; readonly sp: string} {
	if (!thread) return {ip: '(null)', sp: '(null)'};
	return {ip: hex8(thread.regs.eip), sp: hex8(thread.regs.general[ESP]! >>> 0)};
}

/** The file that an instruction lies in. @see print_vma_addr() */
function areaAt(mm: mm_struct, ip: number | undefined): string {
	const vma = ip === undefined ? undefined : mm.mmap.find(ip);
	if (!vma?.vm_file || vma.vm_start > ip!) return '';
	const {path} = vma.vm_file;
	const sizeBytes = vma.vm_end - vma.vm_start;
	return ` in ${path.slice(path.lastIndexOf('/') + 1)}[${vma.vm_start.toString(16)}+${sizeBytes.toString(16)}]`;
}
