/** The files of one sample, and their records. A file that did not change is parsed once. */

import type {Sample, SampledFile} from '../target/target.ts';

export type SampledTree = Readonly<Record<string, SampledFile>>;

/** A file's record, or one sentence that says why there is none. */
export type Reading<T> = {readonly record: T} | {readonly error: string};

/**
 * The files of a new sample. A file that is `unchanged`, or whose bytes are those of the sample before, stays the same
 * object: what was derived from it stays valid.
 */
export function mergeSample(older: SampledTree, sample: Sample): SampledTree {
	const files: Record<string, SampledFile> = {};
	for (const [path, file] of Object.entries(sample.files)) {
		const before = older[path];
		const isSame =
			before !== undefined &&
			('unchanged' in file ||
				('text' in file && 'text' in before && file.text === before.text) ||
				('error' in file && 'error' in before && file.error === before.error));
		files[path] = isSame ? before : file;
	}
	return files;
}

type Parse<T> = (text: string) => T;

// By file object: it lives as long as the sample that holds it.
const readings = new WeakMap<SampledFile, Map<Parse<unknown>, Reading<unknown>>>();

function parseFile<T>(path: string, file: SampledFile, parse: Parse<T>): Reading<T> {
	if ('error' in file) return {error: `${path}: ${file.error}`};
	if (!('text' in file)) return {error: `${path}: the target sent no text`};
	try {
		return {record: parse(file.text)};
	} catch (error) {
		return {error: `${path} is not in a format that mmtop knows: ${error instanceof Error ? error.message : error}`};
	}
}

/** @returns undefined when the sample does not hold the file */
export function readRecord<T>(tree: SampledTree, path: string, parse: Parse<T>): Reading<T> | undefined {
	const file = tree[path];
	if (file === undefined) return undefined;
	let known = readings.get(file);
	if (!known) {
		known = new Map();
		readings.set(file, known);
	}
	let reading = known.get(parse) as Reading<T> | undefined;
	if (!reading) {
		reading = parseFile(path, file, parse);
		known.set(parse, reading);
	}
	return reading;
}

/** For each of these files that is not in its format, why. */
export const unreadIn = (tree: SampledTree, paths: readonly string[]): readonly string[] =>
	paths.flatMap(path => {
		const file = tree[path];
		if (file === undefined || !('text' in file)) return [];
		const reasons = [...(readings.get(file)?.values() ?? [])].flatMap(reading =>
			'error' in reading ? [reading.error] : [],
		);
		return reasons.slice(0, 1);
	});

/**
 * Of equivalent files, the first with content, else the first that was asked for: a recording may hold another part of
 * a file than the one that is asked for.
 */
export const pathIn = (tree: SampledTree, paths: readonly string[]): string | undefined =>
	paths.find(path => tree[path] !== undefined && !('error' in tree[path])) ?? paths.find(path => path in tree);

/** The record, where there is one. */
export function recordIn<T>(tree: SampledTree, path: string, parse: Parse<T>): T | undefined {
	const reading = readRecord(tree, path, parse);
	return reading && 'record' in reading ? reading.record : undefined;
}
