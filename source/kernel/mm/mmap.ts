/**
 * Models do_mmap_pgoff, mmap_region and sys_mmap2 of mm/mmap.c (2.6.11 to 6.1) and mm/vma.c (6.18).
 *
 * Not modelled: huge pages, mmap_min_addr, mandatory locks, files on noexec mounts, MAP_GROWSDOWN's guard on the fly.
 */
import {PAGE_SHIFT, PAGE_SIZE, pageAlignUp, pageOffset} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {charge} from '../cpu.ts';
import {EACCES, EAGAIN, EBADF, EEXIST, EINVAL, ENODEV, ENOMEM, EOPNOTSUPP, EOVERFLOW, EPERM, IS_ERR} from '../errno.ts';
import {FMODE_READ, FMODE_WRITE, fget, type file, fput} from '../fs/file.ts';
import {shmem_file_setup, shmem_vm_ops} from '../fs/shmem.ts';
import type {Kernel} from '../kernel.ts';
import {MUST_SLEEP, type MustSleep, type Sleeps} from '../time.ts';
import {traceCall} from '../trace.ts';
import {can_do_mlock, countVma, may_expand_vm, may_lock, vm_enough_memory} from './accounting.ts';
import {populate, remap_file_pages} from './mlock.ts';
import {releaseUnmapped, TASK_SIZE} from './mm.ts';
import {
	type mm_struct,
	VM_ACCOUNT,
	VM_DENYWRITE,
	VM_EXECUTABLE,
	VM_GROWSDOWN,
	VM_LOCKED,
	VM_MAYSHARE,
	VM_MAYWRITE,
	VM_NORESERVE,
	VM_SHARED,
	VM_WRITE,
	type vm_area_struct,
	type vm_operations_struct,
} from './mm_types.ts';
import {
	LEGACY_MAP_MASK,
	MAP_ANONYMOUS,
	MAP_DENYWRITE,
	MAP_EXECUTABLE,
	MAP_FIXED,
	MAP_FIXED_NOREPLACE,
	MAP_GROWSDOWN,
	MAP_LOCKED,
	MAP_NORESERVE,
	MAP_POPULATE,
	MAP_PRIVATE,
	MAP_SHARED,
	MAP_SHARED_VALIDATE,
	MAP_TYPE,
	PROT_WRITE,
} from './mman.ts';
import {mmap_write_lock, mmap_write_trylock, mmap_write_unlock, mmap_write_unlock_now} from './mmap_lock.ts';
import {do_munmap} from './munmap.ts';
import {calc_vm_prot_bits, VM_MAYACCESS, vm_get_page_prot, vma_set_page_prot} from './protection.ts';
import {get_unmapped_area} from './unmapped_area.ts';
import {dropVma, mergeNewRange, vm_area_alloc, vma_link} from './vma_merge.ts';
import {zap_page_range} from './zap.ts';

/** What an mmap call comes down to once its arguments are found good. */
type Placement = {readonly start: number; readonly len: number; readonly flags: number; readonly pgoff: number};

/** What a program asks for in vain: only the kernel, starting a program, keeps its file from being written to. */
const KERNEL_ONLY = MAP_DENYWRITE | MAP_EXECUTABLE;

/** MAP_ flags that are kept as VM_ flags. */
const calc_vm_flag_bits = (k: Kernel, flags: number) =>
	((flags & MAP_GROWSDOWN) !== 0 ? VM_GROWSDOWN : 0) |
	((flags & MAP_DENYWRITE) !== 0 && k.era.denyWriteIsAFlag ? VM_DENYWRITE : 0) |
	((flags & MAP_EXECUTABLE) !== 0 && k.era.executableIsAFlag ? VM_EXECUTABLE : 0) |
	((flags & MAP_LOCKED) !== 0 ? VM_LOCKED : 0);

/**
 * Checks the arguments in Linux's order and finds the place. @returns -errno or the address itself when there is
 * nothing to do
 */
