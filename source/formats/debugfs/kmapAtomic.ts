/**
 * /sys/kernel/debug/kmap_atomic (ours): the fixmap slots of kmap_atomic, every slot of every CPU, whether in use or
 * not.
 *
 *     # kmap_atomic 0.1: slots=typed per_cpu=13
 *     # cpu=0 depth=1 deepest=3
 *     # cpu slot type            vaddr    pfn      context  holder               used last_pfn last_holder
 *         0    3 KM_USER0        fffb7000 0x6a31   task     mapper-112           1204 0x6a31   mapper-112
 */

import {addressCell, type Cell, decimal, name, oneOf, optional, pfnCell, type Task, task} from '../cells.ts';
import {column, one, pairs, table} from '../table.ts';
import {joinLines, Lines} from '../text.ts';

export type KmapAtomicContext = 'task' | 'softirq' | 'hardirq';

export type KmapAtomicSlot = {
	readonly cpu: number;
	/** Index within the CPU's slots. */
	readonly slot: number;
	/** `KM_USER0` and its like where slots are typed; the depth on the stack, counted from 0, where they are not. */
	readonly type: string;
	readonly vaddr: number;
	/** The frame that is mapped now. */
	readonly pfn: number | null;
	readonly context: KmapAtomicContext | null;
	readonly holder: Task | null;
	/** How often the slot was taken since boot. */
	readonly used: number;
	readonly lastPfn: number | null;
	readonly lastHolder: Task | null;
};

type KmapAtomicCpu = {
	readonly cpu: number;
	/** Slots held now. */
	readonly depth: number;
	/** Most slots ever held at once. */
	readonly deepest: number;
	readonly slots: readonly KmapAtomicSlot[];
};

export type KmapAtomic = {
	/** Chosen by the caller's `enum km_type` (before 2.6.37), or pushed and popped. */
	readonly slots: 'typed' | 'stack';
	/** KM_TYPE_NR, later KM_MAX_IDX. */
	readonly slotsPerCpu: number;
	readonly cpus: readonly KmapAtomicCpu[];
};

const contexts: Cell<KmapAtomicContext> = oneOf('task', 'softirq', 'hardirq');
const header = one(
	'# kmap_atomic 0.1',
	pairs<Omit<KmapAtomic, 'cpus'>>({
		slots: ['slots', oneOf('typed', 'stack')],
		slotsPerCpu: ['per_cpu', decimal],
	}),
);
const cpuLine = pairs<Omit<KmapAtomicCpu, 'slots'>>({
	cpu: ['cpu', decimal],
	depth: ['depth', decimal],
	deepest: ['deepest', decimal],
});
const rows = table<KmapAtomicSlot>({
	cpu: column('# cpu', 5, decimal),
	slot: column('slot', 4, decimal),
	type: column('type', 19, name),
	vaddr: column('vaddr', 8, addressCell),
	pfn: column('pfn', 8, optional(pfnCell)),
	context: column('context', 7, optional(contexts)),
	holder: column('holder', 20, optional(task)),
	used: column('used', 8, decimal),
	lastPfn: column('last_pfn', 8, optional(pfnCell)),
	lastHolder: column('last_holder', 1, optional(task)),
});

export function formatKmapAtomic(record: KmapAtomic): string {
	return joinLines([
		...header.write(record),
		...record.cpus.map(cpu => `# ${cpuLine.show(cpu)}`),
		rows.heading,
		...record.cpus.flatMap(cpu => cpu.slots.map(rows.show)),
	]);
}

/** @throws FormatError */
export function parseKmapAtomic(text: string): KmapAtomic {
	const lines = new Lines('kmap_atomic', text);
	const head = header.read(lines);
	const cpus: (Omit<KmapAtomicCpu, 'slots'> & {slots: KmapAtomicSlot[]})[] = [];
	while (lines.peek()?.startsWith('# cpu=')) {
		cpus.push({...lines.read(line => cpuLine.read(line.slice(2))), slots: []});
	}
	lines.expect(rows.heading);
	while (!lines.done) {
		const slot = lines.read(rows.read);
		const cpu = cpus.find(candidate => candidate.cpu === slot.cpu) ?? lines.fail('a CPU that the header names');
		cpu.slots.push(slot);
	}
	return {...head, cpus};
}
