/**
 * Packets of GDB's remote serial protocol (GDB manual, appendix "gdb Remote Serial Protocol"): `$body#sum`, the sum
 * of the body's bytes in two digits. Bodies are strings of one character for each byte.
 */

/** What comes from gdb: a packet, ^C while the machine runs, or what it says of our packet before. */
export type Incoming =
	| {readonly kind: 'packet'; readonly body: string; readonly isIntact: boolean}
	| {readonly kind: 'interrupt'}
	| {readonly kind: 'taken'}
	| {readonly kind: 'again'};

const escapeCharacter = '}';
const escapeXor = 0x20;
/** A packet that does not end for this long is none. */
const longestBytes = 64 * 1024;

function sumOf(body: string): string {
	let sum = 0;
	for (let i = 0; i < body.length; i++) sum += body.charCodeAt(i);
	return (sum & 0xff).toString(16).padStart(2, '0');
}

const flipped = (character: string) => String.fromCharCode(character.charCodeAt(0) ^ escapeXor);

/** A body as it goes over the line. */
export function packetOf(body: string): string {
	const escaped = body.replace(/[#$}*]/g, character => `${escapeCharacter}${flipped(character)}`);
	return `$${escaped}#${sumOf(escaped)}`;
}

/** Takes bytes as they come, and gives what they complete. What is between packets is skipped. */
export class PacketReader {
	#pending = '';

	take(bytes: Uint8Array): readonly Incoming[] {
		this.#pending += Buffer.from(bytes).toString('latin1');
		const found: Incoming[] = [];
		for (;;) {
			const next = this.#next();
			if (next === undefined) return found;
			found.push(next);
		}
	}

	#next(): Incoming | undefined {
		const start = this.#pending.search(/[$+\-\x03]/);
		if (start < 0) {
			this.#pending = '';
			return undefined;
		}

		const first = this.#pending[start]!;
		if (first !== '$') {
			this.#pending = this.#pending.slice(start + 1);
			return {kind: first === '+' ? 'taken' : first === '-' ? 'again' : 'interrupt'};
		}

		const end = this.#pending.indexOf('#', start);
		if (end < 0 || this.#pending.length < end + 3) {
			this.#pending = this.#pending.length > longestBytes ? '' : this.#pending.slice(start);
			return undefined;
		}

		const body = this.#pending.slice(start + 1, end);
		const isIntact = this.#pending.slice(end + 1, end + 3).toLowerCase() === sumOf(body);
		this.#pending = this.#pending.slice(end + 3);
		return {kind: 'packet', body: body.replace(/\}([\s\S]?)/g, (_, escaped: string) => flipped(escaped)), isIntact};
	}
}

/** Bytes as pairs of digits, the lowest byte of a word first. */
export function hexOfWord(value: number): string {
	return hexOf([value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]);
}

export function hexOf(bytes: Iterable<number>): string {
	return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}

/** The word of eight digits, the lowest byte first; undefined where they are others. */
export function wordOfHex(hex: string): number | undefined {
	if (!/^[\da-f]{8}$/i.test(hex)) return undefined;
	return Number.parseInt(hex.match(/../g)!.reverse().join(''), 16);
}

export const textAsHex = (text: string): string => hexOf(Buffer.from(text));
