/** Writes of which only a part can be done, and what the file is then. */
import {describe, expect, it} from 'vitest';
import {PAGE_SIZE, userAddress} from '../../../source/hardware/address.ts';
import {ERA_NAMES, type EraName} from '../../../source/kernel/era/behaviour.ts';
import {EFAULT, EFBIG, ENOSPC} from '../../../source/kernel/errno.ts';
import {O_CREAT, O_DIRECT, O_RDWR} from '../../../source/kernel/fs/file.ts';
import {sys_pwrite64} from '../../../source/kernel/fs/read_write.ts';
import {sys_open} from '../../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {MAP_PRIVATE, MAP_SHARED, PROT_NONE, PROT_READ} from '../../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {sys_mprotect} from '../../../source/kernel/mm/mprotect.ts';
import {sys_munmap} from '../../../source/kernel/mm/munmap.ts';
import {user_write} from '../../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {rw} from './aioProgram.ts';
import {bootWithDisk, install, newProcess, start, userBuffer} from './machine.ts';
import {contents, expectBytes, pattern, patternFile, vectored, viaAio, within} from './transfers.ts';

/**
 * A whole page's bytes of which the source's first page holds 96: what the call answers, and how long the file is then.
 */
const halfMissing: Record<EraName, readonly [number, number]> = {
	ldd3: [96, PAGE_SIZE],
	'2.6.32': [-EFAULT, 0],
	'3.2': [-EFAULT, 0],
	'5.10': [-EFAULT, 0],
	'6.1': [96, 96],
	'6.18': [96, 96],
};

describe.each(ERA_NAMES)('a source that ends too early, in %s', era => {
	const newFile = function* (k: Kernel): Sleeps<number> {
		return yield* sys_open(k, '/new', O_RDWR | O_CREAT);
	};
	const sizeOf = (k: Kernel) => k.vfs.nodes.get('/new')!.i_size;

	it('where the file’s page goes on behind it', () => {
		const {k} = bootWithDisk({era});
		const [answer, size] = halfMissing[era];
		within(k, function* () {
			const fd = yield* newFile(k);
			const at = yield* userBuffer(k, 2 * PAGE_SIZE);
			yield* user_write(k, at, pattern(PAGE_SIZE));
			yield* sys_munmap(k, at + PAGE_SIZE, PAGE_SIZE);
			expect(yield* sys_pwrite64(k, fd, userAddress(at + 4000), PAGE_SIZE, 0)).toBe(answer);
			expect(sizeOf(k)).toBe(size);
			const file = yield* contents(k, fd);
			expect([...file.subarray(0, 96)]).toEqual([...pattern(PAGE_SIZE).subarray(4000, 4000 + Math.min(size, 96))]);
			expect(file.subarray(96).every(byte => byte === 0)).toBe(true);
		});
	});

	it('where the file’s page ends with it', () => {
		const {k} = bootWithDisk({era});
		within(k, function* () {
			const fd = yield* newFile(k);
			const at = yield* userBuffer(k, 2 * PAGE_SIZE);
			yield* user_write(k, at, pattern(PAGE_SIZE));
			yield* sys_munmap(k, at + PAGE_SIZE, PAGE_SIZE);
			expect(yield* sys_pwrite64(k, fd, at, 2 * PAGE_SIZE, 0)).toBe(PAGE_SIZE);
			expect(yield* sys_pwrite64(k, fd, userAddress(at + PAGE_SIZE), PAGE_SIZE, PAGE_SIZE)).toBe(-EFAULT);
			// 2.6.11 counts the range as written.
			expect(sizeOf(k)).toBe(era === 'ldd3' ? 2 * PAGE_SIZE : PAGE_SIZE);
			expect((yield* contents(k, fd)).subarray(0, PAGE_SIZE)).toEqual(pattern(PAGE_SIZE));
		});
	});

	it('because the file that it maps ends there: SIGBUS for a program, a short write here', () => {
		const machine = bootWithDisk({era});
		const {k} = machine;
		within(k, function* () {
			const source = yield* patternFile(machine, '/data', PAGE_SIZE + 100);
			const fd = yield* newFile(k);
			const at = yield* sys_mmap2(k, 0, 4 * PAGE_SIZE, PROT_READ, MAP_SHARED, source, 0);
			expect(yield* sys_pwrite64(k, fd, userAddress(at), 4 * PAGE_SIZE, 0)).toBe(2 * PAGE_SIZE);
			expect(yield* sys_pwrite64(k, fd, userAddress(at + 2 * PAGE_SIZE), 1, 0)).toBe(-EFAULT);
			const wanted = new Uint8Array(2 * PAGE_SIZE);
			wanted.set(pattern(PAGE_SIZE + 100));
			if (era === 'ldd3') wanted[0] = 0;
			expect((yield* contents(k, fd)).subarray(0, 2 * PAGE_SIZE)).toEqual(wanted);
		});
	});

	it('because another thread unmaps it while the call sleeps', () => {
		const machine = bootWithDisk({era});
		const {k} = machine;
		const process = newProcess(k);
		within(
			k,
			function* () {
				const target = install(machine, '/target', 4);
				const source = yield* patternFile(machine, '/data', 4 * PAGE_SIZE);
				const fd = yield* sys_open(k, '/target', O_RDWR);
				const at = yield* sys_mmap2(k, 0, 4 * PAGE_SIZE, PROT_READ, MAP_PRIVATE, source, 0);
				start(k, process, process.files, () => sys_munmap(k, at + 2 * PAGE_SIZE, 2 * PAGE_SIZE));
				// The source's first page has to come from the disk, which takes longer than munmap does.
				expect(yield* sys_pwrite64(k, fd, userAddress(at), 4 * PAGE_SIZE, 0)).toBe(2 * PAGE_SIZE);
				expect(target.i_size).toBe(4 * PAGE_SIZE);
				expect((yield* contents(k, fd)).subarray(0, 2 * PAGE_SIZE)).toEqual(
					pattern(4 * PAGE_SIZE).subarray(0, 2 * PAGE_SIZE),
				);
				expect(yield* sys_pwrite64(k, fd, userAddress(at + 2 * PAGE_SIZE), 1, 3 * PAGE_SIZE)).toBe(-EFAULT);
			},
			process,
		);
	});

	it.runIf(era !== 'ldd3')('in the second segment of a vector', () => {
		const {k} = bootWithDisk({era});
		within(k, function* () {
			const fd = yield* newFile(k);
			const at = yield* userBuffer(k, 2 * PAGE_SIZE);
			yield* user_write(k, at, pattern(PAGE_SIZE));
			yield* sys_mprotect(k, at + PAGE_SIZE, PAGE_SIZE, PROT_NONE);
			const fields = yield* vectored(k, 8, rw(fd, true, at + 3000, 2 * 1096, 0), 1096);
			const answer = yield* viaAio(k, fields);
			const anyByte = era === '6.1' || era === '6.18';
			expect(answer).toBe(era === '5.10' ? -EFAULT : 1096);
			if (anyByte) expect(sizeOf(k)).toBe(1096);
		});
	});

	it(
		'and it is an asynchronous write: 2.6.11 answers with the error of the rest, later kernels with what ' +
			'was written',
		() => {
			const {k} = bootWithDisk({era});
			within(k, function* () {
				const fd = yield* newFile(k);
				const at = yield* userBuffer(k, 2 * PAGE_SIZE);
				yield* user_write(k, at, pattern(PAGE_SIZE));
				yield* sys_mprotect(k, at + PAGE_SIZE, PAGE_SIZE, PROT_NONE);
				expect(yield* viaAio(k, rw(fd, true, at, 2 * PAGE_SIZE, 0))).toBe(era === 'ldd3' ? -EFAULT : PAGE_SIZE);
				expect(yield* viaAio(k, rw(fd, true, at + PAGE_SIZE, PAGE_SIZE, 0))).toBe(-EFAULT);
				expectBytes(
					(yield* contents(k, fd)).subarray(era === 'ldd3' ? PAGE_SIZE : 0, PAGE_SIZE),
					pattern(era === 'ldd3' ? 0 : PAGE_SIZE),
				);
			});
		},
	);
});

