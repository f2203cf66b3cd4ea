import {changes} from './behaviour.ts';

type Names = Readonly<Record<string, readonly string[]>>;

/** Functions of the DMA API: which of dma-debug's functions each calls. */
const CHECKER: Readonly<Record<string, string>> = {
	dma_map_single: 'debug_dma_map_page',
	dma_map_page: 'debug_dma_map_page',
	dma_unmap_single: 'debug_dma_unmap_page',
	dma_unmap_page: 'debug_dma_unmap_page',
	dma_map_sg: 'debug_dma_map_sg',
	dma_unmap_sg: 'debug_dma_unmap_sg',
	dma_map_resource: 'debug_dma_map_resource',
	dma_unmap_resource: 'debug_dma_unmap_resource',
	dma_alloc_coherent: 'debug_dma_alloc_coherent',
	dma_free_coherent: 'debug_dma_free_coherent',
	dma_mapping_error: 'debug_dma_mapping_error',
	dma_sync_single_for_cpu: 'debug_dma_sync_single_for_cpu',
	dma_sync_single_for_device: 'debug_dma_sync_single_for_device',
	dma_sync_sg_for_cpu: 'debug_dma_sync_sg_for_cpu',
	dma_sync_sg_for_device: 'debug_dma_sync_sg_for_device',
};

/** Inline functions of 2.6: none of them is on a stack. */
const INLINE_API: Names = Object.fromEntries(Object.keys(CHECKER).map(name => [name, []]));

const NAMES_OF_2_6: Names = {
	might_sleep: ['__might_sleep'],
	do_IRQ: ['do_IRQ', 'common_interrupt'],
	do_page_fault: ['do_page_fault', 'error_code'],
	alloc_pages: ['__alloc_pages'],
	debug_dma_map_single: [],
	check_sg_segment: [],
	preempt_enable: [],
	kmalloc: ['__kmalloc'],
};

const NAMES_OF_2_6_32: Names = {
	...NAMES_OF_2_6,
	...INLINE_API,
	alloc_pages: ['__alloc_pages_nodemask'],
	schedule: ['__schedule_bug', 'schedule'],
	spin_unlock: ['_spin_unlock'],
};

const NAMES_OF_3_2: Names = {
	...NAMES_OF_2_6_32,
	schedule: ['__schedule_bug', '__schedule', 'schedule'],
	spin_unlock: ['_raw_spin_unlock'],
};

const NAMES_OF_5_10: Names = {
	...NAMES_OF_3_2,
	dma_map_single: ['dma_map_page_attrs'],
	dma_map_page: ['dma_map_page_attrs'],
	dma_unmap_single: ['dma_unmap_page_attrs'],
	dma_unmap_page: ['dma_unmap_page_attrs'],
	dma_map_sg: ['dma_map_sg_attrs'],
	dma_unmap_sg: ['dma_unmap_sg_attrs'],
	dma_alloc_coherent: ['dma_alloc_attrs'],
	dma_free_coherent: ['dma_free_attrs'],
	...Object.fromEntries(
		[
			'dma_map_resource',
			'dma_unmap_resource',
			...Object.keys(CHECKER).filter(name => name.startsWith('dma_sync_')),
		].map(name => [name, [name]]),
	),
	might_sleep: ['___might_sleep', '__might_sleep'],
	do_IRQ: ['</IRQ>', '__common_interrupt', 'common_interrupt', 'asm_common_interrupt'],
	do_softirq: ['__do_softirq', '</SOFTIRQ>'],
	do_page_fault: ['exc_page_fault', 'handle_exception'],
	debug_dma_driver_unbound: ['dma_debug_device_change', 'blocking_notifier_call_chain'],
	kmap: [],
	kunmap: ['kunmap_high'],
	copy_from_user: ['_copy_from_user'],
	copy_to_user: ['_copy_to_user'],
};

