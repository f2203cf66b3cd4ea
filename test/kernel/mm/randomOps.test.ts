import fc from 'fast-check';
import {expect, test} from 'vitest';
import {PAGE_SIZE} from '../../../source/hardware/address.ts';
import {ERA_NAMES} from '../../../source/kernel/era/behaviour.ts';
import {sys_wait4} from '../../../source/kernel/exit.ts';
import {copy_process} from '../../../source/kernel/fork.ts';
import {fd_install} from '../../../source/kernel/fs/file.ts';
import {shmem_file_setup} from '../../../source/kernel/fs/shmem.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {sys_madvise} from '../../../source/kernel/mm/madvise.ts';
import {sys_mlock, sys_munlock} from '../../../source/kernel/mm/mlock.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {sys_mprotect} from '../../../source/kernel/mm/mprotect.ts';
import {sys_mremap} from '../../../source/kernel/mm/mremap.ts';
import {sys_munmap} from '../../../source/kernel/mm/munmap.ts';
import {user_touch} from '../../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {runs} from '../../sample.ts';
import {bootTestKernel, newProcess, runProcess} from '../support.ts';
import {checkInvariants, freeFrames} from './invariants.ts';

const base = 0x2000_0000;
const page = fc.integer({min: 0, max: 40});
const length = fc.integer({min: 1, max: 12});
const prot = fc.constantFrom(0, 1, 2, 3, 5, 7);

type Op = (k: Kernel, fd: number) => Sleeps<unknown>;

const at = (index: number) => base + index * PAGE_SIZE;

const operation: fc.Arbitrary<Op> = fc.oneof(
	fc.tuple(page, length, prot, fc.constantFrom(0x32, 0x31, 0x12, 0x11, 0x4032), fc.integer({min: 0, max: 8})).map(
		([start, pages, protection, flags, pgoff]): Op =>
			(k, fd) =>
				sys_mmap2(k, at(start), pages * PAGE_SIZE, protection, flags, fd, pgoff),
	),
	fc.tuple(length, prot).map(
		([pages, protection]): Op =>
			k =>
				sys_mmap2(k, 0, pages * PAGE_SIZE, protection, 0x22, -1, 0),
	),
	fc.tuple(page, length).map(
		([start, pages]): Op =>
			k =>
				sys_munmap(k, at(start), pages * PAGE_SIZE),
	),
	fc.tuple(page, length, prot).map(
		([start, pages, protection]): Op =>
			k =>
				sys_mprotect(k, at(start), pages * PAGE_SIZE, protection),
	),
	fc.tuple(page, length, length, page).map(
		([start, pages, newPages, to]): Op =>
			k =>
				sys_mremap(k, at(start), pages * PAGE_SIZE, newPages * PAGE_SIZE, 3, at(to)),
	),
	fc.tuple(page, length, length, fc.constantFrom(0, 1)).map(
		([start, pages, newPages, flags]): Op =>
			k =>
				sys_mremap(k, at(start), pages * PAGE_SIZE, newPages * PAGE_SIZE, flags, 0),
	),
	fc.tuple(page, length).map(
		([start, pages]): Op =>
			k =>
				sys_madvise(k, at(start), pages * PAGE_SIZE, 4),
	),
	fc.tuple(page, length, fc.boolean()).map(
		([start, pages, lock]): Op =>
			k =>
				(lock ? sys_mlock : sys_munlock)(k, at(start), pages * PAGE_SIZE),
	),
	fc.tuple(page, fc.boolean()).map(
		([start, write]): Op =>
			k =>
				user_touch(k, at(start), write),
	),
	fc.tuple(fc.array(fc.tuple(page, fc.boolean()), {maxLength: 4})).map(
		([touches]): Op =>
			function* (k) {
				const child = yield* copy_process(k, {
					*body(k) {
						for (const [start, write] of touches) yield* user_touch(k, at(start), write);
						checkInvariants(k);
					},
				});
				if (typeof child === 'number') throw new Error('fork failed');
				for (const [start, write] of touches) yield* user_touch(k, at(start), !write);
				yield* sys_wait4(k, child.pid);
			},
	),
);

test.each(ERA_NAMES)('whatever a process does to its memory, every count equals a recount (era %s)', era => {
	const k = bootTestKernel({memMiB: 64, highmemMiB: 16, era, pae: era === '6.18'});
	const before = freeFrames(k);
	fc.assert(
		fc.property(fc.array(operation, {minLength: 10, maxLength: 60, size: 'max'}), operations => {
			const task = newProcess(k);
			runProcess(
				k,
				function* () {
					const fd = fd_install(task.files, shmem_file_setup(k, 'work', 16 * PAGE_SIZE));
					for (const each of operations) {
						yield* each(k, fd);
						checkInvariants(k);
					}
				},
				task,
			);
			expect(k.mm.mms.size).toBe(0);
			expect(k.anon_vmas.size).toBe(0);
			expect(k.mm.vm_committed).toBe(0);
			expect(freeFrames(k)).toBe(before);
		}),
		{numRuns: runs(60), seed: 7},
	);
});
