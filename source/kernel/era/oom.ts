import {
	__GFP_COMP,
	__GFP_DMA,
	__GFP_DMA32,
	__GFP_FS,
	__GFP_HARDWALL,
	__GFP_HIGH,
	__GFP_HIGHMEM,
	__GFP_IO,
	__GFP_MOVABLE,
	__GFP_NOFAIL,
	__GFP_NORETRY,
	__GFP_NOWARN,
	__GFP_REPEAT,
	__GFP_WAIT,
	__GFP_ZERO,
	type gfp_t,
} from '../mm/gfp.ts';
import {showGfpFlags} from '../mm/gfpflags.ts';
import type {OomRule} from '../mm/oom_kill.ts';
import {changes} from './behaviour.ts';

/** Bits of include/linux/gfp.h of 5.10 for those of 2.6.32. What may not wait may still wake kswapd. */
const BITS: readonly (readonly [ours: number, theirs: number])[] = [
	[__GFP_DMA, 0x1],
	[__GFP_HIGHMEM, 0x2],
	[__GFP_DMA32, 0x4],
	[__GFP_MOVABLE, 0x8],
	[__GFP_HIGH, 0x20],
	[__GFP_IO, 0x40],
	[__GFP_FS, 0x80],
	[__GFP_ZERO, 0x100],
	[__GFP_WAIT, 0x400],
	[__GFP_NOWARN, 0x2000],
	[__GFP_REPEAT, 0x4000],
	[__GFP_NOFAIL, 0x8000],
	[__GFP_NORETRY, 0x1_0000],
	[__GFP_COMP, 0x4_0000],
	[__GFP_HARDWALL, 0x10_0000],
];
const ATOMIC = 0x200;
const KSWAPD_RECLAIM = 0x800;

function bitsOf5_10(gfp: gfp_t): number {
	const named = BITS.reduce((bits, [ours, theirs]) => ((gfp & ours) === 0 ? bits : bits | theirs), 0);
	const atomic = (gfp & (__GFP_WAIT | __GFP_HIGH)) === __GFP_HIGH ? ATOMIC : 0;
	return named | atomic | KSWAPD_RECLAIM;
}

const hex = (bits: number) => `0x${bits.toString(16)}`;
/** 2.6.11 has neither movable pages nor cpusets. */
const bitsOf2_6_11 = (gfp: gfp_t) => gfp & ~(__GFP_MOVABLE | __GFP_HARDWALL | __GFP_DMA32);
const bitsAndNames = (gfp: gfp_t) => `${hex(bitsOf5_10(gfp))}(${showGfpFlags(gfp)})`;
/** What a kernel with NUMA and cpusets adds on a machine that has one node. */
const ONE_NODE = 'nodemask=(null),cpuset=/,mems_allowed=0';

type Killed = Readonly<Record<'pid' | 'total' | 'anon' | 'file' | 'shmem' | 'tables', number>> & {
	readonly comm: string;
};

const rss = ({total, anon, file}: Killed) => `total-vm:${total}kB, anon-rss:${anon}kB, file-rss:${file}kB`;

