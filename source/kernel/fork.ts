/**
 * Models kernel/fork.c and copy_page_range of mm/memory.c (2.6.11 to 6.18): a new task, with the address space of its
 * parent shared, copied on write, or none.
 *
 * Not modelled: namespaces, tasks that begin stopped, copying registers (a child runs the body it is given).
 */
import {PAGE_SHIFT, type Pfn, userAddress} from '../hardware/address.ts';
import {COST} from '../hardware/costs.ts';
import {_PAGE_DIRTY, _PAGE_RW} from '../hardware/mmu.ts';
import {charge} from './cpu.ts';
import {EAGAIN, EFAULT, ENOMEM} from './errno.ts';
import {exit_aio} from './fs/aio.ts';
import {emptyFiles, expand_files, type FilesStruct} from './fs/file.ts';
import type {Kernel} from './kernel.ts';
import {spin_lock, spin_unlock} from './locking.ts';
import {countVma, vm_enough_memory} from './mm/accounting.ts';
import {copyFrame, mapNewAnonPage} from './mm/enter_page.ts';
import {GFP_HIGHUSER_MOVABLE} from './mm/gfp.ts';
import {page_maybe_dma_pinned} from './mm/gup.ts';
import {mm_alloc, mmdrop, releaseUnmapped} from './mm/mm.ts';
import {
	type mm_struct,
	VM_ACCOUNT,
	VM_DONTCOPY,
	VM_INSERTPAGE,
	VM_LOCKED,
	VM_MAYWRITE,
	VM_MIXEDMAP,
	VM_NONLINEAR,
	VM_PFNMAP,
	VM_SHARED,
	VM_WIPEONFORK,
	type vm_area_struct,
} from './mm/mm_types.ts';
import {callLater, mmap_write_lock, mmap_write_unlock} from './mm/mmap_lock.ts';
import {exit_mmap} from './mm/munmap.ts';
import {clearPageFlag, get_page, PageAnon, PG_anon_exclusive} from './mm/page.ts';
import {try_alloc_pages} from './mm/page_alloc.ts';
import {
	copy_pte,
	NO_PTE,
	type PteAt,
	pte_alloc_map,
	pte_pfn,
	pte_present,
	set_pte,
	set_pte_bits,
} from './mm/pgtable.ts';
import {addResident, anon_vma_fork, page_dup_rmap} from './mm/rmap.ts';
import {put_user32} from './mm/uaccess.ts';
import {vm_area_alloc, vma_link, vmaOpen} from './mm/vma_merge.ts';
import {traceArea} from './mm/vma_trace.ts';
import {forEachPte, vm_normal_page} from './mm/zap.ts';
import {createTask, type TaskBody, wake_up_new_task} from './new_task.ts';
import {alloc_pid} from './pid.ts';
import type {task_struct} from './sched.ts';
import {SIGCHLD} from './signal_state.ts';
import {groupLeader} from './signal_struct.ts';
import {type Sleeps, type Spends, spend} from './time.ts';
import {trace, traceCall} from './trace.ts';
import {wait_event, wait_queue_head, wake_up_all} from './wait.ts';

export type ForkWish = {
	readonly comm?: string;
	readonly body: TaskBody;
	/** Share the address space (a thread, or vfork's child), the file table, the thread group. */
	readonly cloneVm?: boolean;
	readonly cloneFiles?: boolean;
	readonly cloneThread?: boolean;
	/** Share the handlers of signals. */
	readonly cloneSighand?: boolean;
	/** The caller's parent becomes the child's, too. */
	readonly cloneParent?: boolean;
	/** The caller sleeps until the child has an address space of its own, or has ended. */
	readonly vfork?: boolean;
	/** What the parent is sent when the child ends: SIGCHLD unless this says otherwise. */
	readonly exit_signal?: number;
	/** Where the child's number is stored for the parent before the child runs. @see CLONE_PARENT_SETTID */
	readonly parent_tidptr?: number;
	/** Called before the child runs. */
	readonly prepare?: (child: task_struct) => void;
	readonly cmdline?: readonly string[];
	/** Which injection the child works for, where it is another than the parent's. */
	readonly injection?: number;
};

