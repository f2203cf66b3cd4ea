/**
 * /sys/kernel/debug/aio (ours): every kioctx, then every kiocb that is not finished, the synchronous ones included.
 *
 *     # aio 0.1
 *     # context  ctx      pid comm  nr_events ring_nr ring_pages head tail in_flight
 *     context    b7ffa000  97 db          128     255          2   17   17         3
 *     # kiocb  id ctx      pid comm  opcode file  pos  nbytes kind  state  pages pinned  age_us
 *     kiocb    41 b7ffa000  97 db    PREAD  /dev/sda 106496 4096 async device  1 0x6a31     310
 */

import {addressCell, type Cell, decimal, type FrameRun, frameRun, list, name, oneOf, optional} from '../cells.ts';
import {column, table} from '../table.ts';
import {joinLines, Lines} from '../text.ts';

export type AioContext = {
	/** The context id that io_setup gave out: the user address of the ring. Unique within its process only. */
	readonly ctx: number;
	readonly pid: number;
	readonly comm: string;
	/** What io_setup was asked for, and what aio-nr counts. */
	readonly nrEvents: number;
	/** Events that the ring has room for, one of which stays free. */
	readonly ringNr: number;
	readonly ringPages: number;
	readonly head: number;
	readonly tail: number;
	readonly inFlight: number;
};

/** IOCB_CMD_ without its prefix. */
export type KiocbOpcode = 'PREAD' | 'PWRITE' | 'FSYNC' | 'FDSYNC' | 'POLL' | 'NOOP' | 'PREADV' | 'PWRITEV';

/**
 * Where a request is: waiting its turn, pinning user pages, handed to the block layer, at the device, being completed.
 */
type KiocbState = 'queued' | 'pinning' | 'submitted' | 'device' | 'completing' | 'done' | 'retry' | 'cancelled';

export type Kiocb = {
	/** Running number since boot; tells the same request from its successor. */
	readonly id: number;
	/** null for a synchronous kiocb. */
	readonly ctx: number | null;
	readonly pid: number;
	readonly comm: string;
	readonly opcode: KiocbOpcode;
	readonly file: string;
	/** Byte offset in the file. */
	readonly pos: number;
	readonly nbytes: number;
	readonly kind: 'sync' | 'async';
	readonly state: KiocbState;
	readonly pagesPinned: number;
	/** The frames that it pins. */
	readonly pinned: readonly FrameRun[];
	readonly ageUs: number;
};

export type Aio = {readonly contexts: readonly AioContext[]; readonly kiocbs: readonly Kiocb[]};

const opcodes: Cell<KiocbOpcode> = oneOf('PREAD', 'PWRITE', 'FSYNC', 'FDSYNC', 'POLL', 'NOOP', 'PREADV', 'PWRITEV');
const states: Cell<KiocbState> = oneOf(
	'queued',
	'pinning',
	'submitted',
	'device',
	'completing',
	'done',
	'retry',
	'cancelled',
);
const contextRows = table<AioContext>({
	ctx: column('ctx', 8, addressCell),
	pid: column('pid', 5, decimal),
	comm: column('comm', 15, name),
	nrEvents: column('nr_events', 9, decimal),
	ringNr: column('ring_nr', 7, decimal),
	ringPages: column('ring_pages', 10, decimal),
	head: column('head', 5, decimal),
	tail: column('tail', 5, decimal),
	inFlight: column('in_flight', 9, decimal),
});
const kiocbRows = table<Kiocb>({
	id: column('id', 6, decimal),
	ctx: column('ctx', 8, optional(addressCell)),
	pid: column('pid', 5, decimal),
	comm: column('comm', 15, name),
	opcode: column('opcode', 7, opcodes),
	file: column('file', 16, name),
	pos: column('pos', 10, decimal),
	nbytes: column('nbytes', 7, decimal),
	kind: column('kind', 5, oneOf('sync', 'async')),
	state: column('state', 10, states),
	pagesPinned: column('pages', 5, decimal),
	pinned: column('pinned', 10, list(frameRun)),
	ageUs: column('age_us', 8, decimal),
});

export function formatAio({contexts, kiocbs}: Aio): string {
	return joinLines([
		'# aio 0.1',
		`# context ${contextRows.heading}`,
		...contexts.map(context => `context   ${contextRows.show(context)}`),
		`# kiocb ${kiocbRows.heading}`,
		...kiocbs.map(kiocb => `kiocb   ${kiocbRows.show(kiocb)}`),
	]);
}

/** @throws FormatError */
export function parseAio(text: string): Aio {
	const lines = new Lines('aio', text);
	lines.expect('# aio 0.1');
	const contexts: AioContext[] = [];
	const kiocbs: Kiocb[] = [];
	lines.expect(`# context ${contextRows.heading}`);
	while (lines.peek()?.startsWith('context ')) {
		contexts.push(lines.read(line => contextRows.read(line.slice('context '.length))));
	}
	lines.expect(`# kiocb ${kiocbRows.heading}`);
	while (!lines.done) {
		if (!lines.peek()?.startsWith('kiocb ')) lines.fail('a kiocb row');
		kiocbs.push(lines.read(line => kiocbRows.read(line.slice('kiocb '.length))));
	}
	return {contexts, kiocbs};
}
