/** What the 32-bit test program of truth/i386 does and prints, on a simulated process. */

import {formatMapsArea} from '../../source/formats/proc/maps.ts';
import {userAddress} from '../../source/hardware/address.ts';
import {walkPageTables} from '../../source/hardware/mmu.ts';
import {errnoName} from '../../source/kernel/errno.ts';
import {fd_install, type file, O_RDWR} from '../../source/kernel/fs/file.ts';
import {get_empty_filp} from '../../source/kernel/fs/file_table.ts';
import {shmem_file_setup} from '../../source/kernel/fs/shmem.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {type FaultVerdict, verdictCode, verdictSignal} from '../../source/kernel/mm/fault.ts';
import {VM_PFNMAP} from '../../source/kernel/mm/mm_types.ts';
import {
	PageAnon,
	PG_active,
	PG_dirty,
	PG_locked,
	PG_lru,
	PG_mappedtodisk,
	PG_private,
	PG_referenced,
	PG_reserved,
	PG_swapbacked,
	PG_uptodate,
	page_count,
	page_mapcount,
	testPageFlag,
} from '../../source/kernel/mm/page.ts';
import {NO_PTE, pte_offset, pte_pfn, pte_present, pte_val} from '../../source/kernel/mm/pgtable.ts';
import {user_read8, user_touch, user_write8} from '../../source/kernel/mm/uaccess.ts';
import {eachPresentPage, vm_normal_page} from '../../source/kernel/mm/zap.ts';
import {mapsArea} from '../../source/lab/tree/maps.ts';

export const hex = (value: number) => `0x${value.toString(16)}`;

/** Result of a call that returns an address or 0: `ok`, or the errno's name. */
export const okOrErrno = (result: number) => (result < 0 ? errnoName(result) : 'ok');

/** Lines of /proc/self/maps within a window. */
export function mapsLines(k: Kernel, start: number, end: number): string[] {
	const mm = k.cpu.current.mm!;
	return [...mm.mmap]
		.filter(vma => vma.vm_start >= start && vma.vm_start < end)
		.map(vma => formatMapsArea(mapsArea(k, mm, vma)));
}

/** Opens an unlinked file of tmpfs, as the program's work file is. @returns its descriptor and file */
export function openUnlinked(k: Kernel, path: string, sizeBytes: number, flags = O_RDWR): {fd: number; file: file} {
	const made = shmem_file_setup(k, path.slice(1), sizeBytes);
	const opened = get_empty_filp(k, made.path, made.inode, flags);
	return {fd: fd_install(k.cpu.current.files, opened), file: opened};
}

const signals: Readonly<Record<number, string>> = {7: 'SIGBUS', 11: 'SIGSEGV'};
const codes: Readonly<Record<string, string>> = {'7.2': 'BUS_ADRERR', '11.1': 'SEGV_MAPERR', '11.2': 'SEGV_ACCERR'};

/** What the program prints of a signal that it caught. */
function signalFields(verdict: FaultVerdict, address: number) {
	const [signo, code] = [verdictSignal(verdict), verdictCode(verdict)];
	return {
		signal: signals[signo] ?? String(signo),
		si_code: codes[`${signo}.${code}`] ?? String(code),
		si_addr: hex(address),
	};
}

const byteHex = (value: number) => `0x${value.toString(16).padStart(2, '0')}`;

/** Loads a byte and prints what came of it. */
export function* load(k: Kernel, address: number) {
	const head = {addr: hex(address), op: 'read'};
	const verdict = yield* user_touch(k, address, false);
	if (verdict !== 0) return {...head, ...signalFields(verdict, address)};
	return {...head, value: byteHex(yield* user_read8(k, userAddress(address)))};
}

/** Stores a byte and prints what came of it. */
export function* store(k: Kernel, address: number, value: number) {
	const head = {addr: hex(address), op: 'write', value: byteHex(value)};
	const verdict = yield* user_touch(k, address, true);
	if (verdict !== 0) {
		const {value: _, ...withoutValue} = head;
		return {...withoutValue, ...signalFields(verdict, address)};
	}
	yield* user_write8(k, userAddress(address), value);
	return {...head, ok: true};
}

/** Letters of VmFlags in smaps of 6.1, by bit. @see fs/proc/task_mmu.c show_smap_vma_flags() */
const flagLetters: Readonly<Record<number, string>> = {
	0: 'rd',
	1: 'wr',
	2: 'ex',
	3: 'sh',
	4: 'mr',
	5: 'mw',
	6: 'me',
	7: 'ms',
	8: 'gd',
	10: 'pf',
	13: 'lo',
	14: 'io',
	15: 'sr',
	16: 'rr',
	17: 'dc',
	18: 'de',
	20: 'ac',
	21: 'nr',
	24: 'ar',
	26: 'dd',
	28: 'mm',
};

/** VmFlags of the VMA at an address, as smaps prints them. */
export function vmFlags(k: Kernel, address: number): string {
	const vma = k.cpu.current.mm!.mmap.find(address);
	if (!vma || vma.vm_start > address) return '';
	return Object.entries(flagLetters)
		.filter(([bit]) => (vma.vm_flags & (1 << Number(bit))) !== 0)
		.map(([, letters]) => letters)
		.join(' ');
}

