import {describe, expect, it} from 'vitest';
import {type UserAddress, userAddress} from '../../../source/hardware/address.ts';
import {chr_dev_init} from '../../../source/kernel/drivers/mem.ts';
import {type ScullDevice, scull_trim} from '../../../source/kernel/drivers/scull.ts';
import {scullp_init} from '../../../source/kernel/drivers/scullp.ts';
import {scullv_init} from '../../../source/kernel/drivers/scullv.ts';
import {simple_init} from '../../../source/kernel/drivers/simple.ts';
import type {EraName} from '../../../source/kernel/era/behaviour.ts';
import {EAGAIN, EBUSY, EINVAL, EIOCBQUEUED, ENODEV, EPERM} from '../../../source/kernel/errno.ts';
import {aio_complete} from '../../../source/kernel/fs/aio_complete.ts';
import {sys_io_cancel} from '../../../source/kernel/fs/aio_submit.ts';
import {register_chrdev} from '../../../source/kernel/fs/char_dev.ts';
import {O_RDWR, O_WRONLY} from '../../../source/kernel/fs/file.ts';
import type {kiocb} from '../../../source/kernel/fs/kiocb.ts';
import {sys_lseek, sys_pread64, sys_pwrite64, sys_read, sys_write} from '../../../source/kernel/fs/read_write.ts';
import {mknod, sys_open} from '../../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {GFP_KERNEL} from '../../../source/kernel/mm/gfp.ts';
import {MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE} from '../../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {sys_munmap} from '../../../source/kernel/mm/munmap.ts';
import {page_count, SetPageReserved, virt_to_page} from '../../../source/kernel/mm/page.ts';
import {try_get_free_pages} from '../../../source/kernel/mm/page_alloc.ts';
import {user_read, user_read8, user_touch, user_write, user_write8} from '../../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {bootTestKernel, dmesg, stepUntil} from '../support.ts';
import {aioProgram, getevents, rw, setup, submit} from './aioProgram.ts';
import {newProcess, runIn, start, userBuffer} from './machine.ts';

const readWrite = PROT_READ | PROT_WRITE;

function devicesOf(made: ScullDevice[] | number): ScullDevice[] {
	if (typeof made === 'number') throw new Error(`no devices: ${made}`);
	return made;
}

function* mapDevice(k: Kernel, path: string, pages: number, pgoff = 0, flags = MAP_SHARED): Sleeps<number> {
	const fd = yield* sys_open(k, path, O_RDWR);
	return yield* sys_mmap2(k, 0, pages * 4096, readWrite, flags, fd, pgoff);
}

describe.each([
	['scullp', 0, (k: Kernel) => devicesOf(scullp_init(k))],
	['scullv', 4, (k: Kernel) => devicesOf(scullv_init(k))],
] as const)('%s', (name, order, load) => {
	it('keeps what is written, a quantum a call at most', () => {
		const k = bootTestKernel();
		load(k);
		runIn(k, newProcess(k), function* () {
			const fd = yield* sys_open(k, `/dev/${name}0`, O_RDWR);
			const buffer = yield* userBuffer(k, 0x2_0000);
			const quantum = 4096 << order;
			const data = Uint8Array.from({length: quantum}, (_, i) => (i * 13) & 255);
			yield* user_write(k, buffer, data);
			expect(yield* sys_write(k, fd, buffer, quantum)).toBe(quantum);
			expect(yield* sys_pwrite64(k, fd, buffer, 300, quantum - 100)).toBe(100);
			expect(yield* sys_pread64(k, fd, buffer, 200, quantum - 150)).toBe(150);
			const wanted = [...data.subarray(quantum - 150, quantum - 100), ...data.subarray(0, 100)];
			expect([...(yield* user_read(k, buffer, 150))]).toEqual(wanted);
			expect(yield* sys_pread64(k, fd, buffer, 200, quantum)).toBe(0);
			expect(yield* sys_lseek(k, fd, 8, 0)).toBe(8);
			expect(yield* sys_read(k, fd, buffer, 4)).toBe(4);
			expect([...(yield* user_read(k, buffer, 4))]).toEqual([...data.subarray(8, 12)]);
		});
	});

	// Experiment 4: write 3 pages, map 4: three have data, the fourth is a bus error.
	it('maps what was written, a page a fault, and nothing beyond', () => {
		const k = bootTestKernel();
		const [device] = load(k);
		runIn(k, newProcess(k), function* () {
			const fd = yield* sys_open(k, `/dev/${name}0`, O_RDWR);
			const buffer = yield* userBuffer(k, 3 * 4096);
			yield* user_write(
				k,
				buffer,
				Uint8Array.from({length: 3 * 4096}, (_, i) => 1 + (i >> 12)),
			);
			for (let pos = 0; pos < 3 * 4096; pos += 4096) yield* sys_pwrite64(k, fd, userAddress(buffer + pos), 4096, pos);
			const at = yield* mapDevice(k, `/dev/${name}0`, 4);
			const seen: number[] = [];
			for (let page = 0; page < 3; page++) seen.push(yield* user_read8(k, userAddress(at + page * 4096)));
			expect(seen).toEqual([1, 2, 3]);
			yield* user_write8(k, userAddress(at + 5), 99);
			yield* sys_pread64(k, fd, buffer, 8, 0);
			expect(yield* user_read8(k, userAddress(buffer + 5))).toBe(99);
			// What lies past the end is a signal, even in a quantum that has room for it.
			expect(yield* user_touch(k, userAddress(at + 3 * 4096), false)).not.toBe(0);
			expect([device!.vmas, scull_trim(k, {} as never, device!)]).toEqual([1, -EBUSY]);
			yield* sys_munmap(k, at, 4 * 4096);
			expect(device!.vmas).toBe(0);
			// Opening it for writing only empties it now.
			yield* sys_open(k, `/dev/${name}0`, O_WRONLY);
			expect(device!.size).toBe(0);
		});
	});
});

