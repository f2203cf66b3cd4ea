import {describe, expect, it} from 'vitest';
import {physicalAddress} from '../../../source/hardware/address.ts';
import {Disk} from '../../../source/hardware/disk.ts';
import {pci_scan_function} from '../../../source/kernel/drivers/device.ts';
import {sd_probe, sd_remove} from '../../../source/kernel/drivers/sd.ts';
import {
	EBADF,
	EBUSY,
	EEXIST,
	EFAULT,
	EINVAL,
	EISDIR,
	EMFILE,
	ENOENT,
	ENOTDIR,
	ENXIO,
} from '../../../source/kernel/errno.ts';
import {register_chrdev, unregister_chrdev} from '../../../source/kernel/fs/char_dev.ts';
import {
	O_APPEND,
	O_CREAT,
	O_DIRECT,
	O_EXCL,
	O_RDONLY,
	O_RDWR,
	O_TRUNC,
	O_WRONLY,
	sys_close,
} from '../../../source/kernel/fs/file.ts';
import {
	sys_fsync,
	sys_ftruncate,
	sys_lseek,
	sys_pread64,
	sys_read,
	sys_write,
} from '../../../source/kernel/fs/read_write.ts';
import {mknod, sys_open} from '../../../source/kernel/fs/vfs.ts';
import {user_read, user_write} from '../../../source/kernel/mm/uaccess.ts';
import {bootTestKernel} from '../support.ts';
import {bootWithDisk, install, newProcess, runIn, userBuffer} from './machine.ts';

describe('open', () => {
	it('answers as Linux does when there is nothing to open', () => {
		const machine = bootWithDisk();
		const {k} = machine;
		install(machine, '/etc/passwd', 1);
		mknod(k, '/dev/nothing', 'chrdev', {major: 99, minor: 0});
		runIn(k, newProcess(k), function* () {
			const answers: number[] = [];
			for (const [path, flags] of [
				['/etc/group', O_RDWR],
				['/etc', O_RDWR],
				['/etc/passwd/x', O_RDONLY],
				['/etc/passwd', O_RDWR | O_CREAT | O_EXCL],
				['/dev/nothing', O_RDWR],
			] as const)
				answers.push(yield* sys_open(k, path, flags));
			expect(answers).toEqual([-ENOENT, -EISDIR, -ENOTDIR, -EEXIST, -ENXIO]);
		});
	});

	it('gives the lowest free descriptor, and 1024 at most', () => {
		const machine = bootWithDisk();
		const {k} = machine;
		install(machine, '/data', 1);
		runIn(k, newProcess(k), function* () {
			for (let fd = 0; fd < 1024; fd++) expect(yield* sys_open(k, '/data', O_RDONLY)).toBe(fd);
			expect(yield* sys_open(k, '/data', O_RDONLY)).toBe(-EMFILE);
			yield* sys_close(k, 7);
			expect(yield* sys_open(k, '/data', O_RDONLY)).toBe(7);
		});
	});

	it('with O_TRUNC empties, with O_APPEND writes at the end', () => {
		const machine = bootWithDisk();
		const {k} = machine;
		const file = install(machine, '/data', 2);
		runIn(k, newProcess(k), function* () {
			const buffer = yield* userBuffer(k, 4096);
			yield* user_write(k, buffer, Uint8Array.of(1, 2, 3, 4));
			yield* sys_close(k, yield* sys_open(k, '/data', O_WRONLY | O_TRUNC));
			expect(file.i_size).toBe(0);
			const fd = yield* sys_open(k, '/data', O_RDWR | O_APPEND);
			yield* sys_write(k, fd, buffer, 3);
			yield* sys_lseek(k, fd, 0, 0);
			yield* sys_write(k, fd, buffer, 2);
			expect(yield* sys_pread64(k, fd, buffer, 10, 0)).toBe(5);
			expect([...(yield* user_read(k, buffer, 5))]).toEqual([1, 2, 3, 1, 2]);
		});
	});

	it('of tmpfs with O_DIRECT is refused before 6.6, and copies all the same later', () => {
		const open = (era: '6.1' | '6.18') => {
			const {k} = bootWithDisk({era});
			return runIn(k, newProcess(k), function* () {
				const fd = yield* sys_open(k, '/tmp/x', O_RDWR | O_CREAT | O_DIRECT);
				return fd < 0 ? fd : yield* sys_write(k, fd, yield* userBuffer(k, 4096), 7);
			});
		};
		expect([open('6.1'), open('6.18')]).toEqual([-EINVAL, 7]);
	});
});

it('descriptors allow what they were opened for', () => {
	const machine = bootWithDisk();
	const {k} = machine;
	install(machine, '/data', 1);
	runIn(k, newProcess(k), function* () {
		const buffer = yield* userBuffer(k, 4096);
		const reading = yield* sys_open(k, '/data', O_RDONLY);
		const writing = yield* sys_open(k, '/data', O_WRONLY);
		expect([
			yield* sys_write(k, reading, buffer, 1),
			yield* sys_read(k, writing, buffer, 1),
			yield* sys_read(k, 99, buffer, 1),
			yield* sys_ftruncate(k, reading, 0),
			yield* sys_pread64(k, reading, buffer, 1, -1),
			yield* sys_pread64(k, reading, 0xc000_0000 as never, 1, 0),
			yield* sys_lseek(k, reading, -1, 0),
			yield* sys_lseek(k, reading, -96, 2),
			yield* sys_fsync(k, reading),
		]).toEqual([-EBADF, -EBADF, -EBADF, -EINVAL, -EINVAL, -EFAULT, -EINVAL, 4000, 0]);
		expect(yield* sys_read(k, reading, buffer, 4096)).toBe(96);
		expect(yield* sys_close(k, reading)).toBe(0);
		expect(yield* sys_close(k, reading)).toBe(-EBADF);
	});
});

it('major numbers are given once, dynamic ones from 254 downwards', () => {
	const k = bootTestKernel();
	const fops = {name: 'fops'};
	expect([
		register_chrdev(k, 42, 'answer', fops),
		register_chrdev(k, 42, 'other', fops),
		register_chrdev(k, 4095, 'large', fops),
		register_chrdev(k, 4096, 'too large', fops),
		register_chrdev(k, 0, 'any', fops),
		register_chrdev(k, 0, 'any', fops),
	]).toEqual([0, -EBUSY, 0, -EINVAL, 254, 253]);
	unregister_chrdev(k, 42);
	expect(register_chrdev(k, 42, 'other', fops)).toBe(0);
});

it('a disk driver that goes leaves nothing of its own behind', () => {
	const k = bootTestKernel();
	const place = {address: '0000:00:1f.1', registers: physicalAddress(0xfebf_0000), interruptLine: 14, sectors: 1024};
	const pdev = pci_scan_function(k, new Disk(k.hw, place).pci);
	const disk = sd_probe(k, pdev, 'sda');
	if (typeof disk === 'number') throw new Error(`sd_probe: ${disk}`);
	expect([k.dma.mappings.live, k.irq.actions.has(14)]).toEqual([1, true]);
	sd_remove(k, disk);
	expect([k.dma.mappings.live, k.irq.actions.has(14), k.block.disks.has('sda'), k.vfs.nodes.has('/dev/sda')]).toEqual([
		0,
		false,
		false,
		false,
	]);
});
