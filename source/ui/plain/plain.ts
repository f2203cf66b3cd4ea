/**
 * The monitor in sentences, line by line, for screen readers and terminals that cannot place a cursor. The same state,
 * keys and samples as on the screen; what is written is what happened since the last sample, and the answers to keys.
 */

import {harmlessText, withoutSteering} from '../../formats/steering.ts';
import type {Target} from '../../target/target.ts';
import {explanationOf} from '../panes/explain.ts';
import {commandOf, commands, experimentKeys, keyName} from '../panes/keymap.ts';
import {litOf} from '../panes/lit.ts';
import {pathsOf, wantedPaths} from '../panes/panes.ts';
import {paneOf} from '../panes/table.ts';
import {numberOf, type PaneId, paneIds, paneNumbered} from '../state/panes.ts';
import {initialState, type Message, type State} from '../state/state.ts';
import type {Key} from '../terminal/sequences.ts';
import {type EffectContext, perform} from '../update/effects.ts';
import {startSampler} from '../update/sampler.ts';
import {update} from '../update/update.ts';
import {announce} from './announce.ts';
import {promptChange} from './prompt.ts';
import {paneSummary, paneText} from './words.ts';

type PlainOptions = {
	readonly target: Target;
	/** Takes text with its line feeds; `taken` is called when it is out. */
	readonly write: (text: string, taken: () => void) => void;
	/** Wall time in milliseconds, never going back. */
	readonly nowMs: () => number;
	/** Samples a second at most. */
	readonly refresh: number;
	readonly onQuit: () => void;
	readonly onSuspend: () => void;
	readonly onCrash: (error: unknown) => void;
};

type Plain = {
	press(key: Key): void;
	/** Takes pasted text, one line of it. */
	paste(text: string): void;
	stop(): void;
};

/** Columns and rows of the page that nobody sees: wide, so that nothing is cut. */
const columns = 160;
const rows = 50;

/** Panes whose changes are told whichever has the focus. */
const watched: readonly PaneId[] = ['maps', 'log'];

const sampledPanes = ({focus}: State): readonly PaneId[] => [...new Set([focus, ...watched])];

const askedPaths = (state: State): readonly string[] => [
	...new Set([...wantedPaths(state), ...watched.flatMap(id => pathsOf(state, id))]),
];

const keyHelp = [
	'0 to 9 go to a pane and say its summary; the number again says it again.',
	'Up and Down say the rows of a pane. Enter explains a row; without one, as z, it says the whole pane.',
	'What happens is told by itself: areas, injections, the log.',
] as const;

const helpText = ({lab, target}: State): readonly string[] => [
	...keyHelp,
	...paneIds.map(id => `${numberOf(id)}: ${paneOf(id).name}`),
	...(target.writable ? [...experimentKeys(lab.experiments)] : []).map(
		([key, {name, title}]) => `${key}: inject ${title || name}`,
	),
	...commands
		.filter(({id}) => !['focus', 'zoom', 'explain', 'up', 'down', 'redraw', 'help'].includes(id))
		.map(({keys, title}) => `${keys.map(key => (key.length === 1 ? key : keyName(key))).join(' or ')}: ${title}`),
];

function greeting({target, lab: {machine}}: State): string {
	const what = machine
		? `a simulated machine, ${machine.ramBytes / 2 ** 20} megabytes, era ${machine.era}`
		: target.kind;
	const access = target.writable ? '' : ', read-only';
	return `mmtop ${target.name}: ${what}${access}. Question mark says the keys, q leaves.`;
}

