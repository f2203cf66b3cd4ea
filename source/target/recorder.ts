import {type FileHandle, open} from 'node:fs/promises';
import {sameSampled} from './content.ts';
import {packIndex, packSample, type RecordPlace, reelMark} from './reel.ts';
import {type Sample, type SampledFile, type Target, TargetError} from './target.ts';
import {systemClock, type WallClock} from './wallClock.ts';

const reasons: Readonly<Record<string, string>> = {
	EEXIST: 'it exists already, and a recording is never written over',
	ENOENT: 'its directory does not exist',
	ENOTDIR: 'what should be its directory is a file',
	EISDIR: 'it is a directory',
	EACCES: 'this user may not write there',
	EPERM: 'this user may not write there',
	EROFS: 'its file system is read-only',
	ENOSPC: 'no space is left on the disk',
	EDQUOT: "this user's disk quota is used up",
	EFBIG: 'it has reached the largest size that a file may have here (see ulimit -f)',
	EIO: 'the disk reports an error',
	ENAMETOOLONG: 'its name is too long',
	EMFILE: 'too many files are open',
	ENFILE: 'too many files are open',
};

function reasonOf(error: unknown): string {
	const {code, message} = error as NodeJS.ErrnoException;
	return reasons[code ?? ''] ?? message;
}

/** Of so many samples the first has all its files: a player that goes somewhere begins there. */
const wholeEach = 50;

const removed = 'its file was removed';

/** What a recorder needs of the file that it writes. */
export type RecordingFile = Pick<FileHandle, 'write' | 'truncate' | 'stat' | 'close'>;

type Recorder = Target & {
	/** Why no more is recorded, in a sentence; undefined while it is. */
	stopped(): string | undefined;
};

/**
 * The same target, whose samples are also written to a file as they are read: a recording, which `openRecording` plays.
 * A record holds what the monitor asked for at that moment, no more, compressed; a file with the bytes of the record
 * before is `unchanged`. Closing it writes an index and closes the file; the target stays its owner's. Each record is
 * written before its sample is shown, so that a recording ends where the picture did, however it ended.
 *
 * When the file takes no more, recording stops, and the sample says so in its `notice`; the target is read on. What is
 * in the file plays to its last whole record.
 *
 * @param path where nothing lies yet, not even a link: a recording is never written over, and is for this user only
 * @throws TargetError EEXIST, EACCES, ENOENT … when the file cannot be made
 */
export async function recordTo(
	path: string,
	target: Target,
	wall: WallClock = systemClock,
	openFile: (path: string) => Promise<RecordingFile> = name => open(name, 'wx', 0o600),
): Promise<Recorder> {
	const file = await openFile(path).catch((error: NodeJS.ErrnoException) => {
		throw new TargetError(error.code ?? 'EIO', `cannot record to ${path}: ${reasonOf(error)}`);
	});
	const wasLinked = await file.stat().then(
		({nlink}) => nlink > 0,
		() => false,
	);
	let last: Sample | undefined;
	/** Of the last sample that was written with all its files. */
	let dictionary: Buffer | undefined;
	const places: RecordPlace[] = [];
	let sizeBytes = 0;
	let reason: string | undefined;
	let isClosed = false;
	/** The record that is being written; closing waits for it. */
	let writing: Promise<unknown> = Promise.resolve();
	const beganMs = wall.nowMs();

	const closeFile = async (): Promise<void> => {
		if (isClosed) return;
		isClosed = true;
		// A file server may say only now that it could not keep what it took.
		await file.close().catch((error: unknown) => {
			reason ??= reasonOf(error);
		});
	};

	const writeWhole = async (line: Uint8Array): Promise<void> => {
		// What is written to a file without a name is lost when it is closed.
		if (wasLinked && (await file.stat()).nlink === 0) throw new Error(removed);
		// A disk that is nearly full takes the beginning of a record.
		for (let at = 0; at < line.length; ) {
			const {bytesWritten} = await file.write(line, at, line.length - at, sizeBytes + at);
			if (bytesWritten <= 0) throw new Error('its file takes no more');
			at += bytesWritten;
		}
	};

	/** What cannot be written whole is cut off again. Should that fail: a player passes over it. */
	const writeOrUndo = async (bytes: Buffer): Promise<string | undefined> => {
		try {
			await writeWhole(bytes);
			sizeBytes += bytes.length;
			return undefined;
		} catch (error) {
			if ((await sizeOf(file)) > sizeBytes) await file.truncate(sizeBytes).catch(() => {});
			return reasonOf(error);
		}
	};

	const append = async (sample: Sample): Promise<void> => {
		const isWhole = places.length % wholeEach === 0;
		const files = isWhole ? sample.files : changedFiles(sample.files, last?.files ?? {});
		const at = {wallMs: Math.round(wall.nowMs() - beganMs), timeNs: sample.timeNs};
		const packed = packSample({...sample, ...at, files}, isWhole ? undefined : dictionary);
		const {record} = packed;
		reason = await writeOrUndo(places.length === 0 ? Buffer.concat([reelMark, record]) : record);
		if (reason !== undefined) return await closeFile();
		places.push({kind: isWhole ? 'K' : 'D', offset: sizeBytes - record.length, bytes: record.length, ...at});
		({dictionary} = packed);
		last = sample;
	};

	/** A file without an index plays as well, and takes longer to open. */
	const appendIndex = async (): Promise<void> => {
		if (isClosed || places.length === 0) return;
		await writeOrUndo(packIndex(places, sizeBytes));
	};

	return {
		...target,
		async sample(request) {
			const sample = await target.sample(request);
			if (isClosed) return sample;
			const done = append(sample);
			writing = done;
			await done;
			return reason === undefined ? sample : {...sample, notice: `recording has stopped: ${reason}`};
		},
		stopped() {
			if (reason === undefined) return undefined;
			const rest =
				reason === removed ? '' : sizeBytes === 0 ? '; it is empty' : '; what was recorded before can be played';
			return `recording to ${path} has stopped: ${reason}${rest}`;
		},
		async close() {
			await writing;
			await appendIndex();
			await closeFile();
		},
	};
}

async function sizeOf(file: RecordingFile): Promise<number> {
	const stats = await file.stat().catch(() => undefined);
	return stats?.size ?? 0;
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
