/**
 * linux/seq_file.h. Models fs/seq_file.c (2.6.11 and later): a file that a driver makes record by record. The struct
 * seq_file and its buffer are bytes in memory, as C sees them.
 *
 * Not modelled: its mutex (two tasks that read one open file at once), m->version.
 */
import {kernelAddress, logicalAddress, PAGE_SIZE, userAddress} from '../../../hardware/address.ts';
import {EAGAIN, EFAULT, EINVAL, ENOMEM, IS_ERR} from '../../errno.ts';
import type {file, file_operations} from '../../fs/file.ts';
import {SEEK_CUR, SEEK_SET} from '../../fs/read_write.ts';
import type {Kernel} from '../../kernel.ts';
import {kread, kread32} from '../../mm/access.ts';
import {GFP_KERNEL} from '../../mm/gfp.ts';
import {kfree, kmalloc, kzalloc} from '../../mm/slab.ts';
import {copy_to_user} from '../../mm/uaccess.ts';
import type {Sleeps} from '../../time.ts';
import {callC} from '../callC.ts';
import {formatText} from '../format.ts';
import {type FieldName, offsetOf, sizeOf} from '../layouts.ts';
import {withPosition} from '../methods.ts';
import {besides, type Gate, modulesOf} from '../state.ts';
import {fileWindow} from '../structureWindows.ts';
import {readKernel, textAtAddress, writeKernel} from '../text.ts';
import {fileAt} from './fileAt.ts';
import {gate, read64, setWord, signed64, wide, word, write64} from './gate.ts';

type SeqField = Exclude<FieldName<'seq_file'>, 'index'>;

const get = (k: Kernel, m: number, field: SeqField) => word(k, 'seq_file', m, field);
const set = (k: Kernel, m: number, field: SeqField, value: number) => setWord(k, 'seq_file', m, field, value);
const indexAt = (m: number) => m + offsetOf('seq_file', 'index');

/** How far the file was read, by the address of its struct seq_file. */
const positions = (k: Kernel) => besides<number>(k, 'seq_file');

const fileAddress = (k: Kernel, file: file) => modulesOf(k).windows.addressOf(fileWindow, file);
const seqOf = (file: file): number => (typeof file.private_data === 'number' ? file.private_data : 0);

// ── the driver's four functions ────────────────────────────────────────────────────────────────────────────────────

const op = (k: Kernel, m: number, name: FieldName<'seq_operations'>) =>
	word(k, 'seq_operations', get(k, m, 'op'), name);

function* start(k: Kernel, m: number): Sleeps<number> {
	return (yield* callC(k, op(k, m, 'start'), [m, indexAt(m)])) >>> 0;
}

function* next(k: Kernel, m: number, p: number): Sleeps<number> {
	return (yield* callC(k, op(k, m, 'next'), [m, p, indexAt(m)])) >>> 0;
}

const stop = (k: Kernel, m: number, p: number) => callC(k, op(k, m, 'stop'), [m, p]);
const show = (k: Kernel, m: number, p: number) => callC(k, op(k, m, 'show'), [m, p]);

/** 0 behind the last record, or the error that a pointer stands for. */
const errorOf = (p: number) => (IS_ERR(p | 0) ? p | 0 : 0);
const isRecord = (p: number) => p !== 0 && errorOf(p) === 0;
const overflows = (k: Kernel, m: number) => get(k, m, 'count') === get(k, m, 'size');

/** A buffer of so many bytes, in place of the one that there is. @returns whether there was memory */
function* newBuffer(k: Kernel, m: number, size: number): Sleeps<boolean> {
	kfree(k, logicalAddress(get(k, m, 'buf')));
	const made = yield* kmalloc(k, size, GFP_KERNEL);
	set(k, m, 'buf', made ?? 0);
	set(k, m, 'size', made === undefined ? 0 : size);
	set(k, m, 'count', 0);
	return made !== undefined;
}

