/** The areas of /proc/vmallocinfo. @see mm/vmalloc.c s_show() */
import type {VmallocArea, VmallocKind} from '../../formats/proc/vmallocinfo.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import type {VmAreaKind} from '../../kernel/mm/vmalloc.ts';

const kinds: Readonly<Record<VmAreaKind, VmallocKind>> = {
	vmalloc: 'vmalloc',
	vmap: 'vmap',
	ioremap: 'ioremap',
	user: 'user',
};

export const vmallocinfo = (k: Kernel): VmallocArea[] =>
	k.vmalloc.busy.map(({start, end, area}) => ({
		range: {start, end},
		sizeBytes: end - start,
		caller: area?.caller ?? null,
		pages: area && area.pages.length > 0 ? area.pages.length : null,
		physicalAddress: area?.phys_addr ?? null,
		kinds: area ? [kinds[area.kind]] : [],
		note: area ? null : 'unpurged vm_area',
	}));