/** Rss of the VMA at an address, in kB as smaps counts it. */
export function rssKb(k: Kernel, address: number): number {
	const vma = k.cpu.current.mm!.mmap.find(address);
	let pages = 0;
	if (vma)
		eachPresentPage(k, vma, (_, frame, value) => (pages += vm_normal_page(k, value, frame) === undefined ? 0 : 1));
	return pages * 4;
}

/**
 * The entry of an address as the module prints it. Values are page-table words; `relateFrames` makes them comparable.
 */
export function pteFields(k: Kernel, address: number) {
	const mm = k.cpu.current.mm!;
	const {steps} = walkPageTables(k.hw.ram, k.hw.paging, mm.pgd, address);
	const word = (level: 'pgd' | 'pmd' | 'pte') => {
		const step = steps.find(each => each.level === level);
		return step ? hex((step.low >>> 0) + (step.high >>> 0) * 0x1_0000_0000) : '0x0';
	};
	return {
		va: hex(address),
		pgd_i: Math.floor(address / 0x4000_0000),
		pmd_i: Math.floor(address / 0x20_0000) % 512,
		pte_i: Math.floor(address / 4096) % 512,
		depth: steps.at(-1)!.level === 'pte' ? 3 : steps.length - 1,
		pgd: word('pgd'),
		pmd: word('pmd'),
		pte: word('pte'),
	};
}

const KPF: readonly [PG: number, KPF: number][] = [
	[PG_locked, 0],
	[PG_referenced, 2],
	[PG_uptodate, 3],
	[PG_dirty, 4],
	[PG_lru, 5],
	[PG_active, 6],
	[PG_swapbacked, 14],
	[PG_reserved, 32],
	[PG_mappedtodisk, 34],
	[PG_private, 35],
];

/** The page behind an address by pagemap, kpageflags, kpagecount and the module's own look at struct page. */
export function pageFields(k: Kernel, address: number) {
	const mm = k.cpu.current.mm!;
	const vma = mm.mmap.find(address);
	const at = pte_offset(k, mm, address);
	const value = at === NO_PTE ? 0 : pte_val(k, at);
	const absent = {va: hex(address), pagemap_raw: '0x0', present: false};
	if (!vma || vma.vm_start > address || (vma.vm_flags & VM_PFNMAP) !== 0 || !pte_present(value)) return absent;
	const frame = pte_pfn(k, at);
	const counted = vm_normal_page(k, value, frame) !== undefined;
	const flag = (bit: number) => (testPageFlag(k, frame, bit) ? 1 : 0);
	const anonymous = PageAnon(k, frame) ? 1 : 0;
	const mapcount = page_mapcount(k, frame);
	const high = 0x8000_0000 + (counted && !anonymous ? 0x2000_0000 : 0) + (counted && mapcount === 1 ? 0x0100_0000 : 0);
	let flags = KPF.reduce((sum, [PG, bit]) => sum + (flag(PG) ? 2 ** bit : 0), 0);
	if (mapcount > 0) flags += 2 ** 11;
	if (anonymous) flags += 2 ** 12;
	if (frame === k.layout.empty_zero_page) flags += 2 ** 24;
	return {
		va: hex(address),
		pagemap_raw: `0x${high.toString(16)}${frame.toString(16).padStart(8, '0')}`,
		present: true,
		pfn: hex(frame),
		kpageflags: hex(flags),
		kpagecount: mapcount,
		page_count: page_count(k, frame),
		page_mapcount: mapcount,
		PageAnon: anonymous,
		PageDirty: flag(PG_dirty),
		PageReserved: flag(PG_reserved),
		PageLRU: flag(PG_lru),
		HighMem: frame >= k.layout.max_low_pfn ? 1 : 0,
	};
}

/**
 * Replaces frame numbers by the order in which they turn up in a vector, so that "the same frame as before" is compared
 * and where it lies is not: in `pfn` and `…_pfn` fields, page-table words and pagemap words.
 */
export function relateFrames(vector: unknown): unknown {
	const names = new Map<number, string>();
	const name = (frame: number) => {
		if (!names.has(frame)) names.set(frame, `frame${names.size}`);
		return names.get(frame)!;
	};
	const word = (text: string) => {
		const value = Number(text);
		const flags = value % 4096;
		// An entry that is not present keeps no frame to compare (its bits may be inverted).
		return value === 0
			? text
			: (flags & 1) === 0
				? `absent+${hex(flags)}`
				: `${name(Math.floor(value / 4096))}+${hex(flags)}`;
	};
	const field = (key: string, value: unknown): unknown => {
		if (typeof value !== 'string' || !/^0x[0-9a-f]+$/.test(value)) return relate(value);
		if (key === 'pfn' || key.startsWith('pfn_') || key.endsWith('_pfn') || key.includes('_pfn_'))
			return name(Number(value));
		if (key === 'pte') return word(value);
		// REFERENCED tells how often a page was looked at before.
		if (key === 'kpageflags') return hex(Number(value) - (Number(value) % 8 >= 4 ? 4 : 0));
		if (key === 'pagemap_raw' && value.length > 10)
			return `${value.slice(0, 6)}+${name(Number(`0x${value.slice(6)}`))}`;
		return value;
	};
	const relate = (value: unknown): unknown => {
		if (Array.isArray(value)) return value.map(relate);
		if (typeof value !== 'object' || value === null) return value;
		return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, field(key, inner)]));
	};
	return relate(vector);
}
