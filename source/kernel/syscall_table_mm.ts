/** Models the rows of the system-call table that lead to memory (arch/i386/kernel/entry.S, 2.6.11 and later). */
import {userAddress} from '../hardware/address.ts';
import {EFAULT} from './errno.ts';
import type {Kernel} from './kernel.ts';
import {sys_brk} from './mm/brk.ts';
import {sys_remap_file_pages} from './mm/fremap.ts';
import {sys_madvise} from './mm/madvise.ts';
import {sys_mincore} from './mm/mincore.ts';
import {sys_mlock, sys_mlock2, sys_mlockall, sys_munlock, sys_munlockall} from './mm/mlock.ts';
import {old_mmap, sys_mmap2} from './mm/mmap.ts';
import {sys_mprotect} from './mm/mprotect.ts';
import {sys_mremap} from './mm/mremap.ts';
import {sys_msync} from './mm/msync.ts';
import {sys_munmap} from './mm/munmap.ts';
import {copy_words_from_user} from './mm/uaccess.ts';
import {row, type SystemCallRow} from './syscall_row.ts';
import type {Sleeps} from './time.ts';

/** mmap with its six arguments in memory. */
function* mmapFromMemory(k: Kernel, at: number): Sleeps<number> {
	const a = new Uint32Array(6);
	if (!(yield* copy_words_from_user(k, a, userAddress(at)))) return -EFAULT;
	return yield* old_mmap(k, a[0]!, a[1]!, a[2]!, a[3]!, a[4]!, a[5]!);
}

export const MEMORY_CALLS: readonly SystemCallRow[] = [
	row(45, 'brk', 'brk', (k, [brk]) => sys_brk(k, brk!)),
	row(90, 'old_mmap', 'arg', (k, [at]) => mmapFromMemory(k, at!)),
	row(91, 'munmap', 'addr len', (k, [start, length]) => sys_munmap(k, start!, length!)),
	row(125, 'mprotect', 'start len prot', (k, [start, length, prot]) => sys_mprotect(k, start!, length!, prot!)),
	row(144, 'msync', 'start len flags', (k, [start, length, flags]) => sys_msync(k, start!, length!, flags!)),
	row(150, 'mlock', 'start len', (k, [start, length]) => sys_mlock(k, start!, length!)),
	row(151, 'munlock', 'start len', (k, [start, length]) => sys_munlock(k, start!, length!)),
	row(152, 'mlockall', 'flags', (k, [flags]) => sys_mlockall(k, flags!)),
	row(153, 'munlockall', '', k => sys_munlockall(k)),
	row(163, 'mremap', 'addr old_len new_len flags new_addr', (k, [at, old, length, flags, to]) =>
		sys_mremap(k, at!, old!, length!, flags!, to!),
	),
	row(192, 'mmap2', 'addr len prot flags fd pgoff', (k, [at, length, prot, flags, fd, pgoff]) =>
		sys_mmap2(k, at!, length!, prot!, flags!, fd!, pgoff!),
	),
	row(218, 'mincore', 'start len vec', (k, [start, length, vec]) => sys_mincore(k, start!, length!, vec!)),
	row(219, 'madvise', 'start len_in behavior', (k, [start, length, advice]) =>
		sys_madvise(k, start!, length!, advice!),
	),
	row(257, 'remap_file_pages', 'start size prot pgoff flags', (k, [start, size, prot, pgoff, flags]) =>
		sys_remap_file_pages(k, start!, size!, prot!, pgoff!, flags!),
	),
	row(376, 'mlock2', 'start len flags', (k, [start, length, flags]) => sys_mlock2(k, start!, length!, flags!)),
];
