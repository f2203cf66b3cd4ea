import {bytesBehind, toBase64} from './content.ts';
import type {Sample, SampledFile} from './target.ts';

/**
 * The sample line: one sample as one line of JSON. The wire answers it and a recording holds it.
 */

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSampledFile(value: unknown): value is SampledFile {
	return (
		isRecord(value) &&
		(typeof value.text === 'string' ||
			typeof value.base64 === 'string' ||
			typeof value.error === 'string' ||
			value.unchanged === true)
	);
}

/**
 * @param line without its newline; it may come from anywhere, so every field is checked
 * @returns the sample, or undefined when the line is not one
 */
export function parseSampleLine(line: string): Sample | undefined {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch {
		return undefined;
	}

	if (!isRecord(value) || value.version !== 1 || !isRecord(value.files)) return undefined;

	const {timeNs, seq, files, behindNs, machine, wallMs} = value;
	if (typeof timeNs !== 'number' || typeof seq !== 'number' || !Object.values(files).every(isSampledFile)) {
		return undefined;
	}

	return {
		version: 1,
		timeNs,
		seq,
		files: files as Record<string, SampledFile>,
		...(typeof behindNs === 'number' && {behindNs}),
		...(typeof machine === 'string' && {machine}),
		...(typeof wallMs === 'number' && {wallMs}),
	};
}

/** Pieces that are joined before they are handed on: files are many, and mostly small. */
const pieceLength = 64 * 1024;

/** @returns one line with its newline */
export function formatSampleLine(sample: Sample): string {
	return sampleLinePieces(sample)
		.map(piece => (typeof piece === 'string' ? piece : toBase64(piece)))
		.join('');
}

/**
 * The line piece by piece. Bytes stand for themselves in base64: they are many, and who sends them piece by piece needs
 * only a part of them as base64 at a time.
 */
export function sampleLinePieces({files, notice: _, playback: __, ...rest}: Sample): readonly (string | Uint8Array)[] {
	const pieces: (string | Uint8Array)[] = [];
	let piece = `${JSON.stringify(rest).slice(0, -1)},"files":{`;
	let comma = '';
	for (const [path, file] of Object.entries(files)) {
		piece += `${comma}${JSON.stringify(path)}:`;
		comma = ',';
		const bytes = bytesBehind(file);
		if (bytes !== undefined) {
			pieces.push(`${piece}{"base64":"`, bytes);
			piece = '"}';
		} else {
			piece += JSON.stringify(file);
		}

		if (piece.length > pieceLength) {
			pieces.push(piece);
			piece = '';
		}
	}

	return [...pieces, `${piece}}}\n`];
}

/** A sample of a recording, with what it calls unchanged taken from the one before it. */
export function followingSample(sample: Sample, before: Sample | undefined): Sample {
	const files: Record<string, SampledFile> = {};
	for (const [path, file] of Object.entries(sample.files)) {
		files[path] =
			'unchanged' in file
				? (before?.files[path] ?? {error: `EIO: ${path} is missing from the recording's keyframe`})
				: file;
	}

	return {...sample, files};
}
