/** The files of /proc/<pid>. Kernel threads have none of the memory files' lines. */

import {formatMaps} from '../../formats/proc/maps.ts';
import {encodePagemapEntry, type PagemapEntry} from '../../formats/proc/pagemap.ts';
import {formatSmaps} from '../../formats/proc/smaps.ts';
import {formatCmdline, formatComm} from '../../formats/proc/task.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {type mm_struct, VM_PFNMAP} from '../../kernel/mm/mm_types.ts';
import {PageAnon, page_mapcount} from '../../kernel/mm/page.ts';
import {NO_PTE, type PteAt, pte_offset, pte_pfn, pte_present, pte_val, tableSpan} from '../../kernel/mm/pgtable.ts';
import {get_gate_vma} from '../../kernel/mm/vdso.ts';
import {vm_normal_page} from '../../kernel/mm/zap.ts';
import type {task_struct} from '../../kernel/sched.ts';
import type {LabState} from '../lab.ts';
import {type AreaWindow, areasIn, areaWindow} from './areas.ts';
import {mapsArea} from './maps.ts';
import {type Args, directory, type Route} from './route.ts';
import {smapsArea} from './smaps.ts';
import {spellDecimal} from './spelling.ts';
import {status} from './status.ts';
import {limits, statm, taskIo, taskStat, wchan} from './taskFiles.ts';

const pids = ({k}: LabState) => [...k.sched.tasks.keys()].map(String);

const taskOf = ({k}: LabState, args: Args): task_struct => k.sched.tasks.get(Number(args.pid))!;

type ProcessFile = {
	readonly path: string;
	readonly read: (k: Kernel, task: task_struct) => string | Uint8Array;
	/** Not in 2.6.11, and nothing of the book needs it there. */
	readonly later?: true;
};

const files: readonly ProcessFile[] = [
	{path: 'comm', read: (_k, task) => formatComm({comm: task.comm})},
	{path: 'cmdline', read: (_k, task) => formatCmdline({args: task.cmdline})},
	{path: 'status', read: status},
	{path: 'stat', read: taskStat},
	{path: 'statm', read: statm},
	{path: 'wchan', read: wchan},
	{path: 'limits', read: limits, later: true},
	{path: 'io', read: taskIo, later: true},
	{path: 'maps', read: (k, task) => maps(k, task, undefined)},
	{
		path: 'smaps',
		read: (k, {mm}) =>
			formatSmaps({dialect: k.era.dialect, areas: mm ? [...mm.mmap].map(vma => smapsArea(k, mm, vma)) : []}),
	},
	{path: 'pagemap', read: (k, {mm}) => (mm ? pagemap(k, mm) : new Uint8Array())},
];

/** The gate area comes last, as if it were one area more. */
function maps(k: Kernel, {mm}: task_struct, window: AreaWindow | undefined): string {
	if (!mm) return formatMaps({areas: []});
	const areas = areasIn(mm, window).map(vma => mapsArea(k, mm, vma));
	const reachesEnd = !window || (window.first <= mm.map_count && window.first + window.areas > mm.map_count);
	return formatMaps({areas: reachesEnd ? [...areas, ...gateArea(k, mm)] : areas});
}

const gateArea = (k: Kernel, mm: mm_struct) => (k.era.hasGateArea ? [mapsArea(k, mm, get_gate_vma(k, mm))] : []);

export const processRoutes: readonly Route[] = directory('/proc/:pid', [
	{
		path: 'maps/:first/:areas',
		names: {pid: pids},
		spelling: {first: spellDecimal, areas: spellDecimal},
		read: (state, args) => maps(state.k, taskOf(state, args), areaWindow(args.first!, args.areas!)),
	},
	...files.map(({path, read, later}) => ({
		path,
		names: {pid: pids},
		read: (state: LabState, args: Args) => read(state.k, taskOf(state, args)),
		...(later ? {exists: ({k}: LabState) => k.era.dialect !== '2.6.11'} : {}),
	})),
	{
		path: 'fd/:fd',
		names: {pid: pids, fd: (state, args) => [...taskOf(state, args).files.fds.keys()].map(String)},
		read: (state, args) => `${taskOf(state, args).files.fds.get(Number(args.fd))!.path}\n`,
	},
]);

/**
 * From address 0 to the end of the last area; Linux's file goes on with empty entries to the end of user space. Most of
 * it has no page table and is filled in one go: a record for each of 786,432 pages would take 100 MB and a tenth of a
 * second.
 */
export function pagemap(k: Kernel, mm: mm_struct): Uint8Array {
	const end = mm.mmap.last()?.vm_end ?? 0;
	const {dialect} = k.era;
	const absent = encodePagemapEntry(dialect, pagemapEntry(k, NO_PTE));
	const file = new BigUint64Array(end / PAGE_SIZE).fill((BigInt(absent.high) << 32n) | BigInt(absent.low));
	const words = new Uint32Array(file.buffer);
	for (let table = 0; table < end; table += tableSpan(k)) {
		if (pte_offset(k, mm, table) === NO_PTE) continue;
		const tableEnd = Math.min(end, table + tableSpan(k));
		for (let address = table; address < tableEnd; address += PAGE_SIZE) {
			const {low, high} = encodePagemapEntry(dialect, pagemapEntry(k, pte_offset(k, mm, address)));
			words[(address / PAGE_SIZE) * 2] = low;
			words[(address / PAGE_SIZE) * 2 + 1] = high;
		}
	}
	if (k.era.pagemapLeavesOutPfnmap)
		for (const vma of mm.mmap)
			if ((vma.vm_flags & VM_PFNMAP) !== 0) file.fill(0n, vma.vm_start / PAGE_SIZE, vma.vm_end / PAGE_SIZE);
	return new Uint8Array(file.buffer);
}

/** @param at where the page-table entry lies, or NO_PTE */
function pagemapEntry(k: Kernel, at: PteAt): PagemapEntry {
	const old = !k.era.pagemapShowsSharing;
	const present = at !== NO_PTE && pte_present(pte_val(k, at));
	const pfn = present ? pte_pfn(k, at) : null;
	const page = pfn === null ? undefined : vm_normal_page(k, pte_val(k, at), pfn);
	return {
		present,
		swapped: false,
		pfn,
		swap: null,
		pageShift: old ? (at === NO_PTE || present ? 12 : 0) : null,
		fileOrShared: old ? null : page !== undefined && !PageAnon(k, page),
		exclusive: old ? null : page !== undefined && page_mapcount(k, page) === 1,
		softDirty: old ? null : false,
	};
}
