/**
 * Parts of a path that can be written in several ways, and the one way that stands for all of them: whoever keeps what
 * a file printed finds it again under this name. What is not of the kind stays as it is; reading it says what is wrong.
 */
import {formatCauseObject, parseCauseObject} from '../../formats/debugfs/cause.ts';
import {formatSpaceAddress, parseSpaceAddress} from '../../formats/debugfs/translate.ts';

export type Spelling = (text: string) => string;

/** `007`: 7. */
export const spellDecimal: Spelling = text => (/^\d+$/.test(text) ? text.replace(/^0+(?=\d)/, '') : text);

/** `0x010` and `016`: 16. */
export const spellNumber: Spelling = text => orAsItIs(text, () => BigInt(numeral(text)).toString());

/** The number of a page frame, as everything prints one: `31744` and `0x07C00` are 0x7c00. */
export const spellFrame: Spelling = text => orAsItIs(text, () => `0x${BigInt(numeral(text)).toString(16)}`);

/** `START-END` as maps prints addresses. */
export const spellRange: Spelling = text =>
	/^[\da-f]{1,8}-[\da-f]{1,8}$/i.test(text)
		? text
				.toLowerCase()
				.split('-')
				.map(address => address.padStart(8, '0'))
				.join('-')
		: text;

export const spellAddress: Spelling = text => orAsItIs(text, () => formatSpaceAddress(parseSpaceAddress(text)));

export const spellObject: Spelling = text => orAsItIs(text, () => formatCauseObject(parseCauseObject(text)));

function numeral(text: string): string {
	if (!/^(0x[\da-f]+|\d+)$/i.test(text)) throw new Error(`not a number: ${text}`);
	return text;
}

function orAsItIs(text: string, spell: () => string): string {
	try {
		return spell();
	} catch {
		return text;
	}
}
