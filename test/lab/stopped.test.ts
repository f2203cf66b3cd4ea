/**
 * A kernel that panics, and a simulator that breaks, leave a machine that stands still: its files can be read, it says
 * what happened and when, and going back leads out of it.
 */
import {describe, expect, test} from 'vitest';
import {parseClock} from '../../source/formats/debugfs/lab/clock.ts';
import {parseGdb} from '../../source/formats/debugfs/lab/gdb.ts';
import {files} from '../../source/formats/files.ts';
import {physicalAddress} from '../../source/hardware/address.ts';
import {KernelPanic, panic} from '../../source/kernel/bug.ts';
import type {EraName} from '../../source/kernel/era/behaviour.ts';
import {bootLab, type Lab, type LabOptions, type Running, switchOn} from '../../source/lab/lab.ts';
import {clockPath, everyPath, injections, injectPath, mostEvents} from './support.ts';

const kmsgPath = files.kmsg.path;
const breakNs = 400e6;
const pastNs = 600e6;

type SwitchedOn = (on: Running, times: number) => void;

/** A machine to which something is done whenever it is switched on. */
function labThat(does: SwitchedOn, options: LabOptions = {}): Lab {
	let times = 0;
	const lab = bootLab({load: 'none', ...options}, (machine, rewoundNs) => {
		const on = switchOn(machine, rewoundNs);
		does(on, times++);
		return on;
	});
	lab.write(clockPath, 'watch off', 'test');
	return lab;
}

/** At the time, an event does this. */
const at =
	(timeNs: number, event: (on: Running) => void): SwitchedOn =>
	on =>
		void on.k.hw.timeline.at(timeNs, () => event(on));

const breaks = at(breakNs, () => {
	throw new Error('frame 7 is free\n and mapped');
});
const panics = at(breakNs, ({k}) => panic(k, 'VFS: Unable to mount root fs'));

const clock = (lab: Lab) => parseClock(String(lab.read(clockPath)));
const log = (lab: Lab) => String(lab.read(kmsgPath));

/** Lets a machine that goes back in time arrive, or stop. */
function arrive(lab: Lab): void {
	for (let turns = 0; lab.run(0, 1000) === 'budget'; turns++) expect(turns).toBeLessThan(10_000);
}

function goBack(lab: Lab, words: string) {
	lab.write(clockPath, words, 'test');
	arrive(lab);
}

function refused(lab: Lab, path: string, text: string): string {
	try {
		lab.write(path, text, 'test');
	} catch (error) {
		return (error as Error).message;
	}
	return 'taken';
}

const kinds = [
	[
		'panic',
		panics,
		'kernel panic at 0.400000s: VFS: Unable to mount root fs',
		'<0>[    0.400000] Kernel panic - not syncing: VFS: Unable to mount root fs',
	],
	[
		'broken',
		breaks,
		'the simulated machine broke (a bug in mmtop) at 0.400000s: frame 7 is free and mapped',
		'<0>[    0.400000] mmtop: the simulated machine broke here: frame 7 is free and mapped',
	],
] as const;

