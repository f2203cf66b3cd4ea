import {describe, expect, test} from 'vitest';
import {files} from '../../source/formats/files.ts';
import {embeddedMachine} from '../../source/target/embedded.ts';
import {fakeClock} from './support/fakeClock.ts';
import {fakeMachine} from './support/fakeMachine.ts';

const clockFile = files.clock.path;
const ticks = {paths: ['/proc/ticks']};

function start(options: Parameters<typeof fakeMachine>[0] = {}) {
	const fake = fakeMachine(options);
	const wall = fakeClock();
	const machine = embeddedMachine(fake, 'lab', wall);
	return {fake, wall, machine, target: machine.client('test')};
}

describe('virtual time follows wall time × rate', () => {
	test('at rate 1 a wall second is a virtual second', () => {
		const {fake, wall} = start();
		wall.advance(1000);
		expect(fake.timeNs()).toBeGreaterThan(980e6);
		expect(fake.timeNs()).toBeLessThanOrEqual(1000e6);
	});

	test('a sample shows the machine as of now, not as of the last batch', async () => {
		const {wall, target} = start();
		wall.advance(1000);
		wall.busy(7);
		const sample = await target.sample(ticks);
		expect(sample.timeNs).toBe(1007e6);
		expect(sample.files).toEqual({'/proc/ticks': {text: '1007\n'}});
		expect(sample.behindNs).toBe(0);
	});

	test('at rest nothing runs and no timer is set, a read answers, and time goes on from where it stood', async () => {
		const {fake, wall, machine, target} = start();
		wall.advance(1000);
		machine.rest(true);
		const restsNs = fake.timeNs();
		expect(wall.timers()).toBe(0);
		wall.advance(5000);
		expect((await target.sample(ticks)).timeNs).toBe(restsNs);
		machine.rest(false);
		wall.advance(100);
		const {timeNs, behindNs} = await target.sample(ticks);
		expect([timeNs, behindNs]).toEqual([restsNs + 100e6, 0]);
	});

	test('a rate written half way holds from there on and changes nothing before', async () => {
		const {fake, wall, target} = start();
		wall.advance(500);
		await target.write(clockFile, 'rate 0.1');
		expect(fake.timeNs()).toBe(500e6);
		wall.advance(500);
		await target.sample(ticks);
		expect(fake.timeNs()).toBe(550e6);
	});

	test('while paused nothing runs, no timer is set, and a step is one event', async () => {
		const {fake, wall, target} = start();
		wall.advance(100);
		await target.write(clockFile, 'pause');
		const seq = fake.seq();
		expect(wall.timers()).toBe(0);
		wall.advance(10_000);
		expect(fake.seq()).toBe(seq);
		await target.write(clockFile, 'step 3');
		wall.advance(1);
		expect(fake.seq()).toBe(seq + 1 + 3);
		await target.write(clockFile, 'run');
		wall.advance(100);
		await target.sample(ticks);
		expect(fake.timeNs()).toBe(203e6);
	});

	test('many steps are taken over several turns, not in one', async () => {
		const {fake, wall, target} = start();
		await target.write(clockFile, 'pause');
		fake.onEvent = () => wall.busy(1);
		await target.write(clockFile, 'step 1000');
		expect(fake.clock().stepsWanted).toBeGreaterThan(900);
		wall.advance(5000);
		expect(fake.clock().stepsWanted).toBe(0);
	});

	test('`until` stops the clock at that instant', async () => {
		const {fake, wall, target} = start();
		await target.write(clockFile, 'until 300000000');
		wall.advance(1000);
		expect(fake.timeNs()).toBe(300e6);
		expect(fake.clock().paused).toBe(true);
		expect(wall.timers()).toBe(0);
	});

	test('a machine with nothing to do wakes for its next event only', () => {
		const {wall} = start({periodNs: 10e9});
		wall.advance(9999);
		expect(wall.calls()).toBe(0);
		wall.advance(2);
		expect(wall.calls()).toBe(1);
	});
});

describe('a machine that cannot keep up', () => {
	test('gives the event loop back within its budget and says how far it is behind', async () => {
		const {fake, wall, target} = start({periodNs: 10_000});
		// 100 events a virtual millisecond at 0.1 wall milliseconds each: ten times too slow.
		fake.onEvent = () => wall.busy(0.1);
		const before = wall.nowMs();
		wall.busy(100);
		const {behindNs} = await target.sample(ticks);
		expect(wall.nowMs() - before - 100).toBeLessThan(16);
		expect(behindNs).toBeGreaterThan(90e6);
	});

	test('loses what is more than a second behind instead of chasing it for ever', async () => {
		const {fake, wall, target} = start();
		fake.onEvent = () => wall.busy(0.5);
		wall.busy(3_600_000);
		const {behindNs} = await target.sample(ticks);
		expect(behindNs).toBe(1e9);
		wall.advance(3000);
		expect((await target.sample(ticks)).behindNs).toBe(0);
		expect(fake.timeNs()).toBeLessThan(10e9);
	});

	test('one that just keeps up sleeps between batches, though each takes its time', () => {
		const {fake, wall} = start({periodNs: 10e6});
		fake.onEvent = () => wall.busy(0.3);
		wall.advance(1000);
		expect(wall.calls()).toBeLessThan(120);
		expect(fake.timeNs()).toBeGreaterThan(900e6);
	});
});

