import {expect, test} from 'vitest';
import {formatMapsArea} from '../../source/formats/proc/maps.ts';
import {PAGE_SIZE, userAddress} from '../../source/hardware/address.ts';
import {ENOENT} from '../../source/kernel/errno.ts';
import {do_execve} from '../../source/kernel/exec.ts';
import {sys_wait4} from '../../source/kernel/exit.ts';
import {copy_process} from '../../source/kernel/fork.ts';
import {tmpfs} from '../../source/kernel/fs/shmem.ts';
import {mount, vfs_create} from '../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {sys_madvise} from '../../source/kernel/mm/madvise.ts';
import {sys_mmap2} from '../../source/kernel/mm/mmap.ts';
import {truncate_inode} from '../../source/kernel/mm/truncate.ts';
import {user_read, user_read8, user_write8} from '../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {mapsArea} from '../../source/lab/tree/maps.ts';
import {freeFrames} from './mm/invariants.ts';
import {bootTestKernel, runProcess} from './support.ts';

const base = 0x2000_0000;

function maps(k: Kernel) {
	const mm = k.cpu.current.mm!;
	return [...mm.mmap].map(vma => formatMapsArea(mapsArea(k, mm, vma)));
}

function* install(k: Kernel, path: string, pages: number): Sleeps<void> {
	const inode = vfs_create(k, path);
	if (typeof inode === 'number') throw new Error(`cannot make ${path}`);
	yield* truncate_inode(k, inode, pages * PAGE_SIZE);
}

test('exec maps text, data, bss, libraries and a stack that holds the arguments', () => {
	const k = bootTestKernel({memMiB: 64});
	mount(k, tmpfs('/', {major: 0, minor: 20}));
	runProcess(k, function* (k) {
		yield* install(k, '/bin/sh', 5);
		yield* install(k, '/lib/libc.so.6', 8);
		yield* install(k, '/lib/ld-linux.so.2', 3);
		const interpreter = {path: '/lib/ld-linux.so.2', textPages: 2, dataPages: 1, bssPages: 0};
		const libc = {path: '/lib/libc.so.6', textPages: 6, dataPages: 2, bssPages: 1};
		const program = {path: '/bin/sh', textPages: 4, dataPages: 1, bssPages: 2, libraries: [interpreter, libc]};
		expect(yield* do_execve(k, program, ['sh', '-c'])).toBe(0);
		const {current} = k.cpu;
		const mm = current.mm!;
		expect(current.comm).toBe('sh');
		expect(maps(k).map(line => line.slice(0, 26).trim())).toEqual([
			'08048000-0804c000 r-xp 000',
			'0804c000-0804d000 rw-p 000',
			'0804d000-0804f000 rw-p 000',
			'b7ff5000-b7ffb000 r-xp 000',
			'b7ffb000-b7ffd000 rw-p 000',
			'b7ffd000-b7ffe000 rw-p 000',
			'b7ffe000-b8000000 r-xp 000',
			'b8000000-b8001000 rw-p 000',
			'bffff000-c0000000 rw-p 000',
		]);
		const text = String.fromCharCode(...(yield* user_read(k, userAddress(mm.arg_start), mm.arg_end - mm.arg_start)));
		expect(text).toBe('sh\0-c\0');
		expect(mm.brk).toBe(0x0804_f000);
	});
	expect(k.mm.mms.size).toBe(0);
});

test('exec of a file that is not there changes nothing', () => {
	const k = bootTestKernel({memMiB: 64});
	runProcess(k, function* (k) {
		yield* sys_mmap2(k, base, PAGE_SIZE, 3, 0x32, -1, 0);
		const program = {path: '/none', textPages: 1, dataPages: 0, bssPages: 0, libraries: []};
		expect(yield* do_execve(k, program, [])).toBe(-ENOENT);
		expect(yield* user_read8(k, userAddress(base))).toBe(0);
	});
});

test('a dead child is a zombie without memory until its parent waits for it', () => {
	const k = bootTestKernel({memMiB: 64});
	const free = freeFrames(k);
	runProcess(k, function* (k) {
		yield* sys_mmap2(k, base, 4 * PAGE_SIZE, 3, 0x32, -1, 0);
		yield* user_write8(k, userAddress(base), 1);
		const child = yield* copy_process(k, {
			*body(k) {
				for (const page of [0, 1, 2]) yield* user_write8(k, userAddress(base + page * PAGE_SIZE), 2);
				return 3;
			},
		});
		if (typeof child === 'number') throw new Error('no child');
		while (child.state !== 'EXIT_ZOMBIE') yield 10_000;
		expect(k.mm.mms.size).toBe(1);
		expect(child.mm).toBeNull();
		expect(yield* sys_wait4(k, -1)).toMatchObject({pid: child.pid, code: 3 << 8});
		expect(k.sched.tasks.has(child.pid)).toBe(false);
	});
	expect(freeFrames(k)).toBe(free);
});

test('threads share one mm: mm_users counts them, and the last one takes it down', () => {
	const k = bootTestKernel({memMiB: 64});
	runProcess(k, function* (k) {
		const mm = k.cpu.current.mm!;
		yield* sys_mmap2(k, base, PAGE_SIZE, 3, 0x32, -1, 0);
		let users = 0;
		const child = yield* copy_process(k, {
			cloneVm: true,
			*body(k) {
				users = mm.mm_users;
				yield* user_write8(k, userAddress(base), 77);
			},
		});
		if (typeof child === 'number') throw new Error('no child');
		yield* sys_wait4(k, child.pid);
		expect([users, mm.mm_users, mm.mm_count]).toEqual([2, 1, 1]);
		expect(yield* user_read8(k, userAddress(base))).toBe(77);
	});
	expect(k.mm.mms.size).toBe(0);
});

test('fork leaves out what MADV_DONTFORK marked', () => {
	const k = bootTestKernel({memMiB: 64, era: '2.6.32'});
	runProcess(k, function* (k) {
		yield* sys_mmap2(k, base, 3 * PAGE_SIZE, 3, 0x32, -1, 0);
		yield* sys_madvise(k, base + PAGE_SIZE, PAGE_SIZE, 10);
		let childMaps: string[] = [];
		const child = yield* copy_process(k, {
			*body(k) {
				childMaps = maps(k);
			},
		});
		if (typeof child === 'number') throw new Error('no child');
		yield* sys_wait4(k, child.pid);
		expect(childMaps.map(line => line.slice(0, 17))).toEqual(['20000000-20001000', '20002000-20003000']);
		expect(maps(k).length).toBe(3);
	});
});
