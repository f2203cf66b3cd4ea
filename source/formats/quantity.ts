/** Sizes and times with their units, as people write them: `4 pages`, `64 KiB`, `1.5 ms`. */
import {pageBytes} from './pageBytes.ts';

/** Bytes, or nanoseconds. kB is what Linux calls 1024 bytes. */
const units: Readonly<Record<string, number>> = {
	bytes: 1,
	byte: 1,
	kB: 1024,
	KiB: 1024,
	MiB: 2 ** 20,
	GiB: 2 ** 30,
	page: pageBytes,
	pages: pageBytes,
	ns: 1,
	us: 1e3,
	ms: 1e6,
	s: 1e9,
};

export const unitNames: readonly string[] = Object.keys(units);

/** How many bytes or nanoseconds one is; undefined for a word that is not a unit. */
export const unitSize = (unit: string): number | undefined => (Object.hasOwn(units, unit) ? units[unit] : undefined);

const number = String.raw`0x[0-9a-fA-F]{1,13}|\d{1,15}(?:\.\d{1,9})?`;
const quantity = new RegExp(`^\\s*(-?)(${number})(?:\\s*([A-Za-z]+))?\\s*$`);

/**
 * `4096`, `0x1000`, `4 pages`.
 *
 * @param unit what the result counts, where a unit is written; undefined: bytes or nanoseconds
 * @returns undefined for what is not a number, or has an unknown unit
 */
export function parseQuantity(text: string, unit?: string): number | undefined {
	const [, sign, digits, written] = quantity.exec(text) ?? [];
	if (digits === undefined) return undefined;
	const value = (sign === '-' ? -1 : 1) * Number(digits);
	if (written === undefined) return value;
	const size = unitSize(written);
	return size === undefined ? undefined : (value * size) / (unitSize(unit ?? '') ?? 1);
}
