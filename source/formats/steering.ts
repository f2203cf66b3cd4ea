/**
 * Characters of a text that would not be shown by a terminal but obeyed: control characters (C0, DEL, C1), the two
 * separators of Unicode that end a line, those that turn the direction of writing, so that a name looks like another,
 * and tags, which are never visible. Half characters are among them: one stands for a byte that was not UTF-8.
 */

const characters =
	'\\0-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff\\u{e0000}-\\u{e007f}';

/** @param others more characters, as they are written in a character class */
export function steeringPattern(others = ''): RegExp {
	return new RegExp(`[${characters}${others}]`, 'gu');
}

const steering = steeringPattern();

/** @param instead what stands in the place of each */
export function withoutSteering(text: string, instead: string): string {
	return text.replace(steering, instead);
}

const unsettling = new RegExp(`(?![\\t\\n])[${characters}]`, 'gu');

/** A text of many lines for a terminal: line feeds and tabs stay. */
export function harmlessText(text: string): string {
	return text.replace(unsettling, '?');
}
