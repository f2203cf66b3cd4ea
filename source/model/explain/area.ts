/** An area of an address space. @see fs/proc/task_mmu.c show_map_vma(), Documentation/filesystems/proc.txt */

import type {AioContext} from '../../formats/debugfs/aio.ts';
import type {VmaArea} from '../../formats/debugfs/vma.ts';
import {pageBytes} from '../../formats/pageBytes.ts';
import type {MapsArea} from '../../formats/proc/maps.ts';
import {address, prefixedHex} from '../../formats/text.ts';
import {countOf} from '../../formats/words.ts';
import {deviceSays} from './device.ts';
import {type ExplainedField, type Explanation, field, glossary, wordsFor} from './explanation.ts';
import {vmFlagWords} from './vmFlags.ts';

export type AreaFacts = {
	readonly area: MapsArea;
	readonly vma: VmaArea | undefined;
	readonly pid: number;
	readonly comm: string;
	/** The area below it. */
	readonly below: MapsArea | undefined;
	/** The rings that io_setup() made for the process. */
	readonly rings: readonly Pick<AioContext, 'ctx' | 'ringPages'>[];
};

/** The page of the fast system calls, before kernels named it. */
const vsyscallAddress = 0xffffe000;
const userEnd = 0xc0000000;

const names = glossary({
	'[heap]': 'the heap: brk() moves its end, and malloc() takes small blocks from it',
	'[stack]': 'the stack of the first thread: it grows downwards by itself',
	'[vdso]': 'code of the kernel that runs in user mode: the fast way into a system call',
	'[vvar]': 'data of the kernel that the code of [vdso] reads, such as the time',
	'[vsyscall]': 'code of the kernel that runs in user mode: the fast way into a system call',
	'/[aio]': 'the event ring of io_setup(): the kernel writes results there, the program reads them',
});

const isAnonymousData = ({perms, inode, pathname}: MapsArea): boolean =>
	perms.startsWith('rw') && perms[3] === 'p' && inode === 0 && pathname === null;

const isDataOf = (below: MapsArea | undefined, {start}: MapsArea): below is MapsArea =>
	below !== undefined && below.end === start && below.inode !== 0 && below.perms.startsWith('rw');

/** Why an area without a name is there. */
function namelessSays({area, vma, below, rings}: AreaFacts): readonly string[] {
	if (area.start >= vsyscallAddress)
		return [wordsFor(names, '[vdso]'), 'not in the list of areas: every process sees it'];
	const ring = rings.find(({ctx}) => ctx === area.start);
	if (ring) {
		const bytes = ring.ringPages * pageBytes;
		const rest = `the ring is the first ${bytes} bytes; behind it is other memory from mmap(), merged with it`;
		return [wordsFor(names, '/[aio]'), ...(area.end - area.start > bytes ? [rest] : [])];
	}
	if (vma?.flags.includes('VM_GROWSDOWN') || area.end === userEnd) return [wordsFor(names, '[stack]')];
	if (isDataOf(below, area)) {
		return [
			`data of ${below.pathname ?? 'the file below'} that begin as zeros (.bss): the file does not hold them`,
			'behind the data of the program itself the heap goes on here',
		];
	}
	return isAnonymousData(area)
		? [
				'memory without a file, from mmap(MAP_PRIVATE|MAP_ANONYMOUS)',
				'a large malloc(), a thread’s stack, or what a library asked for',
			]
		: ['memory without a file, from mmap(MAP_ANONYMOUS)'];
}

function nameSays(facts: AreaFacts): readonly string[] {
	const {pathname} = facts.area;
	if (pathname === null || pathname === '') return namelessSays(facts);
	const bare = pathname.replace(/ \(deleted\)$/, '');
	const isDeleted = bare !== pathname;
	const known = names.get(bare);
	if (known !== undefined) return [known];
	if (isDeleted && bare === '/dev/zero') {
		return [
			'shared memory without a file, from mmap(MAP_SHARED|MAP_ANONYMOUS)',
			'the kernel makes a file in tmpfs for it that no directory has, hence deleted',
			'it is called /dev/zero because that is what programs mapped for it in former times',
		];
	}
	if (isDeleted && bare.startsWith('/SYSV')) return ['shared memory of shmget(), by its key'];
	if (isDeleted) return ['the file was removed since; its pages stay as long as it is mapped'];
	if (bare.startsWith('/dev/')) return ['a device: its driver’s mmap() made the area, and says what is behind it'];
	return [];
}

