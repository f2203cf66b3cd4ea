import {physicalAddress, type UserAddress, userAddress} from '../../../source/hardware/address.ts';
import {Disk} from '../../../source/hardware/disk.ts';
import {pci_scan_function} from '../../../source/kernel/drivers/device.ts';
import {type scsi_disk, sd_probe} from '../../../source/kernel/drivers/sd.ts';
import {IS_ERR} from '../../../source/kernel/errno.ts';
import {emptyFiles, type FilesStruct, type inode} from '../../../source/kernel/fs/file.ts';
import {type LabFs, labfs, labfs_install} from '../../../source/kernel/fs/labfs.ts';
import {tmpfs} from '../../../source/kernel/fs/shmem.ts';
import {mount} from '../../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {mm_alloc} from '../../../source/kernel/mm/mm.ts';
import type {mm_struct} from '../../../source/kernel/mm/mm_types.ts';
import {MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE} from '../../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {createTask, wake_up_new_task} from '../../../source/kernel/new_task.ts';
import type {task_struct} from '../../../source/kernel/sched.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {bootTestKernel, stepUntil, type TestKernelOptions} from '../support.ts';

export type DiskMachine = {
	readonly k: Kernel;
	readonly disk: Disk;
	readonly sd: scsi_disk;
	readonly fs: LabFs;
};

/** A machine with one disk of 64 MiB, a filesystem of ours on it at /, and a tmpfs at /tmp. */
export function bootWithDisk(options: TestKernelOptions & {readonly sectors?: number} = {}): DiskMachine {
	const k = bootTestKernel(options);
	const disk = new Disk(k.hw, {
		address: '0000:00:1f.1',
		registers: physicalAddress(0xfebf_0000),
		interruptLine: 14,
		sectors: options.sectors ?? 131_072,
	});
	const sd = sd_probe(k, pci_scan_function(k, disk.pci), 'sda');
	if (typeof sd === 'number') throw new Error(`sd_probe: ${sd}`);
	const fs = labfs(sd.bdev, '/');
	mount(k, fs);
	mount(k, tmpfs('/tmp', {major: 0, minor: 0x14}));
	return {k, disk, sd, fs};
}

/** Puts a file of `pages` pages on the disk. */
export const install = ({k, fs}: DiskMachine, path: string, pages: number): inode => labfs_install(k, fs, path, pages);

/** A process: its memory, of which this is a user too, and its open files outlive one body. */
export type Process = {readonly mm: mm_struct; readonly files: FilesStruct};

export function newProcess(k: Kernel): Process {
	const mm = mm_alloc(k);
	if (!mm) throw new Error('no memory for an mm');
	return {mm, files: emptyFiles()};
}

/** Starts a body as a task of a process. */
export function start(
	k: Kernel,
	{mm}: Process,
	files: FilesStruct,
	body: () => Sleeps<unknown>,
	comm = 'test',
): task_struct {
	mm.mm_users++;
	const task = createTask(k, {comm, mm, parent: null, files});
	wake_up_new_task(k, task, function* () {
		yield* body();
	});
	return task;
}

/** Runs a body in a process to its end, within a number of events. @returns what it returned */
export function runIn<T>(
	k: Kernel,
	process: Process,
	body: () => Sleeps<T>,
	comm = 'test',
	mostEvents = Number.POSITIVE_INFINITY,
): T {
	const outcome: {value?: T; error?: unknown; done: boolean} = {done: false};
	process.mm.mm_users++;
	const files: FilesStruct = {fds: new Map(process.files.fds), close_on_exec: new Set()};
	const task = createTask(k, {comm, mm: process.mm, parent: null, files});
	wake_up_new_task(k, task, function* () {
		try {
			outcome.value = yield* body();
		} catch (error) {
			outcome.error = error;
		}
		// Keep what it opened for the next body; exit would close it.
		process.files.fds.clear();
		for (const [fd, file] of task.files.fds) process.files.fds.set(fd, file);
		task.files.fds.clear();
		outcome.done = true;
	});
	stepUntil(k, () => outcome.done, mostEvents);
	if ('error' in outcome) throw outcome.error;
	return outcome.value as T;
}

/** Fresh memory of the calling task, readable and writable. */
export function* userBuffer(k: Kernel, sizeBytes: number): Sleeps<UserAddress> {
	const at = yield* sys_mmap2(k, 0, sizeBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (IS_ERR(at)) throw new Error(`mmap: ${at}`);
	return userAddress(at);
}

/** Bytes of the disk where a file lies. */
export function onDisk({disk}: DiskMachine, inode: inode, pos: number, lengthBytes: number): Uint8Array {
	const result = new Uint8Array(lengthBytes);
	for (let done = 0; done < lengthBytes; ) {
		const at = pos + done;
		const sector = inode.sectorOf!(Math.floor(at / 4096));
		const length = Math.min(lengthBytes - done, 4096 - (at % 4096));
		if (sector !== undefined) {
			const page = disk.store.read(sector, 8);
			result.set(page.subarray(at % 4096, (at % 4096) + length), done);
		}
		done += length;
	}
	return result;
}