/** Makes records up to a position, and leaves the rest of the one that it lies in. @returns 0, -EAGAIN, -errno */
function* traverse(k: Kernel, m: number, offset: number): Sleeps<number> {
	write64(k, indexAt(m), 0);
	set(k, m, 'count', 0);
	set(k, m, 'from', 0);
	if (offset === 0) return 0;
	if (get(k, m, 'buf') === 0 && !(yield* newBuffer(k, m, PAGE_SIZE))) return -ENOMEM;
	let at = 0;
	let p = yield* start(k, m);
	let error = 0;
	while (p !== 0) {
		error = errorOf(p) || (yield* show(k, m, p));
		if (error < 0) break;
		if (error > 0) set(k, m, 'count', 0);
		error = 0;
		if (overflows(k, m)) {
			yield* stop(k, m, p);
			return (yield* newBuffer(k, m, 2 * get(k, m, 'size'))) ? -EAGAIN : -ENOMEM;
		}
		p = yield* next(k, m, p);
		const count = get(k, m, 'count');
		if (at + count > offset) {
			set(k, m, 'from', offset - at);
			set(k, m, 'count', count - (offset - at));
			break;
		}
		at += count;
		set(k, m, 'count', 0);
		if (at === offset) break;
	}
	yield* stop(k, m, p);
	return error;
}

function* seek(k: Kernel, m: number, offset: number): Sleeps<number> {
	let error: number;
	do error = yield* traverse(k, m, offset);
	while (error === -EAGAIN);
	positions(k).set(m, error === 0 ? offset : 0);
	if (error === 0) return 0;
	write64(k, indexAt(m), 0);
	set(k, m, 'count', 0);
	return error;
}

/** The first record that has something to say, in a buffer that it fits into. @returns it; 0 or an error at the end */
function* firstRecord(k: Kernel, m: number): Sleeps<{readonly p: number; readonly error: number}> {
	set(k, m, 'from', 0);
	let p = yield* start(k, m);
	for (;;) {
		if (!isRecord(p)) return {p, error: errorOf(p)};
		const error = yield* show(k, m, p);
		if (error < 0) return {p, error};
		if (error > 0) set(k, m, 'count', 0);
		if (get(k, m, 'count') === 0) {
			p = yield* next(k, m, p);
			continue;
		}
		if (!overflows(k, m)) return {p, error: 0};
		yield* stop(k, m, p);
		if (!(yield* newBuffer(k, m, 2 * get(k, m, 'size')))) return {p: 0, error: -ENOMEM};
		p = yield* start(k, m);
	}
}

/** More records, as many as a reader wants and the buffer holds. @returns the one behind them */
function* moreRecords(k: Kernel, m: number, first: number, wanted: number): Sleeps<number> {
	let p = first;
	for (;;) {
		const kept = get(k, m, 'count');
		const before = read64(k, indexAt(m));
		p = yield* next(k, m, p);
		// A record that does not move on would be made for ever.
		if (read64(k, indexAt(m)) === before) write64(k, indexAt(m), before + 1);
		if (!isRecord(p) || kept >= wanted) return p;
		const result = yield* show(k, m, p);
		if (result !== 0 || overflows(k, m)) set(k, m, 'count', kept);
		if (result < 0 || overflows(k, m)) return p;
	}
}

/** Gives a reader what is in the buffer. @returns how much, or -EFAULT */
function* flush(k: Kernel, m: number, to: number, size: number): Sleeps<number> {
	const [from, count] = [get(k, m, 'from'), get(k, m, 'count')];
	const bytes = kread(k, kernelAddress(get(k, m, 'buf') + from), Math.min(count, size));
	if ((yield* copy_to_user(k, userAddress(to), bytes)) > 0) return -EFAULT;
	set(k, m, 'count', count - bytes.length);
	set(k, m, 'from', from + bytes.length);
	return bytes.length;
}

function* seq_read(k: Kernel, address: number, to: number, size: number, ppos: number): Sleeps<number> {
	const m = seqOf(fileAt(k, address));
	const pos = read64(k, ppos);
	if (pos !== (positions(k).get(m) ?? 0) || pos === 0) {
		const error = yield* seek(k, m, pos);
		if (error < 0) return error;
	}
	if (get(k, m, 'buf') === 0 && !(yield* newBuffer(k, m, PAGE_SIZE))) return -ENOMEM;
	let copied = 0;
	let error = 0;
	if (get(k, m, 'count') > 0) {
		copied = yield* flush(k, m, to, size);
		if (copied < 0) return copied;
	}
	if (get(k, m, 'count') === 0 && copied < size) {
		const {p, error: failed} = yield* firstRecord(k, m);
		error = failed;
		const hasRecord = error === 0 && isRecord(p);
		const last = hasRecord ? yield* moreRecords(k, m, p, size - copied) : p;
		yield* stop(k, m, last);
		if (hasRecord) {
			const more = yield* flush(k, m, to + copied, size - copied);
			if (more < 0) error = more;
			else copied += more;
		} else set(k, m, 'count', 0);
	}
	if (copied === 0) return error;
	write64(k, ppos, pos + copied);
	positions(k).set(m, pos + copied);
	return copied;
}