describe('a held state', () => {
	const held = {holdAtNs: [50e6, 51e6]};

	test('is let go after a tenth of a second when nobody watches', () => {
		const {fake, wall} = start(held);
		wall.advance(60);
		expect(fake.clock().holding).toBe('tick 50');
		wall.advance(89);
		expect(fake.timeNs()).toBe(50e6);
		wall.advance(31);
		expect(fake.timeNs()).toBeGreaterThan(50e6);
	});

	test('waits until every monitor that watches has drawn it', async () => {
		const {fake, wall, machine, target: quick} = start(held);
		const slow = machine.client('slow');
		for (const target of [quick, quick, slow, slow]) {
			await target.sample(ticks);
		}

		wall.advance(60);
		await quick.sample(ticks);
		await slow.sample(ticks);
		wall.advance(150);
		await quick.sample(ticks);
		expect(fake.timeNs()).toBe(50e6);
		await slow.sample(ticks);
		expect(fake.clock().holding).toBe(undefined);
		wall.advance(20);
		expect(fake.clock().holding).toBe('tick 51');
	});

	test('ends after a second even when a monitor never asks again', async () => {
		const {fake, wall, target} = start(held);
		wall.advance(49);
		await target.sample(ticks);
		await target.sample(ticks);
		wall.advance(10);
		await target.sample(ticks);
		wall.advance(900);
		expect(fake.timeNs()).toBe(50e6);
		wall.advance(150);
		expect(fake.timeNs()).toBeGreaterThan(50e6);
	});

	test('does not wait for a client that looked once, nor for one that left', async () => {
		const {fake, wall, machine, target} = start(held);
		await machine.client('curl').sample(ticks);
		await target.sample(ticks);
		await target.sample(ticks);
		await target.close();
		wall.advance(60);
		wall.advance(101);
		expect(fake.clock().holding).not.toBe('tick 50');
	});

	test('costs no virtual time and is not a backlog', async () => {
		const {fake, wall, target} = start(held);
		wall.advance(60);
		expect((await target.sample(ticks)).behindNs).toBe(0);
		// Two holds of 100 ms, each noticed within a batch of 10 ms.
		wall.advance(440);
		expect(fake.timeNs()).toBeGreaterThan(250e6);
		expect(fake.timeNs()).toBeLessThan(300e6);
	});
});

describe('a held state at the pace of a reader', () => {
	const reading = {holdAtNs: [50e6, 51e6], pace: 'read', readMs: 4000} as const;

	/** Looks twice, then ten times a second. */
	async function watch(each: ReturnType<typeof start>, ms: number): Promise<void> {
		await each.target.sample(ticks);
		for (let passed = 0; passed < ms; passed += 100) {
			await each.target.sample(ticks);
			each.wall.advance(100);
		}
	}

	test('stays for its reading time, and not longer', async () => {
		const each = start(reading);
		await watch(each, 4000);
		expect(each.fake.clock().holding).toBe('tick 50');
		await watch(each, 200);
		expect(each.fake.clock().holding).toBe('tick 51');
	});

	test('is over at once for who says so, and the next one has its whole time', async () => {
		const each = start(reading);
		await watch(each, 1000);
		await each.target.write(clockFile, 'next');
		await watch(each, 3800);
		expect(each.fake.clock().holding).toBe('tick 51');
		await watch(each, 500);
		expect(each.fake.clock().holding).toBeUndefined();
	});

	test.each([
		['with `manual`', {...reading, pace: 'manual'} as const, undefined],
		['that was told to stay', reading, 'stay'],
	])('%s stays for ever while one looks alone', async (_what, options, word) => {
		const each = start(options);
		await watch(each, 200);
		if (word !== undefined) await each.target.write(clockFile, word);
		await watch(each, 60_000);
		expect(each.fake.clock().holding).toBe('tick 50');
		await each.target.write(clockFile, 'next');
		each.wall.advance(20);
		expect(each.fake.clock().holding).toBe('tick 51');
	});

	test.each([
		[4_500, 'tick 50'],
		[5_500, undefined],
	])('after a watcher was silent for %i ms the held state is %s', async (silentMs, holding) => {
		const each = start({...reading, pace: 'manual'});
		await watch(each, 200);
		expect(each.fake.clock().holding).toBe('tick 50');
		each.wall.advance(silentMs);
		expect(each.fake.clock().holding).toBe(holding);
	});

	test.each(['read', 'manual'] as const)('at rest a held state stays, with `%s`', async pace => {
		const each = start({...reading, pace});
		await watch(each, 200);
		each.machine.rest(true);
		each.wall.advance(60_000);
		expect(each.fake.clock().holding).toBe('tick 50');
		each.machine.rest(false);
		await watch(each, 1000);
		expect(each.fake.clock().holding).toBe('tick 50');
	});

	test('one of two cannot keep the other: `manual` is reading time for both', async () => {
		const each = start({...reading, pace: 'manual'});
		const other = each.machine.client('other');
		await other.sample(ticks);
		for (let passed = 0; passed < 4500; passed += 100) {
			await other.sample(ticks);
			await watch(each, 100);
		}
		expect(each.fake.clock().holding).toBe('tick 51');
	});

	test('does not wait without a watcher', () => {
		const {fake, wall} = start({...reading, pace: 'manual'});
		wall.advance(60);
		expect(fake.clock().holding).toBe('tick 50');
		wall.advance(120);
		expect(fake.clock().holding).toBe('tick 51');
	});
});

