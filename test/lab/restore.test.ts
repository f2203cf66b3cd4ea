/** A session that is done again on a fresh machine, as a server does after its end: every file is as it was. */
import {expect, test} from 'vitest';
import {files} from '../../source/formats/files.ts';
import {panic} from '../../source/kernel/bug.ts';
import {bootLab, type Lab, type Running, switchOn} from '../../source/lab/lab.ts';
import {ForeignSession} from '../../source/lab/session.ts';
import {clockPath, everyFile, injectPath, mostEvents} from './support.ts';

const instantOf = (lab: Lab) => ({timeNs: lab.timeNs(), events: lab.events()});

/** Does a session again from its beginning. */
function restored(from: Lab, boot: () => Lab = () => bootLab({load: 'none'})): Lab {
	const lab = boot();
	for (const _ of lab.restore(from.session, instantOf(from)));
	return lab;
}

type Act = (lab: Lab) => void;

const says =
	(text: string, path: string = clockPath): Act =>
	lab =>
		void lab.write(path, text, 'test');
const runsTo =
	(ms: number): Act =>
	lab => {
		while (lab.run(ms * 1e6, mostEvents) === 'hold') lab.releaseHold();
	};
function turns(lab: Lab) {
	while (lab.run(lab.timeNs() + 1e9, mostEvents) === 'budget');
}

test.each<[string, readonly Act[]]>([
	['nothing', []],
	['time that passed', [runsTo(300)]],
	['a pause', [runsTo(300), says('pause'), runsTo(400)]],
	['steps that were taken', [runsTo(300), says('pause'), says('step 5'), runsTo(310)]],
	['steps that were not all taken', [runsTo(300), says('step 9'), lab => void lab.run(400e6, 4)]],
	['an end that was reached', [says('until 0.35s'), runsTo(500)]],
	['an end that is still to come', [says('until 0.9s'), runsTo(500)]],
	['an end that was reached, and steps behind it', [says('until 0.35s'), runsTo(500), says('step 3'), runsTo(600)]],
	[
		'an end that was reached, steps behind it, and some of them back',
		[says('until 0.35s'), runsTo(500), says('step 50'), runsTo(600), says('back 5'), turns],
	],
	['an end that is taken back, and is reached again', [says('until 0.35s'), runsTo(500), says('rewind 0.3s'), turns]],
	['steps behind an end', [says('step 4000'), says('until 0.35s'), runsTo(500), lab => void lab.run(1e9, 20)]],
	['a rate', [says('rate 3'), runsTo(200)]],
	['a workload and its states', [runsTo(100), says('mremap-growth', injectPath), runsTo(500)]],
	['a workload in its midst', [says('direct-read pages=8', injectPath), says('step 40'), lab => void lab.run(1e9, 40)]],
	['a rewind', [says('pool-work', injectPath), runsTo(500), says('rewind 0.2s'), turns]],
	['a rewind that undid nothing', [runsTo(500), says('rewind 0.2s'), turns]],
	['steps back', [runsTo(300), says('pause'), says('step 20'), runsTo(400), says('back 7'), turns]],
])('%s', (_what, acts) => {
	const lab = bootLab({load: 'none'});
	for (const act of acts) act(lab);
	const again = restored(lab);
	expect(instantOf(again)).toEqual(instantOf(lab));
	expect(everyFile(again)).toEqual(everyFile(lab));
	expect(again.session).toEqual(lab.session);
	// And they go the same way from there.
	for (const machine of [lab, again]) {
		machine.write(clockPath, 'run', 'test');
		runsTo(700)(machine);
	}
	expect(everyFile(again)).toEqual(everyFile(lab));
});

test('what was reached before one goes back is not still to come: a step behind it is taken', () => {
	const lab = bootLab({load: 'none'});
	for (const act of [says('until 0.35s'), runsTo(500), says('step 50'), runsTo(600)]) act(lab);
	const {events} = instantOf(lab);
	for (const act of [says('back 5'), turns]) act(lab);
	expect(lab.clock()).toMatchObject({untilNs: undefined, stepsWanted: 0, paused: true});
	for (const act of [says('step 3'), turns]) act(lab);
	expect(lab.events()).toBe(events - 2);
});

test('what a program reads in the clock between two writes is what it read', () => {
	const seen: string[] = [];
	const boot = () =>
		bootLab({load: 'none'}, (machine, rewoundNs) => {
			const on = switchOn(machine, rewoundNs);
			on.k.hw.timeline.at(355e6, () => seen.push(String(on.tree.read(clockPath))));
			return on;
		});
	const lab = boot();
	for (const act of [says('step 4000'), says('until 0.35s'), runsTo(500), runsTo(500)]) act(lab);
	expect(lab.timeNs()).toBeGreaterThan(355e6);
	restored(lab, boot);
	expect(seen).toHaveLength(2);
	expect(seen[1]).toBe(seen[0]);
	expect(seen[0]).toContain('until_ns: -');
});

/** A machine whose kernel panics. */
const panicking = () =>
	bootLab({load: 'none'}, (machine, rewoundNs) => {
		const on: Running = switchOn(machine, rewoundNs);
		on.k.hw.timeline.at(400e6, () => panic(on.k, 'VFS: Unable to mount root fs'));
		return on;
	});

test('a kernel that panicked has panicked again, and going back leads out of it', () => {
	const lab = panicking();
	runsTo(600)(lab);
	const again = restored(lab, panicking);
	expect(again.stopped()).toEqual(lab.stopped());
	expect(again.stopped()).toBeDefined();
	expect(everyFile(again)).toEqual(everyFile(lab));
	again.write(clockPath, 'rewind 0.3s', 'test');
	turns(again);
	expect(again.stopped()).toBeUndefined();
	expect(again.timeNs()).toBe(300e6);
});

test('a session of another machine is told from it', () => {
	const lab = bootLab({load: 'none'});
	runsTo(100)(lab);
	const write = {timeNs: 0, seq: 0, path: injectPath, text: 'no-such-thing', by: 'test'};
	const restoring = (path: string) => () => [...lab.restore([{...write, path}], instantOf(lab))];
	expect(restoring(injectPath)).toThrow(ForeignSession);
	expect(restoring(files.version.path)).toThrow(/^a write is refused: E/);
});
