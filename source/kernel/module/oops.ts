/**
 * Models arch/i386/kernel/traps.c and mm/fault.c (2.6.11 and later) for C in the kernel: an oops that says which
 * instruction of which driver it was, BUG() and WARN().
 *
 * Not modelled: code, segments and flags in kernels before 5.10.
 */
import {kernelAddress} from '../../hardware/address.ts';
import {ESP, type Trap} from '../../hardware/cpu/core.ts';
import type {Registers} from '../../hardware/cpu/processor.ts';
import {die, SIGKILL, sayDead, sayRegisters, WARN} from '../bug.ts';
import type {Kernel} from '../kernel.ts';
import {kernelToPhysical} from '../mm/access.ts';
import {TASK_SIZE} from '../mm/mm.ts';
import {PAGE_OFFSET} from '../mm/page.ts';
import {printk} from '../printk.ts';
import {stack_trace} from '../stacktrace.ts';
import {inReport} from '../watch.ts';
import {bugTableOf} from './bugTable.ts';
import {type ModuleSymbol, symbolAt, symbolsOf} from './kallsyms.ts';
import {lineOf} from './lines.ts';
import {registerLines, showPageTable} from './show_regs.ts';
import {type CallOfC, callsNow, type LoadedModule, modulesOf} from './state.ts';

/** The module that an address lies in. What only init needed is given back when that has returned. */
export function moduleAt(k: Kernel, address: number): LoadedModule | undefined {
	for (const module of k.modules?.loaded.values() ?? []) {
		const {base, bytes} = module.image;
		const areas = module.state === 'Loading' ? (['core', 'init'] as const) : (['core'] as const);
		for (const area of areas) if (address >= base[area] && address < base[area] + bytes[area].length) return module;
	}
	return undefined;
}

const placeName = ({name, sizeBytes}: ModuleSymbol, offset: number, module: LoadedModule) =>
	`${name}+0x${offset.toString(16)}/0x${sizeBytes.toString(16)} [${module.name}]`;

/** `simple_read+0x1c/0x90 [simple]`, as call traces have it. */
export function addressName(k: Kernel, address: number): string {
	const gate = k.modules?.gates.get(address);
	if (gate) return `${gate.name}+0x0/0x10`;
	const module = moduleAt(k, address);
	const found = module && symbolAt(symbolsOf(module.image), address);
	if (!found) return `0x${address.toString(16)}`;
	return placeName(found.symbol, found.offset, module);
}

/** The same for where a call returns to, which may lie behind the end of its function. @see sprint_backtrace() */
function returnName(k: Kernel, address: number): string {
	const module = moduleAt(k, address - 1);
	const found = module && symbolAt(symbolsOf(module.image), address - 1);
	if (!found) return addressName(k, address);
	return placeName(found.symbol, found.offset + 1, module);
}

/** File and line of C, where the module has them. */
function lineName(k: Kernel, address: number): string | undefined {
	const module = moduleAt(k, address);
	const line = module && lineOf(module.lines, module.image, address);
	return line && `${line.file}:${line.line}`;
}

/** Bytes of `call` with a relative address, and of its indirect forms. */
const CALL_RELATIVE = 0xe8;
const CALL_INDIRECT = 0xff;

/** A byte of RAM, for a report: what is not there is no reason for another one. @see probe_kernel_read() */
function byteAt(k: Kernel, address: number): number | undefined {
	const physical = address < PAGE_OFFSET ? undefined : kernelToPhysical(k, kernelAddress(address));
	return physical !== undefined && k.hw.ram.holds(physical, 1) ? k.hw.ram.read8(physical) : undefined;
}

function wordAt(k: Kernel, address: number): number | undefined {
	let word = 0;
	for (let n = 3; n >= 0; n--) {
		const byte = byteAt(k, address + n);
		if (byte === undefined) return undefined;
		word = word * 256 + byte;
	}
	return word;
}

/** Whether an address is one that a call of a driver returns to. */
function isReturnAddress(k: Kernel, address: number): boolean {
	if (!moduleAt(k, address)) return false;
	if (byteAt(k, address - 5) === CALL_RELATIVE) return true;
	return [2, 3, 6].some(bytes => {
		const modrm = byteAt(k, address - bytes + 1) ?? 0;
		return byteAt(k, address - bytes) === CALL_INDIRECT && (modrm & 0x38) === 0x10;
	});
}

/** No call of C uses more of a stack. One whose pointer says so has lost it. */
const MOST_STACK_BYTES = 0x1_0000;

/**
 * Where a call from the kernel to C would return to, the innermost first: every word on the stack that a call would
 * have left there. @see print_context_stack()
 */
function* returnsOf(k: Kernel, {regs, top}: CallOfC): Generator<number> {
	const sp = regs.general[ESP]! >>> 0;
	if (top - sp > MOST_STACK_BYTES) return;
	for (let at = sp; at < top; at += 4) {
		const word = wordAt(k, at);
		if (word !== undefined && isReturnAddress(k, word)) yield word;
	}
}

