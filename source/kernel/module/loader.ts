/**
 * Models sys_init_module(), load_module() and sys_delete_module() (kernel/module.c, 2.6.11 and later).
 *
 * Not modelled: forced loading and unloading, versions of symbols, signatures, notifiers, the order of sections that
 * are discarded; waiting for a module of the same name, or for one whose symbols are used, that is still in its init.
 */
import {
	type KernelLogicalAddress,
	type KernelVirtualAddress,
	kernelAddress,
	logicalAddress,
} from '../../hardware/address.ts';
import {EAGAIN, EBUSY, EEXIST, ENOENT, ENOEXEC, ENOMEM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {kwrite} from '../mm/access.ts';
import {GFP_KERNEL} from '../mm/gfp.ts';
import {kfree, kmalloc, type kmem_cache, try_kzalloc} from '../mm/slab.ts';
import {vfree, vmalloc} from '../mm/vmalloc.ts';
import {log_store, printk} from '../printk.ts';
import {add_taint} from '../stacktrace.ts';
import type {Sleeps} from '../time.ts';
import {vmOperationsOf} from './areaMethods.ts';
import {callC, freeKernelStack} from './callC.ts';
import {EXPORTS} from './exports/list.ts';
import {find_symbol} from './find_symbol.ts';
import {placeGates} from './gates.ts';
import {addressNamed, type Image, layout, relocate} from './image.ts';
import {offsetOf, sizeOf} from './layouts.ts';
import {leftBehind} from './leftovers.ts';
import {lineTableOf} from './lines.ts';
import {fileOperationsOf} from './methods.ts';
import {isGplCompatible, licenceOf, readModinfo, vermagicComplaint} from './modinfo.ts';
import {type ElfObject, ObjectError} from './object.ts';
import {framesOfCall, moduleOfCall} from './oops.ts';
import {freeTexts, parameterMemory} from './parameterMemory.ts';
import {type ModuleParameter, parametersOf, settingComplaint, settingsOf} from './params.ts';
import {setParameter} from './paramValues.ts';
import {parseObject} from './parse.ts';
import {parameterTypes} from './signatures.ts';
import {type LoadedModule, type ModuleState, modulesOf} from './state.ts';
import {pageWindow} from './structureWindows.ts';
import {credSeen} from './taskWindow.ts';
import {putText} from './text.ts';
import {placeVariables} from './variables.ts';
import {WindowSpace} from './windows.ts';

/**
 * Makes what modules need, for the first one: gates in the text, and variables that are exported.
 * @returns undefined without memory
 */
function modules_init(k: Kernel): ModuleState | undefined {
	if (k.modules) return k.modules;
	const gates = placeGates(k, EXPORTS);
	const symbols = new Map([...gates].map(([address, {name}]) => [name, address]));
	const state: ModuleState = {
		loaded: new Map(),
		gates,
		symbols,
		windows: new WindowSpace(k, pageWindow),
		file_operations: new Map(),
		vm_operations: new Map(),
		fileOperations: table => fileOperationsOf(k, table),
		vmOperations: table => vmOperationsOf(k, table),
		addresses: new WeakMap(),
		beside: new Map(),
		calls: [],
		framesOf: depth => framesOfCall(k, depth),
		moduleNow: () => moduleOfCall(k)?.name,
		besideByKind: new Map(),
		polling: new Map(),
		pollFuncs: new Map(),
		forgetTask(task) {
			state.windows.forget(task);
			state.windows.forget(task.signals);
			state.windows.forget(credSeen(task));
			freeKernelStack(k, task);
		},
		locksWereWrong: false,
		kernelCaches: new Set(k.slab.caches.filter(cache => !isKmalloc(k, cache))),
		reported: new Set(),
		damage: undefined,
	};
	if (!placeVariables(k, symbols, state.windows)) return undefined;
	k.modules = state;
	return state;
}

const isKmalloc = ({slab}: Kernel, cache: kmem_cache): boolean =>
	slab.sizes.includes(cache) || slab.dmaSizes.includes(cache);

function readObject(k: Kernel, name: string, bytes: Uint8Array): ElfObject | number {
	try {
		const object = parseObject(bytes);
		const complaint = vermagicComplaint(readModinfo(object), k.era);
		if (complaint === undefined) return object;
		printk(k, 3, `${name}: ${complaint}`);
	} catch (error) {
		if (!(error instanceof ObjectError)) throw error;
		printk(k, 3, `${name}: ${error.message}`);
	}
	return -ENOEXEC;
}

/** The struct module of a module, which is bytes of its own. @returns undefined without memory */
function makeThisModule(k: Kernel, name: string): KernelLogicalAddress | undefined {
	const at = try_kzalloc(k, sizeOf('module'), GFP_KERNEL);
	if (at === undefined) return undefined;
	const letters = [...name].slice(0, 59).map(letter => letter.charCodeAt(0));
	kwrite(k, kernelAddress(at + offsetOf('module', 'name')), Uint8Array.from(letters));
	return at;
}

/** Writes an area of a module where it lies. */
function placeArea(k: Kernel, image: Image, area: 'core' | 'init'): void {
	if (image.bytes[area].length > 0) kwrite(k, kernelAddress(image.base[area]), image.bytes[area]);
}

function* allocate(k: Kernel, sizeBytes: number): Sleeps<KernelVirtualAddress | 0 | undefined> {
	return sizeBytes === 0 ? 0 : yield* vmalloc(k, sizeBytes, 'module_alloc');
}

function free(k: Kernel, address: number): void {
	if (address !== 0) vfree(k, kernelAddress(address));
}

/**
 * Loads a module and runs its init function, for the current task. Sleeps.
 * @param name of its file, without an ending
 * @returns 0, -ENOEXEC, -EEXIST, -ENOENT (a symbol or parameter is unknown), -EINVAL, -ENOMEM, or what init returns
 */
export function* load_module(k: Kernel, name: string, bytes: Uint8Array, parameters: string): Sleeps<number> {
	const state = modules_init(k);
	if (!state) return -ENOMEM;
	const {loaded} = state;
	const object = readObject(k, name, bytes);
	if (typeof object === 'number') return object;
	if (loaded.has(name)) return -EEXIST;
	const image = yield* place(k, name, object);
	if (typeof image === 'number') return image;
	const {module, used} = image;
	loaded.set(name, module);
	for (const owner of used) owner.users.add(name);
	let result = yield* setParameters(k, module, parameters);
	if (result === 0 && module.init !== undefined) result = yield* callC(k, module.init, []);
	if (result < 0) {
		yield* unload(k, module);
		return result;
	}
	module.state = 'Live';
	free(k, module.image.base.init);
	return 0;
}

type Placed = {readonly module: LoadedModule; readonly used: readonly LoadedModule[]};

/** Finds room for a module, and writes it there. */
function* place(k: Kernel, name: string, object: ElfObject): Sleeps<Placed | number> {
	const at = layout(object);
	const core = yield* allocate(k, at.sizeBytes.core);
	const init = yield* allocate(k, at.sizeBytes.init);
	const address = makeThisModule(k, name);
	const isShort = core === undefined || init === undefined || address === undefined;
	// Another insmod may have come first while this one waited for memory.
	if (isShort || modulesOf(k).loaded.has(name)) {
		for (const area of [core, init]) free(k, area ?? 0);
		kfree(k, address);
		return isShort ? -ENOMEM : -EEXIST;
	}
	const used = new Set<LoadedModule>();
	const image = relocate(object, at, {core, init}, symbol => {
		if (symbol === '__this_module') return address;
		const found = find_symbol(k, symbol);
		if (found?.owner) used.add(found.owner);
		return found?.address;
	});
	if ('unknown' in image) {
		for (const symbol of image.unknown) printk(k, 4, `${name}: ${k.era.unknownSymbolLine(symbol)}`);
		free(k, core);
		free(k, init);
		kfree(k, address);
		return -ENOENT;
	}
	if (k.era.outOfTreeModuleLine && !k.log.taints.has('O')) log_store(k, 4, k.era.outOfTreeModuleLine(name));
	add_taint(k, 'O');
	const licence = licenceOf(readModinfo(object));
	if (!isGplCompatible(licence) && !k.log.taints.has('P')) {
		add_taint(k, 'P');
		log_store(k, 4, `${name}: module license '${licence}' taints kernel.`);
	}
	placeArea(k, image, 'core');
	placeArea(k, image, 'init');
	const module: LoadedModule = {
		name,
		image,
		lines: lineTableOf(object),
		parametersOf: functionName => parameterTypes(object, functionName),
		address,
		sizeBytes: at.sizeBytes.core,
		init: addressNamed(image, 'init_module'),
		exit: addressNamed(image, 'cleanup_module'),
		refcount: 0,
		state: 'Loading',
		users: new Set(),
	};
	return {module, used: [...used]};
}

/** A parameter that has a function of its own gets its text, or NULL where there was no `=`. */
function* callSet(k: Kernel, {set, address}: ModuleParameter, value: string | undefined): Sleeps<number> {
	if (value === undefined) return yield* callC(k, set, [0, address]);
	const text = yield* kmalloc(k, value.length + 1, GFP_KERNEL);
	if (text === undefined) return -ENOMEM;
	putText(k, text, value);
	const result = yield* callC(k, set, [text, address]);
	kfree(k, text);
	return result;
}

/** @returns 0, -ENOENT for a name that it has no parameter for, or what is wrong with a value */
function* setParameters(k: Kernel, {name, image}: LoadedModule, line: string): Sleeps<number> {
	const found = settingsOf(parametersOf(image), line, k.era);
	if ('unknown' in found) {
		printk(k, 3, `${name}: Unknown parameter \`${found.unknown}'`);
		return -ENOENT;
	}
	for (const ignored of found.ignored) printk(k, 4, `${name}: unknown parameter '${ignored}' ignored`);
	const memory = parameterMemory(k);
	for (const {parameter, word} of found.settings) {
		const {errno, line: said} =
			parameter.set === 0
				? setParameter(parameter, word.value, memory, k.era)
				: {errno: yield* callSet(k, parameter, word.value), line: undefined};
		if (errno === 0) continue;
		if (said !== undefined) printk(k, 3, `${name}: ${said}`);
		printk(k, 3, `${name}: ${settingComplaint(errno, word)}`);
		return errno;
	}
	return 0;
}

/** Takes a module out of memory; what the kernel kept of its methods goes with it. */
function* unload(k: Kernel, module: LoadedModule): Sleeps<void> {
	const state = modulesOf(k);
	const left = k.watcher ? leftBehind(k, module) : [];
	const {base, bytes} = module.image;
	const isInside = (address: number) => address >= base.core && address < base.core + bytes.core.length;
	freeTexts(k, isInside);
	for (const known of [state.file_operations, state.vm_operations, state.beside, ...state.besideByKind.values()])
		for (const address of known.keys()) if (isInside(address)) known.delete(address);
	state.loaded.delete(module.name);
	for (const other of state.loaded.values()) other.users.delete(module.name);
	free(k, base.core);
	if (module.state === 'Loading') free(k, base.init);
	kfree(k, logicalAddress(module.address));
	k.watcher?.moduleLeft(module.name, left);
}

/**
 * Runs a module's exit function and takes it out. Sleeps.
 * @returns 0, -ENOENT, -EWOULDBLOCK where it is in use, -EBUSY where it has no exit function
 */
export function* sys_delete_module(k: Kernel, name: string): Sleeps<number> {
	const module = k.modules?.loaded.get(name);
	if (!module) return -ENOENT;
	if (module.refcount > 0 || module.users.size > 0) return -EAGAIN;
	if (module.state !== 'Live' || (module.init !== undefined && module.exit === undefined)) return -EBUSY;
	module.state = 'Unloading';
	if (module.exit !== undefined) yield* callC(k, module.exit, []);
	yield* unload(k, module);
	return 0;
}

/** Loaded modules as /proc/modules lists them, newest first. */
export const loadedModules = (k: Kernel) =>
	[...(k.modules?.loaded.values() ?? [])].reverse().map(({name, sizeBytes, refcount, users, state, image}) => ({
		name,
		sizeBytes,
		refcount: refcount + users.size,
		users: [...users],
		state,
		address: image.base.core,
	}));
