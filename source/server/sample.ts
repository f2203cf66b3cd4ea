import {spellingOf} from '../target/path.ts';
import {sampleLinePieces} from '../target/sampleLine.ts';
import {type SampleRequest, TargetError} from '../target/target.ts';
import {answerInPieces, type Exchange} from './answer.ts';
import {readBody} from './body.ts';

/** A list of paths may name a file several times, but not without end: each has to be looked at. */
const mostSpellings = 10_000;

/** `POST /sample`: several files of one instant as one line of JSON. */
export async function sample(exchange: Exchange): Promise<void> {
	const {session, over} = exchange;
	const {paths, ...request} = parseSampleRequest(await readBody(exchange));
	const files = filesOf(paths);
	const {mostFiles} = session.share.limits;
	if (files.length > mostFiles) {
		throw new TargetError('EFBIG', `a sample has at most ${mostFiles} files, got ${files.length}`);
	}

	const {turns} = session.share;
	const answered = await turns.spend(() => session.sample({...request, paths: files, signal: over}));
	const pieces = turns.spend(() => sampleLinePieces(answered));
	await answerInPieces(exchange, {status: 200, type: 'application/json'}, pieces);
}

function parseSampleRequest(body: string): Pick<SampleRequest, 'paths' | 'since'> {
	const wanted = 'the body is {"paths": [path, …], "since": seq}, where since may be left out';
	let value: unknown;
	try {
		value = JSON.parse(body);
	} catch {
		throw new TargetError('EINVAL', `${wanted}; this is not JSON`);
	}

	if (typeof value !== 'object' || value === null || !('paths' in value) || !isPaths(value.paths)) {
		throw new TargetError('EINVAL', wanted);
	}

	if (value.paths.length > mostSpellings) {
		throw new TargetError('EFBIG', `a sample takes at most ${mostSpellings} paths, got ${value.paths.length}`);
	}

	const since = 'since' in value ? value.since : undefined;
	if (since !== undefined && typeof since !== 'number') {
		throw new TargetError('EINVAL', `${wanted}; since is not a number`);
	}

	return since === undefined ? {paths: value.paths} : {paths: value.paths, since};
}

function isPaths(value: unknown): value is readonly string[] {
	return Array.isArray(value) && value.every(path => typeof path === 'string');
}

/** Each file once: it is answered under the first of its spellings. */
function filesOf(paths: readonly string[]): readonly string[] {
	const bySpelling = new Map<string, string>();
	for (const path of paths) {
		const name = spellingOf(path);
		if (!bySpelling.has(name)) {
			bySpelling.set(name, path);
		}
	}

	return [...bySpelling.values()];
}