it('scullp with quanta of two pages cannot be mapped', () => {
	const k = bootTestKernel();
	scullp_init(k, {order: 1});
	runIn(k, newProcess(k), function* () {
		expect(yield* mapDevice(k, '/dev/scullp0', 1)).toBe(-ENODEV);
	});
});

it('a page of scullp has one reference more for each mapping that touched it', () => {
	const k = bootTestKernel();
	const [device] = devicesOf(scullp_init(k));
	runIn(k, newProcess(k), function* () {
		const fd = yield* sys_open(k, '/dev/scullp0', O_RDWR);
		const buffer = yield* userBuffer(k, 4096);
		yield* sys_write(k, fd, buffer, 4096);
		const page = virt_to_page(device!.quanta[0] as never);
		const counts = [page_count(k, page)];
		const at = yield* mapDevice(k, '/dev/scullp0', 1);
		counts.push(page_count(k, page));
		yield* user_read8(k, userAddress(at));
		counts.push(page_count(k, page));
		yield* sys_munmap(k, at, 4096);
		counts.push(page_count(k, page));
		expect(counts).toEqual([1, 1, 2, 1]);
	});
});

describe('asynchronous scullp', () => {
	// Experiment 15.
	it('hands out events in the order of completion: the device with the shorter delay comes first', () => {
		const k = bootTestKernel();
		const devices = devicesOf(scullp_init(k));
		devices[1]!.delayNs = 2_000_000;
		const order = runIn(k, newProcess(k), function* () {
			const p = yield* aioProgram(k);
			const buffer = yield* userBuffer(k, 4096);
			const slow = yield* sys_open(k, '/dev/scullp0', O_RDWR);
			const fast = yield* sys_open(k, '/dev/scullp1', O_RDWR);
			const ctx = yield* setup(k, p, 8);
			yield* submit(k, p, ctx, [rw(slow, true, buffer, 100, 0, 10), rw(fast, true, buffer, 200, 0, 20)]);
			return (yield* getevents(k, p, ctx, 2, 2)).map(({data, obj, res, res2}) => [data, obj - p.iocbs, res, res2]);
		});
		expect(order).toEqual([
			[20n, 64, 200, 0],
			[10n, 0, 100, 0],
		]);
	});

	// Experiment 16: the same method, called for read(), finishes before it returns.
	it('is synchronous for read and write', () => {
		const k = bootTestKernel();
		devicesOf(scullp_init(k));
		const before = k.hw.timeline.nowNs;
		runIn(k, newProcess(k), function* () {
			const fd = yield* sys_open(k, '/dev/scullp0', O_RDWR);
			const buffer = yield* userBuffer(k, 4096);
			expect(yield* sys_write(k, fd, buffer, 50)).toBe(50);
		});
		expect(k.hw.timeline.nowNs - before).toBeLessThan(1_000_000);
	});

	// Experiment 17.
	it.each([
		['ldd3', -EAGAIN],
		['2.6.32', -EINVAL],
	] as const)('cannot be cancelled: it has no ki_cancel (era %s answers %i)', (era, answer) => {
		const k = bootTestKernel({era});
		devicesOf(scullp_init(k));
		runIn(k, newProcess(k), function* () {
			const p = yield* aioProgram(k);
			const buffer = yield* userBuffer(k, 4096);
			const fd = yield* sys_open(k, '/dev/scullp0', O_RDWR);
			const ctx = yield* setup(k, p, 8);
			yield* submit(k, p, ctx, [rw(fd, true, buffer, 100, 0)]);
			expect(yield* sys_io_cancel(k, ctx, p.iocbs, p.events)).toBe(answer);
		});
	});

	// Experiment 14.
	it.each([
		['ldd3', 126],
		['6.1', 120],
	] as const)('takes as many requests at once as the ring has slots (%s: %i)', (era, most) => {
		const k = bootTestKernel({era});
		const [device] = devicesOf(scullp_init(k));
		device!.delayNs = 1_000_000_000;
		runIn(k, newProcess(k), function* () {
			const p = yield* aioProgram(k);
			const buffer = yield* userBuffer(k, 4096);
			const fd = yield* sys_open(k, '/dev/scullp0', O_RDWR);
			const ctx = yield* setup(k, p, era === 'ldd3' ? 125 : 4);
			const many = Array.from({length: 127}, () => rw(fd, true, buffer, 1, 0));
			expect(yield* submit(k, p, ctx, many)).toBe(most);
		});
	});
});

