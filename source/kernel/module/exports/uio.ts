/** linux/uio.h: struct iov_iter, which C has on its stack: where a transfer stands in the buffers of a process. */
import {kernelAddress, PAGE_SIZE, type Pfn, physicalAddress, userAddress} from '../../../hardware/address.ts';
import {EFAULT, ENOMEM} from '../../errno.ts';
import type {iovec} from '../../fs/file.ts';
import type {Kernel} from '../../kernel.ts';
import {kread, kread8, kread32, kwrite32} from '../../mm/access.ts';
import {GFP_KERNEL} from '../../mm/gfp.ts';
import {get_user_pages_fast} from '../../mm/gup_fast.ts';
import {type iov_iter, iov_iter_advance, iov_iter_parts} from '../../mm/iov_iter.ts';
import {pageStructAddress} from '../../mm/layout.ts';
import {page_to_phys} from '../../mm/page.ts';
import {kmalloc} from '../../mm/slab.ts';
import {clear_user, copy_from_user, copy_to_user} from '../../mm/uaccess.ts';
import type {Sleeps} from '../../time.ts';
import {offsetOf, sizeOf} from '../layouts.ts';
import type {Gate, GateCall} from '../state.ts';
import {writeKernel} from '../text.ts';
import {pageAt} from './pages.ts';

type Field = Parameters<typeof offsetOf<'iov_iter'>>[1];
const fieldAt = (iter: number, field: Field) => kernelAddress(iter + offsetOf('iov_iter', field));

function iterAt(k: Kernel, at: number): iov_iter {
	const word = (field: Field) => kread32(k, fieldAt(at, field));
	const iov: iovec[] = [];
	for (let i = 0; i < word('nr_segs'); i++) {
		const segment = word('iov') + i * sizeOf('iovec');
		const part = (field: 'iov_base' | 'iov_len') => kread32(k, kernelAddress(segment + offsetOf('iovec', field)));
		iov.push({iov_base: userAddress(part('iov_base')), iov_len: part('iov_len')});
	}
	return {iov, iov_offset: word('iov_offset'), count: word('count')};
}

/** Moves C's iterator on. */
function advance(k: Kernel, at: number, bytes: number): void {
	const iter = iterAt(k, at);
	const before = iter.iov.length;
	iov_iter_advance(iter, Math.min(bytes, iter.count));
	const used = before - iter.iov.length;
	kwrite32(k, fieldAt(at, 'iov'), kread32(k, fieldAt(at, 'iov')) + used * sizeOf('iovec'));
	kwrite32(k, fieldAt(at, 'nr_segs'), iter.iov.length);
	kwrite32(k, fieldAt(at, 'iov_offset'), iter.iov_offset);
	kwrite32(k, fieldAt(at, 'count'), iter.count);
}

/** Back again, over segments that were used up: they lie before those that are left. */
function revert(k: Kernel, at: number, bytes: number): void {
	let offset = kread32(k, fieldAt(at, 'iov_offset')) - bytes;
	let iov = kread32(k, fieldAt(at, 'iov'));
	let segments = kread32(k, fieldAt(at, 'nr_segs'));
	while (offset < 0) {
		iov -= sizeOf('iovec');
		segments++;
		offset += kread32(k, kernelAddress(iov + offsetOf('iovec', 'iov_len')));
	}
	kwrite32(k, fieldAt(at, 'iov'), iov);
	kwrite32(k, fieldAt(at, 'nr_segs'), segments);
	kwrite32(k, fieldAt(at, 'iov_offset'), offset);
	kwrite32(k, fieldAt(at, 'count'), kread32(k, fieldAt(at, 'count')) + bytes);
}

/**
 * Visits the next bytes, buffer by buffer, until one says that it missed some.
 * @returns bytes done; the iterator is behind them
 */
function* each(
	k: Kernel,
	at: number,
	bytes: number,
	visit: (part: iovec, done: number) => Sleeps<number>,
): Sleeps<number> {
	let done = 0;
	for (const part of iov_iter_parts(iterAt(k, at), bytes)) {
		const missed = yield* visit(part, done);
		done += part.iov_len - missed;
		if (missed > 0) break;
	}
	advance(k, at, done);
	return done;
}

/** What the iterator may do: a buffer that data come from is not written to. */
const isSource = (k: Kernel, at: number) => kread8(k, fieldAt(at, 'data_source')) !== 0;

function* toIter(k: Kernel, bytes: Uint8Array, iter: number): Sleeps<number> {
	if (isSource(k, iter)) return 0;
	return yield* each(k, iter, bytes.length, (part, done) =>
		copy_to_user(k, part.iov_base, bytes.subarray(done, done + part.iov_len)),
	);
}

