/** linux/string.h: texts that end in a zero byte. */
import {E2BIG} from '../../errno.ts';
import type {Gate, GateCall} from '../state.ts';
import {bytesAt, readKernel, writeKernel} from '../text.ts';

type Call = Pick<GateCall, 'k' | 'arg'>;

function put(k: Call['k'], to: number, bytes: Uint8Array, zeros: number): void {
	const all = new Uint8Array(bytes.length + zeros);
	all.set(bytes);
	writeKernel(k, to, all);
}

/** As C compares: by the first byte that differs, the end being a zero. */
function compare(a: Uint8Array, b: Uint8Array): number {
	for (let at = 0; at < Math.max(a.length, b.length); at++) {
		const difference = (a[at] ?? 0) - (b[at] ?? 0);
		if (difference !== 0) return Math.sign(difference);
	}
	return 0;
}

/** What of a text has room beside a zero, and that zero. */
function copyCut({k, arg}: Call): {readonly whole: number; readonly copied: number} {
	const text = bytesAt(k, arg(1));
	const cut = text.subarray(0, Math.max(0, arg(2) - 1));
	if (arg(2) > 0) put(k, arg(0), cut, 1);
	return {whole: text.length, copied: cut.length};
}

export const stringExports: readonly Gate[] = [
	{
		name: 'strcpy',
		run({k, arg}) {
			put(k, arg(0), bytesAt(k, arg(1)), 1);
			return arg(0);
		},
	},
	{
		name: 'strncpy',
		run({k, arg}) {
			const text = bytesAt(k, arg(1), arg(2));
			put(k, arg(0), text, arg(2) - text.length);
			return arg(0);
		},
	},
	{name: 'strlcpy', run: call => copyCut(call).whole},
	{
		name: 'strscpy',
		run(call) {
			const {whole, copied} = copyCut(call);
			return call.arg(2) === 0 || copied < whole ? -E2BIG : copied;
		},
	},
	{
		name: 'strcat',
		run({k, arg}) {
			put(k, arg(0) + bytesAt(k, arg(0)).length, bytesAt(k, arg(1)), 1);
			return arg(0);
		},
	},
	{name: 'strcmp', run: ({k, arg}) => compare(bytesAt(k, arg(0)), bytesAt(k, arg(1)))},
	{name: 'strncmp', run: ({k, arg}) => compare(bytesAt(k, arg(0), arg(2)), bytesAt(k, arg(1), arg(2)))},
	{name: 'strnlen', run: ({k, arg}) => bytesAt(k, arg(0), arg(1)).length},
	{
		name: 'strchr',
		run({k, arg}) {
			const text = bytesAt(k, arg(0));
			const wanted = arg(1) & 0xff;
			const at = wanted === 0 ? text.length : text.indexOf(wanted);
			return at < 0 ? 0 : arg(0) + at;
		},
	},
	{
		name: 'memcmp',
		run({k, arg}) {
			return compare(readKernel(k, arg(0), arg(2)), readKernel(k, arg(1), arg(2)));
		},
	},
];
