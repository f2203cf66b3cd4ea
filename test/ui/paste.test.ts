/** Where pasted text goes, and that after any bytes the monitor can be left. */

import fc from 'fast-check';
import {expect, test} from 'vitest';
import {initialState, type Message, type State} from '../../source/ui/state/state.ts';
import {createKeyboard} from '../../source/ui/terminal/keyboard.ts';
import {update} from '../../source/ui/update/update.ts';
import {longestGo} from '../../source/ui/update/updateOverlay.ts';
import {clock, machine, experiments as offered} from './support/records.ts';

const first = initialState({name: 'lab', kind: 'embedded', writable: true}, 120, 40);
const opened: State = {...first, lab: {...first.lab, experiments: offered.experiments, machine, clock: clock()}};

/** What a person does: `paste:text`, or a key. */
function after(...acts: readonly string[]): {readonly state: State; readonly effects: readonly string[]} {
	let state = opened;
	const effects: string[] = [];
	for (const act of acts) {
		const message: Message = act.startsWith('paste:')
			? {type: 'pasted', text: act.slice(6), nowMs: 0}
			: {type: 'key', key: act, nowMs: 0};
		const result = update(state, message);
		state = result.state;
		effects.push(...result.effects.map(({type}) => type));
	}
	return {state, effects};
}

test('pasted text goes into a filter, behind what is there, and nothing of it is a command', () => {
	const {state, effects} = after('1', '/', 'paste:libc: q');
	expect(state.views.maps.filter).toBe('libc: q');
	expect(state.overlay?.kind).toBe('filter');
	expect(effects).toEqual([]);
	expect(after('1', '/', 'x', 'paste:libc', 'y', 'enter').state.views.maps.filter).toBe('xlibcy');
	expect(after('1', '/', 'x', 'enter', '/', 'paste:libc', 'escape').state.views.maps.filter).toBe('x');
});

test('it goes into the place to go to, as much as there is room for', () => {
	expect(after('2', '/', 'paste:0x7c00').state.overlay).toEqual({kind: 'jump', text: '0x7c00'});
	const long = after('2', '/', 'x', `paste:${'a'.repeat(4096)}`).state.overlay;
	expect(long).toEqual({kind: 'jump', text: `x${'a'.repeat(longestGo - 1)}`});
});

test('it goes into the palette as it is: a blank completes nothing, a digit answers nothing', () => {
	expect(after(':', 'down', 'paste:mremap-growth pages=4').state.overlay).toMatchObject({
		kind: 'palette',
		text: 'mremap-growth pages=4',
		cursor: 0,
	});
	const typed = after(':', 'm', 'down');
	const pasted = after(':', 'm', 'down', 'paste: x=1');
	expect(pasted.state.overlay).toEqual({...typed.state.overlay, text: 'm x=1'});
});

test.each([
	[[]],
	[['?']],
	[['p']],
	[['z']],
	[[':', 'ctrl+p', 'tab', 'enter']],
])('behind %j it presses no keys, and a sentence says where it would go', keys => {
	const before = after(...keys);
	const {state, effects} = after(...keys, 'paste:1:qmP');
	expect(effects).toEqual(before.effects);
	expect(state).toEqual({...before.state, notice: state.notice});
	expect(state.notice).toMatchObject({text: 'pasted text goes into a prompt only: / : and i open one', isError: false});
});

const piece = fc.constantFrom(
	...['\u001B', '\u001B[', '\u001B]', '\u001BP', '\u001B[200~', '\u001B[201~', '\u001B[M', '\u001B[99;5', '\u001B[27u'],
	...[':', '/', '?', 'p', 'z', 'm', '1', '2', '\r', '\t', '\u007F', ' ', 'é', '\uD83D', '\u0010', '\u009B', '~', ';'],
);

test('whatever arrives, and whatever it opens, Ctrl-C leaves', () => {
	fc.assert(
		fc.property(fc.array(piece, {maxLength: 30}), fc.boolean(), (pieces, isKitty) => {
			let state = opened;
			let effects: readonly string[] = [];
			const keyboard = createKeyboard(input => {
				if (input.kind === 'key' || input.kind === 'paste') {
					const message: Message =
						input.kind === 'key'
							? {type: 'key', key: input.key, nowMs: 0}
							: {type: 'pasted', text: input.text, nowMs: 0};
					const result = update(state, message);
					state = result.state;
					effects = result.effects.map(({type}) => type);
				}
			});
			for (const each of pieces) keyboard.push(each);
			effects = [];
			keyboard.push(isKitty ? '\u001B[99;5u' : '\u0003');
			keyboard.stop();
			expect(effects).toEqual(['quit']);
		}),
	);
});
