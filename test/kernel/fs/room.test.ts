import {expect, it} from 'vitest';
import {PAGE_SIZE, userAddress} from '../../../source/hardware/address.ts';
import {ENOSPC} from '../../../source/kernel/errno.ts';
import {O_APPEND, O_CREAT, O_RDWR} from '../../../source/kernel/fs/file.ts';
import {sys_fsync, sys_lseek, sys_pread64, sys_pwrite64, sys_write} from '../../../source/kernel/fs/read_write.ts';
import {sys_open} from '../../../source/kernel/fs/vfs.ts';
import {user_read, user_write} from '../../../source/kernel/mm/uaccess.ts';
import {bootWithDisk, newProcess, runIn, userBuffer} from './machine.ts';

/** Sectors of a disk on which so many pages are free: the first 256 belong to the filesystem. */
const sectorsFor = (pages: number) => (256 + pages) * 8;

it('a full disk is the answer of write(2): a short write first, then ENOSPC; what was taken can be synced', () => {
	const {k} = bootWithDisk({sectors: sectorsFor(2)});
	runIn(k, newProcess(k), function* () {
		const fd = yield* sys_open(k, '/new', O_RDWR | O_CREAT);
		const buffer = yield* userBuffer(k, 3 * PAGE_SIZE);
		yield* user_write(k, buffer, new Uint8Array(3 * PAGE_SIZE).fill(7));
		expect(yield* sys_write(k, fd, buffer, 3 * PAGE_SIZE)).toBe(2 * PAGE_SIZE);
		expect(yield* sys_write(k, fd, buffer, 1)).toBe(-ENOSPC);
		expect(yield* sys_fsync(k, fd)).toBe(0);
		expect(yield* sys_pread64(k, fd, buffer, 3 * PAGE_SIZE, 0)).toBe(2 * PAGE_SIZE);
	});
});

it('a second file finds no room though nothing was written back yet', () => {
	const {k} = bootWithDisk({sectors: sectorsFor(1)});
	runIn(k, newProcess(k), function* () {
		const one = yield* sys_open(k, '/one', O_RDWR | O_CREAT);
		const two = yield* sys_open(k, '/two', O_RDWR | O_CREAT);
		const buffer = yield* userBuffer(k, PAGE_SIZE);
		expect(yield* sys_write(k, one, buffer, 10)).toBe(10);
		expect(yield* sys_write(k, two, buffer, 10)).toBe(-ENOSPC);
		expect(yield* sys_write(k, one, buffer, 10)).toBe(10);
	});
});

it('a page that is written in part into a hole is zeros elsewhere, whatever its block held', () => {
	const {k} = bootWithDisk();
	runIn(k, newProcess(k), function* () {
		const fd = yield* sys_open(k, '/new', O_RDWR | O_CREAT);
		const buffer = yield* userBuffer(k, PAGE_SIZE);
		yield* user_write(k, buffer, new Uint8Array(PAGE_SIZE).fill(7));
		yield* sys_pwrite64(k, fd, buffer, 4, 100);
		expect(yield* sys_pread64(k, fd, buffer, PAGE_SIZE, 0)).toBe(104);
		const seen = yield* user_read(k, buffer, 104);
		expect([seen[0], seen[99], seen[100], seen[103]]).toEqual([0, 0, 7, 7]);
	});
});

it('what is appended leaves the position behind its end, wherever that was before', () => {
	const {k} = bootWithDisk();
	runIn(k, newProcess(k), function* () {
		const plain = yield* sys_open(k, '/new', O_RDWR | O_CREAT);
		const buffer = yield* userBuffer(k, PAGE_SIZE);
		yield* sys_write(k, plain, buffer, 100);
		const fd = yield* sys_open(k, '/new', O_RDWR | O_APPEND);
		expect(yield* sys_write(k, fd, userAddress(buffer), 20)).toBe(20);
		expect(yield* sys_lseek(k, fd, 0, 1)).toBe(120);
		expect(yield* sys_write(k, plain, buffer, 5)).toBe(5);
		expect(yield* sys_lseek(k, plain, 0, 1)).toBe(105);
	});
});
