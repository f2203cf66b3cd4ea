import {createReadStream} from 'node:fs';
import {open} from 'node:fs/promises';
import {fromSampled, sliceContent} from './content.ts';
import {treePath} from './path.ts';
import {player} from './playback.ts';
import {reelMark} from './reel.ts';
import {openReel, type Reel} from './reelFile.ts';
import {followingSample, parseSampleLine} from './sampleLine.ts';
import {errorFromSentence} from './sentence.ts';
import {type FileContent, type Sample, type SampledFile, type Target, TargetError} from './target.ts';
import {systemClock, type WallClock} from './wallClock.ts';

/**
 * Samples as they were read once, played back at the pace at which they were taken, from the first; at the end the last
 * one stays. `play` goes anywhere in it. A sample holds all that was recorded at its instant, asked for or not: the
 * screen of the one who recorded decided which part of a map was read. A last record or line that was cut short, as by
 * a crash, is passed over.
 *
 * @param path a file that a recorder wrote, or one of sample lines, each whole or, where it says `unchanged`, following
 * the one before
 * @throws TargetError ENOENT, EACCES, or EINVAL when the file holds something else
 */
export async function openRecording(path: string, wall: WallClock = systemClock): Promise<Target> {
	const reel = await reelOf(path);
	const {instants} = reel;
	const {index, state, play} = player(instants, wall);
	const {files: last} = await reel.sampleAt(instants.length - 1).catch(async (error: unknown) => {
		await reel.close();
		throw error;
	});
	const current = (): Promise<Sample> => reel.sampleAt(index());

	const file = (sample: Sample, name: string): SampledFile =>
		sample.files[name] ?? {error: `ENOENT: ${name} was not recorded`};
	return {
		name: path,
		kind: 'recording',
		writable: false,
		async sample({paths}) {
			const sample = await current();
			const asked = Object.fromEntries(paths.map(name => [name, file(sample, name)]));
			return {...sample, files: {...sample.files, ...asked}, playback: {...state(), instants, last}};
		},
		async read(name, range): Promise<FileContent> {
			const found = file(await current(), treePath(name));
			const content = fromSampled(found);
			if (content === undefined) throw errorFromSentence('error' in found ? found.error : '');

			return sliceContent(content, range);
		},
		list: async directory => namesIn(await current(), treePath(directory)),
		async write() {
			throw new TargetError('EROFS', 'a recording cannot be written; it shows what was');
		},
		play,
		close: reel.close,
	};
}

async function reelOf(path: string): Promise<Reel> {
	const file = await open(path).catch((error: NodeJS.ErrnoException) => {
		throw new TargetError(error.code ?? 'EIO', `cannot read the recording ${path}`);
	});
	try {
		const {buffer, bytesRead} = await file.read(Buffer.alloc(reelMark.length), 0, reelMark.length, 0);
		if (buffer.subarray(0, bytesRead).equals(reelMark)) return await openReel(file, path);
	} catch (error) {
		await file.close();
		if (error instanceof TargetError) throw error;
		throw new TargetError((error as NodeJS.ErrnoException).code ?? 'EIO', `cannot read the recording ${path}`);
	}

	await file.close();
	return reelOfLines(await readSamples(path), path);
}

function reelOfLines(samples: readonly Sample[], path: string): Reel {
	if (samples.length === 0) throw new TargetError('EINVAL', `${path} is empty; a recording has at least one sample`);
	return {
		instants: samples.map(sample => ({wallMs: dueMs(sample), timeNs: sample.timeNs})),
		sampleAt: async index => samples[index]!,
		close: async () => {},
	};
}

/** A clock that was paused or slowed plays back as it was seen; samples without wall time by the machine's. */
function dueMs({wallMs, timeNs}: Sample): number {
	return wallMs ?? timeNs / 1e6;
}

async function readSamples(path: string): Promise<readonly Sample[]> {
	const samples: Sample[] = [];
	let lineNumber = 0;
	try {
		for await (const {text, isWhole} of readLines(path)) {
			lineNumber++;
			const sample = parseSampleLine(text);
			const before = samples.at(-1);
			if (sample !== undefined && (before === undefined || dueMs(sample) >= dueMs(before))) {
				samples.push(followingSample(sample, before));
			} else if (text !== '' && (isWhole || before === undefined)) {
				throw new TargetError(
					'EINVAL',
					`${path} is not a recording: line ${lineNumber} is not a sample that could follow`,
				);
			}
		}
	} catch (error) {
		if (error instanceof TargetError) throw error;

		const code = error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
		throw new TargetError(code, `cannot read the recording ${path}`);
	}

	return samples;
}

/** A longer line is not a sample: the largest file as base64, and what a sample may hold beside it, fit. */
const longestLine = 128 * 1024 * 1024;

/** The lines of a file. One without its newline is not whole: who wrote it was cut short, or is writing it now. */
async function* readLines(path: string): AsyncGenerator<{readonly text: string; readonly isWhole: boolean}> {
	let rest = '';
	for await (const chunk of createReadStream(path, 'utf8')) {
		const [first = '', ...others] = String(chunk).split('\n');
		const parts = [rest + first, ...others];
		rest = parts.pop() ?? '';
		if (rest.length > longestLine)
			throw new TargetError('EINVAL', `${path} is not a recording: a line of it does not end`);
		for (const text of parts) {
			yield {text, isWhole: true};
		}
	}

	if (rest !== '') {
		yield {text: rest, isWhole: false};
	}
}

function namesIn(sample: Sample, directory: string): readonly string[] {
	const prefix = directory === '/' ? '/' : `${directory}/`;
	const names = new Set<string>();
	for (const path of Object.keys(sample.files)) {
		if (path.startsWith(prefix)) {
			const rest = path.slice(prefix.length);
			const slash = rest.indexOf('/');
			names.add(slash < 0 ? rest : rest.slice(0, slash + 1));
		}
	}

	if (names.size === 0) {
		throw directory in sample.files
			? new TargetError('ENOTDIR', `${directory} is a file`)
			: new TargetError('ENOENT', `nothing below ${directory} was recorded`);
	}

	return [...names].sort();
}
