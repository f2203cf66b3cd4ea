/** A claim on a file by one process: a file beside it that names the process, and counts while that one runs. */
import {closeSync, linkSync, openSync, readFileSync, renameSync, unlinkSync, writeSync} from 'node:fs';
import {hostname} from 'node:os';
import {codeOf} from './journal.ts';

type Holder = {
	readonly host: string;
	readonly pid: number /** Ticks since boot at which it began. */;
	readonly began: string;
};

const beganField = 19;

/** When a process of this computer began; undefined for one that is not there. */
function beganOf(pid: number): string | undefined {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		// Its name may hold anything, but ends with the last bracket.
		return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[beganField];
	} catch {
		return undefined;
	}
}

function holderIn(text: string): Holder | undefined {
	try {
		const {host, pid, began} = JSON.parse(text);
		return typeof host === 'string' && typeof pid === 'number' ? {host, pid, began: String(began)} : undefined;
	} catch {
		// Half a line, of one that was killed at once.
		return undefined;
	}
}

const isLiving = ({host, pid, began}: Holder): boolean => host !== hostname() || beganOf(pid) === began;

function tryClaim(path: string): boolean {
	let fd: number;
	try {
		fd = openSync(path, 'wx', 0o600);
	} catch (error) {
		if (codeOf(error) === 'EEXIST') return false;
		throw error;
	}
	const holder: Holder = {host: hostname(), pid: process.pid, began: beganOf(process.pid) ?? ''};
	writeSync(fd, `${JSON.stringify(holder)}\n`);
	closeSync(fd);
	return true;
}

/** Takes a claim of a process that is gone away. Should another one have done so first, its claim is put back. */
function dropStale(path: string, text: string): void {
	const aside = `${path}.${process.pid}`;
	try {
		renameSync(path, aside);
		if (readFileSync(aside, 'utf8') !== text) linkSync(aside, path);
		unlinkSync(aside);
	} catch (error) {
		if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
	}
}

/**
 * @param path of the claim's own file
 * @returns undefined when it is ours; else who has it, in words
 * @throws what the system says
 */
export function claim(path: string): string | undefined {
	for (let attempt = 0; ; attempt++) {
		if (tryClaim(path)) return undefined;
		let text = '';
		try {
			text = readFileSync(path, 'utf8');
		} catch (error) {
			if (codeOf(error) !== 'ENOENT') throw error;
		}
		const holder = holderIn(text);
		if (holder && isLiving(holder)) {
			return `process ${holder.pid}${holder.host === hostname() ? '' : ` on ${holder.host}`}`;
		}
		if (attempt === mostAttempts) return 'others, who come and go';
		dropStale(path, text);
	}
}

const mostAttempts = 10;
