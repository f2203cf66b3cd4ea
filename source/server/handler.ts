import type {IncomingMessage, OutgoingHttpHeaders, ServerResponse} from 'node:http';
import {mmtopVersion} from '../lab/version.ts';
import {isBinaryPath, treePath} from '../target/path.ts';
import {asTargetError} from '../target/sentence.ts';
import {type FileContent, TargetError} from '../target/target.ts';
import {accessHeader, binaryType, directoryType, textType} from '../target/wire.ts';
import {answer, type Exchange} from './answer.ts';
import {readBody} from './body.ts';
import {statusOf} from './errors.ts';
import {parseRange} from './range.ts';
import {sample} from './sample.ts';
import type {Session} from './session.ts';
import {isTracePipe} from './tracePipe.ts';

/**
 * Answers one request of a connection; every failure becomes a status and one sentence. Resolves when the client has
 * taken the answer, or has gone.
 */
export async function handle(session: Session, request: IncomingMessage, response: ServerResponse): Promise<void> {
	if (request.socket.destroyed) return;

	const over = new AbortController();
	const isOver = new Promise<void>(resolve => {
		response.once('close', () => {
			over.abort();
			resolve();
		});
	});
	const {share} = session;
	response.on('error', () => {});
	response.setTimeout(share.limits.stalledMs, () => response.destroy());
	response.setHeader('server', `mmtop/${mmtopVersion}`);
	response.setHeader(accessHeader, share.mayWrite ? 'read-write' : 'read-only');
	const exchange: Exchange = {session, request, response, over: over.signal};
	try {
		await share.turns.wait(session.lastBytes);
		await route(exchange);
	} catch (thrown) {
		refuse(exchange, asTargetError(thrown));
	}

	await isOver;
	// Between two requests a client may be silent for as long as it likes.
	request.socket.setTimeout(0);
}

/** Says what is wrong, where that can still be said. */
function refuse(exchange: Exchange, error: TargetError): void {
	const {request, response} = exchange;
	if (response.headersSent) {
		response.destroy();
		return;
	}

	const status = statusOf(error);
	const headers: OutgoingHttpHeaders = {
		// A body that was not read to its end would be taken for the next request.
		...(!request.complete && {connection: 'close'}),
		...(status === 429 && {'retry-after': '1'}),
	};
	answer(exchange, {status, type: textType, headers}, `${error.message}\n`);
}

async function route(exchange: Exchange): Promise<void> {
	const {request, response} = exchange;
	const path = requestPath(request.url ?? '/');
	switch (request.method) {
		case 'GET':
		case 'HEAD':
			return get(exchange, path);
		case 'PUT':
			return put(exchange, path);
		case 'POST':
			if (path === '/sample') return sample(exchange);

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

async function get(exchange: Exchange, path: string): Promise<void> {
	const {session, request, response} = exchange;
	if (path.endsWith('/')) return sendDirectory(exchange, path);

	if (isTracePipe(path) && request.method === 'GET') {
		// It is silent for as long as nothing happens.
		response.setTimeout(0);
		return session.share.tracePipes.stream(session.target, path, response);
	}

	const range = isBinaryPath(path) ? parseRange(request.headers.range) : undefined;
	let content: FileContent;
	try {
		const wanted = typeof range === 'function' ? undefined : range;
		content = await session.share.turns.spend(() => session.target.read(path, wanted));
	} catch (error) {
		if (asTargetError(error).code === 'EISDIR') return sendDirectory(exchange, path);

		throw error;
	}

	if (typeof content === 'string') return answer(exchange, {status: 200, type: textType}, content);

	if (range === undefined) {
		return answer(exchange, {status: 200, type: binaryType, headers: {'accept-ranges': 'bytes'}}, content);
	}

	sendRange(exchange, content, range);
}

async function sendDirectory(exchange: Exchange, path: string): Promise<void> {
	const {target, share} = exchange.session;
	const names = await share.turns.spend(() => target.list(treePath(path)));
	answer(exchange, {status: 200, type: directoryType}, names.map(name => `${name}\n`).join(''));
}

function sendRange(
	exchange: Exchange,
	content: Uint8Array,
	range: Exclude<ReturnType<typeof parseRange>, undefined>,
): void {
	const sizeBytes = typeof range === 'function' ? content.length : undefined;
	const {offset, length} = typeof range === 'function' ? range(content.length) : range;
	const part = sizeBytes === undefined ? content : content.subarray(offset, offset + length);
	if (part.length === 0) throw new TargetError('ERANGE', `the file ends before byte ${offset}`);

	const headers = {
		'accept-ranges': 'bytes',
		'content-range': `bytes ${offset}-${offset + part.length - 1}/${sizeBytes ?? '*'}`,
	};
	answer(exchange, {status: 206, type: binaryType, headers}, part);
}

async function put(exchange: Exchange, path: string): Promise<void> {
	const {session, request} = exchange;
	if (!session.share.mayWrite) {
		request.resume();
		throw new TargetError('EACCES', 'this socket only observes; write through control.sock');
	}

	const text = await readBody(exchange);
	answer(exchange, {status: 200, type: textType}, await session.target.write(path, text));
}
