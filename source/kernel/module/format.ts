/**
 * Models vsnprintf() (lib/vsprintf.c, 2.6.11 and later): printk's texts from a format and words on C's stack.
 *
 * Not modelled: the kernel's own extensions of %p but for plain pointers, which newer kernels hash and here stay as
 * they are.
 */
import {hex8} from '../hex.ts';
import type {Kernel} from '../kernel.ts';
import {textAtAddress} from './text.ts';

const CONVERSION = /%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+))?(hh|h|ll|l|L|z|Z|q|t)?([diouxXcsp%n])/g;

/** @param word the n-th word behind the format, unsigned */
export function formatText(k: Kernel, format: string, word: (n: number) => number): string {
	let next = 0;
	const take = () => word(next++);
	return format.replace(CONVERSION, (_, flags: string, width, precision, size = '', kind: string) => {
		if (kind === '%') return '%';
		const wide = width === '*' ? take() | 0 : Number(width ?? 0);
		const exact = precision === undefined ? undefined : precision === '*' ? take() | 0 : Number(precision);
		const left = flags.includes('-') || wide < 0;
		const body = converted(k, kind, size, flags, exact, take);
		const zeros = flags.includes('0') && !left && kind !== 's' && kind !== 'c';
		const length = Math.abs(wide);
		if (left) return body.padEnd(length);
		if (!zeros) return body.padStart(length);
		const sign = /^(?:[-+ ]|0[xX])/.exec(body)?.[0] ?? '';
		return sign + body.slice(sign.length).padStart(length - sign.length, '0');
	});
}

function converted(
	k: Kernel,
	kind: string,
	size: string,
	flags: string,
	precision: number | undefined,
	take: () => number,
): string {
	if (kind === 'c') return String.fromCharCode(take() & 0xff);
	if (kind === 's') {
		const at = take();
		return at < 4096 ? '(null)' : textAtAddress(k, at, precision);
	}
	if (kind === 'p') return hex8(take());
	const low = take();
	const isWide = size === 'll' || size === 'L' || size === 'q';
	let value = isWide ? (BigInt(take()) << 32n) | BigInt(low) : BigInt(low);
	const isSigned = kind === 'd' || kind === 'i';
	const bits = isWide ? 64 : size === 'hh' ? 8 : size === 'h' ? 16 : 32;
	value = isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
	const base = kind === 'x' || kind === 'X' ? 16 : kind === 'o' ? 8 : 10;
	const digits = (value < 0n ? -value : value).toString(base).padStart(precision ?? 1, '0');
	const prefix =
		flags.includes('#') && base === 16 && value !== 0n ? '0x' : flags.includes('#') && base === 8 ? '0' : '';
	const sign = value < 0n ? '-' : flags.includes('+') && isSigned ? '+' : flags.includes(' ') && isSigned ? ' ' : '';
	const text = sign + prefix + digits;
	return kind === 'X' ? text.toUpperCase() : text;
}
