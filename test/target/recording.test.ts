import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {headlessMachine} from '../../source/target/headless.ts';
import {recordTo} from '../../source/target/recorder.ts';
import {openRecording} from '../../source/target/recording.ts';
import {formatSampleLine, parseSampleLine} from '../../source/target/sampleLine.ts';
import type {SampledFile} from '../../source/target/target.ts';
import {temporaryDirectory} from '../server/support.ts';
import {fakeClock} from './support/fakeClock.ts';
import {fakeMachine} from './support/fakeMachine.ts';

const line = (timeMs: number, files: Record<string, SampledFile>) =>
	formatSampleLine({version: 1, timeNs: timeMs * 1e6, seq: timeMs, files});

async function recorded(text: string) {
	const path = join(await temporaryDirectory(), 'recording.jsonl');
	await writeFile(path, text);
	const wall = fakeClock();
	return {wall, opening: openRecording(path, wall)};
}

test('samples come back at the pace at which they were taken, and the last one stays', async () => {
	const {wall, opening} = await recorded(
		line(100, {'/proc/a': {text: 'one'}, '/proc/b': {base64: 'AQID'}}) +
			line(200, {'/proc/a': {text: 'two'}, '/proc/b': {unchanged: true}}) +
			line(400, {'/proc/a': {unchanged: true}, '/proc/b': {base64: 'BA=='}}),
	);
	const target = await opening;
	const paths = ['/proc/a', '/proc/b'];
	expect(target).toMatchObject({kind: 'recording', writable: false});
	expect(await target.sample({paths})).toMatchObject({timeNs: 100e6, files: {'/proc/a': {text: 'one'}}});
	wall.advance(150);
	expect((await target.sample({paths})).files).toEqual({'/proc/a': {text: 'two'}, '/proc/b': {base64: 'AQID'}});
	expect(await target.read('/proc/b', {offset: 1, length: 9})).toEqual(Uint8Array.of(2, 3));
	wall.advance(1_000_000);
	expect(await target.sample({paths: [...paths, '/proc/c']})).toEqual({
		version: 1,
		timeNs: 400e6,
		seq: 400,
		files: {
			'/proc/a': {text: 'two'},
			'/proc/b': {base64: 'BA=='},
			'/proc/c': {error: 'ENOENT: /proc/c was not recorded'},
		},
	});
});

test('its directories are those of the files that were recorded', async () => {
	const {opening} = await recorded(
		line(1, {'/proc/1/maps': {text: ''}, '/proc/2/maps': {text: ''}, '/proc/iomem': {text: ''}}),
	);
	const target = await opening;
	expect(await target.list('/')).toEqual(['proc/']);
	expect(await target.list('/proc')).toEqual(['1/', '2/', 'iomem']);
	await expect(target.list('/proc/iomem')).rejects.toMatchObject({code: 'ENOTDIR'});
	await expect(target.list('/sys')).rejects.toMatchObject({code: 'ENOENT'});
	await expect(target.write('/proc/iomem', 'x')).rejects.toMatchObject({code: 'EROFS'});
});

test('a file that is no recording is refused with the line that is not one', async () => {
	const good = line(5, {});
	for (const [text, sentence] of [
		['', /is empty/],
		['#!/bin/sh\n', /line 1 is no sample/],
		[`${good}{"version":1}\n`, /line 2 is no sample/],
		[`${good}${line(4, {})}`, /line 2 is no sample that could follow/],
	] as const) {
		const {opening} = await recorded(text);
		await expect(opening).rejects.toThrow(sentence);
	}

	await expect(openRecording('/nowhere/recording')).rejects.toMatchObject({code: 'ENOENT'});
});

test('what a recorder wrote down plays back as it was read, however it ended', async () => {
	const path = join(await temporaryDirectory(), 'lab.samples');
	const machine = headlessMachine(fakeMachine(), 'test');
	const recordingWall = fakeClock();
	const recorder = await recordTo(path, machine.target, recordingWall);
	const seen = [];
	// The second and third are of one instant of the machine, as when it is paused.
	for (const [untilNs, paths] of [
		[1e6, ['/proc/ticks', '/proc/kpagecount']],
		[3e6, ['/proc/ticks', '/proc/kpagecount', '/proc/none']],
		[3e6, ['/proc/ticks']],
		[5e6, ['/proc/kpagecount']],
	] as const) {
		machine.runUntil(untilNs);
		seen.push({...(await recorder.sample({paths})), wallMs: 100 * seen.length});
		recordingWall.advance(100);
	}
	await recorder.close();
	const whole = await readFile(path, 'utf8');
	expect(whole.split('\n')[1]).toContain('"/proc/kpagecount":{"unchanged":true}');
	expect(whole.split('\n')[3]).toContain('"/proc/kpagecount":{"base64":');

	for (const [text, samples] of [
		[whole, seen],
		[whole.slice(0, -10), seen.slice(0, -1)],
	] as const) {
		const {opening, wall} = await recorded(text);
		const target = await opening;
		for (const sample of samples) {
			expect(await target.sample({paths: Object.keys(sample.files)})).toEqual(sample);
			wall.advance(100);
		}
		expect((await target.sample({paths: []})).wallMs).toBe(samples.at(-1)!.wallMs);
	}
});

test('a recording is never written over', async () => {
	const path = join(await temporaryDirectory(), 'precious');
	await writeFile(path, 'mine');
	await expect(recordTo(path, headlessMachine(fakeMachine(), 'test').target)).rejects.toThrow(/^EEXIST: .*precious/);
	expect(await readFile(path, 'utf8')).toBe('mine');
	const nowhere = recordTo(join(path, '../none/x'), headlessMachine(fakeMachine(), 'test').target);
	await expect(nowhere).rejects.toThrow(/^ENOENT: cannot record to .*none\/x: its directory does not exist$/);
});

test('a sample line is taken only when every field is one', () => {
	const sample = {version: 1, timeNs: 1, seq: 2, files: {'/a': {text: 'x'}}};
	expect(parseSampleLine(JSON.stringify(sample))).toEqual(sample);
	expect(parseSampleLine(JSON.stringify({...sample, behindNs: 3}))).toEqual({...sample, behindNs: 3});
	for (const wrong of [
		'nonsense',
		'null',
		'[]',
		JSON.stringify({...sample, version: 2}),
		JSON.stringify({...sample, seq: '2'}),
		JSON.stringify({...sample, files: []}),
		JSON.stringify({...sample, files: {'/a': {text: 1}}}),
		JSON.stringify({...sample, files: {'/a': {unchanged: false}}}),
	]) {
		expect(parseSampleLine(wrong)).toBe(undefined);
	}
});
