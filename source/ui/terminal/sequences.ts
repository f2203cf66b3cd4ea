/** What one escape sequence of a terminal means. Nothing, for most: none of its letters is a key then. */

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
	/** The terminal says that it is well: it has taken everything that was sent before it was asked. See line.ts. */
	| {readonly kind: 'answer'};

/** What stands at the beginning of a text: how long it is, and what it means. */
export type Taken = {readonly length: number; readonly input?: Input | undefined};

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

const controls: Readonly<Record<number, string>> = {
	8: 'backspace',
	9: 'tab',
	10: 'enter',
	13: 'enter',
	27: 'escape',
	32: 'space',
	127: 'backspace',
};

// Control sequences (ECMA-48 5.4), and the SS3 ones that cursor and function keys send in application mode.
const sequencePattern = /^\u001B(?:\[([\d;:<=>?]*)[ -/]*([@-~])|O([\d;]*)([A-Za-z]))/;
const beginPattern = /^\u001B(?:\[[\d;:<=>?]*[ -/]*|O[\d;]*)/;
/** Strings (ECMA-48 5.6: OSC, DCS, SOS, PM, APC), in which terminals answer questions. */
const stringPattern = /^\u001B[\]PX^_][\s\S]*?(?:\u0007|\u001B\\)/;
const stringBeginPattern = /^\u001B[\]PX^_]/;

const modifierNames = (code: number): string => {
	const bits = code - 1;
	return `${bits & 4 ? 'ctrl+' : ''}${bits & 2 ? 'alt+' : ''}${bits & 1 ? 'shift+' : ''}`;
};

const sequenceKey = (parameters: string, final: string): Key | undefined => {
	const [first = '', modifier] = parameters.split(';');
	const bits = Number(modifier ?? 1);
	// A cursor report (`12;40R`) looks like a function key; keys have 1 in the first place and 2..16 in the second.
	const isKey = bits >= 1 && bits <= 16 && (final === '~' || first === '' || first === '1');
	const name = final === '~' ? tildes[first] : finals[final];
	return isKey && name !== undefined ? modifierNames(bits) + name : undefined;
};

/** Of an SGR report (xterm's mode 1006): `<button;column;row`, M for down, m for up. Drags and other buttons are nothing. */
const sequenceMouse = (parameters: string, final: string): Mouse | undefined => {
	const [button = -1, x = 0, y = 0] = parameters.slice(1).split(';').map(Number);
	// Three bits are modifiers.
	const kind = ({0: 'click', 64: 'wheelUp', 65: 'wheelDown'} as const)[button & ~0b11100];
	return final === 'M' && kind && x > 0 && y > 0 ? {kind, column: x - 1, row: y - 1} : undefined;
};

const keyInput = (key: Key | undefined): Input | undefined => (key === undefined ? undefined : {kind: 'key', key});

const sequenceInput = (parameters: string, final: string): Input | undefined => {
	if (parameters.startsWith('<')) {
		const mouse = sequenceMouse(parameters, final);
		return mouse && {kind: 'mouse', mouse};
	}
	return parameters === '0' && final === 'n' ? {kind: 'answer'} : keyInput(sequenceKey(parameters, final));
};

export const characterKey = (character: string): Key => {
	const code = character.codePointAt(0)!;
	const name = controls[code];
	if (name !== undefined) {
		return name;
	}
	return code < 0x20 ? `ctrl+${String.fromCharCode(code + 0x60)}` : character;
};

const altKey = (text: string): Taken => {
	const character = String.fromCodePoint(text.codePointAt(1)!);
	return {length: 1 + character.length, input: {kind: 'key', key: `alt+${characterKey(character)}`}};
};

/** A sequence whose end is not its final letter; undefined where there is none. */
const takeSpecial = (text: string): Taken | 'unfinished' | undefined => {
	if (text.startsWith('\u001B[[')) {
		const number = consoleKeys.indexOf(text[3] ?? '') + 1;
		return text.length < 4 ? 'unfinished' : {length: 4, input: keyInput(number > 0 ? `f${number}` : undefined)};
	}
	// Mouse reports of terminals that know none but the oldest: three characters behind the final letter.
	if (text.startsWith('\u001B[M')) {
		return text.length < 6 ? 'unfinished' : {length: 6};
	}
	const string = stringPattern.exec(text);
	return string ? {length: string[0].length} : stringBeginPattern.test(text) ? 'unfinished' : undefined;
};

/**
 * @param text begins with an escape
 * @returns `unfinished` when more has to arrive before one can tell
 */
export const takeSequence = (text: string): Taken | 'unfinished' => {
	const special = takeSpecial(text);
	if (special) {
		return special;
	}
	const sequence = sequencePattern.exec(text);
	if (sequence) {
		const [whole, parameters, final, shortParameters, shortFinal] = sequence;
		return {length: whole.length, input: sequenceInput(parameters ?? shortParameters ?? '', final ?? shortFinal ?? '')};
	}
	const begin = beginPattern.exec(text)?.[0] ?? text[0]!;
	if (begin.length === text.length) {
		return 'unfinished';
	}
	if (text[1] === '\u001B') {
		return {length: 1, input: {kind: 'key', key: 'escape'}};
	}
	// One that was broken off by a character that cannot be in it.
	return begin.length > 2 ? {length: begin.length} : altKey(text);
};

/** What a sequence was that nothing followed in time: the beginning of a longer one was broken off, and is nothing. */
export const takeUnfinished = (text: string): Input | undefined => {
	if (text.length === 1) {
		return keyInput('escape');
	}
	return text.length === 2 ? altKey(text).input : undefined;
};
