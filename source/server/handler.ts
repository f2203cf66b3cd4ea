import type {IncomingMessage, OutgoingHttpHeaders, ServerResponse} from 'node:http';
import {VERSION} from '../lab/version.ts';
import {isBinaryPath, treePath} from '../target/path.ts';
import {formatSampleLine} from '../target/sampleLine.ts';
import {asTargetError} from '../target/sentence.ts';
import type {FileContent, SampleRequest} from '../target/target.ts';
import {TargetError} from '../target/target.ts';
import {accessHeader, binaryType, directoryType, textType} from '../target/wire.ts';
import {readBody} from './body.ts';
import {statusOf} from './errors.ts';
import {parseRange} from './range.ts';
import type {Session} from './session.ts';
import {isTracePipe, streamTracePipe} from './tracePipe.ts';

const mostPathsPerSample = 10_000;

/** Answers one request of a connection; every failure becomes a status and one sentence. */
export async function handle(session: Session, request: IncomingMessage, response: ServerResponse): Promise<void> {
	response.setHeader('server', `mmtop/${VERSION}`);
	response.setHeader(accessHeader, session.mayWrite ? 'read-write' : 'read-only');
	try {
		await route(session, request, response);
	} catch (thrown) {
		const error = asTargetError(thrown);
		if (response.headersSent) {
			response.destroy();
			return;
		}

		// A body that was not read to its end would be taken for the next request.
		const headers: OutgoingHttpHeaders = request.complete ? {} : {connection: 'close'};
		answer(response, statusOf(error), textType, `${error.message}\n`, headers);
	}
}

async function route(session: Session, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const path = requestPath(request.url ?? '/');
	switch (request.method) {
		case 'GET':
		case 'HEAD':
			return get(session, path, request, response);
		case 'PUT':
			return put(session, path, request, response);
		case 'POST':
			if (path === '/sample') {
				return sample(session, request, response);
			}

			throw new TargetError('EOPNOTSUPP', 'POST goes to /sample; write a file with PUT');
		default:
			response.setHeader('allow', 'GET, HEAD, PUT, POST');
			throw new TargetError('EOPNOTSUPP', 'the methods are GET, PUT and POST /sample');
	}
}

/** The path that a request names, its trailing slash kept: with one, only a directory is meant. */
function requestPath(url: string): string {
	const encoded = /^(?:http:\/\/[^/?#]*)?([^?#]*)/i.exec(url)?.[1] ?? '';
	let path: string;
	try {
		path = decodeURIComponent(encoded) || '/';
	} catch {
		throw new TargetError('EINVAL', 'the path is not percent-encoded UTF-8');
	}

	const clean = treePath(path);
	return path.endsWith('/') && clean !== '/' ? `${clean}/` : clean;
}

async function get(session: Session, path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
	if (path.endsWith('/')) {
		return sendDirectory(session, path, response);
	}

	if (isTracePipe(path) && request.method === 'GET') {
		return streamTracePipe(session.target, path, response);
	}

	const range = isBinaryPath(path) ? parseRange(request.headers.range) : undefined;
	let content: FileContent;
	try {
		content = await session.target.read(path, typeof range === 'function' ? undefined : range);
	} catch (error) {
		if (asTargetError(error).code === 'EISDIR') {
			return sendDirectory(session, path, response);
		}

		throw error;
	}

	if (typeof content === 'string') {
		return answer(response, 200, textType, content);
	}

	if (range === undefined) {
		return answer(response, 200, binaryType, content, {'accept-ranges': 'bytes'});
	}

	sendRange(response, content, range);
}

async function sendDirectory(session: Session, path: string, response: ServerResponse): Promise<void> {
	const names = await session.target.list(treePath(path));
	answer(response, 200, directoryType, names.map(name => `${name}\n`).join(''));
}

function sendRange(
	response: ServerResponse,
	content: Uint8Array,
	range: Exclude<ReturnType<typeof parseRange>, undefined>,
): void {
	const sizeBytes = typeof range === 'function' ? content.length : undefined;
	const {offset, length} = typeof range === 'function' ? range(content.length) : range;
	const part = sizeBytes === undefined ? content : content.subarray(offset, offset + length);
	if (part.length === 0) {
		throw new TargetError('ERANGE', `the file ends before byte ${offset}`);
	}

	const headers = {'content-range': `bytes ${offset}-${offset + part.length - 1}/${sizeBytes ?? '*'}`};
	answer(response, 206, binaryType, part, {'accept-ranges': 'bytes', ...headers});
}

async function put(session: Session, path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
	if (!session.mayWrite) {
		request.resume();
		throw new TargetError('EACCES', 'this socket only observes; write through control.sock');
	}

	const text = await readBody(request);
	answer(response, 200, textType, await session.target.write(path, text));
}

async function sample(session: Session, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const sampleRequest = parseSampleRequest(await readBody(request));
	answer(response, 200, 'application/json', formatSampleLine(await session.sample(sampleRequest)));
}

function parseSampleRequest(body: string): SampleRequest {
	const wanted = 'the body is {"paths": [path, …], "since": seq}, where since may be left out';
	let value: unknown;
	try {
		value = JSON.parse(body);
	} catch {
		throw new TargetError('EINVAL', `${wanted}; this is no JSON`);
	}

	if (typeof value !== 'object' || value === null || !('paths' in value) || !isPaths(value.paths)) {
		throw new TargetError('EINVAL', wanted);
	}

	const since = 'since' in value ? value.since : undefined;
	if (since !== undefined && typeof since !== 'number') {
		throw new TargetError('EINVAL', `${wanted}; since is no number`);
	}

	return since === undefined ? {paths: value.paths} : {paths: value.paths, since};
}

function isPaths(value: unknown): value is readonly string[] {
	return Array.isArray(value) && value.length <= mostPathsPerSample && value.every(path => typeof path === 'string');
}

function answer(
	response: ServerResponse,
	status: number,
	type: string,
	body: FileContent,
	headers: OutgoingHttpHeaders = {},
): void {
	const bytes = typeof body === 'string' ? Buffer.from(body) : body;
	response.writeHead(status, {'content-type': type, 'content-length': bytes.length, ...headers});
	response.end(bytes);
}
