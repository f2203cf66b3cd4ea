/** Recordings as bytes, and opened from bytes. */
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import {openRecording} from '../../../source/target/recording.ts';
import {headBytes, parseHead, reelMark} from '../../../source/target/reel.ts';
import {temporaryDirectory} from '../../server/support.ts';
import {fakeClock} from './fakeClock.ts';

/** The records of samples in a recording: their kinds, and where each ends. */
export function recordsIn(bytes: Buffer) {
	const records: {readonly kind: string; readonly end: number}[] = [];
	for (let at = reelMark.length; ; ) {
		const head = parseHead(bytes.subarray(at));
		if (!head || head.kind === 'I' || at + headBytes + head.contentBytes > bytes.length) return records;
		at += headBytes + head.contentBytes;
		records.push({kind: head.kind, end: at});
	}
}

export async function recorded(text: string | Uint8Array) {
	const path = join(await temporaryDirectory(), 'recording.jsonl');
	await writeFile(path, text);
	const wall = fakeClock();
	const opening = openRecording(path, wall);
	onTestFinished(async () => {
		await opening.then(
			target => target.close(),
			() => {},
		);
	});
	return {wall, opening};
}
