import {open} from 'node:fs/promises';
import {sameSampled} from './content.ts';
import {formatSampleLine} from './sampleLine.ts';
import type {Sample, SampledFile, Target} from './target.ts';
import {TargetError} from './target.ts';
import {systemClock, type WallClock} from './wallClock.ts';

const reasons: Readonly<Record<string, string>> = {
	EEXIST: 'it exists already, and a recording is never written over',
	ENOENT: 'its directory does not exist',
	EACCES: 'this user may not write there',
};

/**
 * The same target, whose samples are also written to a file as they are read: a recording, which `openRecording` plays.
 * A line holds what the monitor asked for at that moment, no more; a file with the bytes of the line before is `unchanged`.
 * Closing it closes the file; the target stays its owner's. Each line is written before its sample is
 * shown, so that a recording ends where the picture did, however it ended.
 *
 * @param path of a file that does not exist yet: a recording is never written over
 * @throws TargetError EEXIST, EACCES, ENOENT … when the file cannot be made; ENOSPC … from `sample` while the disk is full
 */
export async function recordTo(path: string, target: Target, wall: WallClock = systemClock): Promise<Target> {
	const file = await open(path, 'wx').catch((error: NodeJS.ErrnoException) => {
		throw new TargetError(
			error.code ?? 'EIO',
			`cannot record to ${path}: ${reasons[error.code ?? ''] ?? error.message}`,
		);
	});
	let last: Sample | undefined;
	let sizeBytes = 0;
	const beganMs = wall.nowMs();

	const append = async (sample: Sample): Promise<void> => {
		const files = changedFiles(sample.files, last?.files ?? {});
		const line = Buffer.from(formatSampleLine({...sample, wallMs: Math.round(wall.nowMs() - beganMs), files}));
		try {
			await file.write(line, 0, line.length, sizeBytes);
		} catch (error) {
			// Half a line would make the file unreadable from here on.
			await file.truncate(sizeBytes).catch(() => {});
			throw new TargetError((error as NodeJS.ErrnoException).code ?? 'EIO', `cannot go on recording to ${path}`);
		}

		sizeBytes += line.length;
		last = sample;
	};

	return {
		...target,
		async sample(request) {
			const sample = await target.sample(request);
			await append(sample);
			return sample;
		},
		close: () => file.close(),
	};
}

/** Files with those that are as before replaced by a word that says so. */
function changedFiles(
	files: Readonly<Record<string, SampledFile>>,
	before: Readonly<Record<string, SampledFile>>,
): Record<string, SampledFile> {
	return Object.fromEntries(
		Object.entries(files).map(([path, file]) => {
			const former = before[path];
			return [path, former !== undefined && sameSampled(former, file) ? {unchanged: true as const} : file];
		}),
	);
}
