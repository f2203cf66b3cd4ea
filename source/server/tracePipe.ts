import type {ServerResponse} from 'node:http';
import {newLines} from '../model/newLines.ts';
import {asTargetError} from '../target/sentence.ts';
import {type FileContent, type Target, TargetError} from '../target/target.ts';
import {textType} from '../target/wire.ts';

const pollMs = 100;

/** In the manner of ftrace's own line, which names a CPU and a count: neither is known here. */
const lostLine = '# [LOST EVENTS]';

export function isTracePipe(path: string): boolean {
	return path === '/sys/kernel/debug/tracing/trace_pipe';
}

/**
 * Sends what the trace buffer holds and then what comes, until the client goes. A slow client is not written ahead of:
 * what leaves the buffer meanwhile is lost to it, and it is told so. Reading takes nothing from other readers.
 *
 * @throws TargetError when the file cannot be read in the first place
 */
export async function streamTracePipe(target: Target, path: string, response: ServerResponse): Promise<void> {
	let seen = linesOf(await target.read(path));
	if (response.destroyed) {
		return;
	}

	response.writeHead(200, {'content-type': textType, 'cache-control': 'no-store'});
	response.flushHeaders();
	let isWritable = send(response, seen);
	response.on('drain', () => {
		isWritable = true;
	});

	let isReading = false;
	const poll = async (): Promise<void> => {
		if (isReading || !isWritable) {
			return;
		}

		isReading = true;
		try {
			const now = linesOf(await target.read(path));
			const {lines, lost} = newLines(seen, now);
			seen = now;
			isWritable = send(response, lost ? [lostLine, ...lines] : lines);
		} catch (error) {
			response.end(`# ${asTargetError(error).message}\n`);
		} finally {
			isReading = false;
		}
	};

	const timer = setInterval(() => void poll(), pollMs);
	response.on('close', () => clearInterval(timer));
}

function send(response: ServerResponse, lines: readonly string[]): boolean {
	return lines.length === 0 || response.write(`${lines.join('\n')}\n`);
}

function linesOf(content: FileContent): readonly string[] {
	if (typeof content !== 'string') {
		throw new TargetError('EINVAL', 'this file is not text');
	}

	return content.split('\n').filter(line => line !== '' && !line.startsWith('#'));
}
