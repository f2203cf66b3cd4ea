/**
 * Whole screens as text, from hand-written records: states by sizes, with their colours. `npm run docs` writes them
 * anew.
 */

import {expect, test} from 'vitest';
import {formatAio} from '../../source/formats/debugfs/aio.ts';
import {formatDmaApiDump} from '../../source/formats/debugfs/dmaApiDump.ts';
import {formatKmapAtomic} from '../../source/formats/debugfs/kmapAtomic.ts';
import {formatClock} from '../../source/formats/debugfs/lab/clock.ts';
import {formatFindings} from '../../source/formats/debugfs/lab/findings.ts';
import {formatInject} from '../../source/formats/debugfs/lab/inject.ts';
import {formatTrace} from '../../source/formats/debugfs/tracing/trace.ts';
import {formatVmstat} from '../../source/formats/proc/vmstat.ts';
import {formatPools} from '../../source/formats/sys/pools.ts';
import {path} from '../../source/model/paths.ts';
import type {Message} from '../../source/ui/state/state.ts';
import {createTheme} from '../../source/ui/terminal/theme.ts';
import {type Composed, composed} from './support/composed.tsx';
import {createFakeTarget, type FakeTarget} from './support/fakeTarget.ts';
import {oops, pinned} from './support/foundRecords.ts';
import * as records from './support/records.ts';
import {styledScreen} from './support/styledScreen.ts';

const everySize = [
	[80, 24],
	[100, 30],
	[120, 40],
	[200, 60],
] as const;
const twoSizes = [everySize[0], everySize[2]] as const;

type Scene = {
	readonly target?: () => FakeTarget;
	/** What becomes of the machine before each of the last samples. */
	readonly changes?: readonly ((target: FakeTarget) => void)[];
	/** Pressed before that. */
	readonly keys?: readonly string[];
	readonly last?: Message;
	readonly sizes?: readonly (readonly [columns: number, rows: number])[];
};

const stepNs = 600_000_000;
const stepMs = 600;

async function composedOf(scene: Scene, columns: number, rows: number): Promise<Composed> {
	const target = scene.target?.() ?? createFakeTarget();
	const monitor = composed(target, target, columns, rows);
	const {tell, sample} = monitor;
	let nowMs = 0;
	await monitor.list();
	await sample(nowMs);
	await sample(nowMs);
	for (const key of scene.keys ?? []) {
		tell({type: 'key', key, nowMs});
		if (!monitor.state().picture.frozen) {
			await sample(nowMs);
		}
	}
	for (const change of scene.changes ?? []) {
		change(target);
		target.timeNs += stepNs;
		target.seq++;
		nowMs += stepMs;
		await sample(nowMs);
	}
	if (scene.last) {
		tell(scene.last);
	}
	return monitor;
}

function without(...paths: readonly string[]): FakeTarget {
	const target = createFakeTarget();
	for (const each of paths) {
		target.files.delete(each);
	}
	return target;
}

function paused(): FakeTarget {
	const target = createFakeTarget();
	target.files.set(path.clock, formatClock(records.clock({state: 'paused'})));
	return target;
}

function writeFaults({files}: FakeTarget, pgfault: number): void {
	files.set(path.vmstat, formatVmstat({counters: {pgalloc_normal: 2 * pgfault, pgfault}}));
}

function getsBusy(target: FakeTarget): void {
	const {files} = target;
	const slots = {
		'0.3': {used: 1210, pfn: 0x6a31, context: 'task', holder: {comm: 'mapper', pid: 112}},
		'1.9': {used: 77, lastPfn: 0x7cbe, lastHolder: {comm: 'grep', pid: 9}},
	} as const;
	files.set(path.kmapAtomic, formatKmapAtomic(records.kmapAtomic(slots)));
	files.set(path.aio, formatAio(records.aio([43, 44, 45].map(id => records.kiocb(id)))));
	const mappings = [...records.dmaDump.mappings.slice(0, 2), records.mapping(0x6a3_1000, {type: 'single'})];
	files.set(path.dmaDump, formatDmaApiDump({...records.dmaDump, mappings}));
	writeFaults(target, 4000);
}

function grows(target: FakeTarget): void {
	const [first, ...others] = records.mapperMaps.areas;
	target.addProcess(131, 'mapper', {areas: [first!, ...others.map(area => ({...area, end: area.end + 4096}))]});
	target.files.set(path.inject, formatInject(records.injectOf([records.injection(1)])));
	const event = {pid: 131, text: 'pfn=0x2af5 order=0', timeUs: 12_000_060};
	target.files.set(path.trace, formatTrace(records.traceOf([event])));
}