function place(
	k: Kernel,
	mm: mm_struct,
	file: file | null,
	address: number,
	length: number,
	prot: number,
	flags: number,
	pgoff: number,
): Placement | number {
	if (length === 0) return k.era.mmapOfNothingSucceeds ? address : -EINVAL;
	const len = pageAlignUp(length);
	if (len > TASK_SIZE) return -k.era.mmapLengthError;
	const pages = len >>> PAGE_SHIFT;
	if (pgoff + pages > 0x10_0000 * 0x1000) return -EOVERFLOW;
	if (mm.map_count > k.mm.max_map_count) return -ENOMEM;
	const noReplace = k.era.mapFixedNoreplace && (flags & MAP_FIXED_NOREPLACE) !== 0;
	const start =
		noReplace || (flags & MAP_FIXED) !== 0 ? fixedPlace(address, len) : get_unmapped_area(k, mm, address, len);
	if (start < 0) return start;
	if (noReplace) {
		const there = mm.mmap.find(start);
		if (there && there.vm_start < start + len) return -EEXIST;
	}
	if ((flags & MAP_LOCKED) !== 0 && !can_do_mlock(k, mm)) return -EPERM;
	let vmFlags = calc_vm_prot_bits(prot) | calc_vm_flag_bits(k, flags) | mm.def_flags | VM_MAYACCESS;
	if ((vmFlags & VM_LOCKED) !== 0 && !may_lock(k, mm, pages)) return -EAGAIN;
	const type = flags & MAP_TYPE;
	const validates = type === MAP_SHARED_VALIDATE && k.era.mapFixedNoreplace && file !== null;
	if (validates && (flags & ~LEGACY_MAP_MASK) !== 0) return -EOPNOTSUPP;
	const shared = type === MAP_SHARED || validates;
	if (!shared && type !== MAP_PRIVATE) return -EINVAL;
	if (file) {
		const bounded = k.era.deviceOffsetsAreBounded && file.inode.kind === 'chrdev';
		if (bounded && pgoff > (0xffff_ffff - len) >>> PAGE_SHIFT) return -EOVERFLOW;
		if (shared && (prot & PROT_WRITE) !== 0 && (file.f_mode & FMODE_WRITE) === 0) return -EACCES;
		if ((file.f_mode & FMODE_READ) === 0) return -EACCES;
		if (!file.f_op.mmap) return -ENODEV;
	}
	if (shared) vmFlags |= VM_SHARED | VM_MAYSHARE;
	if (shared && file && (file.f_mode & FMODE_WRITE) === 0) vmFlags &= ~(VM_MAYWRITE | VM_SHARED);
	if (k.era.noreserveIsAFlag && (flags & MAP_NORESERVE) !== 0) vmFlags |= VM_NORESERVE;
	const promised = (vmFlags & (VM_SHARED | VM_WRITE)) === VM_WRITE && (flags & MAP_NORESERVE) === 0;
	if (promised) vmFlags |= VM_ACCOUNT;
	return {start, len, flags: vmFlags, pgoff: file ? pgoff : shared ? 0 : start >>> PAGE_SHIFT};
}

function fixedPlace(address: number, len: number): number {
	if (address > TASK_SIZE - len) return -ENOMEM;
	return pageOffset(address) === 0 ? address : -EINVAL;
}

/** Clears the place and books the pages. @returns 0 or -ENOMEM */
function makeRoom(k: Kernel, mm: mm_struct, at: Placement): number {
	const there = mm.mmap.find(at.start);
	if (there && there.vm_start < at.start + at.len && do_munmap(k, mm, at.start, at.len) < 0) return -ENOMEM;
	const pages = at.len >>> PAGE_SHIFT;
	if (!may_expand_vm(mm, pages)) return -ENOMEM;
	return (at.flags & VM_ACCOUNT) === 0 || vm_enough_memory(k, pages) ? 0 : -ENOMEM;
}

