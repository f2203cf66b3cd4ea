import {expect, test} from 'vitest';
import {parseSession} from '../../source/formats/debugfs/lab/session.ts';
import {files} from '../../source/formats/files.ts';
import {bootLab, type Lab, type LabOptions} from '../../source/lab/lab.ts';
import {isDoneBy, type RewindGoal} from '../../source/lab/session.ts';
import {clockPath, everyFile, injectPath} from './support.ts';

const mostEvents = 1e9;

/** Boots a machine and repeats a session on it, to two seconds. */
function replay(seed: number): Lab {
	const lab = bootLab({seed, load: 'busy'});
	lab.write(clockPath, 'watch off', 'test');
	for (const [timeNs, text] of [
		[600e6, 'mremap-growth'],
		[600e6, 'direct-read pages=8'],
		[900e6, 'pool-work blocks=40'],
	] as const) {
		lab.run(timeNs, mostEvents);
		lab.write(injectPath, text, 'test');
	}
	lab.run(2e9, mostEvents);
	return lab;
}

test('the same seed and the same writes give the same bytes in every file; another seed does not', () => {
	const first = everyFile(replay(1));
	expect(first.length).toBeGreaterThan(80);
	expect(everyFile(replay(1))).toEqual(first);
	expect(everyFile(replay(2))).not.toEqual(first);
});

test('the session holds what was written, when and by whom, and nothing that was refused', () => {
	const lab = replay(1);
	expect(() => lab.write(injectPath, 'no-such-thing', 'test')).toThrow(/EINVAL: no experiment "no-such-thing"/);
	expect(lab.session.map(({timeNs, text, by}) => [timeNs, text, by])).toEqual([
		[0, 'watch off', 'test'],
		[600e6, 'mremap-growth', 'test'],
		[600e6, 'direct-read pages=8', 'test'],
		[900e6, 'pool-work blocks=40', 'test'],
	]);
});

test('its machine is switched on again by flags, which name what differs from the preset', () => {
	const machineOf = (options: LabOptions) => parseSession(String(bootLab(options).read(files.session.path))).machine;
	expect(machineOf({})).toBe('--machine lab --era ldd3 --seed 1');
	expect(machineOf({preset: '512m', era: '6.1', seed: 9, cpus: 1, load: 'busy', pace: 'read'})).toBe(
		'--machine 512m --era 6.1 --seed 9 --cpus 1 --load busy --pace read',
	);
});

/** Every file but those that say how the instant was reached. */
const machineFiles = (lab: Lab) => everyFile(lab).filter(([path]) => path !== clockPath && path !== files.session.path);

/** Lets a machine that goes back in time arrive. */
function arrive(lab: Lab) {
	while (lab.run(0, 1000) === 'budget');
}

test('the machine goes back to any time, and every file is as it was', () => {
	const lab = bootLab({load: 'busy'});
	lab.write(clockPath, 'watch off', 'test');
	lab.run(500e6, mostEvents);
	lab.write(injectPath, 'direct-read', 'test');
	lab.run(502e6, mostEvents);
	const before = machineFiles(lab);
	lab.run(600e6, mostEvents);
	lab.write(injectPath, 'mremap-growth', 'test');
	lab.run(700e6, mostEvents);
	expect(machineFiles(lab)).not.toEqual(before);

	lab.write(clockPath, 'rewind 502ms', 'test');
	arrive(lab);
	expect(machineFiles(lab)).toEqual(before);
	expect(lab.session.map(({text}) => text)).toEqual(['watch off', 'direct-read', 'pause']);
	expect(lab.clock()).toMatchObject({paused: true, stepsWanted: 0});

	// What happens next is what happened then, and what was undone may be done otherwise.
	lab.write(clockPath, 'run', 'test');
	lab.run(600e6, mostEvents);
	expect(lab.write(injectPath, 'pool-work', 'test')).toBe('2');
});

test('one event back and one forward again is where one was', () => {
	const lab = bootLab({load: 'busy'});
	lab.run(300e6, mostEvents);
	lab.write(injectPath, 'coherent-allocation', 'test');
	lab.write(clockPath, 'pause', 'test');
	for (const steps of [40, 1, 7]) {
		lab.write(clockPath, `step ${steps}`, 'test');
		lab.run(1e9, steps);
	}
	const after = machineFiles(lab);
	lab.write(clockPath, 'back 5', 'test');
	lab.run(1e9, 3);
	lab.write(clockPath, 'back 3', 'test');
	arrive(lab);
	expect(machineFiles(lab)).not.toEqual(after);
	lab.write(clockPath, 'step 8', 'test');
	lab.run(1e9, 8);
	expect(machineFiles(lab)).toEqual(after);
});

test('on its way back the machine shows what was, takes no other write, and can be told to stay', () => {
	const lab = bootLab({load: 'busy'});
	lab.run(300e6, mostEvents);
	const before = machineFiles(lab);
	lab.write(clockPath, 'rewind 100ms', 'test');
	expect(lab.run(1e9, 10)).toBe('budget');
	expect(machineFiles(lab)).toEqual(before);
	expect(String(lab.read(clockPath))).toMatch(/^state: rewinding$.*^rewound_ns: \d+$/ms);
	expect(() => lab.write(injectPath, 'pool-work', 'test')).toThrow(/^EBUSY: .*going back in time/);
	lab.write(clockPath, 'pause', 'test');
	expect(machineFiles(lab)).toEqual(before);
	expect(lab.session.map(({text}) => text)).toEqual(['pause']);
	expect(() => lab.write(clockPath, 'rewind 300ms', 'test')).toThrow(
		/^EINVAL: rewind goes to a time before now \(0.3s\)/,
	);
	expect(() => lab.write(clockPath, 'back 0', 'test')).toThrow(/^EINVAL: back takes 1/);
});

test('going back to an instant takes the writes of that instant with it, and those after it not', () => {
	const session = [10, 20, 20, 30].map((timeNs, index) => ({
		timeNs,
		seq: 5 * index + index,
		path: '',
		text: '',
		by: '',
	}));
	const countUntil = (goal: RewindGoal) => session.filter((write, index) => isDoneBy(write, index, goal)).length;
	expect([9, 10, 19, 20, 29, 30].map(timeNs => countUntil({timeNs}))).toEqual([0, 1, 1, 3, 3, 4]);
	// Before the four writes there were 0, 5, 10 and 15 events.
	expect([0, 4, 5, 9, 10, 14, 15].map(events => countUntil({events}))).toEqual([1, 1, 2, 2, 3, 3, 4]);
});