/** What is said and done when there is no memory. */
export const oomBehaviours = {
	pageAllocationFailureLine: changes<(comm: string, order: number, gfp: gfp_t) => string>(
		'mm/page_alloc.c __alloc_pages(), warn_alloc_failed(), warn_alloc()',
		{
			ldd3: (comm, order, gfp) => `${comm}: page allocation failure. order:${order}, mode:${hex(bitsOf2_6_11(gfp))}`,
			'2.6.32': (comm, order, gfp) => `${comm}: page allocation failure. order:${order}, mode:${hex(gfp)}`,
			'3.2': (comm, order, gfp) => `${comm}: page allocation failure: order:${order}, mode:${hex(gfp)}`,
			'5.10': (comm, order, gfp) =>
				`${comm}: page allocation failure: order:${order}, mode:${bitsAndNames(gfp)}, ${ONE_NODE}`,
		},
	),
	/** Which function asks how often it may say so. */
	pageAllocationFailureIn: changes<string>('mm/page_alloc.c: printk_ratelimit(); nopage_rs, 3.0', {
		ldd3: 'printk',
		'2.6.32': '__ratelimit',
		'3.2': 'warn_alloc_failed',
		'5.10': 'warn_alloc',
	}),
	/** So many in so many nanoseconds. */
	pageAllocationFailureLimit: changes<readonly [burst: number, intervalNs: number]>(
		'kernel/printk.c; mm/page_alloc.c nopage_rs: one in 10 s since 5.3',
		{ldd3: [10, 5e9], '5.10': [1, 10e9]},
	),
	ratelimitRefillsWhole: changes<boolean>('kernel/printk.c __printk_ratelimit(); lib/ratelimit.c, 2.6.27', {
		ldd3: false,
		'2.6.32': true,
	}),
	suppressedLine: changes<(place: string, missed: number) => string>('kernel/printk.c; lib/ratelimit.c', {
		ldd3: (_place, missed) => `printk: ${missed} messages suppressed.`,
		'2.6.32': (place, missed) => `${place}: ${missed} callbacks suppressed`,
	}),
	showMemForm: changes<'2.6.11' | '2.6.32' | '5.10'>('mm/page_alloc.c show_free_areas(); lib/show_mem.c', {
		ldd3: '2.6.11',
		'2.6.32': '2.6.32',
		'5.10': '5.10',
	}),
	showMemTitle: changes<string>('arch/i386/mm/pgtable.c; lib/show_mem.c', {ldd3: 'Mem-info:', '2.6.32': 'Mem-Info:'}),
	showMemHasSecondaryTables: changes<boolean>('mm/page_alloc.c show_free_areas(), 6.1', {ldd3: false, '6.1': true}),
	unreclaimableAfterScans: changes<number>('mm/vmscan.c: 4 times the pages on the lists, 6 times since 2.6.18', {
		ldd3: 4,
		'2.6.32': 6,
	}),
	/** How often reclaim gets nothing before a process is killed. */
	oomAfterFruitless: changes<number>('mm/page_alloc.c __alloc_pages(): did_some_progress; MAX_RECLAIM_RETRIES, 4.7', {
		ldd3: 1,
		'5.10': 16,
	}),
	/** Whether a process that is killed for memory goes on trying where an allocation must not fail. */
	victimsKeepNofail: changes<boolean>('mm/page_alloc.c __alloc_pages(): TIF_MEMDIE; __alloc_pages_slowpath()', {
		ldd3: false,
		'2.6.32': true,
	}),
	oomForAnyOrder: changes<boolean>('mm/page_alloc.c: blocks above 32 KiB kill no process since 2.6.25', {
		ldd3: true,
		'2.6.32': false,
	}),
	oomForDmaZone: changes<boolean>('mm/page_alloc.c __alloc_pages_may_oom(): not below ZONE_NORMAL, 2.6.34', {
		ldd3: true,
		'3.2': false,
	}),
	oomRule: changes<OomRule>('mm/oom_kill.c badness(); oom_badness(), 2.6.36; without root’s bonus, 4.17', {
		ldd3: 'address space, children whole',
		'2.6.32': 'address space, children half',
		'3.2': 'thousandths',
		'5.10': 'pages',
	}),
	oomChild: changes<'the first' | 'the worst' | 'none'>('mm/oom_kill.c oom_kill_process(); 5.1 spares children', {
		ldd3: 'the first',
		'3.2': 'the worst',
		'5.10': 'none',
	}),
	oomShowsStack: changes<boolean>('mm/oom_kill.c: dump_stack(), 2.6.16', {ldd3: false, '2.6.32': true}),
	oomInvokedLine: changes<(comm: string, gfp: gfp_t, order: number) => string>(
		'mm/oom_kill.c out_of_memory(), dump_header()',
		{
			ldd3: (_comm, gfp) => `oom-killer: gfp_mask=${hex(bitsOf2_6_11(gfp))}`,
			'2.6.32': (comm, gfp, order) => `${comm} invoked oom-killer: gfp_mask=${hex(gfp)}, order=${order}, oom_adj=0`,
			'3.2': (comm, gfp, order) =>
				`${comm} invoked oom-killer: gfp_mask=${hex(gfp)}, order=${order}, oom_adj=0, oom_score_adj=0`,
			'5.10': (comm, gfp, order) =>
				`${comm} invoked oom-killer: gfp_mask=${bitsAndNames(gfp)}, order=${order}, oom_score_adj=0`,
		},
	),
	/** Headings of the list of processes; none where it is not printed. */
	oomTasksTitle: changes<readonly string[]>('mm/oom_kill.c dump_tasks(); oom_dump_tasks is 1 since 2.6.36', {
		ldd3: [],
		'3.2': ['[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name'],
		'5.10': [
			'Tasks state (memory values in pages):',
			'[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
		],
	}),
	oomTaskFields: changes<(cpu: number, tableBytes: number) => string>('mm/oom_kill.c dump_tasks(), dump_task()', {
		ldd3: cpu => `${String(cpu).padStart(3)}       0             0`,
		'5.10': (_cpu, tableBytes) => `${String(tableBytes).padStart(8)}        0             0`,
	}),
	/** Whom it chose. */
	oomChosenLine: changes<(pid: number, comm: string, points: number) => string | undefined>(
		'mm/oom_kill.c oom_kill_process(); not since 5.1',
		{
			ldd3: () => undefined,
			'2.6.32': (pid, comm, points) => `Out of memory: kill process ${pid} (${comm}) score ${points} or a child`,
			'3.2': (pid, comm, points) => `Out of memory: Kill process ${pid} (${comm}) score ${points} or sacrifice child`,
			'5.10': () => undefined,
		},
	),
	oomSummary: changes<(comm: string, pid: number) => string | undefined>('mm/oom_kill.c dump_oom_summary(), 5.0', {
		ldd3: () => undefined,
		'5.10': (comm, pid) =>
			`oom-kill:constraint=CONSTRAINT_NONE,${ONE_NODE},global_oom,task_memcg=/,task=${comm},pid=${pid},uid=0`,
	}),
	oomKilledLine: changes<(killed: Killed) => string>('mm/oom_kill.c __oom_kill_task(), __oom_kill_process()', {
		ldd3: ({pid, comm}) => `Out of Memory: Killed process ${pid} (${comm}).`,
		'2.6.32': ({pid, comm}) => `Killed process ${pid} (${comm})`,
		'3.2': killed => `Killed process ${killed.pid} (${killed.comm}) ${rss(killed)}`,
		'5.10': killed =>
			`Out of memory: Killed process ${killed.pid} (${killed.comm}) ${rss(killed)}, ` +
			`shmem-rss:${killed.shmem}kB, UID:0 pgtables:${killed.tables}kB oom_score_adj:0`,
	}),
	oomNobodyLine: changes<string | undefined>('mm/oom_kill.c out_of_memory(), 4.19', {
		ldd3: undefined,
		'5.10': 'Out of memory and no killable processes...',
	}),
	oomPanic: changes<string>('mm/oom_kill.c', {
		ldd3: 'Out of memory and no killable processes...',
		'5.10': 'System is deadlocked on memory',
	}),
} as const;
