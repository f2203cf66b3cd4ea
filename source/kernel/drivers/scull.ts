/**
 * What the book's drivers scullp and scullv share (LDD3 ch. 8 and 15): a device that keeps what is written to it in
 * pieces of memory, its quanta, and lets programs map them.
 *
 * Not modelled: ioctl (order and number of quanta are arguments here), /proc/scullpmem, seeking beyond what lseek does.
 */
import {
	type KernelVirtualAddress,
	kernelAddress,
	PAGE_SIZE,
	type Pfn,
	type UserAddress,
} from '../../hardware/address.ts';
import {EBUSY, EFAULT, EIOCBQUEUED, ENODEV, ENOMEM} from '../errno.ts';
import {aio_complete} from '../fs/aio_complete.ts';
import {register_chrdev} from '../fs/char_dev.ts';
import {type file, type file_operations, type iovec, O_ACCMODE, O_WRONLY} from '../fs/file.ts';
import {is_sync_kiocb, type kiocb, kiocbIs} from '../fs/kiocb.ts';
import {setKiocbPrivate} from '../fs/kiocb_memory.ts';
import {mknod} from '../fs/vfs.ts';
import type {Kernel} from '../kernel.ts';
import {type mutex, mutex_init, mutex_lock, mutex_unlock} from '../locking.ts';
import {kread, kwrite} from '../mm/access.ts';
import {
	type FaultResult,
	VM_FAULT_SIGBUS,
	type vm_area_struct,
	type vm_fault,
	type vm_operations_struct,
} from '../mm/mm_types.ts';
import {get_page} from '../mm/page.ts';
import {copy_from_user, copy_to_user} from '../mm/uaccess.ts';
import type {Sleeps} from '../time.ts';
import {schedule_work} from '../workqueue.ts';

/** What the driver does wrong with a control block that it left queued. */
export type ScullBug = 'completes twice' | 'touches after completion';

export type ScullDevice = {
	readonly name: string;
	/** A quantum is PAGE_SIZE << order bytes. */
	readonly order: number;
	/** Where each quantum lies; undefined for one that was never written. */
	readonly quanta: (KernelVirtualAddress | undefined)[];
	/** Bytes, up to the end of what was written. */
	size: number;
	/** Mappings that exist: while there are any, the memory stays. */
	vmas: number;
	readonly sem: mutex;
	/** How long an asynchronous operation pretends to take. */
	delayNs: number;
	bug: ScullBug | undefined;
	/** How long after a request's completion it does so; 0: at once, while nobody else has its memory. */
	bugDelayNs: number;
	/** Whose request had the memory when it last did so: a pid, or null while it was free. Undefined before. */
	cameBackTo: number | null | undefined;
};

/** How one of the drivers gets its memory. */
export type ScullMemory = {
	readonly name: string;
	/** @returns zeroed memory, or undefined */
	readonly alloc: (k: Kernel, order: number) => Sleeps<KernelVirtualAddress | undefined>;
	readonly free: (k: Kernel, address: KernelVirtualAddress, order: number) => void;
	/** Frame behind an address of it. */
	readonly toPage: (k: Kernel, address: KernelVirtualAddress) => Pfn | undefined;
	/** Quanta of several pages cannot be mapped: only their first page has a count of its own. */
	readonly mapsOrderZeroOnly: boolean;
};

export type ScullOptions = {readonly devices?: number; readonly order?: number};

const quantumOf = (dev: ScullDevice) => PAGE_SIZE << dev.order;

/** Frees everything, unless it is mapped. @returns 0 or -EBUSY */
export function scull_trim(k: Kernel, memory: ScullMemory, dev: ScullDevice): number {
	if (dev.vmas > 0) return -EBUSY;
	for (const address of dev.quanta) if (address !== undefined) memory.free(k, address, dev.order);
	dev.quanta.length = 0;
	dev.size = 0;
	return 0;
}

