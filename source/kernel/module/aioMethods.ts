/**
 * The methods of C that take a request (struct kiocb), as the kernel calls them: with a buffer in 2.6.11, an array of
 * buffers since 2.6.19, a struct iov_iter since 3.16.
 */
import type {file_operations, iovec} from '../fs/file.ts';
import {is_sync_kiocb, type kiocb} from '../fs/kiocb.ts';
import type {Kernel} from '../kernel.ts';
import {iov_length} from '../mm/iov_iter.ts';
import type {Sleeps} from '../time.ts';
import {callC, onStack} from './callC.ts';
import {kiocbAddress} from './kiocbWindow.ts';
import {type FieldName, offsetOf, sizeOf} from './layouts.ts';
import {addressName, moduleAt} from './oops.ts';

/** How a method takes its buffers. */
type Form = 'buffer' | 'iovec' | 'iov_iter';
type Method = NonNullable<file_operations['aio_read']>;

const words = (...values: readonly number[]) => new Uint8Array(Uint32Array.from(values).buffer);
const high = (pos: number) => Math.floor(pos / 2 ** 32);

const vectorBytes = (iov: readonly iovec[]) => words(...iov.flatMap(({iov_base, iov_len}) => [iov_base, iov_len]));

/** A struct iov_iter on user memory. */
function iterBytes(iov: readonly iovec[], vector: number, isSource: boolean): Uint8Array {
	const bytes = new Uint8Array(sizeOf('iov_iter'));
	const view = new DataView(bytes.buffer);
	view.setUint8(offsetOf('iov_iter', 'data_source'), isSource ? 1 : 0);
	view.setUint32(offsetOf('iov_iter', 'count'), iov_length(iov), true);
	view.setUint32(offsetOf('iov_iter', 'iov'), vector, true);
	view.setUint32(offsetOf('iov_iter', 'nr_segs'), iov.length, true);
	return bytes;
}

function* call(
	k: Kernel,
	form: Form,
	entry: number,
	iocb: kiocb,
	iov: readonly iovec[],
	pos: number,
	isSource: boolean,
): Sleeps<number> {
	const at = kiocbAddress(k, iocb);
	if (form === 'buffer') {
		const {iov_base = 0, iov_len = 0} = iov[0] ?? {};
		return yield* callC(k, entry, [at, iov_base, iov_len, pos | 0, high(pos)]);
	}
	return yield* onStack(k, vectorBytes(iov), function* (vector) {
		if (form === 'iovec') return yield* callC(k, entry, [at, vector, iov.length, pos | 0, high(pos)]);
		return yield* onStack(k, iterBytes(iov, vector, isSource), iter => callC(k, entry, [at, iter]));
	});
}

/** Where the file stands afterwards, the method says by moving ki_pos. */
const method = (form: Form, entry: number, isSource: boolean): Method =>
	function* (k, iocb, iov, pos) {
		iocb.ki_pos = pos;
		const result = yield* call(k, form, entry, iocb, iov, pos, isSource);
		if (is_sync_kiocb(iocb)) iocb.ki_filp.posAfter = iocb.ki_pos;
		// Of an asynchronous one the caller counts what was moved itself.
		else if (result > 0) iocb.ki_pos = pos;
		return result;
	};

/** The kernel of the book and that of its labs differ here: the function's parameters tell which one it is. */
function formOf(k: Kernel, entry: number): Form {
	if (!k.era.aioMethodsTakeOneBuffer) return 'iovec';
	const name = addressName(k, entry).replace(/\+.*/, '');
	const types = moduleAt(k, entry)?.parametersOf(name);
	return types?.[1] !== undefined && !types[1].includes('iovec') ? 'buffer' : 'iovec';
}

type Methods = {
	readonly aio_read?: Method;
	readonly aio_write?: Method;
	readonly aio_fsync?: file_operations['aio_fsync'];
};

/** @param word what a field of the table holds */
export function aioMethods(k: Kernel, word: (field: FieldName<'file_operations'>) => number): Methods {
	const isNew = k.era.driversHaveIter;
	const of = (
		newer: FieldName<'file_operations'>,
		older: FieldName<'file_operations'>,
		isSource: boolean,
	): Method | undefined => {
		const entry = word(isNew ? newer : older);
		return entry === 0 ? undefined : method(isNew ? 'iov_iter' : formOf(k, entry), entry, isSource);
	};
	const aio_read = of('read_iter', 'aio_read', false);
	const aio_write = of('write_iter', 'aio_write', true);
	const fsync = isNew ? 0 : word('aio_fsync');
	return {
		...(aio_read && {aio_read}),
		...(aio_write && {aio_write}),
		...(fsync !== 0 && {
			aio_fsync: (k: Kernel, iocb: kiocb, datasync: boolean) =>
				callC(k, fsync, [kiocbAddress(k, iocb), datasync ? 1 : 0]),
		}),
	};
}
