/** The file of a recording: gone to anywhere, cut short, and damaged. */
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {deflateSync} from 'node:zlib';
import {expect, test} from 'vitest';
import {headlessMachine} from '../../source/target/headless.ts';
import {recordTo} from '../../source/target/recorder.ts';
import {headBytes, reelMark, unpackIndex} from '../../source/target/reel.ts';
import {formatSampleLine} from '../../source/target/sampleLine.ts';
import type {Sample} from '../../source/target/target.ts';
import {temporaryDirectory} from '../server/support.ts';
import {fakeClock} from './support/fakeClock.ts';
import {fakeMachine} from './support/fakeMachine.ts';
import {recorded, recordsIn} from './support/recorded.ts';

const many = 160;
const sampleOf = (index: number): Sample => ({
	version: 1,
	timeNs: index * 1e8,
	seq: index,
	files: {
		'/proc/same': {text: 'as ever\n'.repeat(200)},
		'/proc/now': {text: `${index}\n`},
		'/proc/tens': {text: `${Math.floor(index / 10)}\n`},
	},
});

async function long() {
	const path = join(await temporaryDirectory(), 'long.samples');
	const wall = fakeClock();
	let next = 0;
	const target = {...headlessMachine(fakeMachine(), 'test').target, sample: async () => sampleOf(next++)};
	const recorder = await recordTo(path, target, wall);
	for (let index = 0; index < many; index++) {
		await recorder.sample({paths: []});
		wall.advance(100);
	}
	await recorder.close();
	return {path, bytes: await readFile(path)};
}

test('a long recording goes anywhere, with its index and without, and is a tenth of its lines', async () => {
	const {bytes} = await long();
	const ends = recordsIn(bytes);
	expect(ends.map(({kind}) => kind).join('')).toBe(`K${'D'.repeat(49)}`.repeat(4).slice(0, many));
	const lines = Array.from({length: many}, (_, index) => formatSampleLine(sampleOf(index)));
	expect(bytes.length).toBeLessThan(lines.join('').length / 10);
	const order = [159, 0, 1, 49, 50, 51, 149, 100, 99, 3, 158];
	for (const each of [bytes, bytes.subarray(0, ends.at(-1)!.end)]) {
		const {opening} = await recorded(each);
		const target = await opening;
		for (const index of order) {
			target.play?.(`seek ${index * 100}ms`);
			const {timeNs, files} = await target.sample({paths: []});
			expect([timeNs, files]).toEqual([index * 1e8, sampleOf(index).files]);
		}
	}
});

test('one that is damaged in a record plays up to that; where no record begins it is refused', async () => {
	const {bytes} = await long();
	const ends = recordsIn(bytes).map(({end}) => end);
	const damaged = Buffer.from(bytes);
	damaged.fill(7, ends[59]! + headBytes, ends[60]);
	const target = await (await recorded(damaged)).opening;
	const at = async (index: number) => {
		target.play?.(`seek ${index * 100}ms`);
		return (await target.sample({paths: []})).files['/proc/now'];
	};
	expect(await at(59)).toEqual({text: '59\n'});
	await expect(at(60)).rejects.toThrow(/^EIO: .* is damaged at byte \d+$/);
	await expect(at(99)).rejects.toThrow(/^EIO/);
	expect(await at(100)).toEqual({text: '100\n'});

	const lost = Buffer.from(bytes.subarray(0, ends.at(-1)));
	lost.fill(7, ends[59]!, ends[60]);
	const {opening} = await recorded(lost);
	await expect(opening).rejects.toThrow(`is damaged: no sample that could follow begins at byte ${ends[59]}`);
});

test('where the last records are damaged it plays up to the one before them', async () => {
	const {bytes} = await long();
	const ends = recordsIn(bytes).map(({end}) => end);
	const damaged = Buffer.from(bytes);
	for (const index of [158, 159]) damaged.fill(7, ends[index - 1]! + headBytes, ends[index]);
	const target = await (await recorded(damaged)).opening;
	expect((await target.sample({paths: []})).playback?.endMs).toBe(15_700);
	damaged.fill(7, headBytes + reelMark.length, ends[0]);
	const none = await recorded(damaged.subarray(0, ends[1]));
	await expect(none.opening).rejects.toThrow(/^EINVAL: .* has no whole sample/);
});

test('an index whose first record is a difference is not taken', () => {
	const content = (kind: string) => deflateSync(JSON.stringify([[kind, 100, 0, 0]]));
	expect(unpackIndex(content('K'), reelMark.length + 100)).toHaveLength(1);
	expect(unpackIndex(content('D'), reelMark.length + 100)).toBeUndefined();
});

test.each([
	['a mark alone', reelMark],
	['a mark and half a record', Buffer.concat([reelMark, Buffer.from('K\x05\0\0\0')])],
])('%s has no sample', async (_what, bytes) => {
	const {opening} = await recorded(bytes);
	await expect(opening).rejects.toThrow(/^EINVAL: .* has no whole sample/);
});

test('an index that is not of this file is passed over', async () => {
	const {bytes} = await long();
	const ends = recordsIn(bytes).map(({end}) => end);
	const cut = Buffer.concat([bytes.subarray(0, ends[9]), bytes.subarray(ends.at(-1))]);
	const target = await (await recorded(cut)).opening;
	expect((await target.sample({paths: []})).playback?.endMs).toBe(900);
});
