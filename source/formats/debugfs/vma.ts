/**
 * /sys/kernel/debug/vma/<pid> (ours): what maps does not tell about a process's areas, and its mm_struct.
 *
 *     # vma 0.1: mm_users=1 mm_count=1 map_count=12 total_vm=164 locked_vm=0
 *     # locks: mmap_sem=write holders=mapper-112 waiters=- page_table_lock=-
 *     # start  end      vm_flags flags      vm_ops opens closes pages     present total anon_vma
 *     08048000 0804a000 00000875 VM_READ,…  -          0      0 file            2     2        -
 */

import {addressCell, type Cell, decimal, list, name, oneOf, optional, type Task, task} from '../cells.ts';
import {column, one, pairs, table} from '../table.ts';
import {joinLines, Lines} from '../text.ts';

/**
 * Where the area's pages come from: fault handler, remap_pfn_range, zeroed memory, page cache; null if nothing says.
 */
export type VmaBacking = 'fault' | 'remap' | 'anon' | 'file';

export type VmaArea = {
	readonly start: number;
	/** First address behind the area. */
	readonly end: number;
	readonly vmFlags: number;
	/** Names of the flags that are set: `VM_READ`. */
	readonly flags: readonly string[];
	/** Name of its vm_operations_struct. */
	readonly vmOps: string | null;
	/** Times that vm_ops->open and ->close ran for this area. */
	readonly opens: number;
	readonly closes: number;
	readonly backing: VmaBacking | null;
	readonly pagesPresent: number;
	readonly pagesTotal: number;
	/** Tells which areas share an anon_vma. */
	readonly anonVma: number | null;
};

export type Vma = {
	readonly mmUsers: number;
	readonly mmCount: number;
	/** Areas of the address space: as many as there are rows, or more where the file is a window. */
	readonly mapCount: number;
	/** Pages. */
	readonly totalVm: number;
	readonly lockedVm: number;
	/** What the kernel calls the lock of an address space: `mmap_lock` since 5.8. */
	readonly lockName: LockName;
	readonly mmapSem: 'free' | 'read' | 'write';
	/** Readers, or the one writer. */
	readonly mmapSemHolders: readonly Task[];
	readonly mmapSemWaiters: readonly Task[];
	readonly pageTableLockHolder: Task | null;
	readonly areas: readonly VmaArea[];
};

type Mm = Pick<Vma, 'mmUsers' | 'mmCount' | 'mapCount' | 'totalVm' | 'lockedVm'>;
type LockName = 'mmap_sem' | 'mmap_lock';
type Locks = Pick<Vma, 'lockName' | 'mmapSem' | 'mmapSemHolders' | 'mmapSemWaiters' | 'pageTableLockHolder'>;

const backings: Cell<VmaBacking> = oneOf('fault', 'remap', 'anon', 'file');
const mm = one(
	'# vma 0.1',
	pairs<Mm>({
		mmUsers: ['mm_users', decimal],
		mmCount: ['mm_count', decimal],
		mapCount: ['map_count', decimal],
		totalVm: ['total_vm', decimal],
		lockedVm: ['locked_vm', decimal],
	}),
);
const locksUnder = (name: LockName) =>
	pairs<Omit<Locks, 'lockName'>>({
		mmapSem: [name, oneOf('free', 'read', 'write')],
		mmapSemHolders: ['holders', list(task)],
		mmapSemWaiters: ['waiters', list(task)],
		pageTableLockHolder: ['page_table_lock', optional(task)],
	});
const locksByName = {mmap_sem: locksUnder('mmap_sem'), mmap_lock: locksUnder('mmap_lock')};
const locks = one<Locks>('# locks', {
	align: 'left',
	show: row => locksByName[row.lockName].show(row),
	read(text) {
		const lockName = text.startsWith('mmap_lock=') ? 'mmap_lock' : 'mmap_sem';
		return {lockName, ...locksByName[lockName].read(text)};
	},
});
const rows = table<VmaArea>({
	start: column('# start', 8, addressCell),
	end: column('end', 8, addressCell),
	vmFlags: column('vm_flags', 8, addressCell),
	flags: column('flags', 32, list(name)),
	vmOps: column('vm_ops', 16, optional(name)),
	opens: column('opens', 5, decimal),
	closes: column('closes', 6, decimal),
	backing: column('pages', 5, optional(backings)),
	pagesPresent: column('present', 7, decimal),
	pagesTotal: column('total', 6, decimal),
	anonVma: column('anon_vma', 8, optional(decimal)),
});

export function formatVma(record: Vma): string {
	return joinLines([...mm.write(record), ...locks.write(record), rows.heading, ...record.areas.map(rows.show)]);
}

/** @throws FormatError */
export function parseVma(text: string): Vma {
	const lines = new Lines('vma', text);
	const head = mm.read(lines);
	const locked = locks.read(lines);
	lines.expect(rows.heading);
	const areas: VmaArea[] = [];
	while (!lines.done) areas.push(lines.read(rows.read));
	return {...head, ...locked, areas};
}