function manyAreas(): FakeTarget {
	const target = createFakeTarget();
	const areas = Array.from({length: 60_000}, (_, index) =>
		records.area(0x1000_0000 + index * 8192, 0x1000_1000 + index * 8192, index % 2 === 0 ? 'rw-p' : 'r--p', null),
	);
	target.addProcess(500, 'vmabench', {areas}, 240_000);
	return target;
}

function manyPools(): FakeTarget {
	const target = createFakeTarget();
	const pools = Array.from({length: 40}, (_, index) => ({
		name: `pool-${index}`,
		blocksInUse: index * 3,
		blocks: 128,
		sizeBytes: 32,
		pages: 1,
	}));
	target.files.set(path.pools('0000:00:1d.7'), formatPools({pools}));
	return target;
}

/** A machine on which something was injected and found. */
function lived(): FakeTarget {
	const target = createFakeTarget();
	const states = [
		{timeUs: 4_200_000, state: 'device mapped'},
		{timeUs: 4_800_000, state: 'area grown'},
	];
	const injections = [records.injection(1, {timeUs: 4_000_000, status: 'done', states})];
	target.files.set(path.inject, formatInject(records.injectOf(injections)));
	const findings = [
		{...pinned, sinceUs: 7_000_000},
		{...oops, sinceUs: 9_500_000},
	];
	target.files.set(path.findings, formatFindings({olderUs: 10_000_000, dropped: 0, findings}));
	return target;
}

function noProcess(): FakeTarget {
	const target = createFakeTarget();
	target.removeProcess(112);
	target.removeProcess(1);
	return target;
}

function rests(): void {}

const scenes: Readonly<Record<string, Scene>> = {
	idle: {changes: [rests, rests]},
	busy: {changes: [target => writeFaults(target, 1500), getsBusy]},
	'experiment-running': {changes: [grows, rests], keys: ['V']},
	paused: {target: paused},
	frozen: {target: () => ({...createFakeTarget(), kind: 'socket'}), keys: ['space']},
	'read-only': {target: () => ({...createFakeTarget(), writable: false})},
	disconnected: {last: {type: 'lost', reason: 'EDISCONNECTED: the server of lab is gone', nowMs: 0}},
	'missing-files': {target: () => without(path.kmapAtomic, path.aio, path.dmaDump, path.zoneinfo, path.vmstat)},
	'60000-areas': {target: manyAreas, keys: ['1', 'end', 'pageup', 'up'], sizes: twoSizes},
	'40-pools': {target: manyPools, keys: ['4', ...Array.from({length: 25}, () => 'down')]},
	'no-process': {target: noProcess},
	'process-exits-while-selected': {keys: ['1', 'down', 'down'], changes: [target => target.removeProcess(112)]},
	'frame-followed': {keys: ['4', 'end', 'f', '8', '2']},
	'area-lit': {keys: ['1', 'down', '2']},
	'row-explained': {keys: ['1', 'down', 'down', 'down', 'down', 'enter'], sizes: twoSizes},
	ladder: {keys: ['1', 'down', '8', 'z'], changes: [rests], sizes: twoSizes},
	zoomed: {keys: ['4', 'z'], sizes: twoSizes},
	'sorted-and-filtered': {keys: ['4', 's', 's', '/', ...'!type:coherent', 'enter'], sizes: twoSizes},
	'help-of-a-pane': {keys: ['3', '?'], sizes: twoSizes},
	'time-line': {target: lived, keys: ['T', 'up', 'up'], sizes: [everySize[0], everySize[2], everySize[3]]},
	palette: {keys: [':'], sizes: twoSizes},
	processes: {keys: ['p'], sizes: twoSizes},
	'too-small': {sizes: [[30, 5]]},
};

const dark = createTheme('dark', true);

test.each(
	Object.entries(scenes),
)('the screen %s is as it was, at every size, with its colours', async (name, scene) => {
	const screens: string[] = [];
	for (const [columns, rows] of scene.sizes ?? everySize) {
		const monitor = await composedOf(scene, columns, rows);
		screens.push(await styledScreen(monitor.text(dark), columns, rows));
	}
	await expect(screens.join('\n')).toMatchFileSnapshot(`../../fixtures/screens/${name}.txt`);
});
