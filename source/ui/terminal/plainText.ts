/**
 * Characters that are one column wide, never part of a cluster, and each a grapheme of its own beside any other of
 * these.
 */

/** First and last code units, ascending. A test asks the originals about each. */
const ranges: readonly (readonly [first: number, last: number])[] = [
	[0x20, 0x7e],
	[0xa0, 0xac],
	[0xae, 0x2ff],
	[0x2010, 0x2027],
	[0x2190, 0x21ff],
	[0x2500, 0x25fc],
	[0x2713, 0x2717],
];

const plain = new Uint8Array(0x2718);
for (const [first, last] of ranges) plain.fill(1, first, last + 1);

export const isPlain = (code: number): boolean => plain[code] === 1;

/**
 * The end of a sequence that sets colours (SGR), where its first character is an escape.
 *
 * @returns -1 where something else stands there
 */
export function sgrEnd(text: string, begin: number): number {
	if (text.charCodeAt(begin + 1) !== 0x5b) return -1;
	let digits = 0;
	for (let at = begin + 2; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (code === 0x6d) return at + 1;
		digits = code === 0x3b ? 0 : digits + 1;
		if (digits > 3 || !(code === 0x3b || (code >= 0x30 && code <= 0x39))) return -1;
	}
	return -1;
}
