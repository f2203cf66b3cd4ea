/**
 * Whole screens of the real program in a real pseudo-terminal, of a real machine: states by sizes, with their colours
 * and without. Nothing on them is masked. `npm run docs` writes them anew. Without MMTOP_LONG a sample of them.
 */

import {expect, test} from 'vitest';
import {MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_READ, PROT_WRITE} from '../../source/kernel/mm/mman.ts';
import {bootLab, runUntil, switchOn} from '../../source/lab/lab.ts';
import {chooseMachine} from '../../source/lab/presets.ts';
import {startProcess} from '../../source/lab/programs/start.ts';
import {path} from '../../source/model/paths.ts';
import type {TargetMachine} from '../../source/target/machine.ts';
import type {Target} from '../../source/target/target.ts';
import {sampleOf} from '../sample.ts';
import {openStage, type Stage, type StageOptions} from './stage.ts';

/** The largest first: there every pane has seen what happened. */
const sizes = [
	[200, 60],
	[120, 40],
	[100, 30],
	[80, 24],
] as const;

type Scene = StageOptions & {readonly acts?: (stage: Stage) => Promise<void>};

/** A target that lacks files, as an older kernel or one without debugfs does. */
const without =
	(isLacking: (file: string) => boolean) =>
	(target: Target): Target => ({
		...target,
		async sample({paths}) {
			const sample = await target.sample({paths});
			const files = Object.entries(sample.files).map(([name, file]) =>
				isLacking(name) ? [name, {error: `ENOENT: no such file: ${name}`}] : [name, file],
			);
			return {...sample, files: Object.fromEntries(files)};
		},
		list: async directory => (await target.list(directory)).filter(name => !isLacking(`${directory}/${name}`)),
	});

const missing: readonly string[] = [path.kmapAtomic, path.aio, path.dmaDump, path.zoneinfo, path.vmstat];

const areas = 60_000;
const pageBytes = 4096;

/** The usual machine, and a process on it that maps pages one by one, no two side by side. */
function crowded(): TargetMachine {
	const on = switchOn(chooseMachine({load: 'busy'}), () => 0);
	const {k, tree} = on;
	tree.write('/proc/sys/vm/max_map_count', String(2 * areas), 'somebody');
	startProcess(k, {comm: 'vmabench', path: '/bin/sh', argv: ['vmabench'], parent: null}, function* (user) {
		for (let index = 0; index < areas; index++) {
			const address = 0x5000_0000 + index * 2 * pageBytes;
			yield* user.mmap(address, pageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1);
		}
		for (;;) {
			yield* user.sleep(1000);
		}
	});
	return {
		name: 'lab',
		timeNs: () => k.hw.timeline.nowNs,
		seq: () => k.hw.timeline.seq,
		run: (limitNs, mostEvents) => runUntil(on, limitNs, mostEvents),
		nextEventNs: () => k.hw.timeline.nextNs(),
		clock: () => ({...on.clock, holding: on.holding()}),
		releaseHold() {},
		read: name => tree.read(name),
		list: name => tree.list(name),
		write: (name, text, by) => tree.write(name, text, by),
	};
}

/** Nothing is slowed down. */
const hurry = [path.clock, 'watch off'] as const;
/** What a test injects is somebody else's. */
const watchesOthers = (stage: Stage): Promise<void> => stage.press('V');
const inject = (experiment: string) => [path.inject, experiment] as const;

const scenes: Readonly<Record<string, Scene>> = {
	idle: {
		machine: () => bootLab({load: 'calm'}),
		async acts(stage) {
			await stage.pass(600);
			await stage.pass(600);
		},
	},
	busy: {
		async acts(stage) {
			await watchesOthers(stage);
			const experiments = [
				'pool-work hold=5000',
				'coherent-allocation hold=5000',
				'atomic-kmaps rounds=64',
				'direct-read pages=1024',
				'aio-burst requests=64',
			];
			await stage.pass(600, hurry);
			await stage.pass(15, ...experiments.map(inject));
			await stage.pass(15);
		},
	},
	frozen: {
		async acts(stage) {
			await stage.press('space');
			await stage.pass(600);
		},
	},
	paused: {acts: stage => stage.act('P', 'PAUSED')},
	'experiment-running': {
		async acts(stage) {
			await watchesOthers(stage);
			await stage.pass(100, inject('mremap-growth'));
			// The first state is let go, and the next is held.
			await stage.pass(1000);
			await stage.pass(50);
		},
	},
	disconnected: {acts: stage => stage.leave()},
	'read-only': {observe: true},
	'missing-files': {view: without(name => missing.includes(name)), acts: stage => stage.press('3')},
	'60000-areas': {
		machine: crowded,
		async acts(stage) {
			// The last page has to be there before a row of it can be selected.
			await stage.press('end');
			await stage.press('end', 'up');
		},
	},
	'40-pools': {
		async acts(stage) {
			await watchesOthers(stage);
			const pools = Array.from({length: 33}, (_, index) =>
				inject(`pool-work blocks=${index * 3 + 1} size=32 hold=60000`),
			);
			await stage.pass(600, hurry, ...pools);
			await stage.press('4', ...Array.from({length: 25}, () => 'down'));
		},
	},
	'no-process': {view: without(name => /^\/proc\/\d/.test(name))},
	'process-exits-while-selected': {
		async acts(stage) {
			await watchesOthers(stage);
			await stage.pass(100, inject('mremap-growth'));
			await stage.press('down', 'down');
			await stage.pass(1100, hurry);
		},
	},
};

test.each(
	sampleOf(Object.entries(scenes), 4),
)('the screen %s stands in a terminal as it is composed, and as it was', async (name, scene) => {
	const stage = await openStage(scene, ...sizes[0]);
	await scene.acts?.(stage);
	const screens: string[] = [];
	for (const [columns, rows] of sizes) {
		screens.push(await stage.screen(columns, rows));
	}
	await expect(screens.join('\n')).toMatchFileSnapshot(`../../fixtures/screens/terminal/${name}.txt`);
});
