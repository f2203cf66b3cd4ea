/** /proc/<pid>/maps from an mm_struct. @see fs/proc/task_mmu.c show_map_vma() */
import type {MapsArea} from '../../formats/proc/maps.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {
	type mm_struct,
	VM_EXEC,
	VM_MAYSHARE,
	VM_READ,
	VM_WRITE,
	type vm_area_struct,
} from '../../kernel/mm/mm_types.ts';

export function mapsArea(k: Kernel, mm: mm_struct, vma: vm_area_struct): MapsArea {
	const letter = (bit: number, yes: string, no = '-') => ((vma.vm_flags & bit) === 0 ? no : yes);
	const file = vma.vm_file;
	return {
		start: vma.vm_start,
		end: vma.vm_end,
		perms: letter(VM_READ, 'r') + letter(VM_WRITE, 'w') + letter(VM_EXEC, 'x') + letter(VM_MAYSHARE, 's', 'p'),
		offset: file ? (vma.vm_pgoff * PAGE_SIZE) % 0x1_0000_0000 : 0,
		major: file?.inode.s_dev.major ?? 0,
		minor: file?.inode.s_dev.minor ?? 0,
		inode: file?.inode.i_ino ?? 0,
		pathname: file?.path ?? (k.era.mapsNamesAreas ? areaName(mm, vma) : null),
	};
}

/** Names of areas without a file; 2.6.11 printed none. */
function areaName(mm: mm_struct, vma: vm_area_struct): string | null {
	if (vma.vm_ops?.areaName) return vma.vm_ops.areaName;
	if (vma.vm_start <= mm.brk && vma.vm_end >= mm.start_brk) return '[heap]';
	if (vma.vm_start <= mm.start_stack && vma.vm_end >= mm.start_stack) return '[stack]';
	return null;
}
