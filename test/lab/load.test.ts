/** What goes on by itself: nothing on a quiet machine, what a person can follow on a calm one. */
import {describe, expect, test} from 'vitest';
import {type LoadName, parseLoad} from '../../source/formats/debugfs/lab/load.ts';
import {files} from '../../source/formats/files.ts';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import {bootLab, type Lab, type LabOptions, runUntil, switchOn} from '../../source/lab/lab.ts';
import {chooseMachine} from '../../source/lab/presets.ts';
import {isLong} from '../sample.ts';
import {clockPath, everyFile, mostEvents, quietLab} from './support.ts';

const loadPath = files.load.path;
const wordOf = (lab: Lab) => parseLoad(String(lab.read(loadPath))).load;

function labOf(load?: LoadName, options: LabOptions = {}): Lab {
	const lab = bootLab({...options, ...(load && {load})});
	lab.write(clockPath, 'watch off', 'test');
	return lab;
}

describe('the file', () => {
	test('says the word, and calm without a choice; a word changes it, another one is refused in a sentence', () => {
		expect(wordOf(labOf())).toBe('calm');
		const lab = labOf('busy');
		expect(wordOf(lab)).toBe('busy');
		lab.write(loadPath, 'quiet\n', 'test');
		expect(String(lab.read(loadPath))).toMatch(/^load: quiet\nmeans: .+\n$/);
		for (const word of ['none', 'Busy', '', 'calm busy'])
			expect(() => lab.write(loadPath, word, 'test')).toThrow(`EINVAL: load takes quiet, calm, busy, got "${word}"`);
		expect(wordOf(lab)).toBe('quiet');
		expect(lab.session.filter(({path}) => path === loadPath)).toHaveLength(1);
	});

	test('a machine without programs has no other load', () => {
		const lab = quietLab();
		expect(wordOf(lab)).toBe('none');
		expect(() => lab.write(loadPath, 'calm', 'test')).toThrow(/^EPERM: this machine was built without programs/);
	});
});

/** Files that say how much time has passed; the trace has the flusher's look at nothing, twice in ten seconds. */
const ofTime = /^\/proc\/(interrupts|stat|uptime)$|\/lab\/(clock|session)$|\/tracing\/trace(_pipe)?$/;
const filesWithoutTime = (lab: Lab) => everyFile(lab).filter(([path]) => !ofTime.test(path));

test.each(['boot', 'a second of busy', 'a second of calm'])('after %s a quiet machine only ticks', before => {
	const lab = labOf(before === 'boot' ? 'quiet' : before.endsWith('busy') ? 'busy' : 'calm');
	lab.run(1e9, mostEvents);
	if (before !== 'boot') lab.write(loadPath, 'quiet', 'test');
	// What was under way comes to its end.
	lab.run(2e9, mostEvents);
	const still = filesWithoutTime(lab);
	lab.run(6e9, mostEvents);
	expect(filesWithoutTime(lab)).toEqual(still);
	expect(String(lab.read('/proc/uptime'))).toMatch(/^6\.00 /);
});

test('another load ends what waits for time or for ever, as a signal would', () => {
	const lab = labOf('calm');
	/** What was called and what it returned, of programs that wait. */
	const waits = () => {
		const lines = String(lab.read(files.trace.path)).match(/sys_(?:nanosleep|pause).*/g) ?? [];
		return new Set(lines.map(line => line.replace(/\d+ ms/, 'ms')));
	};
	lab.run(0.1e9, mostEvents);
	lab.write(loadPath, 'quiet', 'test');
	lab.run(0.2e9, mostEvents);
	expect(waits()).toEqual(new Set(['sys_nanosleep(ms)', 'sys_nanosleep -> -4', 'sys_pause()']));
	lab.write(loadPath, 'calm', 'test');
	lab.run(0.3e9, mostEvents);
	expect(waits()).toContain('sys_pause -> -4');
	// One that nothing ends sleeps as long as it wanted.
	for (let look = 1; look <= 10 && !waits().has('sys_nanosleep -> 0x0'); look++) lab.run(look * 0.5e9, mostEvents);
	expect(waits()).toContain('sys_nanosleep -> 0x0');
});

test('a load that changes is part of the session: the machine goes back to it and on from it', () => {
	const lab = labOf('quiet');
	for (const [seconds, word] of [
		[0.04, 'busy'],
		[0.5, 'calm'],
		[1, 'busy'],
		[1.2, 'quiet'],
	] as const) {
		lab.run(seconds * 1e9, mostEvents);
		lab.write(loadPath, word, 'test');
	}
	lab.run(1.5e9, mostEvents);
	// Going back is a write itself.
	const files = () => everyFile(lab).filter(([path]) => !path.endsWith('/lab/session'));
	const asItWas = files();
	lab.run(2e9, mostEvents);
	lab.write(clockPath, 'rewind 1500ms', 'test');
	while (lab.run(0, mostEvents) === 'budget') {}
	lab.write(clockPath, 'run', 'test');
	expect(files()).toEqual(asItWas);
	lab.write(clockPath, 'rewind 1100ms', 'test');
	while (lab.run(0, mostEvents) === 'budget') {}
	expect(wordOf(lab)).toBe('busy');
});

