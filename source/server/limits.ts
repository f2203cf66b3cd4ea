import type {SampleLimits} from '../target/target.ts';

/** What clients may have of a server. Ordinary monitors stay far below: a sample of theirs has 20 files and 200 kB. */
export type ServerLimits = {
	/** Paths of one sample, each file counted once. */
	readonly mostFiles: number;
	readonly sample: SampleLimits;
	/** Answers that are made and not yet taken, of all clients of one socket. */
	readonly unsentBytes: number;
	/** What clients were sent last, kept for `since`, of all clients of one socket. */
	readonly rememberedBytes: number;
	/** Clients of one socket at a time. */
	readonly mostClients: number;
	/** Requests that one client may send ahead of their answers. */
	readonly mostAhead: number;
	/** A client that takes nothing of its answer for this long loses its connection. */
	readonly stalledMs: number;
};

const mebibyte = 1024 * 1024;

export const usualLimits: ServerLimits = {
	mostFiles: 2000,
	sample: {bytes: 32 * mebibyte, ms: 2000},
	unsentBytes: 64 * mebibyte,
	rememberedBytes: 32 * mebibyte,
	mostClients: 256,
	mostAhead: 64,
	stalledMs: 30_000,
};
