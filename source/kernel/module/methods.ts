/** Tables of methods that C hands to the kernel, as the kernel calls them. */
import {kernelAddress, type Pfn, pfn, type UserAddress} from '../../hardware/address.ts';
import type {file, file_operations, inode} from '../fs/file.ts';
import type {Kernel} from '../kernel.ts';
import {kread, kread32} from '../mm/access.ts';
import {
	type FaultResult,
	VM_FAULT_OOM,
	VM_FAULT_SIGBUS,
	type vm_area_struct,
	type vm_fault,
	type vm_operations_struct,
} from '../mm/mm_types.ts';
import type {Sleeps} from '../time.ts';
import {aioMethods} from './aioMethods.ts';
import {callC, callCNow, callCWide, onStack} from './callC.ts';
import {offsetOf, sizeOf} from './layouts.ts';
import {addressName, moduleAt} from './oops.ts';
import {type LoadedModule, modulesOf} from './state.ts';
import {fileWindow, inodeWindow, vmaWindow} from './structureWindows.ts';

const methodAt = <Name extends 'file_operations' | 'vm_operations_struct'>(k: Kernel, table: number, name: Name) =>
	((field: Parameters<typeof offsetOf<Name>>[1]) => kread32(k, kernelAddress(table + offsetOf(name, field)))) as (
		field: string,
	) => number;

/** Without the offset: what a table of methods is called in its source. */
const nameOf = (k: Kernel, address: number) => addressName(k, address).replace(/\+.*/, '');

const fileAt = (k: Kernel, file: file) => modulesOf(k).windows.addressOf(fileWindow, file);
const inodeAt = (k: Kernel, inode: inode) => modulesOf(k).windows.addressOf(inodeWindow, inode);
const vmaAt = (k: Kernel, vma: vm_area_struct) => modulesOf(k).windows.addressOf(vmaWindow, vma);

/** A loff_t that C may move, for the length of a call. */
function* withPosition(
	k: Kernel,
	pos: number,
	call: (at: number) => Sleeps<number>,
): Sleeps<{result: number; pos: number}> {
	const bytes = new Uint8Array(Int32Array.of(pos | 0, Math.floor(pos / 2 ** 32)).buffer);
	return yield* onStack(k, bytes, function* (at) {
		const result = yield* call(at);
		const words = new DataView(kread(k, kernelAddress(at), 8).buffer);
		return {result, pos: words.getInt32(4, true) * 2 ** 32 + words.getUint32(0, true)};
	});
}

/** The file_operations of C at an address. */
export function fileOperationsOf(k: Kernel, table: number): file_operations {
	const {file_operations: known, addresses} = modulesOf(k);
	const found = known.get(table);
	if (found) return found;
	const made = makeFileOperations(k, table);
	known.set(table, made);
	addresses.set(made, table);
	return made;
}

type Mutable<T> = {-readonly [Key in keyof T]: T[Key]};

function makeFileOperations(k: Kernel, table: number): file_operations {
	const method = methodAt(k, table, 'file_operations');
	const owner = moduleAt(k, table);
	const made: Mutable<file_operations> = {name: nameOf(k, table)};
	const transfer = (entry: number) =>
		function* (k: Kernel, file: file, buffer: UserAddress, count: number, pos: number): Sleeps<number> {
			const moved = yield* withPosition(k, pos, at => callC(k, entry, [fileAt(k, file), buffer, count, at]));
			file.posAfter = moved.pos;
			return moved.result;
		};
	if (method('read')) made.read = transfer(method('read'));
	if (method('write')) made.write = transfer(method('write'));
	Object.assign(made, aioMethods(k, method));
	made.open = (k, inode, file) => open(k, owner, method('open'), inode, file);
	made.release = (k, inode, file) => release(k, owner, method('release'), inode, file);
	const llseek = method('llseek');
	if (llseek) {
		made.llseek = function* (k, file, offset, whence) {
			const args = [fileAt(k, file), offset | 0, Math.floor(offset / 2 ** 32), whence];
			const [low, high] = yield* callCWide(k, llseek, args);
			return high * 2 ** 32 + (low >>> 0);
		};
	}
	const mmap = method('mmap');
	if (mmap) made.mmap = (k, file, vma) => callC(k, mmap, [fileAt(k, file), vmaAt(k, vma)]);
	const ioctl = method('unlocked_ioctl');
	const oldIoctl = k.era.driverIoctlTakesInode ? method('ioctl') : 0;
	if (ioctl) made.ioctl = (k, file, command, argument) => callC(k, ioctl, [fileAt(k, file), command, argument]);
	else if (oldIoctl) {
		made.ioctl = (k, file, command, argument) =>
			callC(k, oldIoctl, [inodeAt(k, file.inode), fileAt(k, file), command, argument]);
	}
	return made;
}

/** Opening holds the module. */
function* open(k: Kernel, owner: LoadedModule | undefined, entry: number, inode: inode, file: file): Sleeps<number> {
	if (owner) owner.refcount++;
	const result = entry === 0 ? 0 : yield* callC(k, entry, [inodeAt(k, inode), fileAt(k, file)]);
	if (result < 0 && owner) owner.refcount--;
	return result;
}

function* release(k: Kernel, owner: LoadedModule | undefined, entry: number, inode: inode, file: file): Sleeps<number> {
	const result = entry === 0 ? 0 : yield* callC(k, entry, [inodeAt(k, inode), fileAt(k, file)]);
	if (owner) owner.refcount--;
	modulesOf(k).windows.forget(file);
	return result;
}

/** The vm_operations_struct of C at an address. */
export function vmOperationsOf(k: Kernel, table: number): vm_operations_struct {
	const {vm_operations: known, addresses} = modulesOf(k);
	const found = known.get(table);
	if (found) return found;
	const method = methodAt(k, table, 'vm_operations_struct');
	const made: Mutable<vm_operations_struct> = {name: nameOf(k, table)};
	const [openEntry, closeEntry] = [method('open'), method('close')];
	if (openEntry) made.open = (k, vma) => void callCNow(k, openEntry, [vmaAt(k, vma)]);
	if (closeEntry) {
		made.close = (k, vma) => {
			callCNow(k, closeEntry, [vmaAt(k, vma)]);
			modulesOf(k).windows.forget(vma);
		};
	}
	const [faultEntry, nopage] = [method('fault'), k.era.driversHaveNopage ? method('nopage') : 0];
	if (faultEntry) made.fault = (k, vma, vmf) => fault(k, faultEntry, vma, vmf);
	else if (nopage) made.fault = (k, vma, vmf) => nopageFault(k, nopage, vma, vmf);
	known.set(table, made);
	addresses.set(made, table);
	return made;
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
