import type {FileHandle} from 'node:fs/promises';
import {
	headBytes,
	parseHead,
	parseTrailer,
	type RecordPlace,
	reelMark,
	trailerBytes,
	unpackIndex,
	unpackSample,
} from './reel.ts';
import {followingSample} from './sampleLine.ts';
import {type PlayedInstant, type Sample, TargetError} from './target.ts';

/** What a recording is played from. */
export type Reel = {
	/** Of its samples, at least one, in the order in which they are played. */
	readonly instants: readonly PlayedInstant[];
	/** @throws TargetError EIO for one that is damaged */
	sampleAt(index: number): Promise<Sample>;
	close(): Promise<void>;
};

/**
 * A compressed recording: only the sample that was asked for last is in memory.
 *
 * @param file open for reading, which the reel closes
 * @param path as a person named it
 * @throws TargetError EINVAL for a file without a whole sample, or one that is damaged before its end
 */
export async function openReel(file: FileHandle, path: string): Promise<Reel> {
	const {size} = await file.stat();
	const all = (await indexed(file, size)) ?? (await scanned(file, size, path));
	let last: {readonly index: number; readonly sample: Sample; readonly dictionary: Buffer} | undefined;

	const sampleAt = async (index: number): Promise<Sample> => {
		if (last?.index === index) return last.sample;
		let next = all.findLastIndex(({kind}, each) => kind === 'K' && each <= index);
		let before = last && last.index < index && last.index >= next ? last : undefined;
		if (before) next = before.index + 1;
		const {offset} = all[next]!;
		const end = all[index]!.offset + all[index]!.bytes;
		const bytes = await read(file, offset, end - offset);
		for (; next <= index; next++) {
			const place = all[next]!;
			const content = bytes.subarray(place.offset - offset + headBytes, place.offset - offset + place.bytes);
			const unpacked = unpackSample(content, place.kind === 'K' ? undefined : before?.dictionary);
			if (!unpacked) throw new TargetError('EIO', `${path} is damaged at byte ${place.offset}`);
			const {sample, dictionary} = unpacked;
			before = {index: next, sample: followingSample(sample, before?.sample), dictionary};
		}

		last = before!;
		return last.sample;
	};

	const close = () => file.close();
	const unpacks = (index: number): Promise<boolean> =>
		sampleAt(index).then(
			() => true,
			() => false,
		);
	/** The recorder may have died before the bytes of the last records were there. */
	let whole = all.length;
	while (whole > 0 && !(await unpacks(whole - 1))) whole--;
	const places = all.slice(0, whole);
	if (places.length === 0) throw new TargetError('EINVAL', `${path} has no whole sample; a recording has one at least`);
	const instants = places.map(({wallMs, timeNs}) => ({wallMs, timeNs}));
	return {instants, sampleAt, close};
}

/** @returns so many bytes, fewer at the end of the file */
async function read(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
	const buffer = Buffer.alloc(bytes);
	let at = 0;
	while (at < bytes) {
		const {bytesRead} = await file.read(buffer, at, bytes - at, offset + at);
		if (bytesRead === 0) break;
		at += bytesRead;
	}

	return buffer.subarray(0, at);
}

/** The records as the index has them; undefined for a file that was not closed, or goes on behind it. */
async function indexed(file: FileHandle, size: number): Promise<readonly RecordPlace[] | undefined> {
	const offset = parseTrailer(await read(file, Math.max(0, size - trailerBytes), trailerBytes));
	if (offset === undefined || offset >= size) return undefined;
	const bytes = await read(file, offset, size - trailerBytes - offset);
	const head = parseHead(bytes);
	return head?.kind === 'I' ? unpackIndex(bytes.subarray(headBytes), offset) : undefined;
}

/** Read at once when the records are looked for: it holds the heads of many. */
const windowBytes = 1024 * 1024;

/** The records as their heads tell, up to the last whole one. */
async function scanned(file: FileHandle, size: number, path: string): Promise<readonly RecordPlace[]> {
	const places: RecordPlace[] = [];
	let window: {readonly offset: number; readonly bytes: Buffer} = {offset: 0, bytes: Buffer.alloc(0)};
	for (let offset = reelMark.length; offset + headBytes <= size; ) {
		if (offset + headBytes > window.offset + window.bytes.length) {
			window = {offset, bytes: await read(file, offset, windowBytes)};
		}

		const head = parseHead(window.bytes.subarray(offset - window.offset, offset - window.offset + headBytes));
		if (head?.kind === 'I') break;
		const before = places.at(-1);
		if (!head || (before ? head.wallMs < before.wallMs : head.kind !== 'K')) {
			// Where a computer stopped, zeros may stand for what was not yet on the disk.
			const rest = await read(file, offset, windowBytes);
			if (rest.every(byte => byte === 0)) break;
			throw new TargetError('EINVAL', `${path} is damaged: no sample that could follow begins at byte ${offset}`);
		}

		const {kind, contentBytes, wallMs, timeNs} = head;
		const bytes = headBytes + contentBytes;
		if (offset + bytes > size) break;
		places.push({kind, offset, bytes, wallMs, timeNs});
		offset += bytes;
	}

	return places;
}
