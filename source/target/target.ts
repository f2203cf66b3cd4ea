/**
 * A target is anything that serves the file tree: the machine in this process, a daemon behind a Unix socket, a machine
 * over SSH, this host's own /proc and /sys, or a recording. The monitor and every subcommand know nothing else.
 */

/** One file as it was at the instant of a sample. `unchanged` means: same bytes as in the sample named by `since`. */
export type SampledFile =
	| {readonly text: string}
	| {readonly base64: string}
	| {readonly unchanged: true}
	| {readonly error: string};

/** Files of one instant, between two events of the machine. Also the line format of the wire and of recordings. */
export type Sample = {
	readonly version: 1;
	/** Virtual time of the machine in nanoseconds (wall time since boot for a real host). */
	readonly timeNs: number;
	/** Sequence number of the machine's last event; grows with every change. */
	readonly seq: number;
	readonly files: Readonly<Record<string, SampledFile>>;
	/** How far the machine is behind the wall clock times its rate, in nanoseconds; the target's word, not the tree's. */
	readonly behindNs?: number;
	/**
	 * Which machine it is, where the target can tell, and behind a dot how often it was served: one that a server has
	 * restored is the same machine with another number.
	 */
	readonly machine?: string;
	/** In recordings: when it was read, in milliseconds of wall time since the recording began. */
	readonly wallMs?: number;
	/** Something that whoever looks is to know, in a sentence, once; neither sent nor recorded. */
	readonly notice?: string;
	/** Of a recording, while it is played: where that is; neither sent nor recorded. */
	readonly playback?: Playback;
};

/** An instant of a recording: when it was read, in wall milliseconds since some start, and the machine's time then. */
export type PlayedInstant = {readonly wallMs: number; readonly timeNs: number};

/** How a recording is played. */
export type Playback = {
	/** Wall milliseconds from the first sample on: where it is, and where the last sample is. */
	readonly atMs: number;
	readonly endMs: number;
	readonly paused: boolean;
	readonly rate: number;
	/** All of it, in the order in which they are played. */
	readonly instants: readonly PlayedInstant[];
	/** The files of the last sample. */
	readonly last: Sample['files'];
};

/** What printing a sample may come to when somebody else pays for it. */
export type SampleLimits = {
	/**
	 * Characters of all files together as a sample carries them. The largest file does not count: any file can be had.
	 */
	readonly bytes: number;
	/** Time that printing takes, in milliseconds of wall time. */
	readonly ms: number;
};

/** What of Node's AbortSignal is needed, spelt out: the rooms that know no Node read this file too. */
export type CallOff = {
	readonly aborted: boolean;
	addEventListener(type: 'abort', listener: () => void): void;
	removeEventListener(type: 'abort', listener: () => void): void;
};

export type SampleRequest = {
	readonly paths: readonly string[];
	/**
	 * Sequence number of this client's last sample: files that were in it and whose bytes did not change may be answered
	 * `unchanged`. Left out, all are sent.
	 */
	readonly since?: number;
	/**
	 * For the machine in this process, which a server asks for its clients. Past them the sample is refused with EFBIG.
	 */
	readonly limits?: SampleLimits;
	/** Aborted when the answer is no longer wanted; for the machine in this process. */
	readonly signal?: CallOff;
};

/** The bytes of a file: text, or raw for the binary ones (`kpagecount`, `kpageflags`, `pagemap`). */
export type FileContent = string | Uint8Array;

export type ByteRange = {readonly offset: number; readonly length: number};

export type TargetKind = 'embedded' | 'socket' | 'ssh' | 'host' | 'recording';

/**
 * What went wrong at the tree's edge: an errno name and one sentence that says what was wrong and what would be right,
 * as `EINVAL: pages must be 1..1024, got "-3"`. `EDISCONNECTED` (ours) means the peer is gone; reads may work later.
 */
export class TargetError extends Error {
	readonly code: string;

	constructor(code: string, sentence: string) {
		super(`${code}: ${sentence}`);
		this.name = 'TargetError';
		this.code = code;
	}
}

export type Target = {
	/** As the status line shows it: `lab`, `lab0`, `ssh://host/lab0`, `host`. */
	readonly name: string;
	readonly kind: TargetKind;
	/** False for observers, recordings and a real host: the monitor then says so before a key is pressed. */
	readonly writable: boolean;
	/** Of this computer: whether root reads it. */
	readonly isRoot?: boolean;

	/**
	 * Several files of one instant, each under the path that was asked. A path that fails is an `error` entry.
	 *
	 * @throws TargetError of a lost target; EFBIG for more than one answer may hold, EAGAIN when too much is asked at
	 * once
	 */
	sample(request: SampleRequest): Promise<Sample>;

	/** One file, whole or a byte range. @throws TargetError ENOENT, EISDIR, EINVAL, EDISCONNECTED */
	read(path: string, range?: ByteRange): Promise<FileContent>;

	/** Names in a directory, sorted; directories end with `/`. @throws TargetError ENOENT, ENOTDIR */
	list(path: string): Promise<readonly string[]>;

	/**
	 * Acts: inject a workload, pause the clock, raise a limit. Answers what the file answers (an injection's id, else an
	 * empty string). A refused write changes nothing. @throws TargetError EACCES, EINVAL, ENOENT, EPERM, EFBIG
	 */
	write(path: string, text: string): Promise<string>;

	/**
	 * Of a recording, and of nothing else: how it is played, in the words that a machine's clock takes, and `seek TIME`.
	 * @throws TargetError EINVAL with the words that are understood
	 */
	play?(words: string): void;

	close(): Promise<void>;
};
