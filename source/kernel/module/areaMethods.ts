/** vm_operations_struct that C hands to the kernel, as the kernel calls them. */
import {kernelAddress, type Pfn, pfn} from '../../hardware/address.ts';
import {charge} from '../cpu.ts';
import type {Kernel} from '../kernel.ts';
import {kread32, oops} from '../mm/access.ts';
import {
	type FaultResult,
	VM_FAULT_LOCKED,
	VM_FAULT_OOM,
	VM_FAULT_SIGBUS,
	type vm_area_struct,
	type vm_fault,
	type vm_operations_struct,
} from '../mm/mm_types.ts';
import type {Sleeps} from '../time.ts';
import {callC, onStack} from './callC.ts';
import {type FieldName, offsetOf, sizeOf} from './layouts.ts';
import {tableName} from './methods.ts';
import {modulesOf} from './state.ts';
import {vmaWindow} from './structureWindows.ts';

/** What a method stopped at. */
type Waiting = Exclude<Sleeps<unknown> extends Generator<infer Stop> ? Stop : never, number>;

type Mutable<T> = {-readonly [Key in keyof T]: T[Key]};

const vmaAt = (k: Kernel, vma: vm_area_struct) => modulesOf(k).windows.addressOf(vmaWindow, vma);

/** The vm_operations_struct of C at an address. */
export function vmOperationsOf(k: Kernel, table: number): vm_operations_struct {
	const {vm_operations: known, addresses} = modulesOf(k);
	const found = known.get(table);
	if (found) return found;
	const method = (name: FieldName<'vm_operations_struct'>) =>
		kread32(k, kernelAddress(table + offsetOf('vm_operations_struct', name)));
	const made: Mutable<vm_operations_struct> = {name: tableName(k, table)};
	const [openEntry, closeEntry] = [method('open'), method('close')];
	if (openEntry) made.open = (k, vma) => callSoon(k, vma, () => callC(k, openEntry, [vmaAt(k, vma)]));
	if (closeEntry) {
		made.close = (k, vma) =>
			callSoon(k, vma, function* () {
				yield* callC(k, closeEntry, [vmaAt(k, vma)]);
				modulesOf(k).windows.forget(vma);
				return 0;
			});
	}
	const [faultEntry, nopage] = [method('fault'), k.era.driversHaveNopage ? method('nopage') : 0];
	if (faultEntry) made.fault = (k, vma, vmf) => fault(k, faultEntry, vma, vmf);
	else if (nopage) made.fault = (k, vma, vmf) => nopageFault(k, nopage, vma, vmf);
	known.set(table, made);
	addresses.set(made, table);
	return made;
}

/**
 * Calls a method at once, as far as it does not sleep: it sees the area as it is now. The rest, or what went wrong,
 * comes before the semaphore of the address space is let go, and with it all that is called meanwhile.
 */
function callSoon(k: Kernel, {vm_mm}: vm_area_struct, call: () => Sleeps<number>): void {
	if (vm_mm.later.length > 0) {
		vm_mm.later.push(call);
		return;
	}
	const running = call();
	try {
		for (;;) {
			const {value, done} = running.next();
			if (done) return;
			if (typeof value === 'number') charge(k, value);
			else {
				vm_mm.later.push(() => goOn(value, running));
				return;
			}
		}
	} catch (reason) {
		vm_mm.later.push(() => fail(reason));
	}
}

/** A call that has begun, from where it stopped. */
function* goOn(stop: Waiting, running: Sleeps<number>): Sleeps<number> {
	yield stop;
	return yield* running;
}

function* fail(reason: unknown): Sleeps<number> {
	throw reason;
}

/** The frame of a struct page that C gives. */
export function frameOf(k: Kernel, page: number): Pfn | undefined {
	const frame = (page - k.layout.mem_map) / k.era.sizeofStructPage;
	return Number.isInteger(frame) && frame >= 0 && frame < k.layout.max_pfn ? pfn(frame) : undefined;
}

/** A struct vm_fault on the stack, for one call. */
function* fault(k: Kernel, entry: number, vma: vm_area_struct, vmf: vm_fault): Sleeps<FaultResult> {
	const bytes = new Uint8Array(sizeOf('vm_fault'));
	const view = new DataView(bytes.buffer);
	view.setUint32(offsetOf('vm_fault', 'flags'), vmf.flags, true);
	view.setUint32(offsetOf('vm_fault', 'pgoff'), vmf.pgoff, true);
	view.setUint32(offsetOf('vm_fault', 'address'), vmf.virtual_address, true);
	if (!k.era.faultTakesArea) {
		view.setUint32(offsetOf('vm_fault', 'vma'), vmaAt(k, vma), true);
		return yield* onStack(k, bytes, at => withFault(k, at, callC(k, entry, [at]), vmf));
	}
	return yield* onStack(k, bytes, at => withFault(k, at, callC(k, entry, [vmaAt(k, vma), at]), vmf));
}

function* withFault(k: Kernel, at: number, call: Sleeps<number>, vmf: vm_fault): Sleeps<FaultResult> {
	const result = yield* call;
	const page = kread32(k, kernelAddress(at + offsetOf('vm_fault', 'page')));
	if (page !== 0) {
		const frame = frameOf(k, page);
		if (frame === undefined) return VM_FAULT_SIGBUS;
		vmf.page = frame;
	}
	// Linux locks the page that it says it gave.
	if (page === 0 && (result & ~VM_FAULT_LOCKED) === 0) oops(k, 0, true, false);
	return result;
}

const NOPAGE_OOM = 0xffff_ffff;

/** 2.6.11: the method gives the page itself. */
function* nopageFault(k: Kernel, entry: number, vma: vm_area_struct, vmf: vm_fault): Sleeps<FaultResult> {
	const page = (yield* callC(k, entry, [vmaAt(k, vma), vmf.virtual_address, 0])) >>> 0;
	if (page === NOPAGE_OOM) return VM_FAULT_OOM;
	const frame = page === 0 ? undefined : frameOf(k, page);
	if (frame === undefined) return VM_FAULT_SIGBUS;
	vmf.page = frame;
	return 0;
}