const NAMES_OF_6_1: Names = {
	...NAMES_OF_5_10,
	alloc_pages: ['__alloc_pages'],
	dma_map_sg: ['__dma_map_sg_attrs', 'dma_map_sg_attrs'],
	might_sleep: ['__might_resched', '__might_sleep'],
	kmalloc: ['__kmem_cache_alloc_node', 'kmalloc_trace'],
	kmap_atomic: ['__kmap_local_pfn_prot', '__kmap_local_page_prot'],
	kmap_local_page: ['__kmap_local_pfn_prot', '__kmap_local_page_prot'],
	kunmap_atomic: ['kunmap_local_indexed'],
	kunmap_local: ['kunmap_local_indexed'],
	driver_unbind: ['device_release_driver_internal', 'device_driver_detach'],
};

/** `sys_read`, or what a kernel calls the same since it makes its entries with a macro. */
const withEntry = (name: string) => name.replace(/^sys_/, '__ia32_sys_');

/** What stands for a function. @param reported dma-debug has found it wrong */
function lookUp(names: Names, of: string, reported: boolean): readonly string[] {
	const name = of.replace('_range_for_', '_for_');
	const checker = CHECKER[name];
	return [...(reported && checker !== undefined ? [checker] : []), ...(names[name] ?? [name])];
}

