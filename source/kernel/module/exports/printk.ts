/** linux/printk.h and the texts of linux/kernel.h: printk, sprintf and what is like them. */
import {kernelAddress} from '../../../hardware/address.ts';
import {panic} from '../../bug.ts';
import {hex8} from '../../hex.ts';
import type {Kernel} from '../../kernel.ts';
import {kread32} from '../../mm/access.ts';
import {kmalloc} from '../../mm/slab.ts';
import {type LogLevel, log_store} from '../../printk.ts';
import {might_sleep} from '../../sched.ts';
import {dump_stack} from '../../stacktrace.ts';
import type {Sleeps} from '../../time.ts';
import {inReport} from '../../watch.ts';
import {formatText} from '../format.ts';
import {addressName} from '../oops.ts';
import {besides, type Gate, type GateCall} from '../state.ts';
import {readKernel, textAtAddress, writeKernel, zeroEnded} from '../text.ts';
import {gate} from './gate.ts';
import {ratelimit} from './ratelimit.ts';

const DEFAULT_LEVEL = 4;

/** The number of the log's line that a text without a newline has left open. */
const openLine = (k: Kernel) => besides<number>(k, 'open line of the log');

/** Adds to the line that was left open, if it is still the last one. @returns whether it was */
function continueLine(k: Kernel, text: string): boolean {
	const last = k.log.lines.at(-1);
	if (!last || openLine(k).get(0) !== last.seq) return false;
	k.log.lines[k.log.lines.length - 1] = {...last, text: last.text + text};
	return true;
}

/** Logs a text; `<6>` or its later form at its start is the level, and each line is one of the log. */
function log(k: Kernel, text: string): number {
	const [whole = '', level] = /^(?:<([0-7])>|\u0001([0-7cd]))/.exec(text)?.filter(each => each !== undefined) ?? [];
	const isNumber = level !== undefined && /[0-7]/.test(level);
	const bare = text.slice(whole.length);
	const lines = bare.replace(/\n$/, '').split('\n');
	if (!isNumber && continueLine(k, lines[0]!)) lines.shift();
	for (const line of lines) log_store(k, isNumber ? (Number(level) as LogLevel) : DEFAULT_LEVEL, line);
	if (bare.endsWith('\n')) openLine(k).delete(0);
	else openLine(k).set(0, k.log.seq - 1);
	return bare.length;
}

/** A text from a format and the words of a call from the n-th on. */
const texts = ({k, arg}: GateCall, format: number, first: number) =>
	formatText(k, textAtAddress(k, format), n => arg(first + n));

/** The same from a va_list, which on an i386 is the address of the words. */
const listText = (k: Kernel, format: number, list: number) =>
	formatText(k, textAtAddress(k, format), n => kread32(k, kernelAddress(list + 4 * n)));

/** Stores as much of a text as there is room for. @returns its length */
function put(k: Kernel, at: number, text: string, room: number): number {
	if (room > 0) writeKernel(k, at, zeroEnded(text.slice(0, room - 1)));
	return text.length;
}

/** What was really stored. */
const stored = (length: number, room: number) => Math.min(length, Math.max(0, room - 1));

const ENDLESS = 0x7fff_ffff;

/** A text in memory of its own. @returns its address, or 0 */
function* allocated(k: Kernel, text: string, gfp: number): Sleeps<number> {
	const at = yield* kmalloc(k, text.length + 1, gfp | 0);
	if (at !== undefined) put(k, at, text, ENDLESS);
	return at ?? 0;
}

/** The function of C that called. */
const callerOf = ({k, caller}: GateCall) => addressName(k, caller).replace(/\+.*/, '');

const DUMP_PREFIX_ADDRESS = 1;
const DUMP_PREFIX_OFFSET = 2;

type Dump = {
	readonly level: string;
	readonly prefix: string;
	readonly kind: number;
	readonly rowBytes: number;
	readonly groupBytes: number;
	readonly ascii: boolean;
};