/** Reads to the end of the quantum at most. @returns bytes read or -EFAULT */
function* scull_read(k: Kernel, dev: ScullDevice, buffer: UserAddress, count: number, pos: number): Sleeps<number> {
	yield* mutex_lock(k, dev.sem);
	const result = yield* readQuantum(k, dev, buffer, count, pos);
	mutex_unlock(k, dev.sem);
	return result;
}

function* readQuantum(k: Kernel, dev: ScullDevice, buffer: UserAddress, count: number, pos: number): Sleeps<number> {
	if (pos >= dev.size) return 0;
	const quantum = quantumOf(dev);
	const offset = pos % quantum;
	const address = dev.quanta[Math.floor(pos / quantum)];
	if (address === undefined) return 0;
	const length = Math.min(count, dev.size - pos, quantum - offset);
	const missed = yield* copy_to_user(k, buffer, kread(k, kernelAddress(address + offset), length));
	return missed > 0 ? -EFAULT : length;
}

/** Writes to the end of the quantum at most, making it if need be. @returns bytes written, -EFAULT or -ENOMEM */
function* scull_write(
	k: Kernel,
	memory: ScullMemory,
	dev: ScullDevice,
	buffer: UserAddress,
	count: number,
	pos: number,
): Sleeps<number> {
	yield* mutex_lock(k, dev.sem);
	const result = yield* writeQuantum(k, memory, dev, buffer, count, pos);
	mutex_unlock(k, dev.sem);
	return result;
}

function* writeQuantum(
	k: Kernel,
	memory: ScullMemory,
	dev: ScullDevice,
	buffer: UserAddress,
	count: number,
	pos: number,
): Sleeps<number> {
	const quantum = quantumOf(dev);
	const index = Math.floor(pos / quantum);
	const offset = pos % quantum;
	const address = dev.quanta[index] ?? (yield* memory.alloc(k, dev.order));
	if (address === undefined) return -ENOMEM;
	dev.quanta[index] = address;
	const bytes = new Uint8Array(Math.min(count, quantum - offset));
	if ((yield* copy_from_user(k, bytes, buffer)) > 0) return -EFAULT;
	kwrite(k, kernelAddress(address + offset), bytes);
	dev.size = Math.max(dev.size, pos + bytes.length);
	return bytes.length;
}

/**
 * The data move at once, but an asynchronous caller is told later, as from a slow device: LDD3 page 440.
 * @returns the result for a synchronous control block, else -EIOCBQUEUED
 */
function scull_defer_op(k: Kernel, dev: ScullDevice, iocb: kiocb, result: number): number {
	if (is_sync_kiocb(iocb)) return result;
	kiocbIs(k, iocb, 'device', 'scull_defer_op');
	setKiocbPrivate(k, iocb, result);
	const after = (delayNs: number, work: () => void) =>
		k.hw.timeline.after(delayNs, () =>
			schedule_work(k, function* () {
				work();
			}),
		);
	after(dev.delayNs, () => aio_complete(k, iocb, iocb.private as number, 0));
	if (dev.bug) {
		const {bug} = dev;
		after(dev.delayNs + dev.bugDelayNs, () => comeBack(k, dev, iocb, result, bug));
	}
	return -EIOCBQUEUED;
}

/** To a request that is over: its memory is free or another's. */
function comeBack(k: Kernel, dev: ScullDevice, iocb: kiocb, result: number, bug: ScullBug): void {
	dev.cameBackTo = iocb.memory?.holder?.task.pid ?? null;
	if (bug === 'completes twice') aio_complete(k, iocb, result, 0);
	else setKiocbPrivate(k, iocb, 0);
}

