/**
 * Bytes of a terminal to names of keys. Our own decoder in place of Ink's useInput: keys that arrive in one chunk (typed
 * fast, or late over a slow line) are all told apart, and a sequence that arrives in two chunks is still one key.
 * Pasted text (bracketed paste) is ignored: it was not meant for single-letter commands.
 */

/** A printable character as itself, else a name: `up`, `shift+tab`, `ctrl+c`, `alt+x`, `space`, `escape`, `f1`. */
export type Key = string;

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

const controls: Readonly<Record<number, string>> = {
	8: 'backspace',
	9: 'tab',
	10: 'enter',
	13: 'enter',
	27: 'escape',
	32: 'space',
	127: 'backspace',
};

const pasteBegin = '\u001B[200~';
const pasteEnd = '\u001B[201~';

// Control sequences (ECMA-48 5.4), and the SS3 ones that cursor and function keys send in application mode.
const sequencePattern = /^\u001B(?:\[([\d;:<=>?]*)[ -/]*([@-~])|O([\d;]*)([A-Za-z]))/;
const unfinishedPattern = /^\u001B(?:\[[\d;:<=>?]*[ -/]*|O[\d;]*)?$/;

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

const characterKey = (character: string): Key => {
	const code = character.codePointAt(0)!;
	const name = controls[code];
	if (name !== undefined) {
		return name;
	}
	return code < 0x20 ? `ctrl+${String.fromCharCode(code + 0x60)}` : character;
};

export type KeyDecoder = {
	/** Takes what arrived and gives the keys that are complete. */
	push(text: string): Key[];
	/** True while an escape has arrived that could be a key of its own or begin a sequence. */
	readonly isPending: boolean;
	/** Nothing followed the escape in time: it was a key. */
	flush(): Key[];
};

export const createKeyDecoder = (): KeyDecoder => {
	let rest = '';
	let isPasting = false;

	const skipPaste = (): void => {
		const end = rest.indexOf(pasteEnd);
		if (end < 0) {
			// The end mark may be cut in two by the chunk.
			rest = rest.slice(-pasteEnd.length + 1);
			return;
		}
		rest = rest.slice(end + pasteEnd.length);
		isPasting = false;
	};

	/** Takes one key from `rest`. @returns false when it has to wait for more */
	const takeKey = (keys: Key[]): boolean => {
		if (rest.startsWith(pasteBegin)) {
			rest = rest.slice(pasteBegin.length);
			isPasting = true;
			return true;
		}
		if (rest[0] !== '\u001B') {
			const character = String.fromCodePoint(rest.codePointAt(0)!);
			rest = rest.slice(character.length);
			keys.push(characterKey(character));
			return true;
		}
		const sequence = sequencePattern.exec(rest);
		if (sequence) {
			rest = rest.slice(sequence[0].length);
			const key = sequenceKey(sequence[1] ?? sequence[3] ?? '', sequence[2] ?? sequence[4] ?? '');
			if (key !== undefined) {
				keys.push(key);
			}
			return true;
		}
		if (unfinishedPattern.test(rest)) {
			return false;
		}
		if (rest[1] === '\u001B') {
			rest = rest.slice(1);
			keys.push('escape');
			return true;
		}
		const character = String.fromCodePoint(rest.codePointAt(1)!);
		rest = rest.slice(1 + character.length);
		keys.push(`alt+${characterKey(character)}`);
		return true;
	};

	return {
		push(text) {
			rest += text;
			const keys: Key[] = [];
			while (rest !== '') {
				if (isPasting) {
					skipPaste();
					if (isPasting) {
						break;
					}
				} else if (!takeKey(keys)) {
					break;
				}
			}
			return keys;
		},
		get isPending() {
			return rest !== '' && !isPasting;
		},
		flush() {
			if (isPasting || rest === '') {
				return [];
			}
			const late = rest.slice(1);
			rest = '';
			return ['escape', ...[...late].map(characterKey)];
		},
	};
};
