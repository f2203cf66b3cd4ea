/**
 * Models include/linux/aio_abi.h: what user space and kernel hand each other for asynchronous I/O, as bytes.
 *
 *   struct iocb, 64 bytes                         struct io_event, 32 bytes
 *    0  aio_data        8                          0  data   8
 *    8  aio_key         4   (the kernel's)         8  obj    8   user address of the iocb
 *   12  aio_rw_flags    4   (0 before 4.13)       16  res    8
 *   16  aio_lio_opcode  2                         24  res2   8
 *   18  aio_reqprio     2
 *   20  aio_fildes      4                         struct aio_ring, 32 bytes, then the events
 *   24  aio_buf         8                          0  id                4
 *   32  aio_nbytes      8                          4  nr                4
 *   40  aio_offset      8                          8  head, 12 tail     4 each
 *   48  aio_reserved2   8                         16  magic 0xa10a10a1  4
 *   56  aio_flags       4                         20  compat, 24 incompat features
 *   60  aio_resfd       4                         28  header_length 32  4
 */
export const IOCB_BYTES = 64;
export const IO_EVENT_BYTES = 32;
export const AIO_RING_HEADER_BYTES = 32;
export const AIO_RING_MAGIC = 0xa10a_10a1;
export const IOCB_FLAG_RESFD = 1;

type iocb = {
	readonly aio_data: bigint;
	readonly aio_rw_flags: number;
	readonly aio_lio_opcode: number;
	readonly aio_fildes: number;
	readonly aio_buf: bigint;
	readonly aio_nbytes: bigint;
	readonly aio_offset: bigint;
	readonly aio_reserved2: bigint;
	readonly aio_flags: number;
	readonly aio_resfd: number;
};

export type io_event = {readonly data: bigint; readonly obj: number; readonly res: number; readonly res2: number};

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** An iocb as the kernel reads it; 64-bit fields that must fit in a word are numbers, NaN where they do not. */
export type IocbInKernel = {
	readonly data_low: number;
	readonly data_high: number;
	readonly opcode: number;
	readonly fildes: number;
	readonly buf: number;
	readonly nbytes: number;
	readonly offset: number;
	/** aio_rw_flags since 4.13. */
	readonly reserved1: number;
	readonly reserved2IsZero: boolean;
	/** Flags and eventfd since 2.6.22. */
	readonly reserved3IsZero: boolean;
	readonly flags: number;
	readonly resfd: number;
};

/** @param words the 16 words of an iocb */
export function parseIocb(words: Uint32Array): IocbInKernel {
	return {
		data_low: words[0]!,
		data_high: words[1]!,
		opcode: words[4]! & 0xffff,
		fildes: words[5]!,
		buf: words[7] === 0 ? words[6]! : Number.NaN,
		nbytes: words[9] === 0 ? words[8]! : Number.NaN,
		offset: words[10]! + (words[11]! | 0) * 2 ** 32,
		reserved1: words[3]!,
		reserved2IsZero: words[12] === 0 && words[13] === 0,
		reserved3IsZero: words[14] === 0 && words[15] === 0,
		flags: words[14]!,
		resfd: words[15]!,
	};
}

/** What a program fills in, like libaio's io_prep_pread. Fields that are not given are zero. */
export type IocbFields = Partial<iocb> & Pick<iocb, 'aio_lio_opcode' | 'aio_fildes'>;

/** The bytes of an iocb as a program leaves them in its memory. */
export function formatIocb(fields: IocbFields): Uint8Array {
	const bytes = new Uint8Array(IOCB_BYTES);
	const at = view(bytes);
	at.setBigUint64(0, fields.aio_data ?? 0n, true);
	at.setUint32(12, fields.aio_rw_flags ?? 0, true);
	at.setUint16(16, fields.aio_lio_opcode, true);
	at.setUint32(20, fields.aio_fildes, true);
	at.setBigUint64(24, fields.aio_buf ?? 0n, true);
	at.setBigUint64(32, fields.aio_nbytes ?? 0n, true);
	at.setBigInt64(40, fields.aio_offset ?? 0n, true);
	at.setBigUint64(48, fields.aio_reserved2 ?? 0n, true);
	at.setUint32(56, fields.aio_flags ?? 0, true);
	at.setUint32(60, fields.aio_resfd ?? 0, true);
	return bytes;
}

/** The eight words of an event. @param data two words. @param res, res2 sign-extended to 64 bits */
export const ioEventWords = (
	data_low: number,
	data_high: number,
	obj: number,
	res: number,
	res2: number,
): readonly number[] => [data_low, data_high, obj, 0, res, res < 0 ? -1 : 0, res2, res2 < 0 ? -1 : 0];

/** @param bytes one event or several, as io_getevents leaves them */
export function parseIoEvents(bytes: Uint8Array): io_event[] {
	const at = view(bytes);
	return Array.from({length: Math.floor(bytes.length / IO_EVENT_BYTES)}, (_, i) => ({
		data: at.getBigUint64(i * IO_EVENT_BYTES, true),
		obj: Number(at.getBigUint64(i * IO_EVENT_BYTES + 8, true)),
		res: Number(at.getBigInt64(i * IO_EVENT_BYTES + 16, true)),
		res2: Number(at.getBigInt64(i * IO_EVENT_BYTES + 24, true)),
	}));
}