describe('where a write may not go on', () => {
	it('at the end of a disk it is cut, and behind it there is no space', () => {
		const {k} = bootWithDisk({sectors: 4096 + 4});
		within(k, function* () {
			const end = (4096 + 4) * 512;
			for (const flags of [O_RDWR, O_RDWR | O_DIRECT]) {
				const fd = yield* sys_open(k, '/dev/sda', flags);
				const at = yield* userBuffer(k, 2 * PAGE_SIZE);
				expect(yield* sys_pwrite64(k, fd, at, 2 * PAGE_SIZE, end - 1024)).toBe(1024);
				expect(yield* sys_pwrite64(k, fd, at, 512, end - 512)).toBe(512);
				expect(yield* sys_pwrite64(k, fd, at, 512, end)).toBe(-ENOSPC);
				expect(yield* sys_pwrite64(k, fd, at, 0, end)).toBe(0);
			}
		});
	});

	it('at the largest size of a file it is cut, and behind it the file is too big', () => {
		const {k} = bootWithDisk();
		within(k, function* () {
			const end = 2 ** 31 * PAGE_SIZE - 1;
			const fd = yield* sys_open(k, '/new', O_RDWR | O_CREAT);
			const at = yield* userBuffer(k, PAGE_SIZE);
			expect(yield* sys_pwrite64(k, fd, at, 10, end - 4)).toBe(4);
			expect(yield* sys_pwrite64(k, fd, at, 1, end)).toBe(-EFBIG);
			expect(k.vfs.nodes.get('/new')!.i_size).toBe(end);
		});
	});
});
