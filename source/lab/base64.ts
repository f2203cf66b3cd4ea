/** Base64 as bytes, without a library of the outside. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const values = new Map([...alphabet].map((letter, value) => [letter, value]));

/** @returns undefined for what is not base64; padding may be missing */
export function fromBase64(text: string): Uint8Array | undefined {
	const letters = text.replace(/={1,2}$/, '');
	if (letters.length % 4 === 1) return undefined;
	const bytes = new Uint8Array(Math.floor((letters.length * 3) / 4));
	let buffer = 0;
	let bits = 0;
	let at = 0;
	for (const letter of letters) {
		const value = values.get(letter);
		if (value === undefined) return undefined;
		buffer = ((buffer << 6) | value) & 0xffff;
		bits += 6;
		if (bits < 8) continue;
		bits -= 8;
		bytes[at++] = buffer >> bits;
	}
	return bytes;
}
