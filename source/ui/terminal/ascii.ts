/** What stands for the characters that we draw with where the locale has only ASCII: one column for one column. */

import {charWidth} from './width.ts';

const substitutes = new Map<number, number>();

function substitute(characters: string, replacements: string): void {
	const wanted = [...characters];
	for (const [index, character] of wanted.entries()) {
		const replacement = replacements[replacements.length === 1 ? 0 : index]!;
		substitutes.set(character.codePointAt(0)!, replacement.charCodeAt(0));
	}
}

substitute('─', '-');
substitute('━', '=');
substitute('│┃', '|');
substitute('┌┐└┘├┤┬┴┼╭╮╰╯', '+');
substitute('▏▎▍▌▋▊▉█', '.:::+++#');
substitute('▁▂▃▄▅▆▇', '__.-=+*');
substitute('■□▪▫◆', '#o*o*');
substitute('●○', '*o');
substitute('▸▶►→', '>');
substitute('◂◀←', '<');
substitute('↑▲', '^');
substitute('↓▼', 'v');
substitute('·', '.');
// What was cut off may be anything; a dot would be taken for a part of a path, and a tilde for somebody's home.
substitute('…', '*');
substitute('✓✗⊘', '+x/');
substitute('×÷', 'x/');
substitute('±', '~');
substitute('≠', '!');
substitute('µ', 'u');
substitute('≥≤', '><');
substitute('⏸‖', '|');
substitute('–—', '-');
substitute('’“”', '\'""');
substitute('§', 'S');

/** The code point to draw on a terminal that has only ASCII. */
export const asciiGlyph = (codePoint: number): number =>
	codePoint < 0x7f ? codePoint : (substitutes.get(codePoint) ?? 0x3f);

export function asciiText(text: string): string {
	let ascii = '';
	for (const character of text) {
		const codePoint = character.codePointAt(0)!;
		ascii += String.fromCharCode(asciiGlyph(codePoint)).padEnd(charWidth(codePoint));
	}
	return ascii;
}
