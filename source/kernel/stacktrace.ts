/**
 * Models lib/dump_stack.c, kernel/panic.c print_tainted() and the walk of arch/i386/kernel/traps.c and
 * arch/x86/kernel/dumpstack.c (2.6.11 and later): which functions of the kernel have called one another, the innermost
 * first.
 *
 * The stack is that of the functions of this model, as the engine keeps it: those that bear a name of Linux's are
 * printed. They have no machine code, so a name comes without address, offset and size. Functions of a driver in C have
 * all three, read from the bytes of the kernel stack.
 *
 * Not modelled: what an interrupt interrupted, registers, code bytes.
 */
import type {Kernel} from './kernel.ts';
import {printk} from './printk.ts';

/** Names of Linux's that have no underscore. Names of ours never have one. */
const ONE_WORD = new Set(
	(
		'schedule msleep kswapd pdflush kmap kunmap kmalloc kfree ksize vmalloc vfree vmap vunmap ioremap iounmap mmput ' +
		'mmdrop fget fput expand'
	).split(' '),
);
/** What begins a context of a CPU, in sched.ts: what lies below is the simulator. */
const BOTTOM = 'stepContext';
/** The kernel's way into C, in module/callC.ts. */
const INTO_C = 'callCWide';
const INTO_KERNEL = 'syscall';
/** A macro of dma-debug's; what called the function that it stands in is reported. */
const REPORTS_DMA = 'err_printk';
const DEEPEST = 400;

/** Names of the functions that the engine is in, the innermost first. */
function engineFrames(): readonly string[] {
	const engine = Error as {stackTraceLimit?: number};
	const former = engine.stackTraceLimit;
	engine.stackTraceLimit = DEEPEST;
	const {stack = ''} = new Error('stack');
	if (former !== undefined) engine.stackTraceLimit = former;
	return stack.split('\n').flatMap(line => {
		const name = /^\s+at (?:new |async )?(?:[\w$<>]+\.)*([\w$]+)(?: \[as [^\]]+\])? \(/.exec(line)?.[1];
		return name === undefined ? [] : [name];
	});
}

const isLinuxs = (name: string) => ONE_WORD.has(name) || /^_*[a-z][a-z0-9]*(_[a-z0-9]+)+$|^do_IRQ$/.test(name);

/** A bundler adds a digit to the second function of a name. Of Linux's, only system calls end in one. */
const asWritten = (name: string) => (name.startsWith('sys_') ? name : name.replace(/(?<=[a-z_])[2-9]$/, ''));

/** A function that does a part without sleeping bears the name of the whole. */
const withoutTry = (name: string) => (name.startsWith('try_to_') ? name : name.replace(/^try_/, ''));

/**
 * Functions of the kernel that have called one another, the innermost first, by the names that the era has for them.
 * @param above name of a function of ours: what it and those that it called are called is left out
 */
export function stack_trace(k: Kernel, above: string): readonly string[] {
	const names = engineFrames();
	const trace: string[] = [];
	let intoC = 0;
	let reported = false;
	for (const each of names.slice(names.indexOf(above) + 1)) {
		const name = asWritten(each);
		if (name === BOTTOM) break;
		if (name === INTO_C) trace.push(...(k.modules?.framesOf(intoC++) ?? []));
		if (name === INTO_KERNEL) trace.push(...k.era.traceOfSystemCall);
		if (name === REPORTS_DMA) reported = true;
		else if (isLinuxs(name)) {
			const linuxs = k.era.traceNames(withoutTry(name), reported);
			if (linuxs.at(-1) !== trace.at(-1)) trace.push(...linuxs);
			if (name.startsWith('dma_')) reported = false;
		}
	}
	const {current} = k.cpu;
	if (!current.mm && current.pid !== 0 && names.includes('runToExit')) trace.push(...k.era.traceOfKernelThread);
	return trace;
}

const TAINTS = 'PFSRMBUDAWCIOELKXTN';
/**
 * Something that makes reports doubtful: P a module under another licence, B a bad page, D an oops, W a warning, O a
 * module from outside the tree.
 */
export type Taint = 'P' | 'B' | 'D' | 'W' | 'O';

export function add_taint(k: Kernel, taint: Taint): void {
	if (k.era.taints.includes(taint)) k.log.taints.add(taint);
}

/** `Not tainted`, or a letter for each reason. */
export function print_tainted(k: Kernel): string {
	const {taints} = k.log;
	if (taints.size === 0) return 'Not tainted';
	const [, ...others] = TAINTS.slice(0, k.era.taints.length);
	const flags = others.map(letter => (taints.has(letter as Taint) ? letter : ' '));
	return `Tainted: ${taints.has('P') ? 'P' : 'G'}${flags.join('')}`;
}

/** `Modules linked in: simple(O)`. */
export function print_modules(k: Kernel): void {
	const names = [...(k.modules?.loaded.keys() ?? [])].map(name => ` ${name}${k.era.taints.includes('O') ? '(O)' : ''}`);
	printk(k, 4, `Modules linked in:${names.join('')}`);
}

/** Who runs, on which kernel: what stands above a trace in kernels that say so. */
export function dump_stack_print_info(k: Kernel): void {
	const {comm, pid} = k.cpu.current;
	const line = k.era.dumpStackInfo(k.cpu.id, pid, comm, `${print_tainted(k)} ${k.era.release} #1`);
	if (line !== undefined) printk(k, 4, line);
}

/** Prints the functions of a trace, and where another stack ends. @param title whether a line says what it is */
export function show_trace(k: Kernel, trace: readonly string[], title: boolean): void {
	if (title) printk(k, 4, 'Call Trace:');
	const stack = trace.find(name => name.startsWith('</'))?.replace('/', '');
	for (const name of stack === undefined ? trace : [stack, ...trace]) printk(k, 4, ` ${name}`);
}

/** Says who called, as Linux does where something is wrong that it can live with. */
export function dump_stack(k: Kernel): void {
	dump_stack_print_info(k);
	show_trace(k, [...k.era.traceOfDumpStack, ...stack_trace(k, 'dump_stack')], k.era.dumpStackHasTitle);
}

/** What ends the report of an oops or a warning. */
export function print_oops_end_marker(k: Kernel): void {
	if (k.era.hasOopsEndMarker) printk(k, 4, `---[ end trace ${k.era.oopsId(k.log.oopsId++)} ]---`);
}