describe('the tree of an embedded machine', () => {
	test('a path that fails is an error entry; the others are there', async () => {
		const {target} = start();
		const {files} = await target.sample({paths: ['/proc/ticks', '/proc/none', '/proc', '/proc/kpagecount']});
		expect(files['/proc/ticks']).toEqual({text: '0\n'});
		expect(files['/proc/none']).toEqual({error: 'ENOENT: there is no /proc/none'});
		expect(files['/proc']).toEqual({error: 'EISDIR: /proc is a directory'});
		expect(files['/proc/kpagecount']).toHaveProperty('base64');
	});

	test('files of a machine that stands still are printed once', async () => {
		const {fake, target} = start();
		await target.write(clockFile, 'pause');
		await target.sample(ticks);
		const {prints} = fake;
		await target.sample(ticks);
		expect(fake.prints).toBe(prints);
	});

	test('a binary file is read by range, short at its end', async () => {
		const {target} = start();
		expect(await target.read('/proc/kpagecount', {offset: 8, length: 4})).toEqual(Uint8Array.of(8, 9, 10, 11));
		expect(await target.read('/proc/kpagecount', {offset: 62, length: 8})).toEqual(Uint8Array.of(62, 63));
	});

	test('`..` stays inside', async () => {
		const {target} = start();
		expect(await target.read('/../../proc/./ticks')).toBe('0\n');
	});

	test('a refused write leaves no trace, an accepted one says who wrote it', async () => {
		const {fake, target} = start();
		await expect(target.write('/proc/ticks', '5')).rejects.toMatchObject({code: 'EACCES'});
		await expect(target.write(clockFile, 'fly')).rejects.toMatchObject({code: 'EINVAL'});
		await expect(target.write(files.kmsg.path, 'x'.repeat(1024 * 1024 + 1))).rejects.toMatchObject({code: 'EFBIG'});
		expect(fake.session).toEqual([]);
		expect(await target.write(files.kmsg.path, 'hello')).toBe('id 1\n');
		expect(fake.session).toMatchObject([{by: 'test', text: 'hello'}]);
	});

	test('a simulation that throws rejects from then on, with the reason', async () => {
		const {fake, wall, target} = start();
		fake.onEvent = () => {
			throw new Error('frame 7 is free\nand mapped');
		};

		wall.advance(50);
		await expect(target.sample(ticks)).rejects.toThrow(/EIO: the simulated machine broke at .* frame 7 is free and/);
		expect(wall.timers()).toBe(0);
	});

	test('a stopped machine says that it is gone', async () => {
		const {machine, target} = start();
		machine.stop();
		await expect(target.sample(ticks)).rejects.toMatchObject({code: 'EDISCONNECTED'});
	});
});

test('gdb’s hold ends with the connection that wrote it, and with no other of the same name', async () => {
	const left: (string | undefined)[] = [];
	let holder: string | undefined;
	const fake = {
		...fakeMachine(),
		holder: () => holder,
		write(_: string, text: string, by: string) {
			if (text === 'hold') holder = by;
			if (text === 'detach') holder = undefined;
			return '';
		},
		left(by?: string) {
			left.push(by);
			const was = holder;
			holder = undefined;
			return was !== undefined;
		},
	};
	const machine = embeddedMachine(fake, 'lab', fakeClock());
	left.length = 0;
	const [gdb, other, observer] = [machine.client('joan'), machine.client('joan'), machine.client('joan', false)];
	await gdb.write(files.gdb.path, 'hold');
	await other.write(files.gdb.path, 'run');
	await other.close();
	await observer.close();
	expect(left).toEqual([]);
	await gdb.close();
	expect(left).toEqual(['joan']);
	const later = machine.client('joan');
	await later.write(files.gdb.path, 'hold');
	await later.write(files.gdb.path, 'detach');
	const last = machine.client('joan');
	await last.write(files.gdb.path, 'hold');
	await later.close();
	expect(left).toEqual(['joan']);
	await last.close();
	expect(left).toEqual(['joan', 'joan']);
});
