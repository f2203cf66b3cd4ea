/** Injections: which one is followed, what was predicted of each, what they changed. */

import type {Inject} from '../../formats/debugfs/lab/inject.ts';
import {type Culprits, isOpen, nobody} from '../../model/injections.ts';

export type InjectionsState = {
	/** Whether this monitor asks for a prediction before it injects. */
	readonly asksFirst: boolean;
	/** Numbers of the answers that were predicted here, by injection. */
	readonly predictions: ReadonlyMap<number, number>;
	readonly culprits: Culprits;
	/** Id of the newest that was seen, 0 for none; undefined before the first sample. */
	readonly newest: number | undefined;
	/** The one that the trace and maps panes follow. */
	readonly followed: number | undefined;
	/** `movedMs` at which it was seen to have ended. */
	readonly endedMs: number | undefined;
};

export const noInjectionsYet: InjectionsState = {
	asksFirst: false,
	predictions: new Map(),
	culprits: nobody,
	newest: undefined,
	followed: undefined,
	endedMs: undefined,
};

/** What an ended injection did stays in the maps pane for this long while the machine moves. */
const followEndedMs = 10_000;

/**
 * The injection that is followed, and since when it has been over. One that somebody else injects is followed too,
 * unless this monitor watches another, or somebody reads the trace.
 */
export function seen(
	injections: InjectionsState,
	inject: Inject | undefined,
	movedMs: number,
	isTraceRead: boolean,
): InjectionsState {
	const all = inject?.injections ?? [];
	const newest = all.at(-1)?.id ?? 0;
	const followed = all.find(({id}) => id === injections.followed);
	if (followed && isOpen(followed)) return {...injections, newest, endedMs: undefined};
	if (injections.newest !== undefined && newest > injections.newest && !isTraceRead) {
		return {...injections, newest, followed: newest, endedMs: undefined};
	}
	// Time went back to before it: nothing of it is left that could be shown.
	const isUndone = !followed && (injections.followed ?? 0) > newest;
	return {
		...injections,
		newest,
		followed: isUndone ? undefined : injections.followed,
		endedMs: followed && (injections.endedMs ?? movedMs),
	};
}

/** The maps pane goes back to the usual process when what an injection left has been seen long enough. */
export const released = (injections: InjectionsState, movedMs: number): InjectionsState =>
	injections.endedMs !== undefined && movedMs - injections.endedMs > followEndedMs
		? unfollowed(injections)
		: injections;

export const unfollowed = (injections: InjectionsState): InjectionsState => ({
	...injections,
	followed: undefined,
	endedMs: undefined,
});

/** What was predicted of injections that there still are: one that is undone gives its number to another. */
export function withoutUndone(injections: InjectionsState, inject: Inject | undefined): InjectionsState {
	const newest = inject?.injections.at(-1)?.id ?? 0;
	return {...injections, predictions: new Map([...injections.predictions].filter(([id]) => id <= newest))};
}

/** @param id of what was injected here, NaN when the target did not say */
export function injected(injections: InjectionsState, id: number, predicted: number | undefined): InjectionsState {
	// An injection that was undone may have had this number.
	const others = [...injections.predictions].filter(([each]) => each !== id);
	return {
		...injections,
		predictions: new Map(predicted === undefined ? others : [...others, [id, predicted]]),
		followed: Number.isInteger(id) ? id : injections.followed,
		endedMs: undefined,
	};
}