it('a driver that says -EIOCBQUEUED and never completes leaves a reader in uninterruptible sleep', () => {
	const k = bootTestKernel();
	scullp_init(k);
	const process = newProcess(k);
	const task = start(k, process, process.files, function* () {
		const fd = yield* sys_open(k, '/dev/scullp0', O_RDWR);
		const buffer = yield* userBuffer(k, 4096);
		const file = k.cpu.current.files.fds.get(fd)!;
		file.f_op = {
			name: 'forgetful',
			*aio_read() {
				return -EIOCBQUEUED;
			},
		};
		yield* sys_read(k, fd, buffer, 1);
	});
	stepUntil(k, () => task.waitingFor === 'sync kiocb');
	k.hw.timeline.advanceTo(k.hw.timeline.nowNs + 1);
	expect(task.state).toBe('TASK_UNINTERRUPTIBLE');
	expect([...k.aio.kiocbs].map(iocb => iocb.ki_key)).toEqual([0xffff_ffff]);
});

describe('a synchronous request that a method leaves queued and ends later', () => {
	function readWith(era: EraName, method: (k: Kernel, iocb: kiocb) => number) {
		const k = bootTestKernel({era});
		register_chrdev(k, 240, 'later', {
			name: 'later_fops',
			*aio_read(k, iocb) {
				return method(k, iocb);
			},
		});
		mknod(k, '/dev/later', 'chrdev', {major: 240, minor: 0});
		const process = newProcess(k);
		let result = 0;
		const task = start(k, process, process.files, function* () {
			const fd = yield* sys_open(k, '/dev/later', O_RDWR);
			result = yield* sys_read(k, fd, yield* userBuffer(k, 4096), 512);
		});
		stepUntil(k, () => task.state === 'EXIT_ZOMBIE' || task.state === 'EXIT_DEAD');
		return {k, result, code: task.exit_code};
	}

	it.each(['ldd3', '2.6.32', '3.2'] as const)('%s: read() waits for it', era => {
		const queue = (k: Kernel, iocb: kiocb) => {
			k.hw.timeline.after(1_000, () => aio_complete(k, iocb, 12, 0));
			return -EIOCBQUEUED;
		};
		expect(readWith(era, queue)).toMatchObject({result: 12, code: 0});
	});

	it.each(['5.10', '6.1', '6.18'] as const)('%s: that is a BUG; a result is not', era => {
		const {k, code} = readWith(era, () => -EIOCBQUEUED);
		expect(code).toBe(11);
		expect(dmesg(k)).toContain('kernel BUG at fs/read_write.c!');
		expect(k.aio.kiocbs.size).toBe(0);
		expect(readWith(era, () => 12)).toMatchObject({result: 12, code: 0});
	});
});