function scull_vm_ops(memory: ScullMemory): vm_operations_struct {
	const deviceOf = (vma: vm_area_struct) => vma.vm_private_data as ScullDevice;
	return {
		name: `${memory.name}_vm_ops`,
		open: (_k, vma) => void deviceOf(vma).vmas++,
		close: (_k, vma) => void deviceOf(vma).vmas--,
		*fault(k: Kernel, vma: vm_area_struct, vmf: vm_fault): Sleeps<FaultResult> {
			const dev = deviceOf(vma);
			const offset = vmf.pgoff * PAGE_SIZE;
			const address = dev.quanta[Math.floor(offset / quantumOf(dev))];
			// A hole, or past the end: the program gets a signal, not zeros.
			if (offset >= dev.size || address === undefined) return VM_FAULT_SIGBUS;
			const page = memory.toPage(k, kernelAddress(address + (offset % quantumOf(dev))));
			if (page === undefined) return VM_FAULT_SIGBUS;
			get_page(k, page);
			vmf.page = page;
			return 0;
		},
	};
}

function scull_fops(memory: ScullMemory, devices: readonly ScullDevice[]): file_operations {
	const vm_ops = scull_vm_ops(memory);
	const deviceOf = (file: file) => file.private_data as ScullDevice;
	const first = (iov: readonly iovec[]) => iov.find(each => each.iov_len > 0) ?? iov[0]!;
	return {
		name: `${memory.name}_fops`,
		*open(k, inode, file) {
			const dev = devices[inode.i_rdev!.minor];
			if (!dev) return -ENODEV;
			file.private_data = dev;
			if ((file.f_flags & O_ACCMODE) !== O_WRONLY) return 0;
			yield* mutex_lock(k, dev.sem);
			// Opened for writing only: starts empty. A device that is mapped keeps what it has.
			scull_trim(k, memory, dev);
			mutex_unlock(k, dev.sem);
			return 0;
		},
		read: (k, file, buffer, count, pos) => scull_read(k, deviceOf(file), buffer, count, pos),
		write: (k, file, buffer, count, pos) => scull_write(k, memory, deviceOf(file), buffer, count, pos),
		*aio_read(k, iocb, iov, pos) {
			const dev = deviceOf(iocb.ki_filp);
			const {iov_base, iov_len} = first(iov);
			return scull_defer_op(k, dev, iocb, yield* scull_read(k, dev, iov_base, iov_len, pos));
		},
		*aio_write(k, iocb, iov, pos) {
			const dev = deviceOf(iocb.ki_filp);
			const {iov_base, iov_len} = first(iov);
			return scull_defer_op(k, dev, iocb, yield* scull_write(k, memory, dev, iov_base, iov_len, pos));
		},
		*mmap(k, file, vma) {
			const dev = deviceOf(file);
			if (memory.mapsOrderZeroOnly && dev.order !== 0) return -ENODEV;
			vma.vm_ops = vm_ops;
			vma.vm_flags |= k.era.driverReservedFlags;
			vma.vm_private_data = dev;
			vm_ops.open!(k, vma);
			return 0;
		},
	};
}

/** Loads a driver and makes its nodes, /dev/NAME0 and so on. @returns the devices, or -EBUSY */
export function scull_init(k: Kernel, memory: ScullMemory, options: ScullOptions): ScullDevice[] | number {
	const order = options.order ?? 0;
	const devices = Array.from({length: options.devices ?? 4}, (_, minor): ScullDevice => {
		const name = `${memory.name}${minor}`;
		// HZ/100 jiffies, which is 10 ms only where HZ is a multiple of 100.
		const delayNs = Math.floor(k.era.HZ / 100) * Math.round(1e9 / k.era.HZ);
		return {
			name,
			order,
			quanta: [],
			size: 0,
			vmas: 0,
			sem: mutex_init(name),
			delayNs,
			bug: undefined,
			bugDelayNs: 0,
			cameBackTo: undefined,
		};
	});
	const major = register_chrdev(k, 0, memory.name, scull_fops(memory, devices));
	if (major < 0) return major;
	for (const [minor, {name}] of devices.entries()) mknod(k, `/dev/${name}`, 'chrdev', {major, minor});
	return devices;
}