function* seq_lseek(k: Kernel, address: number, offset: number, whence: number): Sleeps<number> {
	const file = fileAt(k, address);
	const to = whence === SEEK_CUR ? file.f_pos + offset : offset;
	if ((whence !== SEEK_SET && whence !== SEEK_CUR) || to < 0) return -EINVAL;
	const error = yield* seek(k, seqOf(file), to);
	file.f_pos = error === 0 ? to : 0;
	return error === 0 ? to : error;
}

// ── opening ────────────────────────────────────────────────────────────────────────────────────────────────────────

function* seq_open(k: Kernel, address: number, operations: number): Sleeps<number> {
	const m = yield* kzalloc(k, sizeOf('seq_file'), GFP_KERNEL);
	if (m === undefined) return -ENOMEM;
	const file = fileAt(k, address);
	file.private_data = m as number;
	set(k, m, 'op', operations);
	set(k, m, 'file', address);
	positions(k).set(m, 0);
	return 0;
}

function seq_release(k: Kernel, _inode: number, address: number): number {
	const m = seqOf(fileAt(k, address));
	kfree(k, logicalAddress(get(k, m, 'buf')));
	kfree(k, logicalAddress(m));
	positions(k).delete(m);
	return 0;
}

/** @returns the memory for the driver's own, or 0 */
function* openPrivate(k: Kernel, address: number, operations: number, size: number): Sleeps<number> {
	const own = yield* kzalloc(k, size, GFP_KERNEL);
	if (own === undefined) return 0;
	if ((yield* seq_open(k, address, operations)) < 0) {
		kfree(k, own);
		return 0;
	}
	set(k, seqOf(fileAt(k, address)), 'private', own);
	return own;
}

const SINGLE = {start: 'single_start', stop: 'single_stop', next: 'single_next'} as const;

/** A file of one record. Its operations are made for it. */
function* single_open(k: Kernel, address: number, showFunction: number, data: number, size: number): Sleeps<number> {
	const operations = yield* kzalloc(k, sizeOf('seq_operations'), GFP_KERNEL);
	if (operations === undefined) return -ENOMEM;
	for (const [field, name] of Object.entries(SINGLE))
		setWord(k, 'seq_operations', operations, field as keyof typeof SINGLE, modulesOf(k).symbols.get(name)!);
	setWord(k, 'seq_operations', operations, 'show', showFunction);
	const error = yield* seq_open(k, address, operations);
	if (error < 0) {
		kfree(k, operations);
		return error;
	}
	const m = seqOf(fileAt(k, address));
	set(k, m, 'private', data);
	return size === 0 || (yield* newBuffer(k, m, size)) ? 0 : -ENOMEM;
}

/** Methods of a file whose records come from such an open; the address of its struct file is given. */
const seqMethods = (
	name: string,
	open: (k: Kernel, address: number) => Sleeps<number>,
	release: (k: Kernel, address: number) => void,
): file_operations => ({
	name,
	open: (k, _inode, file) => open(k, fileAddress(k, file)),
	*read(k, file, buffer, count, pos) {
		const address = fileAddress(k, file);
		const moved = yield* withPosition(k, pos, at => seq_read(k, address, buffer, count, at));
		file.posAfter = moved.pos;
		return moved.result;
	},
	llseek: (k, file, offset, whence) => seq_lseek(k, fileAddress(k, file), offset, whence),
	*release(k, _inode, file) {
		release(k, fileAddress(k, file));
		modulesOf(k).windows.forget(file);
		return 0;
	},
});

function releaseSingle(k: Kernel, address: number): void {
	const operations = get(k, seqOf(fileAt(k, address)), 'op');
	seq_release(k, 0, address);
	kfree(k, logicalAddress(operations));
}

