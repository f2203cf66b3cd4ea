/** What a terminal sends for the keys that are not characters. */
const sent: Readonly<Record<string, string>> = {
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
	escape: '\u001B',
	backspace: '\u007F',
	space: ' ',
	f1: '\u001BOP',
	'ctrl+c': '\u0003',
	'ctrl+l': '\u000C',
	'ctrl+z': '\u001A',
};

/** What a terminal sends when a key is pressed. */
export const bytesOf = (key: string): string => sent[key] ?? key;