/** Joins a new range to its neighbours if they are alike. */
function mergeAt(k: Kernel, mm: mm_struct, file: file | null, at: Placement): vm_area_struct | undefined {
	const next = mm.mmap.find(at.start) ?? null;
	const prev = next ? next.vm_prev : (mm.mmap.last() ?? null);
	return mergeNewRange(k, prev, next, at.start, at.start + at.len, at.flags, file, at.pgoff);
}

/** A private anonymous mapping: nobody has to be asked. */
function mapAnonymous(k: Kernel, mm: mm_struct, at: Placement): number {
	const error = makeRoom(k, mm, at);
	if (error < 0) return error;
	if (!mergeAt(k, mm, null, at)) vma_link(k, newVma(mm, null, at));
	countVma(mm, at.flags, null, at.len >>> PAGE_SHIFT);
	return at.start;
}

const newVma = (mm: mm_struct, file: file | null, at: Placement) =>
	vm_area_alloc(mm, {
		start: at.start,
		end: at.start + at.len,
		flags: at.flags,
		prot: vm_get_page_prot(at.flags),
		pgoff: at.pgoff,
		file,
		ops: null,
	});

/** Methods of a file mapping whose driver sets none: it has no way to make pages. */
const vma_dummy_vm_ops: vm_operations_struct = {name: 'vma_dummy_vm_ops'};

/** A mapping of a file or driver, whose mmap method is asked; may sleep there. @returns the address or -errno */
export function* mmap_region(k: Kernel, mm: mm_struct, file: file, at: Placement): Sleeps<number> {
	const error = makeRoom(k, mm, at);
	if (error < 0) return error;
	const pages = at.len >>> PAGE_SHIFT;
	if (k.era.mergesBeforeMmapMethod && mergeAt(k, mm, file, at)) {
		countVma(mm, at.flags, file, pages);
		return at.start;
	}
	const vma = newVma(mm, file, at);
	if (k.era.fileVmasHaveDummyOps) vma.vm_ops = vma_dummy_vm_ops;
	const answer = yield* file.f_op.mmap!(k, file, vma);
	if (answer < 0) {
		zap_page_range(k, vma, vma.vm_start, vma.vm_end);
		dropVma(k, vma);
		if ((at.flags & VM_ACCOUNT) !== 0) k.mm.vm_committed -= pages;
		return answer;
	}
	if (vma.vm_page_prot === vm_get_page_prot(at.flags)) vma_set_page_prot(k, vma);
	const asked = {...at, flags: vma.vm_flags, pgoff: vma.vm_pgoff};
	if (!k.era.mergesBeforeMmapMethod && mergeAt(k, mm, file, asked)) dropVma(k, vma);
	else vma_link(k, vma);
	countVma(mm, vma.vm_flags, file, pages);
	return at.start;
}

/** Shared anonymous memory is a file of its own in memory. @see shmem_zero_setup() */
function mapSharedAnonymous(k: Kernel, mm: mm_struct, at: Placement): number {
	const error = makeRoom(k, mm, at);
	if (error < 0) return error;
	const vma = newVma(mm, null, at);
	vma.vm_file = shmem_file_setup(k, 'dev/zero', at.len);
	vma.vm_ops = shmem_vm_ops;
	vma_link(k, vma);
	countVma(mm, vma.vm_flags, vma.vm_file, at.len >>> PAGE_SHIFT);
	return at.start;
}

/**
 * Maps a file, or anonymous memory where `file` is null, into an address space; may sleep. mmap_sem must be held for
 * writing; call `releaseUnmapped` after letting go.
 * @param address hint, or the place itself with MAP_FIXED
 * @param length bytes
 * @param pgoff offset in the file, in pages
 * @returns the address, or -EINVAL, -ENOMEM, -EOVERFLOW, -EEXIST, -EAGAIN, -EACCES, -ENODEV, or what the file's method
 * says
 */
