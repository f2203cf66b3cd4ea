/** Others who look at a machine: they make no story longer, and one picture is printed for all. */

import {describe, expect, test} from 'vitest';
import {files} from '../../source/formats/files.ts';
import {embeddedMachine} from '../../source/target/embedded.ts';
import {fakeClock} from './support/fakeClock.ts';
import {fakeMachine} from './support/fakeMachine.ts';

const ticks = {paths: ['/proc/ticks']};

function start(options: Parameters<typeof fakeMachine>[0] = {}) {
	const fake = fakeMachine(options);
	const wall = fakeClock();
	const machine = embeddedMachine(fake, 'lab', wall);
	return {fake, wall, machine, target: machine.client('test')};
}

describe('one who only looks on makes no story longer', () => {
	const own = 'test';
	const held = {holdAtNs: [2000e6, 2001e6, 2002e6], heldBy: own};

	/**
	 * A monitor asks ten times a second, somebody else each `otherMs`.
	 *
	 * @returns how long each state was held, in wall time
	 */
	async function story(options: Parameters<typeof start>[0], otherMs: number, mayWrite: boolean) {
		const {fake, wall, machine, target} = start(options);
		const other = machine.client('other', mayWrite);
		const heldMs = new Map<string, number>();
		for (let ms = 0; ms < 6000; ms += 10) {
			if (ms % 100 === 0) await target.sample(ticks);
			if (ms % otherMs === 0) await other.sample(ticks);
			wall.advance(10);
			const {holding} = fake.clock();
			if (holding !== undefined) heldMs.set(holding, (heldMs.get(holding) ?? 0) + 10);
		}
		return [...heldMs.values()];
	}

	test('a slow one is not waited for, whether it may write or not', async () => {
		const alone = await story(held, 1e9, false);
		expect(alone).toHaveLength(3);
		for (const mayWrite of [false, true]) expect(await story(held, 900, mayWrite)).toEqual(alone);
	});

	test('a quick one is, for a moment', async () => {
		const first = async (otherMs: number) => (await story(held, otherMs, true))[0]!;
		expect(await first(100)).toBeLessThan(200);
		// It asks at 2160 and 2400 ms: a quarter of a second is over before it has drawn.
		expect(await first(240)).toBe(250);
	});

	test('the owner of the story has a second; an observer of the same name has not', async () => {
		const slow = {...held, heldBy: 'other'};
		expect((await story(slow, 600, true))[0]).toBeGreaterThan(900);
		expect((await story(slow, 600, false))[0]).toBe((await story(held, 1e9, false))[0]);
	});

	test('with `manual` the one who may write decides, and no observer', async () => {
		const {fake, wall, machine, target} = start({...held, pace: 'manual', readMs: 500});
		const other = machine.client('other', false);
		const bothLook = async (ms: number) => {
			for (let passed = 0; passed < ms; passed += 100) {
				for (const each of [target, other]) await each.sample(ticks);
				wall.advance(100);
			}
		};
		await bothLook(6000);
		expect(fake.clock().holding).toBe('tick 2000');
		await target.close();
		for (let passed = 0; passed < 800; passed += 100) {
			await other.sample(ticks);
			wall.advance(100);
		}
		expect(fake.clock().holding).not.toBe('tick 2000');
	});
});

test('many readers, and those who only observe, are shown one picture, which is printed once', async () => {
	const printsOf = async (readers: number, mayWrite: boolean) => {
		const {fake, wall, machine} = start();
		const others = Array.from({length: readers}, (_, index) => machine.client(`reader ${index}`, mayWrite));
		let before = 0;
		for (let round = 0; round < 3; round++) {
			wall.advance(20);
			before = fake.prints;
			for (const other of others) {
				wall.busy(1);
				await other.sample(ticks);
			}
		}
		return fake.prints - before;
	};
	expect(await printsOf(4, false)).toBe(1);
	expect(await printsOf(3, true)).toBe(3);
	expect(await printsOf(10, true)).toBe(1);
});

test('what is written is in the next answer, whoever asks', async () => {
	const {machine, target} = start();
	const observer = machine.client('observer', false);
	const {path} = files.kmsg;
	await observer.read(path);
	await target.write(path, 'hello');
	expect(await observer.read(path)).toMatch(/hello/);
	await expect(observer.write(path, 'me too')).rejects.toMatchObject({code: 'EACCES'});
	expect(observer.writable).toBe(false);
});