describe.each(kinds)('%s', (state, happens, sentence, logged) => {
	test('time stands still there, the clock and the log say why, and nothing is due any more', () => {
		const lab = labThat(happens);
		expect(lab.run(pastNs, mostEvents)).toBe('reached');
		const seq = lab.seq();
		expect(lab.run(pastNs, mostEvents)).toBe('reached');
		expect([lab.timeNs(), lab.seq(), lab.nextEventNs()]).toEqual([breakNs, seq, undefined]);
		expect(clock(lab)).toMatchObject({state, timeNs: breakNs, stopped: sentence, stepsWanted: 0, holding: null});
		expect(lab.clock()).toMatchObject({paused: true, stepsWanted: 0});
		expect(lab.stopped()).toMatchObject({state, timeNs: breakNs, sentence});
		expect(log(lab)).toContain(logged);
	});

	test('every file can be read', () => {
		const lab = labThat(happens);
		lab.run(pastNs, mostEvents);
		const paths = everyPath(lab);
		expect(paths.length).toBeGreaterThan(60);
		for (const path of paths) expect(lab.read(path).length, path).toBeGreaterThanOrEqual(0);
	});

	test('an injection that was running or waited has failed, with the sentence; one that was over has not', () => {
		const lab = labThat(happens);
		lab.run(300e6, mostEvents);
		lab.write(injectPath, 'user-walk', 'test');
		lab.run(breakNs - 5e6, mostEvents);
		lab.write(injectPath, 'pool-work hold=1000', 'test');
		lab.run(breakNs - 1, mostEvents);
		lab.write(injectPath, 'user-walk', 'test');
		lab.run(pastNs, mostEvents);
		expect(injections(lab).map(each => each.status)).toEqual(['done', 'failed', 'failed']);
		expect(injections(lab).map(({result}) => result === sentence)).toEqual([false, true, true]);
	});

	test('only going back is taken: anything else is refused with the sentence, and leaves no trace', () => {
		const lab = labThat(happens);
		lab.run(pastNs, mostEvents);
		const {length} = lab.session;
		for (const text of ['run', 'pause', 'step', 'rate 2', 'until 9s', 'watch on', 'nonsense'])
			expect(refused(lab, clockPath, text)).toBe(
				`EIO: ${sentence}; "rewind TIME" or "back N" in lab/clock leads back to before that`,
			);
		expect(refused(lab, injectPath, 'direct-read')).toMatch(/^EIO: /);
		expect(refused(lab, '/proc/sys/fs/aio-max-nr', '1000')).toMatch(/^EIO: /);
		expect(refused(lab, clockPath, 'back 0')).toMatch(/^EINVAL: /);
		expect(refused(lab, clockPath, 'rewind 1h')).toMatch(/^EINVAL: /);
		expect(refused(lab, clockPath, `rewind ${breakNs}ns`)).toMatch(/^EINVAL: /);
		expect(lab.session.length).toBe(length);
		expect(clock(lab)).toMatchObject({state, stopped: sentence});
	});

	test.each(['back 1', 'back 700', 'rewind 399999999ns', 'rewind 100ms', 'rewind 0s'])('%s leads out of it', words => {
		const lab = labThat(happens);
		lab.run(pastNs, mostEvents);
		lab.write(clockPath, words, 'test');
		expect(clock(lab).state).toBe('rewinding');
		expect(lab.clock()).toMatchObject({paused: true});
		expect(lab.clock().stepsWanted).toBeGreaterThan(0);
		expect(lab.nextEventNs()).not.toBe(undefined);
		arrive(lab);
		expect(clock(lab)).toMatchObject({state: 'paused', rewoundNs: null});
		expect(clock(lab).stopped).toBe(undefined);
		expect(lab.timeNs()).toBeLessThanOrEqual(breakNs);
		expect(lab.stopped()).toBe(undefined);
		expect(log(lab)).not.toContain(logged);
		// What is done from there on leads to the same end again.
		lab.write(clockPath, 'run', 'test');
		lab.run(pastNs, mostEvents);
		expect(clock(lab)).toMatchObject({state, stopped: sentence});
	});

	test('one event back and one on is where it stopped, by steps too', () => {
		const lab = labThat(happens);
		lab.run(pastNs, mostEvents);
		const files = () => [kmsgPath, '/proc/meminfo', '/proc/interrupts', '/sys/kernel/debug/page_map'].map(lab.read);
		const before = files();
		goBack(lab, 'back 1');
		lab.write(clockPath, 'step', 'test');
		lab.run(pastNs, 1);
		expect(clock(lab)).toMatchObject({state, stepsWanted: 0});
		expect(files()).toEqual(before);
	});

	test('on its way back it can be kept where it stopped, and takes no other write', () => {
		const lab = labThat(happens);
		lab.run(pastNs, mostEvents);
		lab.write(clockPath, 'rewind 200ms', 'test');
		lab.run(0, 3);
		expect(refused(lab, injectPath, 'direct-read')).toMatch(/^EBUSY: /);
		lab.write(clockPath, 'pause', 'test');
		expect(clock(lab)).toMatchObject({state, stopped: sentence, rewoundNs: null});
		expect(refused(lab, clockPath, 'pause')).toMatch(/^EIO: /);
		goBack(lab, 'rewind 200ms');
		expect([clock(lab).state, lab.timeNs()]).toEqual(['paused', 200e6]);
	});
});

test('a session that stops the machine before it is where it should go leaves it stopped there', () => {
	// What is switched on again breaks earlier than what was on first.
	const lab = labThat((on, times) => times > 0 && at(100e6, ({k}) => panic(k, 'again'))(on, times));
	lab.run(300e6, mostEvents);
	goBack(lab, 'rewind 200ms');
	expect(clock(lab)).toMatchObject({state: 'panic', timeNs: 100e6, stopped: 'kernel panic at 0.100000s: again'});
	expect(lab.run(pastNs, mostEvents)).toBe('reached');
	goBack(lab, 'rewind 50ms');
	expect(clock(lab)).toMatchObject({state: 'paused', timeNs: 50e6});
});