function* fromIter(k: Kernel, bytes: Uint8Array, iter: number): Sleeps<number> {
	if (!isSource(k, iter)) return 0;
	return yield* each(k, iter, bytes.length, (part, done) =>
		copy_from_user(k, bytes.subarray(done, done + part.iov_len), part.iov_base),
	);
}

/** Pages of the first buffer that is left. @returns bytes of them, -EFAULT, -ENOMEM */
function* getPages({k, arg}: GateCall, moves: boolean): Sleeps<number> {
	const [at, pages, most, maxPages, start] = [arg(0), arg(1), arg(2), arg(3), arg(4)];
	const [part] = iov_iter_parts(iterAt(k, at), most);
	if (!part || most === 0) return 0;
	const offset = part.iov_base % PAGE_SIZE;
	const wanted = Math.min(maxPages, Math.ceil((offset + part.iov_len) / PAGE_SIZE));
	const frames: Pfn[] = [];
	// Pages that data will be put into are taken for writing.
	const taken = yield* get_user_pages_fast(k, part.iov_base, wanted, !isSource(k, at), frames);
	if (taken <= 0) return taken || -EFAULT;
	for (const [i, frame] of frames.entries()) kwrite32(k, kernelAddress(pages + 4 * i), pageStructAddress(k, frame));
	kwrite32(k, kernelAddress(start), offset);
	const bytes = Math.min(part.iov_len, taken * PAGE_SIZE - offset);
	if (moves) advance(k, at, bytes);
	return bytes;
}

/** As above, into an array that is made for it. */
function* getPagesAlloc({k, arg}: GateCall, moves: boolean): Sleeps<number> {
	const [part] = iov_iter_parts(iterAt(k, arg(0)), arg(2));
	if (!part) return 0;
	const count = Math.ceil(((part.iov_base % PAGE_SIZE) + part.iov_len) / PAGE_SIZE);
	const array = yield* kmalloc(k, 4 * count, GFP_KERNEL);
	if (array === undefined) return -ENOMEM;
	kwrite32(k, kernelAddress(arg(1)), array);
	const words = [arg(0), array, arg(2), count, arg(3)];
	return yield* getPages({k, arg: n => words[n]!, args: 0, caller: 0}, moves);
}

function countPages(k: Kernel, at: number, most: number): number {
	const iter = iterAt(k, at);
	const pages = iov_iter_parts(iter, iter.count).reduce(
		(sum, {iov_base, iov_len}) => sum + Math.ceil(((iov_base % PAGE_SIZE) + iov_len) / PAGE_SIZE),
		0,
	);
	return Math.min(pages, most);
}

/** Bytes of a frame. */
const frameBytes = (k: Kernel, page: number, offset: number, bytes: number) =>
	k.hw.ram.read(physicalAddress(page_to_phys(pageAt(k, page)) + offset), bytes);

export const uioExports: readonly Gate[] = [
	{name: 'copy_to_iter', run: ({k, arg}) => toIter(k, kread(k, kernelAddress(arg(0)), arg(1)), arg(2))},
	{
		name: 'copy_from_iter',
		*run({k, arg}) {
			const bytes = new Uint8Array(arg(1));
			const done = yield* fromIter(k, bytes, arg(2));
			writeKernel(k, arg(0), bytes.subarray(0, done));
			return done;
		},
	},
	{name: 'copy_page_to_iter', run: ({k, arg}) => toIter(k, frameBytes(k, arg(0), arg(1), arg(2)), arg(3))},
	{
		name: 'copy_page_from_iter',
		*run({k, arg}) {
			const bytes = new Uint8Array(arg(2));
			const done = yield* fromIter(k, bytes, arg(3));
			k.hw.ram.write(physicalAddress(page_to_phys(pageAt(k, arg(0))) + arg(1)), bytes.subarray(0, done));
			return done;
		},
	},
	{
		name: 'iov_iter_zero',
		run: ({k, arg}) => each(k, arg(1), arg(0), part => clear_user(k, part.iov_base, part.iov_len)),
	},
	{name: 'iov_iter_advance', run: ({k, arg}) => advance(k, arg(0), arg(1))},
	{name: 'iov_iter_revert', run: ({k, arg}) => revert(k, arg(0), arg(1))},
	{name: 'iov_iter_npages', run: ({k, arg}) => countPages(k, arg(0), arg(1))},
	{name: 'iov_iter_get_pages', run: call => getPages(call, false)},
	{name: 'iov_iter_get_pages2', run: call => getPages(call, true)},
	{name: 'iov_iter_get_pages_alloc', run: call => getPagesAlloc(call, false)},
	{name: 'iov_iter_get_pages_alloc2', run: call => getPagesAlloc(call, true)},
];
