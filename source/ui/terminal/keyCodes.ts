/**
 * Names of keys by their code: as a plain character, and in the two ways of terminals to send a character with its
 * modifiers (kitty's `CSI code ; modifiers u`, xterm's modifyOtherKeys `CSI 27 ; modifiers ; code ~`). Whichever way a
 * key comes, it has the name that its plain bytes have: Ctrl-C is `ctrl+c`, Ctrl-M is `enter`.
 */

import type {Key} from './sequences.ts';

const controls: Readonly<Record<number, string>> = {
	8: 'backspace',
	9: 'tab',
	10: 'enter',
	13: 'enter',
	27: 'escape',
	32: 'space',
	127: 'backspace',
};

/** Keys of kitty's private area that have a name here: the keypad, and function keys beyond those of a terminal. */
const keypadNames = ['left', 'right', 'up', 'down', 'pageup', 'pagedown', 'home', 'end', 'insert', 'delete'];
const keypadCharacters = '0123456789./*-+\r=,';
const firstF13 = 57_376;
const firstKeypad = 57_399;
const firstKeypadName = firstKeypad + keypadCharacters.length;
const privateArea = {first: 0xe000, last: 0xf8ff} as const;

const shift = 1;
const alt = 2;
const ctrl = 4;
/** Super, hyper and meta: with them a key belongs to the desktop. */
const foreign = 8 + 16 + 32;
const capsLock = 64;
const locks = capsLock + 128;

/** Characters that another one stands for when shift is held, on most keyboards. Which one is for the layout to say. */
const unshifted = /[-\d=[\];'\\,./`]/;

/** Characters whose control code is not their own with three bits less, as terminals have it since the VT220. */
const controlOf: Readonly<Record<string, number>> = {
	' ': 0,
	'2': 0,
	'3': 27,
	'4': 28,
	'5': 29,
	'6': 30,
	'7': 31,
	'8': 127,
	'/': 31,
	'?': 127,
	'~': 30,
};

/** @param modifiers as a terminal sends them: 1 and a bit for each */
export function modifierNames(modifiers: number): string {
	const bits = modifiers - 1;
	return `${bits & ctrl ? 'ctrl+' : ''}${bits & alt ? 'alt+' : ''}${bits & shift ? 'shift+' : ''}`;
}

/**
 * A character that stands for a key; undefined for what is not one: half a surrogate pair, bytes that are not UTF-8.
 */
export function characterKey(character: string): Key | undefined {
	const code = character.codePointAt(0)!;
	const name = controls[code];
	if (name !== undefined) return name;
	if (code < 0x20) return `ctrl+${String.fromCharCode(code + 0x60)}`;
	const isNothing = (code >= 0x80 && code < 0xa0) || (code >= 0xd800 && code < 0xe000) || code === 0xfffd;
	return isNothing ? undefined : character;
}

/** The character that a control key sends, where it sends one. */
function controlled(character: string): string {
	const code = controlOf[character] ?? (/[@-_a-z]/.test(character) ? character.charCodeAt(0) & 0x1f : undefined);
	return code === undefined ? character : String.fromCharCode(code);
}

function shifted(character: string, bits: number): string {
	const upper = character.toUpperCase();
	const isLetter = upper !== character.toLowerCase() && [...upper].length === 1;
	// With caps lock shift makes a letter small. A letter that is large already was made so by the terminal.
	const isUpper = ((bits & shift) !== 0) !== ((bits & capsLock) !== 0);
	return isLetter && isUpper ? upper : character;
}

function functionKey(code: number, bits: number): Key | undefined {
	const name = keypadNames[code - firstKeypadName];
	if (name !== undefined) return modifierNames((bits & ~locks) + 1) + name;
	const character = keypadCharacters[code - firstKeypad];
	if (character !== undefined) return `${bits & alt ? 'alt+' : ''}${characterKey(character)}`;
	if (code < firstF13 || code >= firstKeypad) return undefined;
	return `${modifierNames((bits & ~locks) + 1)}f${code - firstF13 + 13}`;
}

/** A key as kitty's protocol sends it: what of it is known. */
type CodedKey = {
	readonly code: number;
	/** 1 and a bit for each. */
	readonly modifiers: number;
	/** The character with shift held. */
	readonly shiftedCode?: number | undefined;
	/** The character that this key has on a PC's usual keyboard, where the layout is of another alphabet. */
	readonly baseCode?: number | undefined;
	/** The character that it types. */
	readonly textCode?: number | undefined;
};

function isCharacter(code: number | undefined): code is number {
	return code !== undefined && Number.isInteger(code) && code > 0 && code <= 0x10_ffff;
}

function typedKey({code, shiftedCode, textCode}: CodedKey, bits: number): Key | undefined {
	if (isCharacter(textCode) && !(bits & alt)) return characterKey(String.fromCodePoint(textCode));
	const isShifted = (bits & shift) !== 0;
	if (isShifted && isCharacter(shiftedCode)) return characterKey(String.fromCodePoint(shiftedCode));
	const character = String.fromCodePoint(code);
	return isShifted && unshifted.test(character) ? `shift+${character}` : characterKey(shifted(character, bits));
}

/** @returns undefined for what is not a key of ours: a modifier alone, a key of the desktop, nonsense */
export function codedKey(coded: CodedKey): Key | undefined {
	const {code, baseCode} = coded;
	const bits = coded.modifiers - 1;
	if (!isCharacter(code) || !Number.isInteger(bits) || bits < 0 || bits > 255 || bits & foreign) return undefined;
	if (code >= privateArea.first && code <= privateArea.last) return functionKey(code, bits);
	const prefix = bits & alt ? 'alt+' : '';
	const name = controls[code];
	if (name === 'tab' && bits & shift) return `${prefix}shift+tab`;
	if (name !== undefined && name !== 'space') return prefix + name;
	const known = code > 0x7f && isCharacter(baseCode) ? baseCode : code;
	const key = bits & ctrl ? characterKey(controlled(String.fromCodePoint(known))) : typedKey(coded, bits);
	return key === undefined ? undefined : prefix + key;
}
