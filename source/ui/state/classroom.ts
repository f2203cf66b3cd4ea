/** A machine of a class: what its teacher said, and where the teacher leads. */

import {name} from '../../formats/cells.ts';
import {type ClassRecord, isTeaching} from '../../formats/debugfs/lab/class.ts';
import {withFocus, withView} from './arrangement.ts';
import type {LabRecords} from './lab.ts';
import {modelIn, type PaneId, paneIds} from './panes.ts';
import type {State} from './state.ts';

export type ClassroomState = {
	/** The newest message that was read; undefined for none. */
	readonly read: string | undefined;
	/** When the newest one that was not read came to the screen, in milliseconds of wall time. */
	readonly shownMs: number | undefined;
	/** Where this monitor was led to last; undefined while it is not led. */
	readonly ledTo: string | undefined;
	/** What is to be selected there has not come to the pane yet. */
	readonly isSeeking: boolean;
	/** Its person does not want to follow this time. */
	readonly hasLetGo: boolean;
};

export const initialClassroom: ClassroomState = {
	read: undefined,
	shownMs: undefined,
	ledTo: undefined,
	isSeeking: false,
	hasLetGo: false,
};

/** A key that was on its way already when a message came does not take it away. */
const leastShownMs = 1500;

type Message = ClassRecord['messages'][number];

const idOf = ({at, text}: Message): string => `${at} ${text}`;

type OfClass = {readonly lab: Pick<LabRecords, 'classRecord'>; readonly classroom: ClassroomState};

/** Whether a teacher or helper looks at the machine: such a monitor opens the wall, and follows no other. */
export const leads = ({lab: {classRecord}}: Pick<OfClass, 'lab'>): boolean =>
	classRecord !== undefined && isTeaching(classRecord.role);

/** Messages that were not read, oldest first. */
export function unreadMessages(state: OfClass): readonly Message[] {
	const {lab, classroom} = state;
	if (leads(state)) return [];
	const all = lab.classRecord?.messages ?? [];
	return all.slice(all.findLastIndex(each => idOf(each) === classroom.read) + 1);
}

/** A key was pressed: what stood there long enough counts as read. */
export function withRead(state: State, nowMs: number): State {
	const {classroom} = state;
	const newest = unreadMessages(state).at(-1);
	if (!newest || classroom.shownMs === undefined || nowMs - classroom.shownMs < leastShownMs) return state;
	return {...state, classroom: {...classroom, read: idOf(newest), shownMs: undefined}};
}

/** Who leads this monitor now. */
export function leaderOf(state: OfClass): string | undefined {
	return leads(state) || state.classroom.hasLetGo ? undefined : state.lab.classRecord?.follow?.who;
}

export const withoutLeader = (state: State): State => ({
	...state,
	classroom: {...state.classroom, hasLetGo: true, ledTo: undefined, isSeeking: false},
});

/** Panes whose selected rows have other names on each monitor. */
const unshared: ReadonlySet<PaneId> = new Set<PaneId>(['trace']);

/** Longest name of a selected thing that is sent; the pane alone is sent for a longer one. */
const mostCharacters = 100;

/** What is selected in a pane, by a name that it has on every monitor. */
function selectionOf(state: State, pane: PaneId): string | undefined {
	if (unshared.has(pane)) return undefined;
	if (pane === 'frames') return state.frames.cursorPfn?.toString(16);
	const {selected} = state.views[pane];
	// An area keeps its id while it grows and moves, and each monitor counts its own.
	return pane === 'maps'
		? areas(state)
				.find(({id}) => id === selected)
				?.area.start.toString(16)
		: selected;
}

const areas = (state: State) => modelIn(state, 'maps')?.rows ?? [];

/** Where a monitor is, as it is written behind `follow`: its pane, and in one word what is selected there. */
export function placeWords(state: State): string {
	const {focus} = state;
	const selected = selectionOf(state, focus);
	if (selected === undefined) return focus;
	const word = name.show(selected);
	return word.length > mostCharacters ? focus : `${focus} ${word}`;
}

const isPane = (text: string): text is PaneId => paneIds.some(id => id === text);

/** Goes where the leader is. A thing that this machine does not have is not selected. */
function ledBy(state: State, {pane, selection}: NonNullable<ClassRecord['follow']>): State {
	if (!isPane(pane)) return state;
	const there = withFocus(state, pane);
	const selected = selection === null ? undefined : name.read(selection);
	const number = selected === undefined ? undefined : Number.parseInt(selected, 16);
	if (pane === 'maps') {
		const row = areas(state).find(({area}) => area.start === number);
		const isSeeking = selected !== undefined && row === undefined;
		return withView({...there, classroom: {...there.classroom, isSeeking}}, pane, {selected: row?.id});
	}
	if (pane !== 'frames') return unshared.has(pane) ? there : withView(there, pane, {selected});
	return {...there, frames: {...there.frames, cursorPfn: Number.isInteger(number) ? number : undefined}};
}

/**
 * What the newest sample says of the class: a new message comes to the screen, and who leads takes this monitor along,
 * unless something lies above the panes that its person reads or types.
 */
export function withClass(state: State, nowMs: number): State {
	const {lab, classroom} = state;
	const follow = lab.classRecord?.follow ?? undefined;
	const isUnread = unreadMessages(state).length > 0;
	const shownMs = isUnread ? (classroom.shownMs ?? nowMs) : undefined;
	const known = {...classroom, shownMs, hasLetGo: classroom.hasLetGo && follow !== undefined};
	if (!follow || known.hasLetGo || leads(state)) {
		const isSame = known.shownMs === classroom.shownMs && known.hasLetGo === classroom.hasLetGo;
		return isSame && !classroom.ledTo ? state : {...state, classroom: {...known, ledTo: undefined}};
	}
	const ledTo = JSON.stringify([follow.who, follow.pane, follow.selection]);
	const isThere = ledTo === known.ledTo && !(known.isSeeking && state.focus === follow.pane);
	if (isThere || state.overlay) return {...state, classroom: known};
	return ledBy({...state, classroom: {...known, ledTo, isSeeking: false}}, follow);
}