test('what sleeps on a calm machine is at work at once when it gets busy', () => {
	const on = switchOn(chooseMachine({load: 'calm'}), () => 0);
	on.clock.watch = false;
	const switches = () => Number(/^ctxt (\d+)$/m.exec(String(on.tree.read('/proc/stat')))![1]);
	const during = (ms: number) => {
		const before = {frames: on.board.lan.framesSent, switches: switches()};
		runUntil(on, on.k.hw.timeline.nowNs + ms * 1e6, mostEvents);
		return {frames: on.board.lan.framesSent - before.frames, switches: switches() - before.switches};
	};
	during(3_000);
	const calm = during(1_000);
	on.tree.write(loadPath, 'busy', 'test');
	const busy = during(100);
	expect(calm.frames).toBeLessThan(4);
	expect(busy.frames).toBeGreaterThan(2 * calm.frames);
	expect(busy.switches).toBeGreaterThan(2 * calm.switches);
});

const numberIn = (lab: Lab, path: string, pattern: RegExp) => Number(pattern.exec(String(lab.read(path)))![1]);

describe.each([{era: 'ldd3'}, {era: '6.1', seed: 3}])('ten seconds of calm, $era', options => {
	const seconds = 10;
	const lab = labOf('calm', options);
	const lines = (path: string) => String(lab.read(path)).split('\n').length;
	const counts = () => ({
		frames: numberIn(lab, '/proc/interrupts', /^ 11:.* (\d+) .*eth0$/m),
		commands: numberIn(lab, '/proc/loadavg', / (\d+)\n$/),
		slots: files.kmapAtomic
			.parse(String(lab.read(files.kmapAtomic.path)))
			.cpus.flatMap(({slots}) => slots)
			.reduce((sum, {used}) => sum + used, 0),
	});

	/** What a look each hundredth of a second shows: the most at once, and how often a request was seen. */
	function watched() {
		const standing = lines(files.dmaDump.path);
		const most = {requests: 0, pages: 0, mappings: 0};
		const seen = new Map<number, number>();
		for (let look = 1; look <= 100 * seconds; look++) {
			lab.run(2e9 + look * 10e6, mostEvents);
			const {kiocbs} = files.aio.parse(String(lab.read(files.aio.path)));
			for (const {id} of kiocbs) seen.set(id, (seen.get(id) ?? 0) + 1);
			most.requests = Math.max(most.requests, kiocbs.length);
			most.pages = Math.max(most.pages, ...kiocbs.map(({pagesPinned}) => pagesPinned));
			most.mappings = Math.max(most.mappings, lines(files.dmaDump.path) - standing);
		}
		return {most, seen: [...seen.values()]};
	}

	test('things happen one at a time, seldom enough to be read, and stay long enough to be seen', () => {
		lab.run(2e9, mostEvents);
		const before = counts();
		const {most, seen} = watched();
		const after = counts();
		expect(most.requests).toBeLessThanOrEqual(2);
		expect(most.pages).toBe(1);
		expect(most.mappings).toBeLessThanOrEqual(4);
		expect(seen.length).toBeGreaterThanOrEqual(seconds / 2);
		expect(seen.length).toBeLessThanOrEqual(seconds);
		// A tenth of a second; where somebody else has just had the disk it is awake already.
		expect(seen.filter(looks => looks >= 10).length).toBeGreaterThan(seen.length / 2);
		expect(after.frames - before.frames).toBeGreaterThan(0);
		expect(after.frames - before.frames).toBeLessThanOrEqual(2 * seconds);
		expect(after.commands - before.commands).toBeGreaterThan(0);
		expect(after.commands - before.commands).toBeLessThanOrEqual(seconds / 2);
		expect(after.slots - before.slots).toBeLessThan(25 * seconds);
	});
});

/** How much of each zone is free. */
const freeShares = (lab: Lab): readonly number[] =>
	files.zoneinfo
		.parse(String(lab.read(files.zoneinfo.path)))
		.zones.map(({pages}) => pages.free! / (pages.managed ?? pages.present!))
		.filter(share => !Number.isNaN(share));

const hourSeconds = 3600;

/** In a long run each kernel has its hour; else what half a minute took is taken to go on. */
test.each(isLong ? [...ERA_NAMES] : ['ldd3'])('an hour of calm leaves a third of each zone free (%s)', era => {
	const lab = labOf('calm', {era});
	const [fromSeconds, toSeconds] = isLong ? [10, hourSeconds] : [10, 30];
	lab.run(fromSeconds * 1e9, mostEvents);
	const before = freeShares(lab);
	lab.run(toSeconds * 1e9, mostEvents);
	const hours = (hourSeconds - fromSeconds) / (toSeconds - fromSeconds);
	const after = freeShares(lab).map((share, index) => before[index]! + (share - before[index]!) * hours);
	expect(after).toHaveLength(3);
	for (const share of after) expect(share).toBeGreaterThan(1 / 3);
});