/** Rows of bytes as numbers, and as letters. @see lib/hexdump.c */
function print_hex_dump(k: Kernel, at: number, length: number, dump: Dump): void {
	const rowBytes = dump.rowBytes === 32 ? 32 : 16;
	const bytes = readKernel(k, at, length);
	for (let start = 0; start < length; start += rowBytes) {
		const row = bytes.subarray(start, start + rowBytes);
		const fits = [2, 4, 8].includes(dump.groupBytes) && row.length % dump.groupBytes === 0;
		const group = fits ? dump.groupBytes : 1;
		const numbers = Array.from({length: row.length / group}, (_, n) =>
			[...row.subarray(n * group, (n + 1) * group)]
				.reverse()
				.map(byte => byte.toString(16).padStart(2, '0'))
				.join(''),
		).join(' ');
		const letters = [...row].map(byte => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
		const width = (rowBytes / group) * (2 * group + 1);
		const text = dump.ascii ? `${numbers.padEnd(width)} ${letters}` : numbers;
		const where =
			dump.kind === DUMP_PREFIX_ADDRESS
				? `${hex8(at + start)}: `
				: dump.kind === DUMP_PREFIX_OFFSET
					? `${hex8(start)}: `
					: '';
		log(k, `${dump.level}${dump.prefix}${where}${text}\n`);
	}
}

export const printkExports: readonly Gate[] = [
	{name: 'printk', run: call => log(call.k, texts(call, call.arg(0), 1))},
	gate('vprintk', (k, format, list) => log(k, listText(k, format, list))),
	{name: 'sprintf', run: call => put(call.k, call.arg(0), texts(call, call.arg(1), 2), ENDLESS)},
	{name: 'snprintf', run: call => put(call.k, call.arg(0), texts(call, call.arg(2), 3), call.arg(1))},
	{
		name: 'scnprintf',
		run: call => stored(put(call.k, call.arg(0), texts(call, call.arg(2), 3), call.arg(1)), call.arg(1)),
	},
	gate('vsprintf', (k, at, format, list) => put(k, at, listText(k, format, list), ENDLESS)),
	gate('vsnprintf', (k, at, room, format, list) => put(k, at, listText(k, format, list), room)),
	gate('vscnprintf', (k, at, room, format, list) => stored(put(k, at, listText(k, format, list), room), room)),
	{name: 'kasprintf', run: call => allocated(call.k, texts(call, call.arg(1), 2), call.arg(0))},
	gate('kvasprintf', (k, gfp, format, list) => allocated(k, listText(k, format, list), gfp)),
	{name: 'sysfs_emit', run: call => stored(put(call.k, call.arg(0), texts(call, call.arg(1), 2), 4096), 4096)},
	{
		name: 'sysfs_emit_at',
		run({k, arg, ...call}) {
			const room = 4096 - arg(1);
			const text = texts({k, arg, ...call}, arg(2), 3);
			return room <= 0 ? 0 : stored(put(k, arg(0) + arg(1), text, room), room);
		},
	},
	{name: 'printk_ratelimit', run: call => (ratelimit(call.k, 'printk', callerOf(call)) ? 1 : 0)},
	{
		name: '__printk_ratelimit_at',
		run(call) {
			const place = `${textAtAddress(call.k, call.arg(0))}:${call.arg(1)}`;
			return ratelimit(call.k, place, callerOf(call)) ? 1 : 0;
		},
	},
	gate('dump_stack', k => inReport(k, 'warning', () => dump_stack(k), {says: 'a driver asked for its call trace'})),
	gate('print_hex_dump', (k, level, prefix, kind, rowBytes, groupBytes, at, length, ascii) => {
		const [levelText, prefixText] = [textAtAddress(k, level), textAtAddress(k, prefix)];
		const isAscii = (ascii & 0xff) !== 0;
		print_hex_dump(k, at, length, {level: levelText, prefix: prefixText, kind, rowBytes, groupBytes, ascii: isAscii});
	}),
	gate('print_hex_dump_bytes', (k, prefix, kind, at, length) => {
		const debug = k.era.levelsAreBytes ? '\u00017' : '<7>';
		const prefixText = textAtAddress(k, prefix);
		print_hex_dump(k, at, length, {level: debug, prefix: prefixText, kind, rowBytes: 16, groupBytes: 1, ascii: true});
	}),
	gate('sprint_symbol', (k, at, address) => put(k, at, addressName(k, address), ENDLESS)),
	gate('__might_sleep_at', (k, file, line) => might_sleep(k, `${textAtAddress(k, file)}:${line}`)),
	{name: 'panic', run: call => panic(call.k, texts(call, call.arg(0), 1).replace(/\n$/, ''))},
];
