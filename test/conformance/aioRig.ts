/**
 * The machine that answers AIO vectors: the nine kinds of files that the recorded program worked on, and that program's
 * memory.
 */
import {physicalAddress, userAddress} from '../../source/hardware/address.ts';
import {Disk} from '../../source/hardware/disk.ts';
import {pci_scan_function} from '../../source/kernel/drivers/device.ts';
import {chr_dev_init} from '../../source/kernel/drivers/mem.ts';
import {sd_probe} from '../../source/kernel/drivers/sd.ts';
import {errnoName} from '../../source/kernel/errno.ts';
import {O_RDWR} from '../../source/kernel/fs/file.ts';
import {labfs, labfs_install} from '../../source/kernel/fs/labfs.ts';
import {sys_ftruncate} from '../../source/kernel/fs/read_write.ts';
import {tmpfs} from '../../source/kernel/fs/shmem.ts';
import {mount, sys_open, vfs_create} from '../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_NONE, PROT_READ, PROT_WRITE} from '../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../source/kernel/mm/mmap.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import type {AioProgram} from '../kernel/fs/aioProgram.ts';
import {runProcess} from '../kernel/support.ts';
import {type AsyncDevice, asyncDevice} from './aioDevice.ts';
import type {Target} from './aioSession.ts';
import {runMachine} from './machines.ts';
import {ramDisk} from './ramDisk.ts';

export type Rig = {readonly k: Kernel; readonly device: AsyncDevice; readonly targets: readonly Target[]};

const filePages = 16;
const written = Uint8Array.from({length: 4096}, (_, i) => (i * 5) & 255);

/** What a target that held `before` holds after the program's first write. */
const afterWrite = (before: (pos: number, length: number) => Uint8Array) => (pos: number, length: number) => {
	const bytes = before(pos, length).slice();
	if (pos < written.length) bytes.set(written.subarray(pos, pos + length));
	return bytes;
};

/** The machine of a run, with the files that the program works on. */
export function newRig(run: string): Rig {
	const k = runMachine(run);
	const registers = physicalAddress(0xfebf_0000);
	const disk = new Disk(k.hw, {address: '0000:00:03.0', registers, interruptLine: 11, sectors: 131_072});
	const sd = sd_probe(k, pci_scan_function(k, disk.pci), 'sda');
	if (typeof sd === 'number') throw new Error(`sd_probe: ${errnoName(sd)}`);
	const fs = labfs(sd.bdev, '/');
	mount(k, fs);
	mount(k, tmpfs('/tmp', {major: 0, minor: 0x14}));
	chr_dev_init(k);
	const device = asyncDevice(k);
	const ram = ramDisk(k, 1 << 20);
	const file = labfs_install(k, fs, '/f', filePages);
	vfs_create(k, '/tmp/f');
	runProcess(k, function* () {
		const fd = yield* sys_open(k, '/tmp/f', O_RDWR);
		yield* sys_ftruncate(k, fd, filePages * 4096);
	});
	const onDisk = disk.store.read(0, 4 * filePages * 8);
	const inFile = disk.store.read(file.sectorOf!(0)!, filePages * 8);
	const part = (bytes: Uint8Array) => afterWrite((pos, length) => bytes.subarray(pos, pos + length));
	const zeros = (_pos: number, length: number) => new Uint8Array(length);
	const target = (name: string, path: string, contents: Target['contents']): Target => ({
		name,
		path,
		direct: name.endsWith('O_DIRECT'),
		contents,
	});
	const targets = [
		target('ext4 O_DIRECT', '/f', part(inFile)),
		target('ext4 buffered', '/f', part(inFile)),
		target('virtio block device O_DIRECT', '/dev/sda', part(onDisk)),
		target('brd ramdisk O_DIRECT', '/dev/ram0', part(ram.slice())),
		target('tmpfs buffered', '/tmp/f', afterWrite(zeros)),
		target('tmpfs O_DIRECT', '/tmp/f', zeros),
		target('LDD3-style async char driver (10ms deferred)', device.path, (pos, length) =>
			device.memory.slice(pos, pos + length),
		),
		target('/dev/null', '/dev/null', () => undefined),
		target('/dev/zero', '/dev/zero', zeros),
	];
	return {k, device, targets};
}

export const buffers = 0x6000_0000;
export const buffer = userAddress(buffers + 0x1_0000);
export const aioProgram: AioProgram = {
	ctxp: userAddress(buffers),
	pointers: userAddress(buffers + 0x100),
	iocbs: userAddress(buffers + 0x1000),
	events: userAddress(buffers + 0x8000),
};

/** [vvar] and [vdso] of the recorded process: the ring comes to lie right below. */
const vdsoStart = 0xb7ff_a000;
const vdsoBytes = 0x6000;

/** Runs a body as the test program: its buffers out of the way, the top of its mapping area taken. */
export function program<T>(k: Kernel, body: () => Sleeps<T>): T {
	return runProcess(k, function* () {
		const fixed = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
		yield* sys_mmap2(k, buffers, 0x3_0000, PROT_READ | PROT_WRITE, fixed, -1, 0);
		yield* sys_mmap2(k, vdsoStart, vdsoBytes, PROT_NONE, fixed, -1, 0);
		return yield* body();
	});
}
