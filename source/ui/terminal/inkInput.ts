/**
 * What Ink takes for its standard input. The terminal's bytes are told apart before (keyboard.ts): the mouse, pastes
 * and answers of the terminal have readers of their own, and keys come here one by one, in bytes that Ink's parser
 * cannot take for something else. `keyOf` is the way back, for `useInput`.
 *
 * Ink has no name for some keys, takes an escape and a letter behind it for one key, and waits behind `ESC [` and `ESC
 * O`. Such keys go in as the kitty protocol writes them, `CSI code ; modifiers u`, keys that are not characters with
 * codes of a private range of Unicode: those of the protocol, or others where Ink knows those and says nothing of them.
 */

import {EventEmitter} from 'node:events';
import type {Key as InkKey} from 'ink';
import {characterKey} from './keyCodes.ts';
import type {Key} from './sequences.ts';

/**
 * Keys that Ink reads right, as terminals send them. Its word for what most send for Backspace is Delete: see `keyOf`.
 */
const plainBytes: Readonly<Record<Key, string>> = {
	up: '\u001B[A',
	down: '\u001B[B',
	right: '\u001B[C',
	left: '\u001B[D',
	home: '\u001B[H',
	end: '\u001B[F',
	pageup: '\u001B[5~',
	pagedown: '\u001B[6~',
	tab: '\t',
	'shift+tab': '\u001B[Z',
	enter: '\r',
	backspace: '\b',
	space: ' ',
};

const codes: Readonly<Record<string, number>> = {
	escape: 57_344,
	...Object.fromEntries(
		[
			'enter',
			'tab',
			'backspace',
			'insert',
			'delete',
			'left',
			'right',
			'up',
			'down',
			'pageup',
			'pagedown',
			'home',
			'end',
		].map((name, index) => [name, 57_345 + index]),
	),
	...Object.fromEntries(Array.from({length: 12}, (_, index) => [`f${index + 1}`, 57_364 + index])),
	...Object.fromEntries(Array.from({length: 23}, (_, index) => [`f${index + 13}`, 0xf000 + index])),
	space: 32,
};

const names = new Map(Object.entries(codes).map(([name, code]) => [String.fromCodePoint(code), name]));

const modifiers = /^(?:(?:ctrl|alt|shift)\+(?=.))*/su;

/** What Ink is to read for a key. */
function keyBytes(key: Key): string {
	const plain = plainBytes[key] ?? ([...key].length === 1 ? key : undefined);
	if (plain !== undefined) return plain;
	const [lead = ''] = modifiers.exec(key) ?? [];
	const name = key.slice(lead.length);
	const bits = (lead.includes('ctrl') ? 4 : 0) + (lead.includes('alt') ? 2 : 0) + (lead.includes('shift') ? 1 : 0);
	return `\u001B[${codes[name] ?? name.codePointAt(0)};${bits + 1}u`;
}

const flags: readonly (readonly [flag: keyof InkKey, name: string])[] = [
	['upArrow', 'up'],
	['downArrow', 'down'],
	['leftArrow', 'left'],
	['rightArrow', 'right'],
	['pageUp', 'pageup'],
	['pageDown', 'pagedown'],
	['home', 'home'],
	['end', 'end'],
	['return', 'enter'],
	['escape', 'escape'],
	['tab', 'tab'],
	['backspace', 'backspace'],
	['delete', 'backspace'],
];

/** The keys that `useInput` tells of: several where characters were typed faster than they were read. */
export function keysOf(input: string, key: InkKey): readonly Key[] {
	const ctrl = key.ctrl ? 'ctrl+' : '';
	const flag = flags.find(([each]) => key[each])?.[1];
	const alt = key.meta && flag !== 'escape' ? 'alt+' : '';
	if (flag !== undefined) return [ctrl + alt + (key.shift ? 'shift+' : '') + flag];
	return [...input].flatMap(character => {
		const special = names.get(character);
		// Of a letter the shift is in the letter.
		const shift = key.shift && (special !== undefined || !/^\p{Lu}$/u.test(character)) ? 'shift+' : '';
		const name = special ?? characterKey(character);
		// A control character with alt is named as its bytes are: see keyCodes.ts.
		return name === undefined ? [] : [(special === undefined ? alt + ctrl : ctrl + alt) + shift + name];
	});
}

type InkInput = {
	/** For Ink. Its modes and its life are the terminal's own affair: see terminal.ts. */
	readonly stdin: NodeJS.ReadStream;
	press(key: Key): void;
};

export function createInkInput(): InkInput {
	const waiting: string[] = [];
	const ignore = (): void => {};
	const stdin = Object.assign(new EventEmitter(), {
		isTTY: true,
		read: (): string | null => waiting.shift() ?? null,
		setEncoding: ignore,
		setRawMode: ignore,
		ref: ignore,
		unref: ignore,
	});
	const offer = (): void => {
		if (waiting.length > 0) stdin.emit('readable');
	};
	// What was typed before Ink listens is not lost.
	stdin.on('newListener', event => {
		if (event === 'readable') queueMicrotask(offer);
	});
	return {
		stdin: stdin as unknown as NodeJS.ReadStream,
		press(key) {
			waiting.push(keyBytes(key));
			offer();
		},
	};
}