describe('simple', () => {
	function reservedPage(k: Kernel): number {
		const address = try_get_free_pages(k, GFP_KERNEL, 0)!;
		const page = virt_to_page(address);
		SetPageReserved(k, page);
		k.hw.ram.pageForWrite(page).fill(0x5a);
		return page;
	}

	it.each(['/dev/simple0', '/dev/simple1'])('%s shows the memory at the offset of the mapping', path => {
		const k = bootTestKernel();
		simple_init(k);
		const page = reservedPage(k);
		runIn(k, newProcess(k), function* () {
			const at = yield* mapDevice(k, path, 1, page);
			expect(yield* user_read8(k, userAddress(at + 9))).toBe(0x5a);
		});
	});

	// Experiment 3, first half.
	it('remapping ordinary memory shows zeros in 2.6.11, and the memory itself later', () => {
		const read = (era: 'ldd3' | '6.1') => {
			const k = bootTestKernel({era});
			simple_init(k);
			const page = virt_to_page(try_get_free_pages(k, GFP_KERNEL, 0)!);
			k.hw.ram.pageForWrite(page).fill(0x5a);
			return runIn(k, newProcess(k), function* () {
				return yield* user_read8(k, userAddress(yield* mapDevice(k, '/dev/simple0', 1, page)));
			});
		};
		expect([read('ldd3'), read('6.1')]).toEqual([0, 0x5a]);
	});

	it.each(['/dev/simple2', '/dev/simple3'])('%s, which maps nothing and finds nothing, is zeros in 2.6.11', path => {
		const k = bootTestKernel();
		simple_init(k);
		runIn(k, newProcess(k), function* () {
			const at: UserAddress = userAddress(yield* mapDevice(k, path, 1, 0, MAP_PRIVATE));
			expect(yield* user_read8(k, at)).toBe(0);
			yield* user_write8(k, at, 7);
			expect(yield* user_read8(k, at)).toBe(7);
		});
	});
});

describe('memory devices', () => {
	it('/dev/null swallows, /dev/zero gives zeros, and neither has positions', () => {
		const k = bootTestKernel();
		chr_dev_init(k);
		runIn(k, newProcess(k), function* () {
			const buffer = yield* userBuffer(k, 8192);
			yield* user_write(k, buffer, new Uint8Array(8192).fill(9));
			const zero = yield* sys_open(k, '/dev/zero', O_RDWR);
			const none = yield* sys_open(k, '/dev/null', O_RDWR);
			expect([yield* sys_write(k, none, buffer, 5000), yield* sys_read(k, none, buffer, 5000)]).toEqual([5000, 0]);
			expect([yield* sys_write(k, zero, buffer, 5000), yield* sys_read(k, zero, buffer, 5000)]).toEqual([5000, 5000]);
			expect([...(yield* user_read(k, userAddress(buffer + 4998), 4))]).toEqual([0, 0, 9, 9]);
			expect([yield* sys_lseek(k, zero, 77, 0), yield* sys_lseek(k, none, 5, 1)]).toEqual([0, 0]);
		});
	});

	it('/dev/zero mapped shared is one object, mapped privately anonymous memory', () => {
		const k = bootTestKernel();
		chr_dev_init(k);
		runIn(k, newProcess(k), function* () {
			const shared = userAddress(yield* mapDevice(k, '/dev/zero', 2));
			const own = userAddress(yield* mapDevice(k, '/dev/zero', 2, 0, MAP_PRIVATE));
			yield* user_write8(k, shared, 1);
			yield* user_write8(k, own, 2);
			const {mm} = k.cpu.current;
			expect([mm!.mmap.find(shared)!.vm_ops?.name, mm!.mmap.find(own)!.vm_ops]).toEqual(['shmem_vm_ops', null]);
			expect(k.filemap.nr_shmem).toBe(1);
		});
	});

	it('/dev/mem reads physical memory; later kernels guard RAM above the first megabyte', () => {
		const readAt = (era: 'ldd3' | '6.1', pos: number) => {
			const k = bootTestKernel({era});
			chr_dev_init(k);
			k.hw.ram.write32(pos as never, 0x1234_5678);
			return runIn(k, newProcess(k), function* () {
				const fd = yield* sys_open(k, '/dev/mem', O_RDWR);
				const buffer = yield* userBuffer(k, 4096);
				const count = yield* sys_pread64(k, fd, buffer, 2, pos);
				return [count, yield* user_read8(k, buffer)];
			});
		};
		expect(readAt('ldd3', 0x300_0000)).toEqual([2, 0x78]);
		expect(readAt('6.1', 0x300_0000)).toEqual([-EPERM, 0]);
		expect(readAt('6.1', 0x9_0000)).toEqual([2, 0x78]);
	});
});

describe.each([
	['scullp', (k: Kernel) => devicesOf(scullp_init(k))],
	['scullv', (k: Kernel) => devicesOf(scullv_init(k))],
] as const)('%s', (name, init) => {
	it('lets go of its semaphore after opening, writing and reading', () => {
		const k = bootTestKernel();
		const [device] = init(k);
		runIn(k, newProcess(k), function* () {
			const buffer = yield* userBuffer(k, 4096);
			const fd = yield* sys_open(k, `/dev/${name}0`, O_WRONLY);
			const held = [device!.sem.owner];
			yield* sys_write(k, fd, buffer, 100);
			held.push(device!.sem.owner);
			yield* sys_pread64(k, yield* sys_open(k, `/dev/${name}0`, O_RDWR), buffer, 100, 0);
			expect([...held, device!.sem.owner]).toEqual([undefined, undefined, undefined]);
		});
	});
});
