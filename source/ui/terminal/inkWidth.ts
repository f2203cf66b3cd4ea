/**
 * Stands in for `string-width` where Ink measures text. The original cuts every text into graphemes and holds each
 * against a table of emoji: 18 % of what a frame of text costs. Text of plain characters is as wide as it is long.
 */

import original, {type Options} from 'string-width';
import {isPlain, sgrEnd} from './plainText.ts';

/** @returns undefined where the text has more than plain characters and colours */
function plainWidth(text: string): number | undefined {
	let width = 0;
	for (let at = 0; at < text.length; ) {
		const code = text.charCodeAt(at);
		if (code === 0x1b) {
			at = sgrEnd(text, at);
			if (at < 0) return undefined;
		} else if (isPlain(code)) {
			width++;
			at++;
		} else {
			return undefined;
		}
	}
	return width;
}

const stringWidth: typeof original = (text: string, options?: Options): number =>
	(options === undefined ? plainWidth(text) : undefined) ?? original(text, options);

export {stringWidth as default};
