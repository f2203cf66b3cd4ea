/** Keys while the path of a file of one's own is typed, which is then run or loaded. */

import {quiet, say} from '../state/answer.ts';
import {awaiting} from '../state/injections.ts';
import {withOverlay} from '../state/overlay.ts';
import {emptyPrompt, type OwnFilePrompt} from '../state/ownFiles.ts';
import type {MessageOf, State, Update} from '../state/state.ts';
import type {Key} from '../terminal/sequences.ts';

export function openOwnFile(state: State, nowMs: number): Update {
	if (!state.target.writable) {
		return say(state, `${state.target.name} is read-only: nothing can be loaded or run there`, nowMs);
	}
	return {state: withOverlay(state, emptyPrompt), effects: [{type: 'own', request: {kind: 'remember'}}]};
}

/** No path is longer (PATH_MAX). */
const longestLine = 4096;

/** The prompt with another text, which somebody typed or pasted. */
export const withText = (prompt: OwnFilePrompt, text: string): OwnFilePrompt => ({
	...prompt,
	text: text.slice(0, longestLine),
	recalled: -1,
	matches: [],
});

/** The path, which Tab completes, and the words behind it. */
function partsOf(text: string): readonly [path: string, rest: string] {
	const blank = text.indexOf(' ');
	return blank < 0 ? [text, ''] : [text.slice(0, blank), text.slice(blank)];
}

export function ownFileKey(state: State, prompt: OwnFilePrompt, key: Key, nowMs: number): Update {
	const write = (text: string): Update => quiet(withOverlay(state, withText(prompt, text)));
	const recall = (index: number): Update => {
		const line = prompt.remembered[index];
		if (index < -1 || (index >= 0 && line === undefined)) return quiet(state);
		const typed = prompt.recalled < 0 ? prompt.text : prompt.typed;
		return quiet(withOverlay(state, {...prompt, text: line ?? typed, recalled: index, typed, matches: []}));
	};
	switch (key) {
		case 'up':
			return recall(prompt.recalled + 1);
		case 'down':
			return recall(prompt.recalled - 1);
		case 'backspace':
			return write([...prompt.text].slice(0, -1).join(''));
		case 'ctrl+u':
			return write('');
		case 'space':
			return write(`${prompt.text} `);
		case 'tab':
			return {state, effects: [{type: 'own', request: {kind: 'complete', text: partsOf(prompt.text)[0]}}]};
		case 'enter': {
			const line = prompt.text.trim();
			if (line === '') return say(state, 'type the path of a module or of a program; Esc closes', nowMs);
			return {
				state: {
					...state,
					overlay: undefined,
					picture: {...state.picture, frozen: false},
					injections: awaiting(state.injections, true),
				},
				effects: [{type: 'own', request: {kind: 'start', line}}],
			};
		}
		default:
			return [...key].length === 1 ? write(prompt.text + key) : quiet(state);
	}
}

/** What all of them begin with. */
function commonStart([first = '', ...others]: readonly string[]): string {
	let letters = [...first];
	for (const other of others) {
		const theirs = [...other];
		const end = letters.findIndex((letter, index) => theirs[index] !== letter);
		if (end >= 0) letters = letters.slice(0, end);
	}
	return letters.join('');
}

/** A folder may hold any number of files: so many are listed. */
const mostMatches = 50;

/** What Tab found. If more was typed meanwhile, it is dropped. */
export function applyCompletion(state: State, {text, paths, nowMs}: MessageOf<'completed'>): Update {
	const {overlay} = state;
	if (overlay?.kind !== 'own') return quiet(state);
	const [path, rest] = partsOf(overlay.text);
	if (path !== text) return quiet(state);
	if (paths.length === 0) return say(state, `no file begins with ${text === '' ? 'that' : text}`, nowMs);
	const common = commonStart(paths);
	const names = paths.slice(0, mostMatches).map(each => /[^/]*\/?$/.exec(each)![0]);
	const matches = paths.length > 1 ? names : [];
	return quiet(withOverlay(state, {...overlay, text: common + rest, recalled: -1, matches}));
}

/** Lines that were run before. */
export const applyRemembered = (state: State, {lines}: MessageOf<'remembered'>): Update =>
	quiet(state.overlay?.kind === 'own' ? withOverlay(state, {...state.overlay, remembered: lines}) : state);
