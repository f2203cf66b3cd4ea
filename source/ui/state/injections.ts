/** Injections: which one is followed and told, what was predicted of each, what they changed. */

import type {Inject, InjectionRecord} from '../../formats/debugfs/lab/inject.ts';
import {type Culprits, isOpen, nobody} from '../../model/injections.ts';
import type {TargetFacts} from './state.ts';

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
	/** The one whose story is in the banner. */
	readonly story: number | undefined;
	/** `movedMs` at which it was seen to have ended. */
	readonly endedMs: number | undefined;
	/** Something was injected here, and the target has not answered yet: the next new one is taken for it. */
	readonly awaits: boolean;
	/** What others inject is followed as if it were injected here. */
	readonly watchesOthers: boolean;
	/** The newest of others that is not followed. */
	readonly offered: number | undefined;
};

/** A machine of one's own has no others, and who can only look is there to watch them. */
export const noInjectionsYet = ({kind, writable}: TargetFacts): InjectionsState => ({
	asksFirst: false,
	predictions: new Map(),
	culprits: nobody,
	newest: undefined,
	followed: undefined,
	story: undefined,
	endedMs: undefined,
	awaits: false,
	watchesOthers: kind === 'embedded' || !writable,
	offered: undefined,
});

/** What an ended injection did stays in the maps pane for this long while the machine moves. */
const followEndedMs = 10_000;

const taken = (injections: InjectionsState, id: number): InjectionsState => ({
	...injections,
	followed: id,
	story: id,
	endedMs: undefined,
	awaits: false,
	offered: undefined,
});

/**
 * The injection that is followed, and since when it has been over. One that somebody else injects is offered; a monitor
 * that watches others follows it, unless it watches another, or somebody reads the trace.
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
	const isNew = injections.newest !== undefined && newest > injections.newest;
	const isFree = !followed || !isOpen(followed);
	const isFollowed = injections.awaits || (isFree && !isTraceRead && injections.watchesOthers);
	if (isNew && isFollowed) return {...taken(injections, newest), newest};
	const offered = isNew && newest !== injections.followed ? newest : injections.offered;
	const known = {...injections, newest, offered: isOffered(all, offered) ? offered : undefined};
	if (followed && isOpen(followed)) return {...known, endedMs: undefined};
	// Time went back to before it: nothing of it is left that could be shown.
	const isUndone = !followed && (injections.followed ?? 0) > newest;
	return {
		...known,
		followed: isUndone ? undefined : injections.followed,
		story: (injections.story ?? 0) > newest ? undefined : injections.story,
		endedMs: followed && (injections.endedMs ?? movedMs),
	};
}

/** One that is over is no longer to be watched. */
const isOffered = (all: readonly InjectionRecord[], id: number | undefined): boolean =>
	all.some(each => each.id === id && isOpen(each));

/** The maps pane goes back to the usual process when what an injection left has been seen long enough. */
export const released = (injections: InjectionsState, movedMs: number): InjectionsState =>
	injections.endedMs !== undefined && movedMs - injections.endedMs > followEndedMs
		? {...injections, followed: undefined, endedMs: undefined}
		: injections;

export const unfollowed = (injections: InjectionsState): InjectionsState => ({
	...injections,
	followed: undefined,
	story: undefined,
	endedMs: undefined,
});

/** @param awaits whether an injection of one's own is on its way */
export const awaiting = (injections: InjectionsState, awaits: boolean): InjectionsState =>
	injections.awaits === awaits ? injections : {...injections, awaits};

/** From now on this monitor shows what others inject, beginning with the newest. */
export function withOthers(injections: InjectionsState): InjectionsState {
	const others = {...injections, watchesOthers: true};
	return others.offered === undefined ? others : taken(others, others.offered);
}

/** What was predicted of injections that there still are: one that is undone gives its number to another. */
export function withoutUndone(injections: InjectionsState, inject: Inject | undefined): InjectionsState {
	const newest = inject?.injections.at(-1)?.id ?? 0;
	return {...injections, predictions: new Map([...injections.predictions].filter(([id]) => id <= newest))};
}

/** @param id of what was injected here, NaN when the target did not say */
export function injected(injections: InjectionsState, id: number, predicted: number | undefined): InjectionsState {
	// An injection that was undone may have had this number.
	const others = [...injections.predictions].filter(([each]) => each !== id);
	const predictions = new Map(predicted === undefined ? others : [...others, [id, predicted]]);
	return Number.isInteger(id)
		? {...taken(injections, id), predictions}
		: {...injections, predictions, endedMs: undefined, awaits: false};
}
