/** A machine that panics or breaks is still a target: its files are read, and its time goes back. */
import {describe, expect, test} from 'vitest';
import {files} from '../../source/formats/files.ts';
import {panic} from '../../source/kernel/bug.ts';
import {bootLab, switchOn} from '../../source/lab/lab.ts';
import {embeddedMachine} from '../../source/target/embedded.ts';
import {headlessMachine} from '../../source/target/headless.ts';
import {fakeClock} from './support/fakeClock.ts';

const clockPath = files.clock.path;
const injectPath = files.inject.path;
const kmsgPath = files.kmsg.path;

/** A machine that stops at 0.4 s. */
const lab = (breaks: boolean) =>
	bootLab({load: 'none'}, (machine, rewoundNs) => {
		const on = switchOn(machine, rewoundNs);
		on.k.hw.timeline.at(400e6, () => {
			if (breaks) throw new Error('frame 7 is free');
			panic(on.k, 'no more');
		});
		return on;
	});

describe.each([
	['panic', false, 'kernel panic at 0.400000s: no more'],
	['broken', true, 'the simulated machine broke (a bug in mmtop) at 0.400000s: frame 7 is free'],
] as const)('%s', (state, breaks, sentence) => {
	test('its clients read on, and no timer is set', async () => {
		const wall = fakeClock();
		const machine = embeddedMachine(lab(breaks), 'lab', wall);
		const target = machine.client('test');
		wall.advance(1_000);
		const {timeNs, files} = await target.sample({paths: [clockPath, kmsgPath, '/proc/meminfo']});
		expect(timeNs).toBe(400e6);
		expect(files[clockPath]).toMatchObject({text: expect.stringContaining(`state: ${state}\n`)});
		expect(files[clockPath]).toMatchObject({text: expect.stringContaining(`stopped: ${sentence}\n`)});
		expect(files['/proc/meminfo']).toMatchObject({text: expect.stringContaining('MemTotal:')});
		expect(wall.timers()).toBe(0);
		await expect(target.read('/proc/nothing')).rejects.toMatchObject({code: 'ENOENT'});
		expect(await target.list('/proc')).toContain('kmsg');
		for (const [path, text] of [
			[injectPath, 'user-walk'],
			[clockPath, 'run'],
		] as const)
			await expect(target.write(path, text)).rejects.toMatchObject({
				code: 'EIO',
				message: expect.stringContaining(sentence),
			});
		// A second client, too, and one that comes later.
		expect((await machine.client('late').sample({paths: [kmsgPath]})).timeNs).toBe(400e6);
	});

	test.each(['back 1', 'rewind 300ms'])('%s brings it back, in turns, and it runs on from there', async words => {
		const wall = fakeClock();
		const machine = embeddedMachine(lab(breaks), 'lab', wall);
		const target = machine.client('test');
		wall.advance(1_000);
		await target.write(clockPath, words);
		wall.advance(1_000);
		const paused = await target.sample({paths: [clockPath]});
		expect(paused.timeNs).toBeLessThanOrEqual(400e6);
		expect(paused.files[clockPath]).toMatchObject({text: expect.stringMatching(/^state: paused\n(?!.*stopped)/ms)});
		expect(wall.timers()).toBe(0);
		await target.write(clockPath, 'run');
		wall.advance(1_000);
		expect(await target.read(clockPath)).toContain(`stopped: ${sentence}\n`);
	});

	test('a headless one comes as far as it can, and says why no further', async () => {
		const headless = headlessMachine(lab(breaks), 'test');
		headless.runUntil(300e6);
		expect(headless.stopped()).toBe(undefined);
		headless.runUntil(2e9);
		expect(headless.timeNs()).toBe(400e6);
		expect(headless.stopped()).toMatchObject({sentence});
		expect(await headless.target.read(clockPath)).toContain(sentence);
	});
});
