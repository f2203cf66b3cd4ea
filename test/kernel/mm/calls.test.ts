import {expect, test} from 'vitest';
import {userAddress} from '../../../source/hardware/address.ts';
import {type EraName, erasBefore, erasFrom} from '../../../source/kernel/era/behaviour.ts';
import {EACCES, EINVAL, ENOMEM, ENOSYS, EOPNOTSUPP} from '../../../source/kernel/errno.ts';
import {copy_process} from '../../../source/kernel/fork.ts';
import {O_CREAT, O_RDWR} from '../../../source/kernel/fs/file.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {user_read8, user_write8} from '../../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {msleep} from '../../../source/kernel/timer.ts';
import {bootWithDisk, install, newProcess, runIn} from '../fs/machine.ts';
import {Caller} from '../systemCalls.ts';

const page = 4096;
const place = 0x2000_0000;
const anon = 0x32;

function onMachine<T>(era: EraName, body: (c: Caller, k: Kernel) => Sleeps<T>): T {
	const machine = bootWithDisk({era});
	install(machine, '/etc/motd', 1);
	return runIn(machine.k, newProcess(machine.k), () => body(new Caller(machine.k), machine.k));
}

const map = (c: Caller, pages: number, prot = 3, flags = anon, fd = -1) =>
	c.call('mmap2', place, pages * page, prot, flags, fd, 0);

test('mincore tells which pages are there; 2.6.11 knows those of files only', () => {
	onMachine('ldd3', function* (c) {
		yield* map(c, 1);
		expect(yield* c.call('mincore', place, page, yield* c.room(4))).toBe(-ENOMEM);
	});
	for (const era of erasFrom('2.6.32'))
		onMachine(era, function* (c, k) {
			yield* map(c, 3);
			yield* user_write8(k, userAddress(place + page), 1);
			const vec = yield* c.room(4);
			expect(yield* c.call('mincore', place, 3 * page, vec)).toBe(0);
			expect(yield* c.readText(vec, 3)).toBe('\0\x01\0');
			expect(yield* c.call('mincore', place, 4 * page, vec)).toBe(-ENOMEM);
			expect(yield* c.call('mincore', place + 1, page, vec)).toBe(-EINVAL);
			expect(yield* c.call('mincore', place, page, 0xc000_0000)).toBe(-14);
		});
});

test('mlockall brings in what there is, locks what will be, and keeps to its limit', () => {
	onMachine('ldd3', function* (c, k) {
		yield* map(c, 2);
		const mm = k.cpu.current.mm!;
		expect(yield* c.call('mlockall', 0)).toBe(-EINVAL);
		expect(yield* c.call('mlockall', 4)).toBe(-EINVAL);
		expect(yield* c.call('mlockall', 1)).toBe(0);
		expect([mm.locked_vm, mm.rss_anon]).toEqual([mm.total_vm, mm.total_vm]);
		expect(yield* c.call('munlockall')).toBe(0);
		expect(mm.locked_vm).toBe(0);
		expect(yield* c.call('mlockall', 2)).toBe(0);
		const before = mm.rss_anon;
		yield* c.call('mmap2', 0, page, 3, 0x22, -1, 0);
		expect([mm.locked_vm, mm.rss_anon - before]).toEqual([1, 1]);
		mm.rlimits.memlock = page;
		expect(yield* c.call('mlockall', 1)).toBe(0);
		yield* c.call('setuid', 1000);
		expect(yield* c.call('mlockall', 1)).toBe(-ENOMEM);
	});
});

test('mlock2 with ONFAULT (4.4) brings nothing in', () => {
	for (const era of erasBefore('5.10'))
		onMachine(era, function* (c) {
			expect(yield* c.call('mlock2', place, page, 1)).toBe(-ENOSYS);
		});
	onMachine('5.10', function* (c, k) {
		yield* map(c, 2);
		const mm = k.cpu.current.mm!;
		expect(yield* c.call('mlock2', place, 2 * page, 2)).toBe(-EINVAL);
		expect(yield* c.call('mlock2', place, 2 * page, 1)).toBe(0);
		expect([mm.locked_vm, mm.rss_anon]).toEqual([2, 0]);
		expect(yield* c.call('mlock2', place, page, 0)).toBe(0);
		expect([mm.locked_vm, mm.rss_anon]).toEqual([2, 1]);
		expect(yield* c.call('munlock', place, 2 * page)).toBe(0);
		expect(mm.locked_vm).toBe(0);
	});
});

