/**
 * /sys/kernel/debug/lab/session (ours): what was written to this machine since it was switched on, and the flags that
 * switch such a machine on. Doing the writes again at their times gives the same machine.
 *
 *     # session 0.1: time_ns=12345678901 events=98765
 *     machine: --machine lab --era ldd3 --seed 1
 *     write: time_ns=1000000000 seq=4711 by=monitor path=/sys/kernel/debug/lab/inject
 *       text: pin-leak fixed=1
 *
 * `seq`: events and writes before it. A machine without programs of its own (as tests build it) has no flag for that.
 */
import {decimal, name, sentence} from '../../cells.ts';
import {one, pairs} from '../../table.ts';
import {joinLines, Lines} from '../../text.ts';

type WriteRecord = {
	readonly timeNs: number;
	readonly seq: number;
	readonly by: string;
	readonly path: string;
	readonly text: string;
};

export type SessionRecord = {
	readonly timeNs: number;
	readonly events: number;
	/** Flags of `mmtop serve`. */
	readonly machine: string;
	readonly writes: readonly WriteRecord[];
};

const header = one(
	'# session 0.1',
	pairs<Pick<SessionRecord, 'timeNs' | 'events'>>({timeNs: ['time_ns', decimal], events: ['events', decimal]}),
);
const machine = one('machine', sentence);
const write = one(
	'write',
	pairs<Omit<WriteRecord, 'text'>>({
		timeNs: ['time_ns', decimal],
		seq: ['seq', decimal],
		by: ['by', name],
		path: ['path', name],
	}),
);
const text = one('  text', sentence);

export function formatSession(record: SessionRecord): string {
	return joinLines([
		...header.write(record),
		...machine.write(record.machine),
		...record.writes.flatMap(each => [...write.write(each), ...text.write(each.text)]),
	]);
}

/** @throws FormatError */
export function parseSession(content: string): SessionRecord {
	const lines = new Lines('lab/session', content);
	const head = header.read(lines);
	const flags = machine.read(lines);
	const writes: WriteRecord[] = [];
	while (!lines.done) writes.push({...write.read(lines), text: text.read(lines)});
	return {...head, machine: flags, writes};
}
