/** linux/printk.h: printk and what is like it. */
import {kernelAddress} from '../../../hardware/address.ts';
import {kread32, kwrite} from '../../mm/access.ts';
import {type LogLevel, printk} from '../../printk.ts';
import {formatText, textAtAddress} from '../format.ts';
import type {Gate, GateCall} from '../state.ts';

const DEFAULT_LEVEL = 4;

/** Logs a text; `<6>` or its later form at its start is the level, and each line is one of the log. */
function log({k}: GateCall, text: string): number {
	const [whole = '', level] = /^(?:<([0-7])>|\u0001([0-7cd]))/.exec(text)?.filter(each => each !== undefined) ?? [];
	const number = level !== undefined && /[0-7]/.test(level) ? (Number(level) as LogLevel) : DEFAULT_LEVEL;
	for (const line of text.slice(whole.length).replace(/\n$/, '').split('\n')) printk(k, number, line);
	return text.length - whole.length;
}

const texts = (call: GateCall, format: number, first: number) =>
	formatText(call.k, textAtAddress(call.k, format), n => call.arg(first + n));

export const printkExports: readonly Gate[] = [
	{name: 'printk', run: call => log(call, texts(call, call.arg(0), 1))},
	{
		name: 'vprintk',
		run: call => {
			const at = call.arg(1);
			const word = (n: number) => kread32(call.k, kernelAddress(at + 4 * n));
			return log(call, formatText(call.k, textAtAddress(call.k, call.arg(0)), word));
		},
	},
	{
		name: 'sprintf',
		run: call => put(call, texts(call, call.arg(1), 2), 0x7fff_ffff),
	},
	{
		name: 'snprintf',
		run: call => put(call, texts(call, call.arg(2), 3), call.arg(1)),
	},
	{
		name: 'scnprintf',
		run: call => Math.min(put(call, texts(call, call.arg(2), 3), call.arg(1)), Math.max(0, call.arg(1) - 1)),
	},
	{name: 'printk_ratelimit', run: () => 1},
];

/** Stores as much of a text as there is room for. @returns its length */
function put({k, arg}: GateCall, text: string, room: number): number {
	if (room === 0) return text.length;
	const bytes = Uint8Array.from([...text.slice(0, room - 1), '\0'], letter => letter.charCodeAt(0));
	kwrite(k, kernelAddress(arg(0)), bytes);
	return text.length;
}
