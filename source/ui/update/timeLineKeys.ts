/** Keys of the time line: they move its cursor, and go where that is. */

import {path} from '../../model/paths.ts';
import {barColumns, cursorNs, timeLineOf} from '../overlays/timeLine.ts';
import {commandOf} from '../panes/keymap.ts';
import {quiet, say} from '../state/answer.ts';
import type {CommandId} from '../state/commands.ts';
import {answered, closed, type OverlayOf, withOverlay} from '../state/overlay.ts';
import type {MessageOf, State, Update} from '../state/state.ts';
import type {Key} from '../terminal/sequences.ts';
import {changeRate, clockWrite, freeze, pauseOrRun, rewind} from './timeKeys.ts';

/**
 * Asks what was written to a machine; a recording has its own instants. The file may be long, so one question is under
 * way at most: a wish to ask meanwhile is kept, and asked after the answer.
 */
export function askSession(state: State): Update {
	const {overlay, picture} = state;
	if (overlay?.kind !== 'timeLine' || picture.playback) return quiet(state);
	return {
		state: withOverlay(state, {...overlay, asking: overlay.asking ? 'again' : 'once'}),
		effects: overlay.asking ? [] : [{type: 'ask', path: path.session}],
	};
}

/** The answer to any question of an overlay. */
export function applyAnswer(before: State, {path: asked, text}: MessageOf<'answered'>): Update {
	const state = text === undefined ? before : answered(before, asked, text);
	const {overlay} = state;
	if (overlay?.kind !== 'timeLine' || asked !== path.session) return quiet(state);
	const done = withOverlay(state, {...overlay, asking: undefined});
	return overlay.asking === 'again' ? askSession(done) : quiet(done);
}

export function openTimeLine(state: State, nowMs: number): Update {
	if (!timeLineOf(state, undefined)) {
		const why = 'has no time line: it shows only the present; attach --record FILE.samples keeps one';
		return say(state, `${state.target.name} ${why}`, nowMs);
	}
	return askSession(withOverlay(state, {kind: 'timeLine', atNs: undefined, answer: undefined}));
}

/** Cells of a page. */
const pageCells = 10;

const cellsBy: Readonly<Partial<Record<CommandId, number>>> = {pageUp: -pageCells, pageDown: pageCells};

/** Keys that mean the same here as outside. */
const timeCommands: Readonly<Partial<Record<CommandId, (state: State, nowMs: number) => Update>>> = {
	freeze,
	pause: pauseOrRun,
	step: (state, nowMs) => clockWrite(state, 'step', nowMs),
	stepBack: (state, nowMs) => clockWrite(state, 'back', nowMs),
	rewind,
	slower: (state, nowMs) => changeRate(state, 0.5, nowMs),
	faster: (state, nowMs) => changeRate(state, 2, nowMs),
};

export function timeLineKey(state: State, overlay: OverlayOf<'timeLine'>, key: Key, nowMs: number): Update {
	const line = timeLineOf(state, overlay.answer);
	if (!line) return quiet(closed(state));
	const atNs = cursorNs(line, overlay);
	const {nowNs, endNs, marks} = line;
	const move = (wantedNs: number | undefined): Update =>
		quiet(withOverlay(state, {...overlay, atNs: wantedNs && Math.max(0, Math.min(endNs, wantedNs))}));
	/** At the end of a machine's line the cursor stays with the picture. */
	const moveTo = (wantedNs: number): Update =>
		move(!state.picture.playback && wantedNs >= nowNs ? undefined : Math.round(wantedNs));
	const cellNs = endNs / Math.max(1, barColumns(state) - 1);
	const id = commandOf(key)?.id;

	if (key === 'enter') return goTo(state, overlay, atNs, nowMs);
	if (key === 'left' || key === 'h') return moveTo(atNs - cellNs);
	if (key === 'right' || key === 'l') return moveTo(atNs + cellNs);
	if (id === undefined) return quiet(closed(state));
	const cells = cellsBy[id];
	if (cells !== undefined) return moveTo(atNs + cells * cellNs);
	switch (id) {
		case 'up': {
			const before = marks.findLast(mark => mark.atNs < atNs);
			return before ? moveTo(before.atNs) : say(state, 'nothing is marked before this', nowMs, false);
		}
		case 'down': {
			const after = marks.find(mark => mark.atNs > atNs);
			return after ? moveTo(after.atNs) : say(state, 'nothing is marked after this', nowMs, false);
		}
		case 'first':
			return moveTo(0);
		case 'last':
			return moveTo(endNs);
		default:
			break;
	}
	const command = timeCommands[id];
	return command ? command(withOverlay(state, {...overlay, atNs: undefined}), nowMs) : quiet(closed(state));
}

/** Goes where the cursor is, which then stays with the picture. */
function goTo(state: State, overlay: OverlayOf<'timeLine'>, atNs: number, nowMs: number): Update {
	const there = withOverlay(state, {...overlay, atNs: undefined});
	const {playback, at} = state.picture;
	if (playback) return clockWrite(there, `seek ${atNs}ns`, nowMs);
	return atNs >= at.timeNs
		? say(state, 'that is now; what comes later is not known yet', nowMs, false)
		: clockWrite(there, `rewind ${atNs}ns`, nowMs);
}