const isCow = (flags: number) => (flags & (VM_SHARED | VM_MAYWRITE)) === VM_MAYWRITE;

/** Entries that a later fault could not find again have to be copied now. @see vma_needs_copy() */
const needsCopy = (vma: vm_area_struct) =>
	vma.anon_vma !== null || (vma.vm_flags & (VM_NONLINEAR | VM_PFNMAP | VM_MIXEDMAP | VM_INSERTPAGE)) !== 0;

/** @returns 0 or -ENOMEM */
function copy_page_range(k: Kernel, child: vm_area_struct, parent: vm_area_struct): number {
	if (k.era.forkLeavesFilePages && !needsCopy(parent)) return 0;
	const cow = isCow(parent.vm_flags);
	const shared: Pfn[] = [];
	let error = 0;
	forEachPte(k, parent.vm_mm, parent.vm_start, parent.vm_end, (at, value, address) => {
		if (error !== 0) return;
		const target = pte_alloc_map(k, child.vm_mm, address);
		if (target === NO_PTE) {
			error = -ENOMEM;
			return;
		}
		if (!pte_present(value)) return copy_pte(k, target, at);
		let bits = value & 0xfff;
		// The parent's entry answers for dirty pages of shared mappings.
		if (!cow) bits &= ~_PAGE_DIRTY;
		const frame = pte_pfn(k, at);
		if (cow && k.era.forkCopiesPinned && mustCopyNow(k, value, frame)) {
			if (!giveOwnCopy(k, child, address, target, frame, bits)) error = -ENOMEM;
			return;
		}
		if (cow && (bits & _PAGE_RW) !== 0) {
			bits &= ~_PAGE_RW;
			set_pte_bits(k, at, bits);
		}
		set_pte(k, target, frame, bits);
		charge(k, COST.pteNs);
		const page = pte_present(value) ? vm_normal_page(k, value, frame) : undefined;
		if (page === undefined) return;
		get_page(k, page);
		page_dup_rmap(k, page);
		addResident(k, child.vm_mm, page);
		if (PageAnon(k, page)) clearPageFlag(k, page, PG_anon_exclusive);
		shared.push(page);
	});
	if (k.trace.on && shared.length > 0)
		traceArea(k, 'copy_page_range', child.vm_mm, child.vm_start, child.vm_end, shared);
	return error;
}

/** A device holds the parent's page: the parent has to keep it, so the child cannot share it (5.8 on). */
function mustCopyNow(k: Kernel, value: number, frame: Pfn): boolean {
	const page = pte_present(value) ? vm_normal_page(k, value, frame) : undefined;
	return page !== undefined && PageAnon(k, page) && page_maybe_dma_pinned(k, page);
}

/** @see copy_present_page() */
function giveOwnCopy(k: Kernel, child: vm_area_struct, address: number, at: PteAt, frame: Pfn, bits: number): boolean {
	const copy = try_alloc_pages(k, GFP_HIGHUSER_MOVABLE, 0);
	if (copy === undefined) return false;
	copyFrame(k, copy, frame);
	mapNewAnonPage(k, child.vm_mm, child, address, at, copy);
	set_pte_bits(k, at, bits);
	return true;
}

