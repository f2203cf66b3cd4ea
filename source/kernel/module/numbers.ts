/**
 * Numbers as people type them for a module's parameter. Models simple_strtoul() (lib/vsprintf.c, 2.6.11),
 * strict_strtoul() (2.6.32) and kstrtoull() (lib/kstrtox.c, 3.0).
 */
import {EINVAL, ERANGE} from '../errno.ts';

type Reading = 'simple' | 'strict' | 'kstrto';

type Digits = {readonly value: bigint; readonly used: number};

/** Digits in base 10, 16 after `0x`, 8 after `0`, and how many characters they are. The value has any size. */
function digitsOf(text: string): Digits {
	const [, hex] = /^0[xX]([0-9a-fA-F]+)/.exec(text) ?? [];
	if (hex !== undefined) return {value: BigInt(`0x${hex}`), used: hex.length + 2};
	const [octal] = /^0[0-7]*/.exec(text) ?? [];
	if (octal !== undefined) return {value: octal.length > 1 ? BigInt(`0o${octal}`) : 0n, used: octal.length};
	const [decimal] = /^[0-9]+/.exec(text) ?? [''];
	return {value: decimal === '' ? 0n : BigInt(decimal), used: decimal.length};
}

/**
 * A signed or unsigned number of so many bits (32 or 64), as the kernel of a time reads it.
 * @returns the value, or -EINVAL, or -ERANGE
 */
export function readNumber(
	text: string,
	{signed, bits, reading}: {readonly signed: boolean; readonly bits: number; readonly reading: Reading},
): {readonly value: bigint} | {readonly errno: number} {
	const isNegative = signed && text.startsWith('-');
	const hasPlus = reading === 'kstrto' && !isNegative && text.startsWith('+');
	const rest = text.slice(isNegative || hasPlus ? 1 : 0);
	const {value, used} = digitsOf(rest);
	if (used === 0) return {errno: -EINVAL};
	const after = rest.slice(used);
	if (reading !== 'simple' && after !== '' && after !== '\n') return {errno: -EINVAL};
	const number = isNegative ? -value : value;
	// Before kstrto the value wraps silently.
	if (reading !== 'kstrto') return {value: signed ? BigInt.asIntN(bits, number) : BigInt.asUintN(bits, number)};
	const fits = signed ? BigInt.asIntN(bits, number) === number : BigInt.asUintN(bits, number) === number;
	return fits ? {value: number} : {errno: -ERANGE};
}
