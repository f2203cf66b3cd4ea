/** vma/<pid>: the areas of an address space as the kernel keeps them, which maps does not show. */
import {formatVma, type VmaArea, type VmaBacking} from '../../formats/debugfs/vma.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {
	type mm_struct,
	VM_ACCOUNT,
	VM_DENYWRITE,
	VM_DONTCOPY,
	VM_DONTDUMP,
	VM_DONTEXPAND,
	VM_EXEC,
	VM_EXECUTABLE,
	VM_GROWSDOWN,
	VM_INSERTPAGE,
	VM_IO,
	VM_LOCKED,
	VM_MAYEXEC,
	VM_MAYREAD,
	VM_MAYSHARE,
	VM_MAYWRITE,
	VM_MIXEDMAP,
	VM_NONLINEAR,
	VM_NORESERVE,
	VM_PFNMAP,
	VM_RAND_READ,
	VM_READ,
	VM_RESERVED,
	VM_SEQ_READ,
	VM_SHARED,
	VM_WRITE,
	type vm_area_struct,
} from '../../kernel/mm/mm_types.ts';
import type {task_struct} from '../../kernel/sched.ts';
import {type AreaWindow, areasIn} from './areas.ts';
import {eachPresentPage} from './smaps.ts';

const flags: readonly (readonly [number, string])[] = Object.entries({
	VM_READ,
	VM_WRITE,
	VM_EXEC,
	VM_SHARED,
	VM_MAYREAD,
	VM_MAYWRITE,
	VM_MAYEXEC,
	VM_MAYSHARE,
	VM_GROWSDOWN,
	VM_PFNMAP,
	VM_DENYWRITE,
	VM_EXECUTABLE,
	VM_LOCKED,
	VM_IO,
	VM_SEQ_READ,
	VM_RAND_READ,
	VM_DONTCOPY,
	VM_DONTEXPAND,
	VM_RESERVED,
	VM_ACCOUNT,
	VM_NORESERVE,
	VM_NONLINEAR,
	VM_INSERTPAGE,
	VM_DONTDUMP,
	VM_MIXEDMAP,
}).map(([name, bit]) => [bit, name] as const);

const label = ({comm, pid}: task_struct) => ({comm, pid});

export function vmaFile(k: Kernel, mm: mm_struct, window?: AreaWindow): string {
	const sem = mm.mmap_sem;
	return formatVma({
		mmUsers: mm.mm_users,
		mmCount: mm.mm_count,
		mapCount: mm.map_count,
		totalVm: mm.total_vm,
		lockedVm: mm.locked_vm,
		lockName: k.era.mmapLockName,
		mmapSem: sem.writer ? 'write' : sem.readers.length > 0 ? 'read' : 'free',
		mmapSemHolders: (sem.writer ? [sem.writer] : sem.readers).map(label),
		mmapSemWaiters: sem.waiters.map(waiter => label(waiter.task)),
		pageTableLockHolder: mm.page_table_lock.owner ? label(mm.page_table_lock.owner) : null,
		areas: areasIn(mm, window).map(vma => areaOf(k, mm, vma)),
	});
}

function areaOf(k: Kernel, mm: mm_struct, vma: vm_area_struct): VmaArea {
	let present = 0;
	eachPresentPage(k, mm, vma, () => {
		present++;
	});
	return {
		start: vma.vm_start,
		end: vma.vm_end,
		vmFlags: vma.vm_flags,
		flags: flags.filter(([bit]) => (vma.vm_flags & bit) !== 0).map(([, name]) => name),
		vmOps: vma.vm_ops?.name ?? null,
		opens: vma.opens,
		closes: vma.closes,
		backing: backing(vma),
		pagesPresent: present,
		pagesTotal: (vma.vm_end - vma.vm_start) / PAGE_SIZE,
		anonVma: vma.anon_vma?.id ?? null,
	};
}

/** Where the pages of an area come from. */
function backing(vma: vm_area_struct): VmaBacking | null {
	if ((vma.vm_flags & (VM_IO | VM_PFNMAP)) !== 0) return 'remap';
	if (!vma.vm_file) return vma.vm_ops?.fault ? 'fault' : 'anon';
	if (vma.vm_file.inode.kind === 'chrdev') return vma.vm_ops?.fault ? 'fault' : null;
	return 'file';
}
