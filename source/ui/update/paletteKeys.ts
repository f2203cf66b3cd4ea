/** Keys while the palette has them, or the question that goes before an injection. */

import {path} from '../../model/paths.ts';
import {type Chosen, chosenIn, untyped} from '../overlays/palette.ts';
import {overlayHeight} from '../overlays/place.ts';
import {quiet, say} from '../state/answer.ts';
import {awaiting} from '../state/injections.ts';
import {type OverlayOf, withOverlay} from '../state/overlay.ts';
import type {State, Update} from '../state/state.ts';
import type {Key} from '../terminal/sequences.ts';
import {experimentOf, offered} from './machineKeys.ts';

type Palette = OverlayOf<'palette'>;
type Question = OverlayOf<'question'>;

/**
 * Injects, or asks first if this monitor predicts and there is something to ask.
 *
 * @param text `name key=value …`
 */
export function injectOrAsk(state: State, text: string): Update {
	const experiment = experimentOf(state, text);
	return state.injections.asksFirst && experiment && experiment.question !== null
		? quiet(withOverlay(state, {kind: 'question', experiment, text}))
		: inject(state, text, undefined);
}

/** As `injectOrAsk`, where this is the machine that the claim is about; else such a machine is offered. */
export const injectOrOffer = (state: State, text: string): Update => offered(state, text) ?? injectOrAsk(state, text);

const inject = (state: State, text: string, predicted: number | undefined): Update => ({
	state: {
		...state,
		overlay: undefined,
		picture: {...state.picture, frozen: false},
		injections: awaiting(state.injections, true),
	},
	effects: [{type: 'write', path: path.inject, text, purpose: {kind: 'inject', experiment: text, predicted}}],
});

/** What Tab makes of the text: the whole name, then the names of parameters, one after the other. */
function completed(text: string, {experiment, pairs}: Chosen): string {
	if (!experiment || !text.includes(' ')) return experiment ? `${experiment.name} ` : text;
	const begun = text.endsWith(' ') ? '' : (pairs.at(-1) ?? '');
	if (begun.includes('=')) return `${text} `;
	const next = untyped(experiment, pairs).find(({name}) => name.startsWith(begun));
	return next ? `${text.slice(0, text.length - begun.length)}${next.name}=` : text;
}

/** The character that a key types, if it does. */
const typed = (key: Key): string | undefined => ([...key].length === 1 ? key : undefined);

export function paletteKey(state: State, overlay: Palette, key: Key, nowMs: number): Update {
	const chosen = chosenIn(state.lab.experiments, overlay);
	const show = (palette: Palette): Update => quiet({...state, overlay: palette});
	const at = (cursor: number): Update =>
		show({...overlay, cursor: Math.max(0, Math.min(chosen.matches.length - 1, cursor))});
	// The list stays where it is while parameters are typed.
	const write = (text: string): Update =>
		show({...overlay, text, cursor: text.split(' ')[0] === overlay.text.split(' ')[0] ? overlay.cursor : 0});
	/** The whole name instead of some letters: it is the best match of itself. */
	const complete = (): Update => show({...overlay, text: completed(overlay.text, chosen), cursor: 0});
	const page = overlayHeight(state.rows) / 2;
	switch (key) {
		case 'up':
			return at(overlay.cursor - 1);
		case 'down':
			return at(overlay.cursor + 1);
		case 'pageup':
			return at(overlay.cursor - Math.floor(page));
		case 'pagedown':
			return at(overlay.cursor + Math.floor(page));
		case 'home':
			return at(0);
		case 'end':
			return at(Number.POSITIVE_INFINITY);
		case 'backspace':
			return write([...overlay.text].slice(0, -1).join(''));
		case 'ctrl+u':
			return write('');
		case 'ctrl+p':
			return quiet({...state, injections: {...state.injections, asksFirst: !state.injections.asksFirst}});
		case 'tab':
			return complete();
		case 'space':
			return overlay.text.includes(' ') ? write(`${overlay.text} `) : complete();
		case 'enter': {
			const {experiment, pairs, refusal} = chosen;
			return experiment && refusal === undefined
				? injectOrOffer(state, [experiment.name, ...pairs].join(' '))
				: say(state, refusal ?? '', nowMs);
		}
		default: {
			const character = typed(key);
			return character === undefined ? quiet(state) : write(overlay.text + character);
		}
	}
}

export function questionKey(state: State, {experiment, text}: Question, key: Key, nowMs: number): Update {
	if (key === 'enter') return inject(state, text, undefined);
	const most = experiment.answers.length;
	if (/^[1-9]$/.test(key) && Number(key) <= most) return inject(state, text, Number(key));
	return say(state, `an answer is 1 to ${most}; Enter injects without one, Esc does not inject`, nowMs);
}
