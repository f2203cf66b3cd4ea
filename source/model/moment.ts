/** When a sample was taken, and marks on what changed. */

export type Moment = {
	/** Virtual time of the machine, in nanoseconds. */
	readonly timeNs: number;
	/**
	 * Wall time that passed while the machine moved, in milliseconds. Marks age by it: they fade on a running machine,
	 * slow motion leaves them on screen long enough to be read, and on a machine that stands still they stay.
	 */
	readonly movedMs: number;
};

export type MarkKind = 'new' | 'grown' | 'shrunk' | 'moved' | 'split' | 'merged' | 'changed' | 'gone';

export type Mark = {
	readonly kind: MarkKind;
	/** `movedMs` of the sample that showed the change first. */
	readonly sinceMs: number;
	/** Id of the injection whose process did it; undefined when the machine's own load did, or that is not known. */
	readonly injection: number | undefined;
};

/** How long a mark stays. */
export const lingerMs = 1500;

const isFresh = (mark: Mark, at: Moment): boolean => at.movedMs - mark.sinceMs < lingerMs;

/** A mark of the sample before that is still to be shown. */
export const lingering = (mark: Mark | undefined, at: Moment): Mark | undefined =>
	mark && isFresh(mark, at) ? mark : undefined;

export const markOf = (kind: MarkKind, at: Moment, injection?: number): Mark => ({
	kind,
	sinceMs: at.movedMs,
	injection,
});

/** A row that can be marked, selected (by `id`, which stays with the thing for as long as it lives), and followed. */
export type Row = {
	readonly id: string;
	readonly mark: Mark | undefined;
	/** A frame that it stands for, where it stands for one. */
	readonly pfn?: number | undefined;
};