/** A file of one record, which a function of C makes. */
export const singleFile = (showFunction: number, data: number): file_operations =>
	seqMethods('single_file_operations', (k, address) => single_open(k, address, showFunction, data, 0), releaseSingle);

function releasePrivate(k: Kernel, address: number): void {
	kfree(k, logicalAddress(get(k, seqOf(fileAt(k, address)), 'private')));
	seq_release(k, 0, address);
}

/** A file of records; with so much memory of its own for who opens it, or none. */
export const privateSeqFile = (operations: number, size: number): file_operations =>
	seqMethods(
		'seq_file_operations',
		function* (k, address) {
			if (size === 0) return yield* seq_open(k, address, operations);
			return (yield* openPrivate(k, address, operations, size)) === 0 ? -ENOMEM : 0;
		},
		releasePrivate,
	);

// ── what show() puts into the buffer ───────────────────────────────────────────────────────────────────────────────

/** @returns 0, or -1 where it does not fit: the record will be made again, in a larger buffer */
function put(k: Kernel, m: number, bytes: Uint8Array): number {
	const [count, size] = [get(k, m, 'count'), get(k, m, 'size')];
	if (count + bytes.length >= size) {
		set(k, m, 'count', size);
		return -1;
	}
	writeKernel(k, get(k, m, 'buf') + count, bytes);
	set(k, m, 'count', count + bytes.length);
	return 0;
}

const letters = (text: string) => Uint8Array.from([...text], letter => letter.charCodeAt(0));

/** A text in which some letters, and backslashes, stand as three digits of octal. */
const escaped = (text: string, special: string) =>
	[...text]
		.map(letter => {
			const isSpecial = special.includes(letter) || letter === '\\';
			return isSpecial ? `\\${letter.charCodeAt(0).toString(8).padStart(3, '0')}` : letter;
		})
		.join('');

/** The n-th entry of a list, counted from `from`; 0 behind the last. */
function listEntry(k: Kernel, head: number, n: number): number {
	let at = kread32(k, kernelAddress(head));
	for (let left = n; left > 0 && at !== head; left--) at = kread32(k, kernelAddress(at));
	return at === head ? 0 : at;
}

export const seqFileExports: readonly Gate[] = [
	gate('seq_open', seq_open),
	gate('seq_read', seq_read),
	gate('seq_lseek', function* (k, address, low, high, whence) {
		return wide(yield* seq_lseek(k, address, signed64(low, high), whence));
	}),
	gate('seq_release', seq_release),
	gate('__seq_open_private', openPrivate),
	gate('seq_open_private', function* (k, address, operations, size) {
		return (yield* openPrivate(k, address, operations, size)) === 0 ? -ENOMEM : 0;
	}),
	gate('seq_release_private', (k, _inode, address) => {
		releasePrivate(k, address);
		return 0;
	}),
	gate('single_open', (k, address, showFunction, data) => single_open(k, address, showFunction, data, 0)),
	gate('single_open_size', single_open),
	gate('single_release', (k, _inode, address) => {
		releaseSingle(k, address);
		return 0;
	}),
	gate('single_start', (k, _m, position) => (read64(k, position) === 0 ? 1 : 0)),
	gate('single_next', (k, _m, _p, position) => {
		write64(k, position, read64(k, position) + 1);
		return 0;
	}),
	gate('single_stop', () => {}),
	{
		name: 'seq_printf',
		run: ({k, arg}) => put(k, arg(0), letters(formatText(k, textAtAddress(k, arg(1)), n => arg(2 + n)))),
	},
	gate('seq_puts', (k, m, text) => put(k, m, letters(textAtAddress(k, text)))),
	gate('seq_putc', (k, m, letter) => put(k, m, Uint8Array.of(letter))),
	gate('seq_write', (k, m, from, length) => put(k, m, readKernel(k, from, length))),
	gate('seq_escape', (k, m, text, special) =>
		put(k, m, letters(escaped(textAtAddress(k, text), textAtAddress(k, special)))),
	),
	gate('seq_list_start', (k, head, low) => listEntry(k, head, low)),
	gate('seq_list_start_head', (k, head, low) => (low === 0 ? head : listEntry(k, head, low - 1))),
	gate('seq_list_next', (k, entry, head, position) => {
		write64(k, position, read64(k, position) + 1);
		const after = kread32(k, kernelAddress(entry));
		return after === head ? 0 : after;
	}),
];
