/** The one reducer: a message makes a new state, and names what is to be done outside. Pure; it draws nothing. */

import {couldNotMark} from '../../formats/debugfs/lab/inject.ts';
import {onlySays, quiet, say, withoutNotice} from '../state/answer.ts';
import {withRead} from '../state/classroom.ts';
import {awaiting} from '../state/injections.ts';
import {withGaps} from '../state/meters.ts';
import {listed} from '../state/processes.ts';
import type {Message, MessageOf, State, Update} from '../state/state.ts';
import {applyCompletion, applyRemembered} from './ownFileKeys.ts';
import {injectOrAsk} from './paletteKeys.ts';
import {withBanner} from './storyKeys.ts';
import {applyAnswer, askSession} from './timeLineKeys.ts';
import {applyKey} from './updateKeys.ts';
import {applyMouse} from './updateMouse.ts';
import {applyOverlayKey} from './updateOverlay.ts';
import {applyPaste} from './updatePaste.ts';
import {applySample, applyTranslation, applyWritten} from './updateSample.ts';

/** What was refused, and why. A prediction stays open then. */
const refusedText = ({what, reason, predicted}: MessageOf<'refused'>): string =>
	predicted === undefined
		? `${what}: ${reason}`
		: `${couldNotMark} your prediction could not be decided: ${reason.replace(/^E[A-Z]+: /, '')}`;

const silenceOf = ({target}: State, silentMs: number): string =>
	`${target.name} has not answered for ${silentMs / 1000} s: it is busy or stopped`;

function applied(state: State, message: Message): Update {
	switch (message.type) {
		case 'key': {
			const {key, nowMs} = message;
			const read = withRead(state, nowMs);
			const next = read.overlay ? applyOverlayKey(read, read.overlay, key, nowMs) : applyKey(read, key, nowMs);
			// A key that took a message away need not say that it has nothing else to do.
			return read !== state && onlySays(next, read) ? quiet(withoutNotice(read)) : next;
		}
		case 'mouse':
			return applyMouse(state, message);
		case 'pasted':
			return applyPaste(state, message.text, message.nowMs);
		case 'resized':
			return quiet({...state, columns: message.columns, rows: message.rows});
		case 'sampled':
			return applySample(state, message);
		case 'silent':
			return quiet({...state, connection: {state: 'silent', reason: silenceOf(state, message.silentMs)}});
		case 'lost':
			return quiet({
				...state,
				connection: {state: 'lost', reason: message.reason},
				meters: withGaps(state.meters),
			});
		case 'compared':
			return quiet({...state, differing: message.differing});
		case 'machines':
			return quiet({...state, machines: message.machines});
		case 'told':
			return say(state, message.text, message.nowMs);
		case 'wanted': {
			const {text, asksFirst} = message;
			const asking = {...state, injections: {...state.injections, asksFirst}};
			return injectOrAsk(asking, text);
		}
		case 'listed': {
			const processes = listed(state.processes, message.path, message.names);
			return quiet(processes === state.processes ? state : {...state, processes});
		}
		case 'written':
			return askSession(applyWritten(state, message));
		case 'translated':
			return quiet(applyTranslation(state, message));
		case 'completed':
			return applyCompletion(state, message);
		case 'remembered':
			return applyRemembered(state, message);
		case 'answered':
			return applyAnswer(state, message);
		case 'refused':
			return say({...state, injections: awaiting(state.injections, false)}, refusedText(message), message.nowMs);
	}
}

export function update(state: State, message: Message): Update {
	const {state: next, effects} = applied(state, message);
	return {state: withBanner(next), effects};
}