test('advice that a kernel has not heard of is refused', () => {
	const answers = (era: EraName) =>
		onMachine(era, function* (c) {
			yield* map(c, 1);
			const heard: number[] = [];
			for (let advice = 0; advice < 30; advice++)
				if (((yield* c.call('madvise', place, page, advice)) as number) === 0) heard.push(advice);
			return heard;
		});
	expect(answers('2.6.32')).toEqual([0, 1, 2, 4, 10, 11]);
	expect(answers('5.10')).toEqual([0, 1, 2, 3, 4, 8, 10, 11, 16, 17, 18, 19, 20, 21]);
	expect(answers('6.1')).toEqual([0, 1, 2, 3, 4, 8, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23, 24]);
});

test('MADV_REMOVE makes a hole in shared memory, and in nothing else', () => {
	onMachine('2.6.32', function* (c, k) {
		const fd = yield* c.call('open', '/tmp/x', O_RDWR | O_CREAT, 0);
		yield* c.call('ftruncate', fd, 2 * page);
		yield* map(c, 2, 3, 0x11, fd);
		yield* user_write8(k, userAddress(place), 7);
		yield* user_write8(k, userAddress(place + page), 8);
		expect(yield* c.call('madvise', place, page, 9)).toBe(0);
		expect(yield* user_read8(k, userAddress(place))).toBe(0);
		expect(yield* user_read8(k, userAddress(place + page))).toBe(8);
		yield* map(c, 1, 3, 0x12, fd);
		expect(yield* c.call('madvise', place, page, 9)).toBe(-EACCES);
		yield* map(c, 1);
		expect(yield* c.call('madvise', place, page, 9)).toBe(-EINVAL);
		yield* map(c, 1, 3, 0x11, yield* c.call('open', '/etc/motd', O_RDWR, 0));
		expect(yield* c.call('madvise', place, page, 9)).toBe(-ENOSYS);
	});
});

test('MADV_WIPEONFORK: the child finds zeros', () => {
	onMachine('5.10', function* (c, k) {
		yield* map(c, 1);
		yield* user_write8(k, userAddress(place), 7);
		expect(yield* c.call('madvise', place, page, 18)).toBe(0);
		const seen: number[] = [];
		yield* copy_process(k, {
			*body() {
				seen.push(yield* user_read8(k, userAddress(place)));
			},
		});
		yield* msleep(k, 5);
		expect([...seen, yield* user_read8(k, userAddress(place))]).toEqual([0, 7]);
	});
});

test('MREMAP_DONTUNMAP (5.7) leaves an empty area behind', () => {
	onMachine('3.2', function* (c) {
		yield* map(c, 1);
		expect(yield* c.call('mremap', place, page, page, 5, 0)).toBe(-EINVAL);
	});
	for (const era of erasFrom('5.10'))
		onMachine(era, function* (c, k) {
			yield* map(c, 2);
			yield* user_write8(k, userAddress(place), 7);
			expect(yield* c.call('mremap', place, 2 * page, page, 5, 0)).toBe(-EINVAL);
			expect(yield* c.call('mremap', place, 2 * page, 2 * page, 4, 0)).toBe(-EINVAL);
			const to = yield* c.call('mremap', place, 2 * page, 2 * page, 5, 0);
			expect(yield* user_read8(k, userAddress(to))).toBe(7);
			expect(yield* user_read8(k, userAddress(place))).toBe(0);
			expect(k.cpu.current.mm!.total_vm).toBe(4);
		});
});

test('MREMAP_DONTUNMAP of a file is refused until 5.13', () => {
	const answer = (era: EraName) =>
		onMachine(era, function* (c) {
			yield* map(c, 1, 1, 0x11, yield* c.call('open', '/etc/motd', O_RDWR, 0));
			return yield* c.call('mremap', place, page, page, 5, 0);
		});
	expect(answer('5.10')).toBe(-EINVAL);
	expect(answer('6.1')).toBeGreaterThan(0);
});

test('MAP_SHARED_VALIDATE refuses flags that it does not know, and memory without a file', () => {
	onMachine('5.10', function* (c) {
		const fd = yield* c.call('open', '/etc/motd', O_RDWR, 0);
		expect(yield* map(c, 1, 1, 0x13, fd)).toBe(place);
		expect(yield* map(c, 1, 1, 0x13 | 0x8_0000, fd)).toBe(-EOPNOTSUPP);
		expect(yield* map(c, 1, 1, 0x11 | 0x8_0000, fd)).toBe(place);
		expect(yield* map(c, 1, 1, 0x33)).toBe(-EINVAL);
	});
});

test('mremap whose offset would wrap is refused, from 2.6.39 on', () => {
	const answer = (era: EraName) =>
		onMachine(era, function* (c) {
			const fd = yield* c.call('open', '/etc/motd', O_RDWR, 0);
			expect(yield* c.call('mmap2', place, page, 1, 0x11, fd, 0xffff_fffe)).toBe(place);
			return yield* c.call('mremap', place, page, 3 * page, 1, 0);
		});
	expect(answer('2.6.32')).toBe(place);
	for (const era of erasFrom('3.2')) expect(answer(era)).toBe(-EINVAL);
});