/** Says what is news since it was asked last. */
function createTeller(first: State) {
	let told = first;
	/** The summary of a pane that one went to is said when its files are there. */
	let isSummaryDue = true;
	return {
		/** What is news now is said the next time. */
		wait({notice}: State): void {
			told = {...told, notice};
		},
		news(state: State, message: Message): readonly string[] {
			const {focus, picture, connection} = state;
			// What a write did is told by the samples; unless time stands still, and nothing will happen.
			const isSampled = message.type === 'written' && message.purpose.kind !== 'load';
			const isToldLater = isSampled && state.lab.clock?.state !== 'paused';
			const news = announce(told, isToldLater ? {...state, notice: told.notice} : state);
			const isRead = message.type === 'sampled' && state.models[focus].state !== 'waiting';
			isSummaryDue ||= told.focus !== focus;
			const isDue = isSummaryDue && (isRead || picture.frozen || 'reason' in connection);
			isSummaryDue &&= !isDue;
			const greeted = told.picture.seq < 0 && picture.seq >= 0 ? [greeting(state)] : news;
			told = state;
			return [...greeted, ...(isDue ? [paneSummary(state, focus)] : [])];
		},
	};
}

/** Whether a row is selected that Enter opens in the pane's own way. */
const isChosen = ({focus, views}: State): boolean =>
	views[focus].selected !== undefined && paneOf(focus).commands?.explain !== undefined;

/** Keys that mean something else where there is no screen. @returns what to say, undefined for all other keys */
function answerHere(state: State, key: Key): readonly string[] | undefined {
	const {focus} = state;
	switch (state.overlay ? undefined : commandOf(key)?.id) {
		case 'focus':
			return paneNumbered(Number(key)) === focus ? [paneSummary(state, focus)] : undefined;
		case 'zoom':
			return paneText(state, focus);
		case 'explain':
			return isChosen(state) || explanationOf(state, litOf(state)) ? undefined : paneText(state, focus);
		case 'redraw':
			return [paneSummary(state, focus)];
		case 'help':
			return helpText(state);
		default:
			return undefined;
	}
}

export function startPlain(options: PlainOptions): Plain {
	const {target, write, nowMs, refresh, onQuit, onSuspend, onCrash} = options;
	let state: State = {...initialState(target, columns, rows), zoomed: true};
	const teller = createTeller(state);
	let isStopped = false;
	let isOut = Promise.resolve();

	const put = (text: string): void => {
		if (text !== '') isOut = new Promise(resolve => write(text, resolve));
	};
	const speak = (lines: readonly string[]): void => put(lines.map(each => `${withoutSteering(each, ' ')}\n`).join(''));

	const dispatch = (message: Message): void => {
		if (isStopped) return;
		const before = state;
		const {state: next, effects} = update(state, message);
		state = next;
		// Its line feeds are ours.
		put(harmlessText(promptChange(before, next)));
		// Whatever else is told would come into the line that is being typed: it is told when that line is done.
		if (next.overlay) {
			teller.wait(next);
		} else {
			speak(teller.news(next, message));
		}
		for (const effect of effects) perform(effect, context);
		if (message.type === 'key') sampler.soon();
	};

	const sampler = startSampler(
		{
			target,
			question: () =>
				state.picture.frozen && state.connection.state === 'live'
					? undefined
					: {paths: askedPaths(state), panes: sampledPanes(state)},
			onSample: (sample, shown) => dispatch({type: 'sampled', sample, panes: shown, nowMs: nowMs()}),
			onLost: reason => dispatch({type: 'lost', reason, nowMs: nowMs()}),
			onSilent: silentMs => dispatch({type: 'silent', silentMs}),
			drawn: () => isOut,
			nowMs,
			periodMs: 1000 / refresh,
		},
		onCrash,
	);

	const context: EffectContext = {
		target,
		dispatch,
		nowMs,
		sampleSoon: () => sampler.soon(),
		copy: text => speak([text]),
		redraw() {},
		suspend: onSuspend,
		quit: onQuit,
	};

	return {
		press(key) {
			const answer = answerHere(state, key);
			if (answer) {
				speak(answer);
			} else {
				dispatch({type: 'key', key, nowMs: nowMs()});
			}
		},
		paste: text => dispatch({type: 'pasted', text, nowMs: nowMs()}),
		stop() {
			isStopped = true;
			sampler.stop();
		},
	};
}
