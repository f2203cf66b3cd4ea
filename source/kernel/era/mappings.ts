import {PAGE_SIZE} from '../../hardware/address.ts';
import {hex4, hex8} from '../hex.ts';
import type {LogLevel} from '../printk.ts';
import {changes} from './behaviour.ts';

/** Where each misuse of a mapping of high memory is caught. */
type HighmemBugs = Readonly<
	Record<
		| 'kunmapInInterrupt'
		| 'kunmapOfUnmapped'
		| 'kunmapTwice'
		| 'kmapLocalWithIrqsOn'
		| 'kmapAtomicTooDeep'
		| 'kmapAtomicSlotInUse'
		| 'kunmapAtomicOfOther'
		| 'kunmapLocalOfOther'
		| 'kunmapOutOfOrder'
		| 'kunmapLocalTwice',
		string
	>
>;

/** kmap() and kunmap() are checked in mm/highmem.c, the atomic ones in the architecture's own file. */
const bugsIn = (arch: string): HighmemBugs => ({
	kunmapInInterrupt: arch,
	kunmapOfUnmapped: 'mm/highmem.c',
	kunmapTwice: 'mm/highmem.c',
	kmapLocalWithIrqsOn: 'mm/highmem.c',
	kmapAtomicTooDeep: arch,
	kmapAtomicSlotInUse: arch,
	kunmapAtomicOfOther: arch,
	kunmapLocalOfOther: arch,
	kunmapOutOfOrder: arch,
	kunmapLocalTwice: arch,
});

/** `file:line function` as 2.6.11 puts it: `function at file:line`. */
const functionFirst = (where: string): string => where.replace(/^(\S+) (\w+)(?:\+\S+ \[\w+\])?$/, '$2 at $1');

