import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {headlessMachine} from '../../source/target/headless.ts';
import {type RecordingFile, recordTo} from '../../source/target/recorder.ts';
import {openRecording} from '../../source/target/recording.ts';
import {formatSampleLine, parseSampleLine} from '../../source/target/sampleLine.ts';
import type {Sample, SampledFile} from '../../source/target/target.ts';
import {temporaryDirectory} from '../server/support.ts';
import {fakeClock} from './support/fakeClock.ts';
import {fakeMachine} from './support/fakeMachine.ts';
import {recorded, recordsIn} from './support/recorded.ts';

const line = (timeMs: number, files: Record<string, SampledFile>) =>
	formatSampleLine({version: 1, timeNs: timeMs * 1e6, seq: timeMs, files});

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
	const {playback, ...last} = await target.sample({paths: [...paths, '/proc/c']});
	expect(playback).toMatchObject({atMs: 300, endMs: 300, paused: false, rate: 1});
	expect(last).toEqual({
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

test('words of a clock go anywhere in it; nothing can be written', async () => {
	const {opening} = await recorded(line(100, {'/proc/a': {text: 'one'}}) + line(300, {'/proc/a': {text: 'two'}}));
	const target = await opening;
	const at = async () => (await target.sample({paths: []})).timeNs;
	target.play?.('step');
	expect(await at()).toBe(300e6);
	target.play?.('seek 199ms');
	expect(await at()).toBe(100e6);
	target.play?.('seek 200ms');
	expect(await at()).toBe(300e6);
	expect(await target.read('/proc/a')).toBe('two');
	await expect(target.write('/proc/a', 'step')).rejects.toThrow(/^EROFS/);
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

test('a file that is not a recording is refused with the line that is not one', async () => {
	const good = line(5, {});
	for (const [text, sentence] of [
		['', /is empty/],
		['#!/bin/sh\n', /line 1 is not a sample/],
		[`${good}{"version":1}\n`, /line 2 is not a sample/],
		[`${good}${line(4, {})}`, /line 2 is not a sample that could follow/],
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
	const whole = await readFile(path);
	const records = recordsIn(whole);
	expect(records.map(({kind}) => kind).join('')).toBe('KDDD');
	const end = records.at(-1)!.end;

	for (const [text, samples] of [
		[whole, seen],
		[whole.subarray(0, -10), seen],
		[whole.subarray(0, end), seen],
		[whole.subarray(0, end - 1), seen.slice(0, -1)],
		[Buffer.concat([whole.subarray(0, end - 20), Buffer.alloc(20)]), seen.slice(0, -1)],
		[Buffer.concat([whole.subarray(0, end), Buffer.alloc(4096)]), seen],
	] as const) {
		const {opening, wall} = await recorded(text);
		const target = await opening;
		for (const sample of samples) {
			const {playback: _, ...read} = await target.sample({paths: Object.keys(sample.files)});
			expect(read).toEqual(sample);
			wall.advance(100);
		}
		expect((await target.sample({paths: []})).wallMs).toBe(samples.at(-1)!.wallMs);
	}
});

describe('a file that takes no more', () => {
	const broken = (code: string): Error => Object.assign(new Error(`${code}: no`), {code});

	type Disk = {
		readonly file: RecordingFile;
		/** What is in the file. */
		held(): Buffer;
		/** Calls of `write` so far. */
		writes(): number;
		isClosed(): boolean;
	};

	/** A file on a disk that has room for so many bytes, and takes at most so many at once. */
	const diskOf = (
		roomBytes: number,
		{mostBytes = 1e9, code = 'ENOSPC', truncates = true, closes = true} = {},
	): Disk => {
		let bytes = Buffer.alloc(0);
		let writes = 0;
		let isClosed = false;
		const file = {
			async write(data: Uint8Array, offset: number, length: number, position: number) {
				writes++;
				const bytesWritten = Math.min(length, mostBytes, roomBytes - position);
				if (isClosed) throw broken('EBADF');
				if (bytesWritten <= 0) throw broken(code);
				bytes = Buffer.concat([bytes.subarray(0, position), data.subarray(offset, offset + bytesWritten)]);
				return {bytesWritten, buffer: data};
			},
			async truncate(length = 0) {
				if (!truncates) throw broken('EIO');
				bytes = bytes.subarray(0, length);
			},
			stat: async () => ({size: bytes.length, nlink: 1}),
			async close() {
				isClosed = true;
				if (!closes) throw broken('EDQUOT');
			},
		};
		return {file: file as unknown as RecordingFile, held: () => bytes, writes: () => writes, isClosed: () => isClosed};
	};

	const paths = ['/proc/ticks', '/proc/none'];

	const {target} = headlessMachine(fakeMachine(), 'test');
	const taken = [1, 2, 3, 4, 5, 6].map((ms): Sample => {
		const files = {'/proc/ticks': {text: `${ms}\n`}, '/proc/none': {text: 'é世\n'}};
		return {version: 1, timeNs: ms * 1e6, seq: ms, files};
	});

	/** Records five samples. @returns them, as they were shown */
	const record = async ({file}: Disk) => {
		let next = 0;
		const counting = {...target, sample: async () => taken[next++]!};
		const wall = fakeClock();
		const recorder = await recordTo('lab.samples', counting, wall, async () => file);
		const shown: Sample[] = [];
		while (shown.length < 5) {
			shown.push(await recorder.sample({paths}));
			wall.advance(100);
		}
		return {recorder, shown};
	};

	test('at any byte: reading goes on, one notice comes, and the file plays to its last whole record', async () => {
		const large = diskOf(1e9);
		await (await record(large)).recorder.close();
		const whole = large.held();
		const ends = recordsIn(whole).map(({end}) => end);
		expect(ends).toHaveLength(5);
		for (let roomBytes = 0; roomBytes <= ends[4]!; roomBytes++) {
			for (const truncates of [true, false]) {
				const disk = diskOf(roomBytes, {truncates, mostBytes: 100});
				const {recorder, shown} = await record(disk);
				const kept = ends.filter(end => end <= roomBytes).length;
				expect(shown.map(({files}) => files)).toEqual(taken.slice(0, 5).map(({files}) => files));
				const notices = shown.map(({notice}) => notice !== undefined);
				expect(notices).toEqual([0, 1, 2, 3, 4].map(index => index === kept));
				expect(disk.isClosed()).toBe(kept < 5);
				const wroteUntil = disk.writes();
				await recorder.sample({paths});
				expect(disk.writes() > wroteUntil).toBe(kept === 5);

				expect(whole.subarray(0, disk.held().length).equals(disk.held()) || kept === 5).toBe(true);
				expect(disk.held().length).toBe(truncates ? (ends[kept - 1] ?? 0) : roomBytes);
				expect(recordsIn(disk.held())).toHaveLength(kept);
				if (kept > 0 && !truncates && roomBytes % 7 === 0) {
					const {opening, wall} = await recorded(disk.held());
					const target = await opening;
					wall.advance(1e6);
					expect((await target.sample({paths: []})).timeNs).toBe(kept * 1e6);
				}
			}
		}
	});

	test('one that takes a few bytes at once holds the same', async () => {
		const [large, slow] = [diskOf(1e9), diskOf(1e9, {mostBytes: 1})];
		for (const disk of [large, slow]) await (await record(disk)).recorder.close();
		expect(slow.held().equals(large.held())).toBe(true);
	});

	test.each([
		['ENOSPC', 'no space is left on the disk'],
		['EDQUOT', "this user's disk quota is used up"],
		['EFBIG', 'it has reached the largest size that a file may have here (see ulimit -f)'],
		['EIO', 'the disk reports an error'],
		['EROFS', 'its file system is read-only'],
		['ESTALE', 'ESTALE: no'],
	])('%s is said in a sentence', async (code, reason) => {
		const {recorder, shown} = await record(diskOf(400, {code}));
		expect(shown.flatMap(({notice}) => notice ?? [])).toEqual([`recording has stopped: ${reason}`]);
		await recorder.close();
		expect(recorder.stopped()).toBe(
			`recording to lab.samples has stopped: ${reason}; what was recorded before can be played`,
		);
		const empty = await record(diskOf(0, {code}));
		expect(empty.recorder.stopped()).toBe(`recording to lab.samples has stopped: ${reason}; it is empty`);
	});

	test('one that takes nothing and says nothing', async () => {
		const disk = diskOf(1e9, {mostBytes: 0});
		const file = {
			...disk.file,
			write: async () => ({bytesWritten: 0, buffer: new Uint8Array()}),
		} as unknown as RecordingFile;
		const {shown} = await record({...disk, file});
		expect(shown.flatMap(({notice}) => notice ?? [])).toEqual(['recording has stopped: its file takes no more']);
	});

	test('one that says so when it is closed', async () => {
		const {recorder, shown} = await record(diskOf(1e9, {closes: false}));
		expect(shown.some(({notice}) => notice !== undefined)).toBe(false);
		expect(recorder.stopped()).toBe(undefined);
		await recorder.close();
		expect(recorder.stopped()).toMatch(/disk quota is used up/);
	});

	test('one that is closed while a record is written: that is whole, and nothing is amiss', async () => {
		const disk = diskOf(1e9, {mostBytes: 10});
		const {recorder} = await record(disk);
		const last = recorder.sample({paths});
		await new Promise(resolve => setImmediate(resolve));
		await recorder.close();
		expect((await last).notice).toBe(undefined);
		expect(recorder.stopped()).toBe(undefined);
		expect(recordsIn(disk.held())).toHaveLength(6);
	});

	test('one whose directory is removed', async () => {
		const directory = join(await temporaryDirectory(), 'lab');
		await mkdir(directory);
		const machine = headlessMachine(fakeMachine(), 'test');
		const recorder = await recordTo(join(directory, 'a'), machine.target);
		expect((await recorder.sample({paths})).notice).toBe(undefined);
		await rm(directory, {recursive: true});
		expect((await recorder.sample({paths})).notice).toBe('recording has stopped: its file was removed');
		expect((await recorder.sample({paths})).notice).toBe(undefined);
		await recorder.close();
		expect(recorder.stopped()).toMatch(/a has stopped: its file was removed$/);
	});
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
