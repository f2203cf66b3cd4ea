import {open, readdir, readFile, realpath} from 'node:fs/promises';
import {release} from 'node:os';
import {decodeText, toSampled} from './content.ts';
import {hostFrames} from './hostFrames.ts';
import {hostLog} from './hostLog.ts';
import {isBinaryPath, treePath} from './path.ts';
import {asTargetError, oneLine} from './sentence.ts';
import {type ByteRange, type FileContent, type SampledFile, type Target, TargetError} from './target.ts';

/** Longest piece of a binary file read at once: kpageflags of 32 GiB. */
const longestReadBytes = 64 * 1024 * 1024;

/** Reading these takes what they print from other readers, blocks, or copies memory: they do not just observe. */
const notObservable = /^\/proc\/(?:kcore|kmsg|sysrq-trigger|\d+\/(?:task\/\d+\/)?mem)$|\/trace_pipe(?:_raw)?$/;
/** Before 5.8 tracing stops for everybody while one of them is open (kernel/trace/trace.c: pause-on-trace). */
const stopsTracing = /\/tracing\/(?:.*\/)?trace$/;

/**
 * Why a file is not read; undefined for one that is.
 *
 * @param real its path after all links
 * @param kernel as `uname -r` prints it
 */
export function whyNotObserved(
	real: string,
	kernel: string,
): {readonly code: string; readonly says: string} | undefined {
	if (notObservable.test(real)) return {code: 'EPERM', says: 'is not mere observation; mmtop leaves it alone'};

	const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number);
	return stopsTracing.test(real) && (major < 5 || (major === 5 && minor < 8))
		? {code: 'EOPNOTSUPP', says: 'stops tracing for everybody before Linux 5.8; mmtop leaves it alone'}
		: undefined;
}

/**
 * This computer's own /proc and /sys, read-only. `page_map` is made of kpageflags, and /proc/kmsg is read without
 * taking anything from the log. Files are read one after the other while the kernel runs, so a sample is not of one
 * instant.
 */
export function openHost(): Target {
	let seq = 0;
	const frames = hostFrames();
	const log = hostLog();
	const readHost = async (path: string, range?: ByteRange): Promise<FileContent> => {
		const clean = treePath(path);
		if (clean === '/proc/kmsg') return log.read();
		return frames(clean) ?? readFileOfHost(path, range);
	};
	const sampled = async (path: string): Promise<SampledFile> => {
		try {
			return toSampled(await readHost(path));
		} catch (error) {
			return {error: asTargetError(error).message};
		}
	};
	return {
		name: 'host',
		kind: 'host',
		writable: false,
		isRoot: process.geteuid?.() === 0,
		async sample({paths}) {
			const timeNs = Number(process.hrtime.bigint());
			const entries = await Promise.all(paths.map(async path => [path, await sampled(path)] as const));
			seq++;
			return {version: 1, timeNs, seq, files: Object.fromEntries(entries)};
		},
		read: readHost,
		list: listHost,
		async write(path) {
			throw new TargetError('EPERM', `mmtop only reads this host; ${oneLine(path)} was not written`);
		},
		close: async () => log.close(),
	};
}

async function readFileOfHost(path: string, range?: ByteRange): Promise<FileContent> {
	const real = await locate(path);
	const why = whyNotObserved(real, release());
	if (why !== undefined) throw new TargetError(why.code, `reading ${path} of a real kernel ${why.says}`);

	try {
		return isBinaryPath(real) ? await readBytes(real, range) : decodeText(await readFile(real));
	} catch (error) {
		throw explained(error, path);
	}
}

async function readBytes(path: string, range: ByteRange | undefined): Promise<Uint8Array> {
	const wantedBytes = range?.length ?? longestReadBytes + 1;
	if (wantedBytes > longestReadBytes && range !== undefined) {
		throw new TargetError('EFBIG', `at most ${longestReadBytes} bytes are read at once, asked for ${wantedBytes}`);
	}

	const file = await open(path, 'r');
	try {
		const chunks: Buffer[] = [];
		let gotBytes = 0;
		while (gotBytes < wantedBytes) {
			const chunk = Buffer.alloc(Math.min(1024 * 1024, wantedBytes - gotBytes));
			const {bytesRead} = await file.read(chunk, 0, chunk.length, (range?.offset ?? 0) + gotBytes);
			if (bytesRead === 0) return Buffer.concat(chunks);

			chunks.push(chunk.subarray(0, bytesRead));
			gotBytes += bytesRead;
		}

		if (range === undefined) {
			throw new TargetError('EFBIG', `${path} is longer than ${longestReadBytes} bytes; ask for a range of it`);
		}

		return Buffer.concat(chunks);
	} finally {
		await file.close();
	}
}

async function listHost(path: string): Promise<readonly string[]> {
	const clean = treePath(path);
	if (clean === '/') return ['proc/', 'sys/'];

	try {
		const entries = await readdir(await locate(clean), {withFileTypes: true});
		return entries.map(entry => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
	} catch (error) {
		throw explained(error, path);
	}
}

/**
 * The real path behind a path of the tree. Links such as /proc/1/root and /proc/1/fd/3 lead out, and are not followed.
 */
async function locate(path: string): Promise<string> {
	const clean = treePath(path);
	if (clean === '/') throw new TargetError('EISDIR', '/ is a directory; list it');

	if (!isInside(clean)) throw new TargetError('ENOENT', `there is no ${clean}; this target shows /proc and /sys`);

	let real: string;
	try {
		real = await realpath(clean).catch((error: unknown) => {
			// tracefs is a file system of its own, and debugfs may not be mounted.
			const elsewhere = clean.replace(/^(\/sys\/kernel)\/debug(\/tracing)(?=\/|$)/, '$1$2');
			if (elsewhere === clean) throw error;
			return realpath(elsewhere);
		});
	} catch (error) {
		throw explained(error, path);
	}

	if (!isInside(real)) throw new TargetError('EACCES', `${clean} leads out of /proc and /sys`);

	return real;
}

function isInside(path: string): boolean {
	return /^\/(?:proc|sys)(?:\/|$)/.test(path);
}

function explained(error: unknown, path: string): TargetError {
	const {code} = asTargetError(error);
	switch (code) {
		case 'ENOENT':
			return new TargetError(code, `this kernel has no ${path}`);
		case 'EACCES':
		case 'EPERM':
			return new TargetError(code, `this user may not read ${path}; root may`);
		case 'EISDIR':
			return new TargetError(code, `${path} is a directory; list it`);
		case 'ENOTDIR':
			return new TargetError(code, `${path} is not a directory`);
		default:
			return asTargetError(error);
	}
}
