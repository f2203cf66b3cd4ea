/** What one escape sequence of a terminal means. Nothing, for most: none of its letters is a key then. */

import {characterKey, codedKey, modifierNames} from './keyCodes.ts';

/** A printable character as itself, else a name: `up`, `shift+tab`, `ctrl+c`, `alt+x`, `space`, `escape`, `f1`. */
export type Key = string;

/** Cells are counted from 0, from the upper left corner. */
export type Mouse = {
	/** The left button went down, or the wheel turned by a notch. */
	readonly kind: 'click' | 'wheelUp' | 'wheelDown';
	readonly column: number;
	readonly row: number;
};

export type Input =
	| {readonly kind: 'key'; readonly key: Key}
	| {readonly kind: 'mouse'; readonly mouse: Mouse}
	/** Pasted text, as one line without control characters. */
	| {readonly kind: 'paste'; readonly text: string}
	/** The terminal says that it is well: it has taken everything that was sent before it was asked. See line.ts. */
	| {readonly kind: 'answer'};

/** What stands at the beginning of a text: how long it is, and what it means. */
export type Taken = {
	readonly length: number;
	readonly inputs: readonly Input[];
	/** A mark that pasted text begins or ends here. */
	readonly paste?: 'begins' | 'ends' | undefined;
};

const finals: Readonly<Record<string, string>> = {
	A: 'up',
	B: 'down',
	C: 'right',
	D: 'left',
	H: 'home',
	F: 'end',
	Z: 'shift+tab',
	P: 'f1',
	Q: 'f2',
	R: 'f3',
	S: 'f4',
};

const tildes: Readonly<Record<string, string>> = {
	'1': 'home',
	'2': 'insert',
	'3': 'delete',
	'4': 'end',
	'5': 'pageup',
	'6': 'pagedown',
	'7': 'home',
	'8': 'end',
	'11': 'f1',
	'12': 'f2',
	'13': 'f3',
	'14': 'f4',
	'15': 'f5',
	'17': 'f6',
	'18': 'f7',
	'19': 'f8',
	'20': 'f9',
	'21': 'f10',
	'23': 'f11',
	'24': 'f12',
};

/** The Linux console's F1 to F5 are a second bracket and one of these. */
const consoleKeys = 'ABCDE';

/**
 * Control sequences (ECMA-48 5.4). What is in none of its three parts, or in the wrong one, is garbage, and so is the
 * whole sequence: it is taken to its end and is nothing. U+FFFD stands for bytes that are not UTF-8.
 */
const csiPattern = /^\u001B\[([ -?\uFFFD]*)([@-~])/;
const csiBeginPattern = /^\u001B\[[ -?\uFFFD]*/;
/** The sequences that cursor and function keys send in application mode. */
const ss3Pattern = /^\u001BO([\d;]*)([A-Za-z])/;
const ss3BeginPattern = /^\u001BO[\d;]*/;
/**
 * Strings (ECMA-48 5.6: OSC, DCS, SOS, PM, APC), in which terminals answer questions. Their end is BEL or ST. Any other
 * control character breaks them off: no answer has one, and a person may press a key.
 */
const stringPattern = /^\u001B[\]PX^_][^\0-\u001F\u009C]*(?:(\u0007|\u001B\\|\u009C)|(?=[\0-\u001F])(?!\u001B$))/;
const stringBeginPattern = /^\u001B[\]PX^_]/;
/** What a sequence can begin with behind its escape. */
const introducers = '[O]PX^_';

/** More of a sequence is not kept. What comes until its end is still taken for a part of it. */
const longestSequence = 4096;

