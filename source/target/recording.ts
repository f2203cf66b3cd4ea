import {createReadStream} from 'node:fs';
import {fromSampled, sliceContent} from './content.ts';
import {treePath} from './path.ts';
import {player} from './playback.ts';
import {parseSampleLine} from './sampleLine.ts';
import {errorFromSentence} from './sentence.ts';
import {type FileContent, type Sample, type SampledFile, type Target, TargetError} from './target.ts';
import {systemClock, type WallClock} from './wallClock.ts';

/**
 * Samples as they were read once, played back at the pace at which they were taken, from the first; at the end the last
 * one stays. `play` goes anywhere in it. A sample holds all that was recorded at its instant, asked
 * for or not: which part of a map was read went by the screen that it was recorded on. A last line that was cut short,
 * as by a crash of whoever recorded, is passed over.
 *
 * @param path a file of sample lines, each whole or, where it says `unchanged`, following the one before
 * @throws TargetError ENOENT, EACCES, or EINVAL when the file holds something else
 */
export async function openRecording(path: string, wall: WallClock = systemClock): Promise<Target> {
	const samples = await readSamples(path);
	if (samples.length === 0) throw new TargetError('EINVAL', `${path} is empty; a recording has at least one sample`);

	const instants = samples.map(sample => ({wallMs: dueMs(sample), timeNs: sample.timeNs}));
	const {index, state, play} = player(instants, wall);
	const last = samples.at(-1)!.files;
	const current = (): Sample => samples[index()]!;

	const file = (sample: Sample, name: string): SampledFile =>
		sample.files[name] ?? {error: `ENOENT: ${name} was not recorded`};
	return {
		name: path,
		kind: 'recording',
		writable: false,
		async sample({paths}) {
			const sample = current();
			const asked = Object.fromEntries(paths.map(name => [name, file(sample, name)]));
			return {...sample, files: {...sample.files, ...asked}, playback: {...state(), instants, last}};
		},
		async read(name, range): Promise<FileContent> {
			const found = file(current(), treePath(name));
			const content = fromSampled(found);
			if (content === undefined) throw errorFromSentence('error' in found ? found.error : '');

			return sliceContent(content, range);
		},
		list: async directory => namesIn(current(), treePath(directory)),
		async write() {
			throw new TargetError('EROFS', 'a recording cannot be written; it shows what was');
		},
		play,
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
				samples.push(following(sample, before));
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

/** A longer line is no sample: so much the largest file has as base64, and what a sample may hold beside it. */
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

/** A sample with what it calls unchanged taken from the one before it. */
function following(sample: Sample, before: Sample | undefined): Sample {
	const files: Record<string, SampledFile> = {};
	for (const [path, file] of Object.entries(sample.files)) {
		files[path] =
			'unchanged' in file
				? (before?.files[path] ?? {error: `EIO: ${path} is missing from the recording's keyframe`})
				: file;
	}

	return {...sample, files};
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