const letters = [
	['r', 'read'],
	['w', 'write'],
	['x', 'execute'],
] as const;

function permsSays(perms: string): readonly string[] {
	const may = letters.flatMap(([letter, says], at) => (perms[at] === letter ? [says] : []));
	return [
		may.length === 0 ? 'any touch is an error (SIGSEGV)' : `the process may ${may.join(', ')}`,
		perms[3] === 's'
			? 's: shared, so that a write reaches the file and all others who map it'
			: 'p: private, so that the first write to a page makes a copy (copy on write)',
	];
}

const backingSays = glossary({
	anon: 'pages come as zeros when they are touched',
	file: 'pages come from the page cache of the file when they are touched',
	fault: 'the driver’s fault() gives a page when one is touched',
	remap: 'the driver mapped all of it at once with remap_pfn_range(); no page fault happens',
});

const opsSays = glossary({
	generic_file_vm_ops: 'of files in the page cache',
	shmem_vm_ops: 'of tmpfs and shared memory',
	special_mapping_vmops: 'of pages that the kernel gives to every process',
	aio_ring_vm_ops: 'of the rings of io_setup()',
});

function vmaFields({
	vmFlags,
	flags,
	vmOps,
	opens,
	closes,
	backing,
	pagesPresent,
	pagesTotal,
	anonVma,
}: VmaArea): readonly ExplainedField[] {
	return [
		field(
			'Rss',
			`${pagesPresent} of ${pagesTotal} pages`,
			pagesPresent === pagesTotal ? '' : 'the others have no page frame: they were not touched yet, or were taken away',
		),
		...(backing === null ? [] : [field('backing', backing, wordsFor(backingSays, backing))]),
		field('vm_flags', prefixedHex(vmFlags), ...flags.map(name => `${name}: ${wordsFor(vmFlagWords, name)}`)),
		vmOps === null
			? field('vm_ops', 'NULL', 'no functions of its own: a fault maps zeros')
			: field('vm_ops', vmOps, opsSays.get(vmOps) ?? 'functions of a driver for open, close and fault'),
		...(opens + closes === 0
			? []
			: [field('open/close', `${opens}/${closes}`, 'times that vm_ops->open and close ran for it')]),
		...(anonVma === null
			? []
			: [
					field(
						'anon_vma',
						String(anonVma),
						'it has private pages; areas with one number came from one by fork() or a split',
					),
				]),
	];
}

export function explainArea(facts: AreaFacts): Explanation {
	const {area, vma, pid, comm} = facts;
	const {start, end, perms, offset, major, minor, inode, pathname} = area;
	const bytes = end - start;
	const pages = bytes / pageBytes;
	const device = `${major.toString(16).padStart(2, '0')}:${minor.toString(16).padStart(2, '0')}`;
	return {
		title: `area ${address(start)} of ${comm}-${pid}`,
		fields: [
			field('name', pathname ?? 'none', ...nameSays(facts)),
			field(
				'address',
				`${address(start)}-${address(end)}`,
				`${bytes / 1024} KiB, ${countOf(pages, 'page')}; the second address is the first behind it`,
			),
			field('perm', perms, ...permsSays(perms)),
			...(inode === 0
				? []
				: [field('offset', address(offset), `it begins at byte ${offset} of the file, page ${offset / pageBytes}`)]),
			field('device', device, deviceSays(major, minor)),
			field('inode', String(inode), inode === 0 ? 'no file' : 'number of the file on that device'),
			...(vma ? vmaFields(vma) : []),
		],
	};
}