const pasteMarks: Readonly<Record<string, Taken['paste']>> = {'200': 'begins', '201': 'ends'};
const pasteMarkPattern = /^\u001B(?:$|\[(?:$|2(?:$|0(?:$|[01](?:$|~)))))/;

/** Could this text be the beginning of a mark that text is pasted, or the whole of it? */
export function mayBePasteMark(text: string): boolean {
	return pasteMarkPattern.test(text);
}

function sequenceKey(parameters: string, final: string): Key | undefined {
	const [first = '', second = ''] = parameters.split(';');
	const [modifiers, event] = second.split(':');
	const bits = Number(modifiers || 1) - 1;
	// A cursor report (`12;40R`) looks like a function key; keys have 1 in the first place and up to 16 in the second.
	// Kitty has more modifiers, of which it adds the locks to every key, but does not send F3 in this way.
	const isRange = bits >= 0 && bits < (final === 'R' ? 16 : 256) && (bits & 0b11_0000) === 0;
	const isKey = isRange && event !== '3' && (final === '~' || first === '' || first === '1');
	const name = final === '~' ? tildes[first] : finals[final];
	return isKey && name !== undefined ? modifierNames((bits & 0b1111) + 1) + name : undefined;
}

/** `code:shifted:base;modifiers:event;text`. A key that is let go (event 3) is nothing. */
function kittyKey(parameters: string): Key | undefined {
	const [codes = '', modified = '', text = ''] = parameters.split(';');
	const [code, shiftedCode, baseCode] = codes.split(':').map(each => (each === '' ? undefined : Number(each)));
	const [modifiers, event] = modified.split(':');
	const textCode = /^\d+$/.test(text) ? Number(text) : undefined;
	if (code === undefined || event === '3') return undefined;
	return codedKey({code, modifiers: Number(modifiers || 1), shiftedCode, baseCode, textCode});
}

/**
 * Of an SGR report (xterm's mode 1006): `<button;column;row`, M for down, m for up. Drags and other buttons are
 * nothing.
 */
function sequenceMouse(parameters: string, final: string): Mouse | undefined {
	const [button = -1, x = 0, y = 0] = parameters.slice(1).split(';').map(Number);
	// Three bits are modifiers.
	const kind = ({0: 'click', 64: 'wheelUp', 65: 'wheelDown'} as const)[button & ~0b11100];
	return final === 'M' && kind && x > 0 && y > 0 ? {kind, column: x - 1, row: y - 1} : undefined;
}

const keyInputs = (key: Key | undefined): readonly Input[] => (key === undefined ? [] : [{kind: 'key', key}]);

const characterInputs = (character: string): readonly Input[] => keyInputs(characterKey(character));

function sequenceInputs(parameters: string, final: string): readonly Input[] {
	if (parameters.startsWith('<')) {
		const mouse = sequenceMouse(parameters, final);
		return mouse ? [{kind: 'mouse', mouse}] : [];
	}
	if (!/^[\d;:]*$/.test(parameters)) return [];
	if (parameters === '0' && final === 'n') return [{kind: 'answer'}];
	if (final === 'u') return keyInputs(kittyKey(parameters));
	// Xterm's modifyOtherKeys.
	const other = final === '~' ? /^27;(\d+);(\d+)$/.exec(parameters) : null;
	if (other) return keyInputs(codedKey({code: Number(other[2]), modifiers: Number(other[1])}));
	return keyInputs(sequenceKey(parameters, final));
}

/** A sequence whose end is not its final letter; undefined where there is none. */
function takeSpecial(text: string): Taken | 'unfinished' | undefined {
	const isConsole = text.startsWith('\u001B[[');
	// Mouse reports of terminals that know none but the oldest: three characters behind the final letter.
	if (isConsole || text.startsWith('\u001B[M')) {
		const length = isConsole ? 4 : 6;
		const head = text.slice(0, length);
		const broken = head.slice(3).search(/[\0-\u001F]/);
		if (broken >= 0) return {length: 3 + broken, inputs: []};
		const number = consoleKeys.indexOf(head[3] ?? '') + 1;
		const key = isConsole && number > 0 ? `f${number}` : undefined;
		return head.length < length ? 'unfinished' : {length, inputs: keyInputs(key)};
	}
	const string = stringPattern.exec(text);
	// Two characters that a control character follows were keys.
	if (string?.[0].length === 2) return undefined;
	return string ? {length: string[0].length, inputs: []} : stringBeginPattern.test(text) ? 'unfinished' : undefined;
}

/** Escape, and a key behind it. There are keys with Alt, which send the same; none of them means anything here. */
function takeTwoKeys(text: string): Taken {
	const character = String.fromCodePoint(text.codePointAt(1)!);
	return {length: 1 + character.length, inputs: [...keyInputs('escape'), ...characterInputs(character)]};
}

/**
 * @param text begins with an escape
 * @returns `unfinished` when more has to arrive before one can tell
 */
export function takeSequence(text: string): Taken | 'unfinished' {
	const special = takeSpecial(text);
	if (special) return special;
	const csi = csiPattern.exec(text);
	if (csi) {
		const [{length}, parameters = '', final = ''] = csi;
		return {
			length,
			inputs: sequenceInputs(parameters, final),
			paste: final === '~' ? pasteMarks[parameters] : undefined,
		};
	}
	const ss3 = ss3Pattern.exec(text);
	if (ss3) return {length: ss3[0].length, inputs: keyInputs(sequenceKey(ss3[1]!, ss3[2]!))};
	const begin = (csiBeginPattern.exec(text) ?? ss3BeginPattern.exec(text))?.[0] ?? text[0]!;
	if (begin.length === text.length) return 'unfinished';
	if (text[1] === '\u001B') return {length: 1, inputs: keyInputs('escape')};
	// One that was broken off by a character that cannot be in it.
	return begin.length > 2 ? {length: begin.length, inputs: []} : takeTwoKeys(text);
}

/** What a sequence was that nothing followed in time: the beginning of a longer one was broken off, and is nothing. */
export function takeUnfinished(text: string): readonly Input[] {
	if (text.length === 2 && introducers.includes(text[1]!)) return takeTwoKeys(text).inputs;
	// Escape by itself, or pressed within a string that has no end.
	return text.endsWith('\u001B') ? keyInputs('escape') : [];
}

/** An unfinished sequence that goes on and on, with as much of it as says what it is. */
export function shortened(text: string): string {
	if (text.length <= longestSequence) return text;
	const begin = text.startsWith('\u001B[') ? '\u001B[\uFFFD' : text.slice(0, 3);
	return text.endsWith('\u001B') ? `${begin}\u001B` : begin;
}

/** The key of a character that no escape stands before. */
export function takeCharacter(text: string): Taken {
	const character = String.fromCodePoint(text.codePointAt(0)!);
	return {length: character.length, inputs: characterInputs(character)};
}
