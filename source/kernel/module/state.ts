/** What a kernel knows of loaded modules: who they are, and the addresses by which C and the kernel know each other. */
import type {Registers} from '../../hardware/cpu/processor.ts';
import type {Context} from '../cpu.ts';
import type {file_operations} from '../fs/file.ts';
import type {poll_table} from '../fs/poll.ts';
import type {Kernel} from '../kernel.ts';
import type {vm_operations_struct} from '../mm/mm_types.ts';
import type {kmem_cache} from '../mm/slab.ts';
import type {task_struct} from '../sched.ts';
import type {Sleeps} from '../time.ts';
import type {Image} from './image.ts';
import type {LineTable} from './lines.ts';
import type {WindowSpace} from './windows.ts';

/** A function of the kernel as C calls it. */
export type GateCall = {
	readonly k: Kernel;
	/** The n-th word of the arguments, unsigned. */
	readonly arg: (n: number) => number;
	/** Where the arguments lie: for those that come in any number. */
	readonly args: number;
	/** Where the call returns to. */
	readonly caller: number;
};

/** What a call gives: nothing, a word, or the two words of a long long. */
export type GateResult = number | void | readonly [low: number, high: number];
export type Gate = {
	readonly name: string;
	readonly run: (call: GateCall) => GateResult | Sleeps<GateResult>;
	/** Bytes of arguments that it takes off the stack: a function that gives a structure does. */
	readonly pops?: number;
};

/** A call of C: its registers, where on the kernel stack it began, and the task or interrupt that makes it. */
export type CallOfC = {readonly regs: Registers; readonly top: number; readonly context: Context | undefined};

export type LoadedModule = {
	readonly name: string;
	readonly image: Image;
	readonly lines: LineTable;
	/** Types of a function's parameters, where the debug information has them. */
	readonly parametersOf: (functionName: string) => readonly string[] | undefined;
	/** The struct module that THIS_MODULE points to. */
	readonly address: number;
	/** Bytes of code and data that stay. */
	readonly sizeBytes: number;
	readonly init: number | undefined;
	readonly exit: number | undefined;
	refcount: number;
	state: 'Loading' | 'Live' | 'Unloading';
	/** Names of the modules that use what it exports. */
	readonly users: Set<string>;
};

export type ModuleState = {
	readonly loaded: Map<string, LoadedModule>;
	/** Gates by address, and what is exported by name: gates and variables. */
	readonly gates: ReadonlyMap<number, Gate>;
	readonly symbols: Map<string, number>;
	readonly windows: WindowSpace;
	/** Methods of C as the kernel calls them, by the address of their table. */
	readonly file_operations: Map<number, file_operations>;
	readonly vm_operations: Map<number, vm_operations_struct>;
	readonly fileOperations: (table: number) => file_operations;
	readonly vmOperations: (table: number) => vm_operations_struct;
	/** And the address of a table that a driver of ours or of C has given. */
	readonly addresses: WeakMap<object, number>;
	/** What hangs beside objects of C, by their address: a device, a pool. */
	readonly beside: Map<number, unknown>;
	/** Calls of C that are under way, the newest last. */
	readonly calls: CallOfC[];
	/** Functions of C in one of these calls of what runs now, the innermost first; 0 is the newest call. */
	readonly framesOf: (depth: number) => readonly string[];
	/** Name of the module that the newest of them is in. */
	readonly moduleNow: () => string | undefined;
	/** The same by kind, for what may lie where something of another kind lay: who waits for a mutex, a timer. */
	readonly besideByKind: Map<string, Map<number, unknown>>;
	/** Who waits in poll(), by the address of the table that C's poll method is given. */
	readonly polling: Map<number, poll_table>;
	/** What a wake-up calls for an entry of IOCB_CMD_POLL. */
	readonly pollFuncs: Map<number, () => void>;
	/** A task is gone: so is what C knew of it. */
	readonly forgetTask: (task: task_struct) => void;
	/** A lock was found to be wrong: no more is said of locks. */
	locksWereWrong: boolean;
	/** Caches of the kernel's own objects, which no driver writes to. */
	readonly kernelCaches: ReadonlySet<kmem_cache>;
	/** Pages that a driver has stored to without right, as far as that was reported. */
	readonly reported: Set<number>;
	/** The first such store, in words: what breaks afterwards may come of it. */
	damage: string | undefined;
};

/** @throws Error before the first module: nothing of C can run then */
export function modulesOf(k: Kernel): ModuleState {
	if (!k.modules) throw new Error('there are no modules yet');
	return k.modules;
}

/** Calls of C in what the CPU runs now, the newest last: an interrupt's are not those of the task below it. */
export function callsNow(k: Kernel): readonly CallOfC[] {
	const context = k.cpu.stack.at(-1);
	return modulesOf(k).calls.filter(each => each.context === context);
}

/** What hangs beside objects of C of one kind, by their address. It goes with the module that they lie in. */
export function besides<T>(k: Kernel, kind: string): Map<number, T> {
	const {besideByKind} = modulesOf(k);
	const found = besideByKind.get(kind);
	if (found) return found as Map<number, T>;
	const made = new Map<number, T>();
	besideByKind.set(kind, made);
	return made;
}
