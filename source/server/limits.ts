import {readFileSync} from 'node:fs';
import type {SampleLimits} from '../target/target.ts';
import {refusedAtOnce} from './clients.ts';

/** What clients may have of a server. Ordinary monitors stay far below: a sample of theirs has 20 files and 200 kB. */
export type ServerLimits = {
	/** Paths of one sample, each file counted once. */
	readonly mostFiles: number;
	readonly sample: SampleLimits;
	/** Answers that are made and not yet taken, of all clients of one socket. */
	readonly unsentBytes: number;
	/** What clients were sent last, kept for `since`, of all clients of one socket. */
	readonly rememberedBytes: number;
	/** Clients of one socket at a time; fewer where the process may open few files (clientShares). */
	readonly mostClients: number;
	/** Where there are too many, a client that was answered and is silent for longer makes room for another one. */
	readonly idleMs: number;
	/** Requests that one client may send ahead of their answers. */
	readonly mostAhead: number;
	/** A client that takes nothing of its answer for this long loses its connection. */
	readonly stalledMs: number;
};

const mebibyte = 1024 * 1024;

export const usualLimits: ServerLimits = {
	mostFiles: 2000,
	sample: {bytes: 32 * mebibyte, ms: 2000},
	unsentBytes: 24 * mebibyte,
	rememberedBytes: 16 * mebibyte,
	mostClients: 256,
	idleMs: 10_000,
	mostAhead: 64,
	stalledMs: 30_000,
};

/** What a server has open beside its clients: Node's own files, its sockets, its journal, what a command reads. */
const ownFiles = 32;
/** So many are let in, however few files the process may open. */
const leastClients = 4;

/**
 * How many clients each socket may have, so that those who observe cannot use up what those who control need.
 *
 * @param openFiles most files that this process may have open
 */
export function clientShares(openFiles: number): {readonly control: number; readonly observe: number} {
	const left = openFiles - ownFiles - 2 * refusedAtOnce;
	const share = (clients: number) => Math.max(leastClients, Math.min(usualLimits.mostClients, clients));
	const control = share(Math.floor(left / 3));
	return {control, observe: share(left - control)};
}

/** Files that this process may have open (RLIMIT_NOFILE); 256 where the system does not say. */
export function mostOpenFiles(): number {
	try {
		// man 5 proc: the soft limit, then the hard one.
		const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
		if (soft !== undefined) return Number(soft);
	} catch {
		// No /proc here.
	}

	return 256;
}
