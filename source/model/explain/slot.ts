/** A slot of kmap_atomic. @see include/asm-i386/kmap_types.h, arch/i386/mm/highmem.c, 2.6.11; mm/highmem.c, 5.11 */

import type {KmapAtomic, KmapAtomicSlot} from '../../formats/debugfs/kmapAtomic.ts';
import {address, prefixedHex} from '../../formats/text.ts';
import {type ExplainedField, type Explanation, field, glossary} from './explanation.ts';

const typeWords = glossary({
	KM_BOUNCE_READ: 'copying back a bounced block from the disk, with interrupts off',
	KM_SKB_SUNRPC_DATA: 'network data of remote procedure calls',
	KM_SKB_DATA_SOFTIRQ: 'network data, in a softirq',
	KM_USER0: 'code that runs for a process: the usual one',
	KM_USER1: 'code that runs for a process and holds KM_USER0 already: the second page of a copy',
	KM_BIO_SRC_IRQ: 'the source of a copy between blocks of I/O, in an interrupt',
	KM_BIO_DST_IRQ: 'the target of a copy between blocks of I/O, in an interrupt',
	KM_PTE0: 'a page table in high memory',
	KM_PTE1: 'a second page table in high memory',
	KM_IRQ0: 'hard interrupts',
	KM_IRQ1: 'hard interrupts that hold KM_IRQ0 already',
	KM_SOFTIRQ0: 'softirqs',
	KM_SOFTIRQ1: 'softirqs that hold KM_SOFTIRQ0 already',
	KM_SYNC_ICACHE: 'flushing the instruction cache',
	KM_SYNC_DCACHE: 'flushing the data cache',
	KM_UML_USERCOPY: 'user-mode Linux',
	KM_IRQ_PTE: 'a page table, in an interrupt',
	KM_NMI: 'interrupts that cannot be masked',
	KM_NMI_PTE: 'a page table, in an interrupt that cannot be masked',
});

const contextWords = glossary({
	task: 'code that runs for the task, which must not sleep before it gives the slot back',
	softirq: 'a softirq, above whatever task ran',
	hardirq: 'an interrupt handler, above whatever task ran',
});

const taskName = (task: KmapAtomicSlot['holder']): string => (task ? `${task.comm}-${task.pid}` : 'no task');

function typeField({type, slot}: KmapAtomicSlot, kind: KmapAtomic['slots']): ExplainedField {
	return kind === 'typed'
		? field(
				'type',
				`${type}, number ${slot}`,
				`the caller chooses it: ${typeWords.get(type) ?? 'a type that mmtop has no words for'}`,
			)
		: field(
				'slot',
				String(slot),
				'slots are a stack here: each kmap_atomic() takes the next, and the last is given back first',
			);
}

export function explainSlot(slot: KmapAtomicSlot, kind: KmapAtomic['slots']): Explanation {
	const {cpu, vaddr, pfn, context, holder, used, lastPfn, lastHolder} = slot;
	const isHeld = pfn !== null;
	return {
		title: `kmap_atomic slot ${slot.slot} of cpu${cpu}`,
		fields: [
			typeField(slot, kind),
			field('cpu', String(cpu), 'each CPU has slots of its own, so that no lock is needed'),
			field('vaddr', address(vaddr), 'its fixed address: only the page-table entry changes'),
			isHeld
				? field('pfn', prefixedHex(pfn), 'the page frame that is there now')
				: field('pfn', 'none now', lastPfn === null ? '' : `last it was frame ${prefixedHex(lastPfn)}`),
			field(
				'holder',
				taskName(isHeld ? holder : null),
				isHeld ? '' : lastHolder ? `last it was ${taskName(lastHolder)}` : '',
			),
			...(context === null ? [] : [field('context', context, contextWords.get(context) ?? '')]),
			field('used', String(used), 'times that it was taken since boot'),
		],
	};
}