/** Copies one VMA into the child. @returns 0 or -ENOMEM */
function* dup_vma(k: Kernel, mm: mm_struct, parent: vm_area_struct): Spends<number> {
	const pages = (parent.vm_end - parent.vm_start) >>> PAGE_SHIFT;
	if ((parent.vm_flags & VM_ACCOUNT) !== 0 && !vm_enough_memory(k, pages)) return -ENOMEM;
	const child = vm_area_alloc(mm, {
		start: parent.vm_start,
		end: parent.vm_end,
		flags: parent.vm_flags & ~VM_LOCKED,
		prot: parent.vm_page_prot,
		pgoff: parent.vm_pgoff,
		file: parent.vm_file,
		ops: parent.vm_ops,
	});
	child.vm_private_data = parent.vm_private_data;
	const wipes = k.era.wipesOnFork && (parent.vm_flags & VM_WIPEONFORK) !== 0;
	if (!wipes) anon_vma_fork(k, child, parent);
	vma_link(k, child);
	const {page_table_lock} = parent.vm_mm;
	yield* spin_lock(k, page_table_lock);
	const error = wipes ? 0 : copy_page_range(k, child, parent);
	// What the entries cost passes with the lock held: other CPUs see it held, and wait for it.
	yield* spend(0);
	spin_unlock(k, page_table_lock);
	vmaOpen(k, child);
	return error;
}

/** The parent's mmap_sem is held for writing. @returns the child's address space, or undefined when memory is out */
function* dup_mm(k: Kernel, parent: mm_struct): Sleeps<mm_struct | undefined> {
	const mm = mm_alloc(k);
	if (!mm) return undefined;
	copyTotals(mm, parent);
	mm.methodsMaySleep = parent.methodsMaySleep;
	yield* mmap_write_lock(k, parent);
	let error = 0;
	for (const vma of parent.mmap) {
		if ((vma.vm_flags & VM_DONTCOPY) !== 0) {
			discount(mm, vma);
			continue;
		}
		error = yield* dup_vma(k, mm, vma);
		yield* callLater(mm);
		if (error < 0) break;
	}
	charge(k, COST.tlbFlushAllNs);
	yield* mmap_write_unlock(k, parent);
	if (error === 0) return mm;
	yield* mmput(k, mm);
	return undefined;
}

function copyTotals(mm: mm_struct, parent: mm_struct): void {
	const {total_vm, shared_vm, exec_vm, stack_vm, reserved_vm, data_vm, mmap_base, legacyLayout} = parent;
	const {start_code, end_code, start_data, end_data, start_brk, brk, start_stack, arg_start, arg_end} = parent;
	const free_area_cache = mmap_base;
	Object.assign(mm, {total_vm, shared_vm, exec_vm, stack_vm, reserved_vm, data_vm, mmap_base, legacyLayout});
	Object.assign(mm, {start_code, end_code, start_data, end_data, start_brk, brk, start_stack, arg_start, arg_end});
	Object.assign(mm, {free_area_cache, hiwater_vm: total_vm});
	Object.assign(mm.rlimits, parent.rlimits);
	Object.assign(mm.rlim_max, parent.rlim_max);
}

/** A VMA that the child does not get is not counted either. */
function discount(mm: mm_struct, vma: vm_area_struct): void {
	countVma(mm, vma.vm_flags & ~VM_LOCKED, vma.vm_file, -((vma.vm_end - vma.vm_start) >>> PAGE_SHIFT));
}

function copyFiles(from: FilesStruct): FilesStruct {
	const files = emptyFiles();
	// The copy has room for the last that is open, and for no more.
	if (from.fds.size > 0) expand_files(files, Math.max(...from.fds.keys()));
	for (const [fd, file] of from.fds) {
		file.f_count++;
		files.fds.set(fd, file);
	}
	for (const fd of from.close_on_exec) files.close_on_exec.add(fd);
	return files;
}

/**
 * Makes a child of the current task and starts it. Sleeps for the parent's mmap_sem.
 * @returns the child's pid, -ENOMEM, -EAGAIN, -EFAULT
 */
export function* do_fork(k: Kernel, wish: ForkWish): Sleeps<number> {
	const child = yield* copy_process(k, wish);
	if (typeof child === 'number') return child;
	const {pid, vfork_done} = child;
	if (vfork_done) yield* wait_event(k, vfork_done, () => child.vfork_done === undefined);
	return pid;
}

