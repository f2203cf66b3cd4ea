/** kmap_atomic and pkmap: who has which temporary mapping of high memory. */
import {formatKmapAtomic, type KmapAtomicContext} from '../../formats/debugfs/kmapAtomic.ts';
import {formatPkmap} from '../../formats/debugfs/pkmap.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {kmapAtomicSlots} from '../../kernel/mm/kmap_atomic.ts';
import type {task_struct} from '../../kernel/sched.ts';

const contexts: readonly KmapAtomicContext[] = ['task', 'softirq', 'hardirq'];

const taskName = (task: task_struct | undefined) => (task ? {comm: task.comm, pid: task.pid} : null);

export function kmapAtomicFile(k: Kernel): string {
	const {atomic} = k.highmem;
	const slots = kmapAtomicSlots(k);
	return formatKmapAtomic({
		slots: k.era.kmapAtomicSlot === 'named by type' ? 'typed' : 'stack',
		slotsPerCpu: atomic.perCpu,
		cpus: k.sched.cpus.map(({id}) => ({
			cpu: id,
			depth: atomic.depth[id]!,
			deepest: atomic.deepest[id]!,
			slots: slots
				.filter(slot => slot.cpu === id)
				.map(slot => {
					const at = id * atomic.perCpu + slot.index;
					const held = slot.pfn !== undefined;
					return {
						cpu: id,
						slot: slot.index,
						type: slot.type,
						vaddr: slot.address,
						pfn: slot.pfn ?? null,
						context: held ? contexts[atomic.lastContext[at]!]! : null,
						holder: held ? taskName(atomic.lastHolder[at]) : null,
						used: slot.used,
						lastPfn: slot.lastPfn ?? null,
						lastHolder: taskName(atomic.lastHolder[at]),
					};
				}),
		})),
	});
}

export function pkmapFile(k: Kernel): string {
	const {highmem, layout} = k;
	const entries = [];
	for (let index = 0; index < layout.LAST_PKMAP; index++) {
		const pkmapCount = highmem.pkmap_count[index]!;
		if (pkmapCount === 0) continue;
		entries.push({
			index,
			address: layout.PKMAP_BASE + index * PAGE_SIZE,
			pkmapCount,
			pfn: highmem.pkmap_pfn[index]!,
		});
	}
	return formatPkmap({
		lastPkmap: layout.LAST_PKMAP,
		lastPkmapNr: highmem.last_pkmap_nr,
		flushes: highmem.flushes,
		lastFlushUs: highmem.lastFlushNs === undefined ? null : Math.floor(highmem.lastFlushNs / 1000),
		waiters: highmem.pkmap_map_wait.tasks.map(({comm, pid}) => ({comm, pid})),
		entries,
	});
}