export function* do_mmap_pgoff(
	k: Kernel,
	mm: mm_struct,
	file: file | null,
	address: number,
	length: number,
	prot: number,
	flags: number,
	pgoff: number,
): Sleeps<number> {
	traceCall(k, 'do_mmap_pgoff', 'sys_mmap2');
	charge(k, COST.vmaNs);
	const at = place(k, mm, file, address, length, prot, flags, pgoff);
	if (typeof at === 'number') return at;
	if (file) return yield* mmap_region(k, mm, file, at);
	if ((at.flags & VM_SHARED) !== 0) return mapSharedAnonymous(k, mm, at);
	return mapAnonymous(k, mm, at);
}

/** do_mmap_pgoff for private anonymous memory, which never sleeps. */
function do_mmap_anonymous(
	k: Kernel,
	mm: mm_struct,
	address: number,
	length: number,
	prot: number,
	flags: number,
): number {
	traceCall(k, 'do_mmap_pgoff', 'sys_mmap2');
	charge(k, COST.vmaNs);
	const at = place(k, mm, null, address, length, prot, flags, 0);
	return typeof at === 'number' ? at : mapAnonymous(k, mm, at);
}

/**
 * sys_mmap2 of the current task where nothing has to be waited for: private anonymous memory that is not brought in at
 * once.
 * @returns the address, -errno, or MUST_SLEEP
 */
export function try_sys_mmap(
	k: Kernel,
	address: number,
	length: number,
	prot: number,
	flags: number,
): number | MustSleep {
	const plain = MAP_PRIVATE | MAP_ANONYMOUS;
	if ((flags & (MAP_TYPE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE)) !== plain) return MUST_SLEEP;
	const mm = k.cpu.current.mm!;
	if ((mm.def_flags & VM_LOCKED) !== 0 || !mmap_write_trylock(k, mm)) return MUST_SLEEP;
	const result = do_mmap_anonymous(k, mm, address, length, prot, flags & ~KERNEL_ONLY);
	mmap_write_unlock_now(k, mm);
	return result;
}

/**
 * The system call. Sleeps for mmap_sem, in the file's mmap method, and for pages with MAP_POPULATE or MAP_LOCKED.
 * @param fd descriptor, looked at without MAP_ANONYMOUS
 * @param pgoff offset in pages
 * @returns the address or -errno (-EBADF for a bad descriptor; else see do_mmap_pgoff)
 */
export function* sys_mmap2(
	k: Kernel,
	address: number,
	length: number,
	prot: number,
	flags: number,
	fd: number,
	pgoff: number,
): Sleeps<number> {
	const mm = k.cpu.current.mm!;
	const file = (flags & MAP_ANONYMOUS) === 0 ? fget(k, fd) : null;
	if (file === undefined) return -EBADF;
	yield* mmap_write_lock(k, mm);
	const result = yield* do_mmap_pgoff(k, mm, file, address, length, prot, flags & ~KERNEL_ONLY, pgoff);
	const locked = !IS_ERR(result) && ((mm.mmap.find(result)?.vm_flags ?? 0) & VM_LOCKED) !== 0;
	yield* mmap_write_unlock(k, mm);
	if (file) yield* fput(k, file);
	yield* releaseUnmapped(k);
	if (IS_ERR(result) || length === 0) return result;
	const end = result + pageAlignUp(length);
	if (locked || ((flags & MAP_POPULATE) !== 0 && k.era.populates === 'everything')) yield* populate(k, mm, result, end);
	else if ((flags & MAP_POPULATE) !== 0) yield* remap_file_pages(k, mm, result, end);
	return result;
}

/** The old call with six arguments in memory: the offset is in bytes and must be a whole number of pages. */
export function* old_mmap(
	k: Kernel,
	address: number,
	length: number,
	prot: number,
	flags: number,
	fd: number,
	offsetBytes: number,
): Sleeps<number> {
	if (offsetBytes % PAGE_SIZE !== 0) return -EINVAL;
	return yield* sys_mmap2(k, address, length, prot, flags, fd, offsetBytes / PAGE_SIZE);
}