/** High memory, vmalloc, ioremap, and what a wrong kernel address brings. */
export const mappingBehaviours = {
	kmapTypes: changes<readonly string[]>('asm/kmap_types.h; 3.2 keeps the list and ignores it', {
		ldd3: [
			'KM_BOUNCE_READ',
			'KM_SKB_SUNRPC_DATA',
			'KM_SKB_DATA_SOFTIRQ',
			'KM_USER0',
			'KM_USER1',
			'KM_BIO_SRC_IRQ',
			'KM_BIO_DST_IRQ',
			'KM_PTE0',
			'KM_PTE1',
			'KM_IRQ0',
			'KM_IRQ1',
			'KM_SOFTIRQ0',
			'KM_SOFTIRQ1',
		],
		'2.6.32': [
			'KM_BOUNCE_READ',
			'KM_SKB_SUNRPC_DATA',
			'KM_SKB_DATA_SOFTIRQ',
			'KM_USER0',
			'KM_USER1',
			'KM_BIO_SRC_IRQ',
			'KM_BIO_DST_IRQ',
			'KM_PTE0',
			'KM_PTE1',
			'KM_IRQ0',
			'KM_IRQ1',
			'KM_SOFTIRQ0',
			'KM_SOFTIRQ1',
			'KM_SYNC_ICACHE',
			'KM_SYNC_DCACHE',
			'KM_UML_USERCOPY',
			'KM_IRQ_PTE',
			'KM_NMI',
			'KM_NMI_PTE',
		],
		'3.2': [],
	}),
	kmapSlotsPerCpu: changes<number>('KM_TYPE_NR; KM_MAX_IDX since 5.11', {
		ldd3: 13,
		'2.6.32': 19,
		'3.2': 20,
		'6.1': 16,
	}),
	kmapAtomicSlot: changes<'named by type' | 'next on a stack'>('mm/highmem.c kmap_atomic_idx_push(), 2.6.37', {
		ldd3: 'named by type',
		'3.2': 'next on a stack',
	}),
	kunmapAtomicClearsPte: changes<'only with DEBUG_HIGHMEM' | 'always'>('arch/i386/mm/highmem.c kunmap_atomic()', {
		ldd3: 'only with DEBUG_HIGHMEM',
		'2.6.32': 'always',
	}),
	kmapAtomicChecksSlot: changes<'only with DEBUG_HIGHMEM' | 'always'>('highmem_32.c BUG_ON(!pte_none())', {
		ldd3: 'only with DEBUG_HIGHMEM',
		'2.6.32': 'always',
	}),
	pagefaultDisableCounts: changes<'in preempt_count' | 'in the task'>('linux/uaccess.h, 4.2', {
		ldd3: 'in preempt_count',
		'5.10': 'in the task',
	}),
	kmapSleepsIn: changes<string>('where might_sleep() of kmap() stands; fixtures/vectors/debug atomic.json', {
		ldd3: 'arch/i386/mm/highmem.c',
		'2.6.32': 'arch/x86/mm/highmem_32.c',
		'5.10': 'include/linux/highmem.h',
		'6.1': 'include/linux/highmem-internal.h:44',
	}),
	kunmapMightSleepIn: changes<string | undefined>(
		'linux/highmem.h kunmap(): a BUG in an interrupt, a might_sleep() since 5.8',
		{
			ldd3: undefined,
			'5.10': 'include/linux/highmem.h',
			'6.1': 'include/linux/highmem-internal.h:55',
		},
	),
	highmemBugs: changes<HighmemBugs>(
		'mm/highmem.c; lines are those of fixtures/vectors/debug atomic.json, elsewhere the file alone',
		{
			ldd3: bugsIn('arch/i386/mm/highmem.c'),
			'2.6.32': bugsIn('arch/x86/mm/highmem_32.c'),
			'6.1': {
				kunmapInInterrupt: 'mm/highmem.c',
				kunmapOfUnmapped: 'mm/highmem.c:358',
				kunmapTwice: 'mm/highmem.c:368',
				kmapLocalWithIrqsOn: 'mm/highmem.c:465 __kmap_local_pfn_prot',
				kmapAtomicTooDeep: 'mm/highmem.c:467',
				kmapAtomicSlotInUse: 'mm/highmem.c',
				kunmapAtomicOfOther: 'mm/highmem.c',
				kunmapLocalOfOther: 'mm/highmem.c:594 kunmap_local_indexed',
				kunmapOutOfOrder: 'mm/highmem.c:610 kunmap_local_indexed',
				kunmapLocalTwice: 'mm/highmem.c:479',
			},
		},
	),
	/** Where the way back to a program finds a mapping that was kept. */
	kmapKeptAt: changes<string | undefined>(
		'include/linux/highmem-internal.h kmap_assert_nomap(), 5.11; 6.1 as recorded',
		{
			ldd3: undefined,
			'6.1': 'include/linux/highmem-internal.h:17 exit_to_user_mode_prepare',
			'6.18': 'include/linux/highmem-internal.h exit_to_user_mode_prepare',
		},
	),
	hasKmapLocal: changes<boolean>('mm/highmem.c, 5.11', {ldd3: false, '6.1': true}),
	vmallocGapPages: changes<number>('mm/vmalloc.c alloc_vmap_area() of 2.6.28 to 2.6.39 leaves a page between areas', {
		ldd3: 0,
		'2.6.32': 1,
		'3.2': 0,
	}),
	vmallocFreesLazily: changes<boolean>('mm/vmalloc.c free_unmap_vmap_area(), 2.6.28', {ldd3: false, '2.6.32': true}),
	ioremapOfRamRefused: changes<'in low memory' | 'all but the last page' | 'everywhere'>('arch/x86/mm/ioremap.c', {
		ldd3: 'in low memory',
		'2.6.32': 'all but the last page',
		'3.2': 'everywhere',
	}),
	ioremapOfIsaHoleIsLogical: changes<boolean>('ioremap.c: 0xa0000-0xfffff needs no mapping, up to 4.x', {
		ldd3: true,
		'5.10': false,
	}),
	ioremapAlignment: changes<(sizeBytes: number) => number>(
		'mm/vmalloc.c __get_vm_area_node(): 1 << fls(size); its order since 3.10',
		{
			ldd3: sizeBytes => Math.min(2 ** Math.max(32 - Math.clz32(sizeBytes), 12), 0x100_0000),
			'5.10': sizeBytes => Math.min(2 ** Math.max(32 - Math.clz32(sizeBytes - 1), 12), 0x100_0000),
		},
	),

	ioremapProtection: changes<number>(
		'arch/i386/mm/ioremap.c leaves caching to the MTRRs; UC- later, fixtures/vectors/i386',
		{
			ldd3: 0x063,
			'2.6.32': 0x173,
		},
	),
	vmallocBugs: changes<{
		readonly vmallocInInterrupt: string;
		readonly vfreeInInterrupt: string;
		readonly vfreeSleepsIn: string;
		readonly vfreeBadAddress: string;
		readonly vfreeNonexistent: string;
	}>('mm/vmalloc.c BUG_ON(in_interrupt()); lines are those of fixtures/vectors/debug atomic.json', {
		ldd3: {
			vmallocInInterrupt: 'mm/vmalloc.c',
			vfreeInInterrupt: 'mm/vmalloc.c',
			vfreeSleepsIn: 'mm/vmalloc.c',
			vfreeBadAddress: 'mm/vmalloc.c',
			vfreeNonexistent: 'mm/vmalloc.c',
		},
		'6.1': {
			vmallocInInterrupt: 'mm/vmalloc.c:2497',
			vfreeInInterrupt: 'mm/vmalloc.c',
			vfreeSleepsIn: 'mm/vmalloc.c:2801',
			vfreeBadAddress: 'mm/vmalloc.c:2695 __vunmap',
			vfreeNonexistent: 'mm/vmalloc.c:2701 __vunmap',
		},
	}),
	vfreeDefersInInterrupt: changes<boolean>('mm/vmalloc.c vfree_deferred(), 3.10', {ldd3: false, '5.10': true}),
	oopsLines: changes<(address: number, error: number) => readonly string[]>(
		'arch/i386/mm/fault.c; fixtures/vectors/debug atomic.json',
		{
			ldd3: address => [
				address < PAGE_SIZE
					? `Unable to handle kernel NULL pointer dereference at virtual address ${hex8(address)}`
					: `Unable to handle kernel paging request at virtual address ${hex8(address)}`,
			],
			'2.6.32': address => [
				address < PAGE_SIZE
					? `BUG: unable to handle kernel NULL pointer dereference at ${hex8(address)}`
					: `BUG: unable to handle kernel paging request at ${hex8(address)}`,
			],
			'5.10': (address, error) => [
				address < PAGE_SIZE
					? `BUG: kernel NULL pointer dereference, address: ${hex8(address)}`
					: `BUG: unable to handle page fault for address: ${hex8(address)}`,
				`#PF: supervisor ${(error & 2) === 0 ? 'read' : 'write'} access in kernel mode`,
				`#PF: error_code(0x${hex4(error)}) - ${(error & 1) === 0 ? 'not-present page' : 'permissions violation'}`,
			],
		},
	),
	panicDumpsStack: changes<boolean>('kernel/panic.c panic(): dump_stack() with DEBUG_BUGVERBOSE, 2.6.36', {
		ldd3: false,
		'3.2': true,
	}),
	panicLines: changes<(why: string) => readonly string[]>(
		'kernel/panic.c panic(); the reason is said again since 3.16',
		{
			ldd3: why => [`Kernel panic - not syncing: ${why}`],
			'5.10': why => [`Kernel panic - not syncing: ${why}`, `---[ end Kernel panic - not syncing: ${why} ]---`],
		},
	),
	noInitReason: changes<string>('init/main.c init_post(), kernel_init()', {
		ldd3: 'No init found.  Try passing init= option to kernel.',
		'3.2': 'No init found.  Try passing init= option to kernel. See Linux Documentation/init.txt for guidance.',
		'5.10':
			'No working init found.  Try passing init= option to kernel. ' +
			'See Linux Documentation/admin-guide/init.rst for guidance.',
	}),
	killedInitReason: changes<(code: number) => string>(
		'kernel/exit.c do_exit(), find_child_reaper(); the code since 3.4',
		{
			ldd3: () => 'Attempted to kill init!',
			'5.10': code => `Attempted to kill init! exitcode=0x${hex8(code)}`,
		},
	),
	invalidOpcode: changes<string>('arch traps.c do_invalid_op', {
		ldd3: 'invalid operand',
		'2.6.32': 'invalid opcode',
	}),
	/** How urgent the two lines of a BUG are. */
	bugLevels: changes<{readonly cut: LogLevel; readonly bug: LogLevel}>(
		'arch/i386/kernel/traps.c handle_BUG(); lib/bug.c report_bug(), 2.6.20',
		{ldd3: {cut: 4, bug: 1}, '2.6.32': {cut: 0, bug: 2}, '5.10': {cut: 4, bug: 2}},
	),
	/** What die() says first. @param line what, error code and count; @param smp a kernel for several CPUs */
	dieLines: changes<(line: string, smp: boolean) => readonly {readonly level: LogLevel; readonly text: string}[]>(
		'arch/i386/kernel/traps.c die(); arch/x86/kernel/dumpstack.c __die(), __die_header(); 6.1 as recorded',
		{
			ldd3: (line, smp) => [{level: 1, text: line}, ...(smp ? ([{level: 4, text: 'SMP '}] as const) : [])],
			'2.6.32': (line, smp) => [{level: 0, text: `${line} ${smp ? 'SMP ' : ''}`}],
			'5.10': (line, smp) => [{level: 4, text: `${line}${smp ? ' SMP' : ''}`}],
			'6.1': (line, smp) => [{level: 4, text: `${line} PREEMPT${smp ? ' SMP' : ''}`}],
		},
	),
	warnLines: changes<(where: string, cpu: number, pid: number, text: string | undefined) => readonly string[]>(
		'asm-generic/bug.h WARN_ON; kernel/panic.c warn_slowpath; fixtures/vectors/debug',
		{
			ldd3: (where, _cpu, _pid, text) => [...(text === undefined ? [] : [text]), `Badness in ${functionFirst(where)}`],
			'2.6.32': (where, _cpu, _pid, text) => [
				'------------[ cut here ]------------',
				`WARNING: at ${where}`,
				...(text === undefined ? [] : [text]),
			],
			'5.10': (where, cpu, pid, text) => [
				'------------[ cut here ]------------',
				...(text === undefined ? [] : [text]),
				`WARNING: CPU: ${cpu} PID: ${pid} at ${where}`,
			],
		},
	),
} as const;