/**
 * A task gives up its address space: who waits for that goes on, and other users of it find a 0 where they look for its
 * end. May sleep. Not for a task that a signal killed.
 */
export function* mm_release(k: Kernel, task: task_struct): Sleeps<void> {
	const {vfork_done: waiter, clear_child_tid: tid} = task;
	task.vfork_done = undefined;
	if (waiter) wake_up_all(k, waiter);
	task.clear_child_tid = 0;
	if (tid !== 0 && task.fatalSignal === 0 && (task.mm?.mm_users ?? 0) > 1) yield* put_user32(k, userAddress(tid), 0);
}

/** As do_fork, for callers that want the task itself. */
export function* copy_process(k: Kernel, wish: ForkWish): Sleeps<task_struct | number> {
	traceCall(k, 'copy_process', 'do_fork');
	const parent = k.cpu.current;
	if (parent.pid !== 0 && parent.fatalSignal !== 0) return -EAGAIN;
	const {parent_tidptr} = wish;
	let pid: number | undefined;
	if (parent_tidptr !== undefined && k.era.parentTidBeforeMemory) {
		pid = alloc_pid(k);
		if (pid < 0) return pid;
		if (!(yield* put_user32(k, userAddress(parent_tidptr), pid))) return -EFAULT;
	}
	let mm: mm_struct | null = null;
	if (parent.mm && wish.cloneVm) {
		mm = parent.mm;
		mm.mm_users++;
	} else if (parent.mm) {
		mm = (yield* dup_mm(k, parent.mm)) ?? null;
		if (!mm) return -ENOMEM;
	}
	const leader = groupLeader(k, parent);
	const number = pid ?? alloc_pid(k);
	if (number < 0) {
		if (mm) yield* mmput(k, mm);
		return number;
	}
	const child = createTask(k, {
		pid: number,
		comm: wish.comm ?? parent.comm,
		mm,
		parent: wish.cloneThread || wish.cloneParent ? leader.parent : leader,
		maker: parent,
		exit_signal: wish.cloneParent ? leader.exit_signal : (wish.exit_signal ?? SIGCHLD),
		files: wish.cloneFiles ? parent.files : copyFiles(parent.files),
		cmdline: wish.cmdline ?? parent.cmdline,
		...(wish.cloneThread ? {leader} : {}),
		...(wish.injection === undefined ? {} : {injection: wish.injection}),
	});
	if (mm && !wish.cloneVm) mm.owner.pid = child.pid;
	if (wish.vfork) child.vfork_done = wait_queue_head('vfork');
	wish.prepare?.(child);
	if (wish.cloneSighand) child.signals.action = parent.signals.action;
	const names = `comm=${parent.comm} pid=${parent.pid} child_comm=${child.comm} child_pid=${child.pid}`;
	trace(k, 'sched_process_fork', () => names);
	try {
		if (parent_tidptr !== undefined && pid === undefined) yield* put_user32(k, userAddress(parent_tidptr), child.pid);
	} finally {
		// A parent that is killed meanwhile leaves a child all the same.
		wake_up_new_task(k, child, wish.body);
	}
	return child;
}

/** A task of the kernel's own, without an address space. It borrows whatever one the CPU had last. */
export function kernel_thread(k: Kernel, comm: string, body: TaskBody): task_struct {
	const task = createTask(k, {comm, mm: null, parent: k.sched.tasks.get(1) ?? null, files: emptyFiles()});
	wake_up_new_task(k, task, body);
	return task;
}

/** Drops one user. The last one takes the whole address space down; may sleep there (AIO, releasing files). */
export function* mmput(k: Kernel, mm: mm_struct): Sleeps<void> {
	mm.mm_users--;
	if (mm.mm_users > 0) return;
	yield* exit_aio(k, mm);
	exit_mmap(k, mm);
	yield* callLater(mm);
	yield* releaseUnmapped(k);
	mmdrop(k, mm);
}
