import {deflateSync, inflateSync} from 'node:zlib';
import {formatSampleLine, parseSampleLine} from './sampleLine.ts';
import type {PlayedInstant, Sample} from './target.ts';

/**
 * The bytes of a recording: a mark, records one behind the other, and when it was closed an index of them.
 *
 *     'mmtop samples 2\n'
 *     record: kind 'K', 'D' or 'I', bytes of its content, wall ms, time ns, content
 *     …
 *     where the index begins, 'mmtopidx'
 *
 * The content is compressed (zlib, which has a checksum). `K` is a sample line with all its files. `D` says of files
 * that are as in the record before that they are `unchanged`, and is compressed with the end of the last `K` as its
 * dictionary. So a sample is found from the last `K` before it. `I` holds the index; without one the heads of the
 * records say the same. Numbers are little-endian, times are doubles.
 */

export const reelMark = Buffer.from('mmtop samples 2\n');
const endMark = Buffer.from('mmtopidx');

/** Bytes before a record's content: its kind, the length of the content, and the times. */
export const headBytes = 1 + 4 + 8 + 8;
/** Bytes behind an index. */
export const trailerBytes = 8 + endMark.length;
/** Not even a sample of all files of the largest machine is as long. */
const longestContent = 256 * 1024 * 1024;
/** The longest dictionary of zlib. */
const dictionaryBytes = 32 * 1024;

type RecordKind = 'K' | 'D';

type Head = PlayedInstant & {readonly kind: RecordKind | 'I'; readonly contentBytes: number};

/** Where a record of a sample is in its file. */
export type RecordPlace = PlayedInstant & {readonly kind: RecordKind; readonly offset: number; readonly bytes: number};

/** A sample line, compressed, with the dictionary for those behind it. */
type Packed = {readonly record: Buffer; readonly dictionary: Buffer};

const dictionaryOf = (line: Buffer): Buffer => line.subarray(-dictionaryBytes);

function recordOf(kind: Head['kind'], {wallMs, timeNs}: PlayedInstant, content: Buffer): Buffer {
	const head = Buffer.alloc(headBytes);
	head.write(kind, 0, 'latin1');
	head.writeUInt32LE(content.length, 1);
	head.writeDoubleLE(wallMs, 5);
	head.writeDoubleLE(timeNs, 13);
	return Buffer.concat([head, content]);
}

/**
 * @param sample with its `wallMs`
 * @param dictionary of the last `K`; undefined for one, which holds all its files
 */
export function packSample(sample: Sample, dictionary: Buffer | undefined): Packed {
	const line = Buffer.from(formatSampleLine(sample));
	const content = deflateSync(line, dictionary && {dictionary});
	const at = {wallMs: sample.wallMs ?? 0, timeNs: sample.timeNs};
	return {record: recordOf(dictionary ? 'D' : 'K', at, content), dictionary: dictionary ?? dictionaryOf(line)};
}

/** @returns undefined where the content is not that of such a record */
export function unpackSample(
	content: Uint8Array,
	dictionary: Buffer | undefined,
): {readonly sample: Sample; readonly dictionary: Buffer} | undefined {
	let line: Buffer;
	try {
		line = inflateSync(content, {maxOutputLength: longestContent, ...(dictionary && {dictionary})});
	} catch {
		return undefined;
	}

	const sample = parseSampleLine(line.toString());
	return sample && {sample, dictionary: dictionary ?? dictionaryOf(line)};
}

/** @returns undefined where no record begins */
export function parseHead(bytes: Buffer): Head | undefined {
	if (bytes.length < headBytes) return undefined;
	const kind = bytes.toString('latin1', 0, 1);
	const contentBytes = bytes.readUInt32LE(1);
	const wallMs = bytes.readDoubleLE(5);
	const timeNs = bytes.readDoubleLE(13);
	const isHead = (kind === 'K' || kind === 'D' || kind === 'I') && contentBytes <= longestContent;
	return isHead && Number.isFinite(wallMs) && Number.isFinite(timeNs)
		? {kind, contentBytes, wallMs, timeNs}
		: undefined;
}

/** @param offset where it will be in the file */
export function packIndex(places: readonly RecordPlace[], offset: number): Buffer {
	const rows = places.map(({kind, bytes, wallMs, timeNs}) => [kind, bytes, wallMs, timeNs]);
	const end = places.at(-1) ?? {wallMs: 0, timeNs: 0};
	const trailer = Buffer.alloc(8);
	trailer.writeDoubleLE(offset);
	return Buffer.concat([recordOf('I', end, deflateSync(JSON.stringify(rows))), trailer, endMark]);
}

/** @returns where the index begins, undefined where these are not the last bytes of a file that has one */
export function parseTrailer(bytes: Buffer): number | undefined {
	const isTrailer = bytes.length === trailerBytes && bytes.subarray(8).equals(endMark);
	const offset = isTrailer ? bytes.readDoubleLE(0) : Number.NaN;
	return Number.isSafeInteger(offset) && offset >= reelMark.length ? offset : undefined;
}

/** @returns undefined where it is not an index of records that fill a file up to `endOffset` */
export function unpackIndex(content: Uint8Array, endOffset: number): readonly RecordPlace[] | undefined {
	let rows: unknown;
	try {
		rows = JSON.parse(inflateSync(content, {maxOutputLength: longestContent}).toString());
	} catch {
		return undefined;
	}

	if (!Array.isArray(rows)) return undefined;
	const places: RecordPlace[] = [];
	let offset = reelMark.length;
	for (const row of rows as readonly unknown[]) {
		const [kind, bytes, wallMs, timeNs] = Array.isArray(row) ? (row as readonly unknown[]) : [];
		const isPlace =
			(kind === 'K' || kind === 'D') && [bytes, wallMs, timeNs].every(Number.isFinite) && Number(bytes) >= headBytes;
		if (!isPlace) return undefined;
		places.push({kind, offset, bytes: Number(bytes), wallMs: Number(wallMs), timeNs: Number(timeNs)});
		offset += Number(bytes);
	}

	return offset === endOffset && places[0]?.kind === 'K' ? places : undefined;
}