/**
 * Functions of C in a call from the kernel, the innermost first: where the processor is, then where it returns to.
 * @param depth 0 for the newest call of the task or interrupt that runs now
 */
export function framesOfCall(k: Kernel, depth: number): readonly string[] {
	const call = callsNow(k).at(-1 - depth);
	if (!call) return [];
	const {eip} = call.regs;
	const frames = [...returnsOf(k, call)].map(address => returnName(k, address));
	return moduleAt(k, eip) ? [addressName(k, eip), ...frames] : frames;
}

/** The module whose code the task or interrupt that runs now is in. */
export function moduleOfCall(k: Kernel): LoadedModule | undefined {
	const call = callsNow(k).at(-1);
	if (!call) return undefined;
	const module = moduleAt(k, call.regs.eip);
	if (module) return module;
	const [caller] = returnsOf(k, call);
	return caller === undefined ? undefined : moduleAt(k, caller - 1);
}

/** Which instruction of which function and line it is. The line is ours. */
export function sayPlace(k: Kernel, eip: number): void {
	printk(k, 4, k.era.eipLine(addressName(k, eip)));
	const line = lineName(k, eip);
	if (line !== undefined) printk(k, 4, `C: ${line}`);
}

function sayWhere(k: Kernel, regs: Registers, cr2?: number): void {
	const line = lineName(k, regs.eip);
	const trace = stack_trace(k, 'sayWhere');
	const place = addressName(k, regs.eip);
	const own = line === undefined ? [] : [`C: ${line}`];
	sayRegisters(k, trace[0] === place ? trace : [place, ...trace], registerLines(k, regs, cr2 ?? 0), own, cr2);
}

/**
 * A function of the kernel could not do what C asked for, since an invariant of it does not hold: as a BUG() in it.
 * @param reason what was thrown
 * @throws TaskKilled always
 */
export function badCall(k: Kernel, regs: Registers, name: string, reason: unknown): never {
	const sentence = `${name}() was called with what it cannot use: ${reason instanceof Error ? reason.message : reason}`;
	modulesOf(k).damage ??= sentence;
	inReport(k, 'bug', () => {
		printk(k, 1, `mmtop: ${sentence}`);
		sayDead(k, k.era.invalidOpcode, 0);
		sayWhere(k, {...regs, eip: wordAt(k, regs.general[ESP]! >>> 0) ?? regs.eip});
	});
	die(k);
}

/** @throws TaskKilled always */
export function kernelFault(k: Kernel, regs: Registers, address: number, write: boolean): never {
	const isPresent = kernelToPhysical(k, kernelAddress(address)) !== undefined;
	const error = (write ? 2 : 0) | (isPresent ? 1 : 0);
	inReport(k, 'oops', () => {
		for (const line of k.era.oopsLines(address, error)) printk(k, 1, line);
		showPageTable(k, address);
		sayDead(k, 'Oops', error);
		sayWhere(k, regs, address);
	});
	// Interrupts stay off where the fault was at an address of the kernel's.
	if (address >= TASK_SIZE && k.era.notesIrqsDisabled) {
		const {comm, pid} = k.cpu.current;
		printk(k, 6, `note: ${comm}[${pid}] exited with irqs disabled`);
	}
	die(k, SIGKILL);
}

const NAMES: Readonly<Partial<Record<Trap['exception'], string>>> = {
	'#DE': 'divide error',
	'#UD': 'invalid opcode',
	'#GP': 'general protection fault',
	'#BP': 'int3',
	'#OF': 'overflow',
	'#BR': 'bounds',
};

/** Exceptions whose name says all that there is to say. */
const SAID_BY_LINUX: readonly Trap['exception'][] = ['#DE', '#BP', '#OF', '#BR'];

/** BUG() ends whoever ran it, WARN() goes on behind its ud2. @throws TaskKilled unless it is a warning */
export function bugTrap(k: Kernel, regs: Registers, trap: Trap): void {
	const module = moduleAt(k, regs.eip);
	const entry =
		trap.exception === '#UD' ? module && bugTableOf(module.image).find(({address}) => address === regs.eip) : undefined;
	if (entry?.isWarning) {
		const where = `${entry.file}:${entry.line} ${addressName(k, regs.eip)}`;
		WARN(k, where, undefined, stack_trace(k, 'bugTrap'), registerLines(k, regs, 0));
		regs.eip += 2;
		return;
	}
	const bug = entry && `kernel BUG at ${entry.file}:${entry.line}!`;
	const say = () => {
		if (bug !== undefined) {
			printk(k, k.era.bugLevels.cut, '------------[ cut here ]------------');
			printk(k, k.era.bugLevels.bug, bug);
		} else if (!SAID_BY_LINUX.includes(trap.exception)) printk(k, 4, `mmtop: ${trap.what}`);
		sayDead(k, entry ? k.era.invalidOpcode : (NAMES[trap.exception] ?? trap.exception), 0);
		sayWhere(k, regs);
	};
	if (bug !== undefined) inReport(k, 'bug', say, {says: bug});
	else inReport(k, 'oops', say);
	die(k);
}
