/**
 * A claim on a file by one process: a file beside it that names the process, and counts while that one runs.
 *
 * It is written aside and then linked to its place, so that half of it is never seen (link(2) fails with EEXIST
 * where there is one). One that is stale is replaced by the process that holds a claim on that replacement.
 */
import {createHash} from 'node:crypto';
import {linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import {codeOf} from './journal.ts';

export type Holder = {
	readonly host: string;
	readonly pid: number;
	/** Ticks since boot at which it began. */
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

/** A process of this computer as the holder of a claim. */
export const holderOf = (pid: number): Holder => ({host: hostname(), pid, began: beganOf(pid) ?? ''});

function holderIn(text: string): Holder | undefined {
	try {
		const {host, pid, began} = JSON.parse(text);
		return typeof host === 'string' && typeof pid === 'number' ? {host, pid, began: String(began)} : undefined;
	} catch {
		// Not a claim of ours, or one of a disk that was full.
		return undefined;
	}
}

const isLiving = ({host, pid, began}: Holder): boolean => host !== hostname() || beganOf(pid) === began;

/** @returns undefined where there is none */
function textOf(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		if (codeOf(error) === 'ENOENT') return undefined;
		throw error;
	}
}

/** @returns false where there is a file already */
function link(from: string, to: string): boolean {
	try {
		linkSync(from, to);
		return true;
	} catch (error) {
		if (codeOf(error) === 'EEXIST') return false;
		throw error;
	}
}

/** Whether a living process has the claim on a path. @throws what the system says */
export function isClaimed(path: string): boolean {
	const holder = holderIn(textOf(path) ?? '');
	return holder !== undefined && isLiving(holder);
}

/** Where the right to replace a stale claim is claimed. */
const replacementOf = (path: string, stale: string): string =>
	`${path}.${createHash('sha256').update(stale).digest('hex').slice(0, 8)}`;

/**
 * `claim` in steps, between any two of which other processes may do what they like.
 *
 * @param own a file of this process alone with its claim
 */
function* claimWith(path: string, own: string): Generator<void, string | undefined> {
	for (let attempt = 0; ; attempt++) {
		if (link(own, path)) return undefined;
		yield;
		const text = textOf(path);
		yield;
		if (text !== undefined) {
			const holder = holderIn(text);
			if (holder && isLiving(holder)) {
				return `process ${holder.pid}${holder.host === hostname() ? '' : ` on ${holder.host}`}`;
			}
			const other = yield* replace(path, text, own);
			if (typeof other === 'string') return other;
			if (other) return undefined;
		}
		if (attempt === mostAttempts) return 'others, who come and go';
	}
}

/**
 * Puts a claim in the place of a stale one.
 *
 * @returns whether it was that one still; who else is at it, in words
 */
function* replace(path: string, stale: string, own: string): Generator<void, boolean | string> {
	const right = replacementOf(path, stale);
	const other = yield* claimWith(right, own);
	if (other !== undefined) return other;
	yield;
	// Another process may have replaced it before. The one that wrote it is gone.
	if (textOf(path) === stale) {
		yield;
		// The right is our claim: moved, it is given back in the same moment.
		renameSync(right, path);
		return true;
	}
	yield;
	unlinkSync(right);
	return false;
}

const mostAttempts = 10;

/**
 * `claim` for a process of one's choice, in steps.
 *
 * @throws what the system says
 */
export function* claimAs(holder: Holder, path: string): Generator<void, string | undefined> {
	const own = `${path}.${holder.host}.${holder.pid}`;
	try {
		// One that was left here may be linked to the claim of a process that had this number.
		rmSync(own, {force: true});
		writeFileSync(own, `${JSON.stringify(holder)}\n`, {mode: 0o600, flag: 'wx'});
		yield;
		return yield* claimWith(path, own);
	} finally {
		rmSync(own, {force: true});
	}
}

/**
 * @param path of the claim's own file
 * @returns undefined when it is ours; else who has it, in words
 * @throws what the system says
 */
export function claim(path: string): string | undefined {
	const steps = claimAs(holderOf(process.pid), path);
	for (;;) {
		const {done, value} = steps.next();
		if (done) return value;
	}
}