test('a session that does not fit the machine stops it where that shows', () => {
	const lab = labThat(({k}, times) => {
		if (times > 0) k.hw.timeline.step = () => false;
	});
	lab.run(200e6, mostEvents);
	lab.write('/proc/sys/fs/aio-max-nr', '1000', 'test');
	goBack(lab, 'back 1');
	expect(clock(lab)).toMatchObject({state: 'broken', timeNs: 0});
	expect(clock(lab).stopped).toMatch(/this session is not of this machine$/);
});

test('a write by which the machine breaks is refused, is part of the session, and is undone by going back', () => {
	const lab = labThat(
		at(100e6, ({k}) => {
			k.sched.tasks.set = () => {
				throw new Error('the table of tasks is full');
			};
		}),
	);
	lab.run(200e6, mostEvents);
	expect(refused(lab, injectPath, 'user-walk')).toMatch(
		/^EIO: .* broke .* at 0\.200000s: the table of tasks is full; "rewind/,
	);
	expect(lab.session.map(({text}) => text)).toEqual(['watch off', 'user-walk']);
	expect(clock(lab)).toMatchObject({state: 'broken', timeNs: 200e6});
	expect(injections(lab).map(({status}) => status)).toEqual(['failed']);
	goBack(lab, 'back 1');
	expect(clock(lab).state).toBe('paused');
	expect(injections(lab)).toEqual([]);
	expect(lab.session.map(({text}) => text)).toEqual(['watch off', 'pause']);
});

test('a file that cannot be printed says so, and the others work', () => {
	const lab = labThat(at(breakNs, ({k}) => k.log.lines.push(undefined as never)));
	lab.run(pastNs, mostEvents);
	expect(() => lab.read(kmsgPath)).toThrow(/^EIO: \/proc\/kmsg cannot be printed: /);
	expect(String(lab.read('/proc/meminfo'))).toMatch(/^MemTotal:/m);
	expect(clock(lab).state).toBe('running');
	expect(() => lab.read('/proc/nothing')).toThrow(/^ENOENT: /);
});

/**
 * Seconds after which the database has a request under way that gets the memory of the first, in one era or another.
 */
const atSeconds = [0.5, 0.25, 0.35, 0.45, 0.7, 1, 1.1];

test.each<EraName>([
	'ldd3',
	'3.2',
	'6.18',
])('%s: who ends another’s request makes the disk, when it is done, fault in its interrupt', era => {
	const stopped = atSeconds.some(seconds => {
		const lab = bootLab({era, load: 'busy'});
		lab.write(clockPath, 'watch off', 'test');
		lab.run(seconds * 1e9, mostEvents);
		lab.write(injectPath, 'aio-twice late=1', 'test');
		lab.run((seconds + 0.4) * 1e9, mostEvents);
		if (!lab.stopped()) return false;
		expect(lab.stopped()!.cause).toBeInstanceOf(KernelPanic);
		expect(log(lab)).toMatch(
			/ 6b6b6b[68][bf]\n(?:.*\n){1,20}.*Kernel panic - not syncing: Fatal exception in interrupt\n/,
		);
		goBack(lab, 'back 1');
		expect(clock(lab).state).toBe('paused');
		return true;
	});
	expect(stopped).toBe(true);
});

test('a debugger goes in reverse out of a panic, to the breakpoint before it', () => {
	const place = 0x0100_0000;
	const lab = labThat((on, times) => {
		panics(on, times);
		at(300e6, ({k}) => k.hw.ram.write8(physicalAddress(place), k.hw.ram.read8(physicalAddress(place)) ^ 0xff))(
			on,
			times,
		);
	});
	lab.write(files.gdb.path, 'hold', 'joan');
	lab.write(files.gdb.path, 'breakpoints w:c1000000:1', 'joan');
	for (let i = 0; i < 100 && !lab.stopped(); i++) {
		lab.write(files.gdb.path, 'run', 'joan');
		lab.run(pastNs, mostEvents);
	}
	expect(lab.stopped()).toMatchObject({state: 'panic'});
	lab.write(files.gdb.path, 'reverse 1', 'joan');
	arrive(lab);
	expect(lab.stopped()).toBeUndefined();
	expect(lab.timeNs()).toBeLessThanOrEqual(300e6);
	expect(parseGdb(String(lab.read(files.gdb.path)))).toMatchObject({
		holder: 'joan',
		stop: {why: 'until', type: 'w', address: 0xc100_0000},
	});
});
