/**
 * The kernel log of this computer as /proc/kmsg shows it, read from /dev/kmsg, which takes nothing from other readers
 * (Documentation/ABI/testing/dev-kmsg). Lines are kept from read to read, the newest 2,000.
 */
import {closeSync, constants, openSync, readSync} from 'node:fs';
import {decodeText} from './content.ts';
import {TargetError} from './target.ts';

const mostLines = 2000;
/** A record of the kernel has at most 8 KiB (PRINTKRB_RECORD_MAX and its dictionary). */
const recordBytes = 16 * 1024;

const recordPattern = /^(\d+),(\d+),(\d+),[^;]*;(.*)$/;

/**
 * `6,339,5140900,-;NET: Registered` and dictionary lines below it, which begin with a blank, as lines of /proc/kmsg.
 *
 * @returns no line for what is not a record
 */
export function kmsgLines(record: string): readonly string[] {
	const [level, , timeUs, text = ''] = recordPattern.exec(record.split('\n', 1)[0] ?? '')?.slice(1) ?? [];
	if (timeUs === undefined) return [];
	const us = Number(timeUs);
	const seconds = `${String(Math.floor(us / 1e6)).padStart(5)}.${String(us % 1e6).padStart(6, '0')}`;
	// Bytes that are not printable ASCII, and backslashes, are written as \x and two digits.
	const bytes = text.replace(/\\x([\da-f]{2})/g, (_, digits: string) =>
		String.fromCharCode(Number.parseInt(digits, 16)),
	);
	return decodeText(Buffer.from(bytes, 'latin1'))
		.split('\n')
		.map(part => `<${level}>[${seconds}] ${part}`);
}

/** @returns a function that reads what is new, and a way to close it @throws TargetError EACCES, ENOENT on reading */
export function hostLog(path = '/dev/kmsg'): {read(): string; close(): void} {
	let fd: number | undefined;
	let lines: string[] = [];
	const buffer = Buffer.alloc(recordBytes);

	const readRecord = (): string | undefined => {
		for (;;) {
			try {
				const bytes = readSync(fd!, buffer, 0, buffer.length, null);
				return bytes === 0 ? undefined : buffer.toString('latin1', 0, bytes);
			} catch (error) {
				const {code} = error as NodeJS.ErrnoException;
				// What was overwritten before it was read is lost; the next record stands.
				if (code === 'EPIPE') continue;
				if (code === 'EAGAIN') return undefined;
				throw explained(error);
			}
		}
	};

	return {
		read() {
			try {
				fd ??= openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
			} catch (error) {
				throw explained(error);
			}
			for (let record = readRecord(); record !== undefined; record = readRecord()) lines.push(...kmsgLines(record));
			if (lines.length > mostLines) lines = lines.slice(-mostLines);
			return lines.map(line => `${line}\n`).join('');
		},
		close() {
			if (fd !== undefined) closeSync(fd);
			fd = undefined;
		},
	};
}

function explained(error: unknown): TargetError {
	const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
	if (code === 'EACCES' || code === 'EPERM')
		return new TargetError(code, 'the log is read from /dev/kmsg, which this user may not read; root may');
	const why = code === 'ENOENT' ? 'is not here' : 'could not be read';
	return new TargetError(code, `the log is read from /dev/kmsg, which ${why}`);
}