/** What a report of trouble looks like, apart from its first lines. */
export const reportBehaviours = {
	/** Letters that a kernel has for being tainted, as far as they are in use here. The first is P or G. */
	taints: changes<string>('kernel/panic.c print_tainted(); 2.6.11 knows no W and D', {
		ldd3: 'PFSRMB',
		'2.6.32': 'PFSRMBUDAWC',
		'3.2': 'PFSRMBUDAWCIO',
		'5.10': 'PFSRMBUDAWCIOELKXT',
		'6.1': 'PFSRMBUDAWCIOELKXTN',
	}),
	/** The line above a trace. @param rest taints, release and build */
	dumpStackInfo: changes<(cpu: number, pid: number, comm: string, rest: string) => string | undefined>(
		'arch/x86/kernel/dumpstack.c dump_stack(); lib/dump_stack.c since 3.9; fixtures/vectors/debug',
		{
			ldd3: () => undefined,
			'2.6.32': (_cpu, pid, comm, rest) => `Pid: ${pid}, comm: ${comm} ${rest}`,
			'5.10': (cpu, pid, comm, rest) => `CPU: ${cpu} PID: ${pid} Comm: ${comm} ${rest} `,
		},
	),
	/** Whether dump_stack() says `Call Trace:`. */
	dumpStackHasTitle: changes<boolean>('arch/i386/kernel/traps.c show_trace(); show_trace_log_lvl()', {
		ldd3: false,
		'2.6.32': true,
	}),
	/** The functions that print a trace, where they are on it. */
	traceOfDumpStack: changes<readonly string[]>('arch/i386/kernel/traps.c dump_stack(); lib/dump_stack.c', {
		ldd3: ['dump_stack'],
		'2.6.32': [],
		'5.10': ['dump_stack'],
		'6.1': ['dump_stack_lvl', 'dump_stack'],
	}),
	/** The functions between a warning and its place. @param hasText with a text of its own */
	traceOfWarning: changes<(hasText: boolean) => readonly string[]>(
		'kernel/panic.c warn_slowpath_common(); since 4.11 a warning is an exception at its place',
		{
			ldd3: () => ['dump_stack'],
			'2.6.32': hasText => ['warn_slowpath_common', hasText ? 'warn_slowpath_fmt' : 'warn_slowpath_null'],
			'5.10': () => [],
		},
	),
	/** Where an `int 0x80` comes in. */
	traceOfSystemCall: changes<readonly string[]>('arch/i386/kernel/entry.S; arch/x86/entry/{entry_32.S,common.c}', {
		ldd3: ['syscall_call'],
		'5.10': ['do_int80_syscall_32', 'entry_INT80_32'],
	}),
	traceOfKernelThread: changes<readonly string[]>('arch/i386/kernel/process.c kernel_thread_helper(); kthread.c', {
		ldd3: ['kernel_thread_helper'],
		'2.6.32': ['kthread', 'kernel_thread_helper'],
		'5.10': ['kthread', 'ret_from_fork'],
	}),
	/**
	 * Functions that a kernel has on the stack for one of this model, the innermost first: none where it is inline.
	 * @param reported it is the function of the DMA API that dma-debug reports
	 */
	traceNames: changes<(name: string, reported: boolean) => readonly string[]>(
		'mm/, fs/, kernel/ and arch/x86/ of each; the traces of fixtures/vectors/debug for 6.1',
		{
			ldd3: (name, reported) => lookUp(NAMES_OF_2_6, name, reported),
			'2.6.32': (name, reported) => lookUp(NAMES_OF_2_6_32, name, reported),
			'3.2': (name, reported) => lookUp(NAMES_OF_3_2, name, reported),
			'5.10': (name, reported) => lookUp(NAMES_OF_5_10, name, reported).map(withEntry),
			'6.1': (name, reported) => lookUp(NAMES_OF_6_1, name, reported).map(withEntry),
		},
	),
	/** Whether the lines about an oops stand before its trace: the modules, and who ran. */
	oopsNamesModulesFirst: changes<boolean>('traps.c show_registers(); dumpstack.c __die_body(), 4.x', {
		ldd3: true,
		'5.10': false,
	}),
	/** The line about whom an oops is. @param build release and number of the build */
	oopsWho: changes<(cpu: number, pid: number, comm: string, taints: string, build: string) => string>(
		'arch/i386/kernel/traps.c show_registers(); process_32.c __show_regs(); show_regs_print_info()',
		{
			ldd3: cpu => `CPU:    ${cpu}`,
			'2.6.32': (_cpu, pid, comm, taints, build) => `Pid: ${pid}, comm: ${comm} ${taints} (${build}) `,
			'5.10': (cpu, pid, comm, taints, build) => `CPU: ${cpu} PID: ${pid} Comm: ${comm} ${taints} ${build} `,
		},
	),
	/** Whose stack it is, below the place. */
	oopsProcess: changes<(pid: number, comm: string) => readonly string[]>('show_registers(), until 4.x', {
		ldd3: (pid, comm) => [`Process ${comm} (pid: ${pid})`],
		'5.10': () => [],
	}),
	/** An oops has code, segments and control registers, and all of it twice. */
	oopsShowsControl: changes<boolean>('arch/x86/kernel/dumpstack.c oops_end(): the summary, 4.20', {
		ldd3: false,
		'5.10': true,
	}),
	/** Level of the line with the entries of the page tables. */
	pageTableLevel: changes<1 | 4>('arch/i386/mm/fault.c; show_fault_oops(), 2.6.25', {ldd3: 1, '2.6.32': 4}),
	noOpcodeBytes: changes<(address: number) => string>('arch/x86/kernel/dumpstack.c show_opcodes(): RIP until 5.18', {
		ldd3: () => ' Bad EIP value.',
		'5.10': address => `Unable to access opcode bytes at RIP 0x${address.toString(16)}.`,
		'6.1': address => `Unable to access opcode bytes at 0x${address.toString(16)}.`,
	}),
	notesIrqsDisabled: changes<boolean>('kernel/exit.c make_task_dead(), 6.1', {ldd3: false, '6.1': true}),
	/** Where a segmentation fault happened, as far as that can be told. */
	segfaultCpu: changes<(cpu: number, core: number, socket: number) => string>(
		'arch/x86/mm/fault.c show_signal_msg(): "likely on CPU", 6.1',
		{
			ldd3: () => '',
			'6.1': (cpu, core, socket) => ` likely on CPU ${cpu} (core ${core}, socket ${socket})`,
		},
	),
	/** The code of a program that a segmentation fault ends. */
	segfaultShowsCode: changes<boolean>('arch/x86/mm/fault.c show_signal_msg(), 4.20', {ldd3: false, '5.10': true}),
	hasOopsEndMarker: changes<boolean>('kernel/panic.c print_oops_end_marker(), 2.6.25', {ldd3: false, '2.6.32': true}),
	/** What tells reports apart. It is drawn by chance until 5.17, and counted up; here it begins at 0. */
	oopsId: changes<(count: number) => string>('kernel/panic.c init_oops_id(); fixtures/vectors/debug', {
		ldd3: count => count.toString(16).padStart(16, '0'),
		'6.1': () => '0'.repeat(16),
	}),
} as const;
