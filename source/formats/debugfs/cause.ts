/**
 * /sys/kernel/debug/cause/<object> (ours): what made a thing what it is. The newest events that touched it come first;
 * those of one call stand together, followed by what they happened within, up to the system call or interrupt that it
 * all came from, and the injection that this worked for.
 *
 *     # cause 0.1: vma:131:0x40010000
 *     # trace: on=on oldest=11.201234 lost=16384
 *     change: time=12.345640 cpu=0 task=mremap-131 context=task move_page_tables: mm=9 from=40000000 to=40010000 …
 *     change: time=12.345630 cpu=0 task=mremap-131 context=task vma_link: mm=9 40010000-40018000
 *       within: time=12.345601 cpu=0 task=mremap-131 context=task sys_mremap(addr: 40000000, …) -> 0x40010000
 *       from: syscall
 *       injection: id=3 name=mremap-growth
 *     nothing: …        in place of changes, a sentence that says why none is known
 *
 * `from`: syscall, fault (of a program), interrupt, signal, timer, kthread (a thread of the kernel), user (a program
 * outside of a call), boot; lost: further back than is kept; untraced: it began while tracing was off.
 */

import {type Cell, decimal, name, oneOf, optional, secondsCell, sentence, type Task, task, toggle} from '../cells.ts';
import {many, maybe, one, pairs} from '../table.ts';
import {CellError, hex, joinLines, Lines} from '../text.ts';

/** What can be asked about: the last part of the path. */
export type CauseObject =
	| {readonly kind: 'pfn'; readonly pfn: number; readonly frames: number}
	/** The area around a user address of a process. */
	| {readonly kind: 'vma'; readonly pid: number; readonly address: number}
	/** A slot of kmap_atomic. */
	| {readonly kind: 'slot'; readonly cpu: number; readonly slot: number}
	/** A DMA mapping around a bus address. */
	| {readonly kind: 'mapping'; readonly device: string; readonly address: number}
	| {readonly kind: 'pool'; readonly device: string; readonly name: string}
	| {readonly kind: 'iocb'; readonly id: number}
	| {readonly kind: 'zone'; readonly name: string}
	/** What it happened within, as it was kept then. */
	| {readonly kind: 'finding'; readonly id: number}
	/** A line of the trace, or of the log: its time, and the name of the event (`console` for the log). */
	| {readonly kind: 'event'; readonly timeUs: number; readonly name: string};

type CauseContext = 'task' | 'softirq' | 'hardirq' | 'timer';

export type CauseStep = {
	readonly timeUs: number;
	readonly cpu: number;
	readonly task: Task;
	readonly context: CauseContext;
	/** Event, or system call with `sys_`. */
	readonly name: string;
	/** Fields of an event, arguments of a call. */
	readonly text: string;
	/** What a system call returned, `?` while it has not; null for an event. */
	readonly result: string | null;
};

export type CauseOrigin =
	| 'syscall'
	| 'fault'
	| 'interrupt'
	| 'signal'
	| 'timer'
	| 'kthread'
	| 'user'
	| 'boot'
	| 'lost'
	| 'untraced';

export type CauseChange = {
	/** Newest first; all within the same call. */
	readonly events: readonly CauseStep[];
	/** Older ones of the same call that are left out. */
	readonly more: number;
	/** From the inside out. */
	readonly within: readonly CauseStep[];
	readonly origin: CauseOrigin;
	readonly injection: {readonly id: number; readonly name: string} | null;
};

export type Cause = {
	readonly object: CauseObject;
	readonly on: boolean;
	/** Of the oldest record that the answer could come from; null for none. */
	readonly oldestUs: number | null;
	/** Records that fell out of the ring. */
	readonly lost: number;
	/** Newest first. */
	readonly changes: readonly CauseChange[];
	/** Why there is no change to tell of. */
	readonly nothing: string | null;
};

// ── objects ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `pfn:0x7c00`, `pfn:0x7c00+16`, `vma:112:0x40000000`, `slot:0:3`, `mapping:0000:00:05.0:0x6a31000`, … */
export function formatCauseObject(object: CauseObject): string {
	switch (object.kind) {
		case 'pfn':
			return `pfn:0x${hex(object.pfn)}${object.frames === 1 ? '' : `+${object.frames}`}`;
		case 'vma':
			return `vma:${object.pid}:0x${hex(object.address)}`;
		case 'slot':
			return `slot:${object.cpu}:${object.slot}`;
		case 'mapping':
			return `mapping:${object.device}:0x${hex(object.address)}`;
		case 'pool':
			return `pool:${object.device}:${object.name}`;
		case 'iocb':
			return `iocb:${object.id}`;
		case 'zone':
			return `zone:${object.name}`;
		case 'finding':
			return `finding:${object.id}`;
		case 'event':
			return `event:${secondsCell.show(object.timeUs)}:${object.name}`;
	}
}

const address = '(?:0x)?([0-9a-f]{1,13})';
const device = '([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-9a-f]|[^:]+)';

const spellings: readonly (readonly [RegExp, (parts: readonly string[]) => CauseObject])[] = [
	[
		new RegExp(`^pfn:${address}(?:\\+(\\d+))?$`),
		([frame, frames]) => ({kind: 'pfn', pfn: Number(`0x${frame}`), frames: Number(frames ?? 1)}),
	],
	[new RegExp(`^vma:(\\d+):${address}$`), ([pid, at]) => ({kind: 'vma', pid: Number(pid), address: Number(`0x${at}`)})],
	[/^slot:(\d+):(\d+)$/, ([cpu, slot]) => ({kind: 'slot', cpu: Number(cpu), slot: Number(slot)})],
	[
		new RegExp(`^mapping:${device}:${address}$`),
		([of, at]) => ({kind: 'mapping', device: of!, address: Number(`0x${at}`)}),
	],
	[new RegExp(`^pool:${device}:(.+)$`, 's'), ([of, pool]) => ({kind: 'pool', device: of!, name: pool!})],
	[/^iocb:(\d+)$/, ([id]) => ({kind: 'iocb', id: Number(id)})],
	[/^finding:(\d+)$/, ([id]) => ({kind: 'finding', id: Number(id)})],
	[/^zone:(\w+)$/, ([zone]) => ({kind: 'zone', name: zone!})],
	[/^event:(\d+\.\d{6}):(\S+)$/, ([time, event]) => ({kind: 'event', timeUs: secondsCell.read(time!), name: event!})],
];

/** @throws CellError with a sentence that completes "expected …" */
export function parseCauseObject(text: string): CauseObject {
	for (const [pattern, make] of spellings) {
		const found = pattern.exec(text);
		if (found) return make(found.slice(1));
	}
	throw new CellError(
		`pfn:0x…, vma:PID:0x…, slot:CPU:N, mapping:DEVICE:0x…, pool:DEVICE:NAME, iocb:N, zone:NAME, ` +
			`finding:N or event:TIME:NAME, not "${text}"`,
	);
}

// ── the file ───────────────────────────────────────────────────────────────────────────────────────────────────────

type Where = Pick<CauseStep, 'timeUs' | 'cpu' | 'task' | 'context'>;

const where = pairs<Where>({
	timeUs: ['time', secondsCell],
	cpu: ['cpu', decimal],
	task: ['task', task],
	context: ['context', oneOf('task', 'softirq', 'hardirq', 'timer')],
});

const step: Cell<CauseStep> = {
	align: 'left',
	show({name: called, text, result, ...rest}) {
		const what = result === null ? `${called}: ${text}` : `${called}(${text}) -> ${result}`;
		return `${where.show(rest)} ${sentence.show(what)}`;
	},
	read(text) {
		const found = /^((?:\S+ ){3}\S+) (?:(\w+): (.*)|(\w+)\((.*)\) -> (\S+))$/s.exec(text);
		if (found === null) throw new CellError('time= cpu= task= context= and an event or a call');
		const [, rest, event, fields, call, args, result] = found;
		return {
			...where.read(rest!),
			name: event ?? call!,
			text: sentence.read(fields ?? args ?? ''),
			result: result ?? null,
		};
	},
};

const object: Cell<CauseObject> = {
	align: 'left',
	show: value => sentence.show(formatCauseObject(value)),
	read: text => parseCauseObject(sentence.read(text)),
};
const header = one('# cause 0.1', object);
const trace = one(
	'# trace',
	pairs<Pick<Cause, 'on' | 'oldestUs' | 'lost'>>({
		on: ['on', toggle],
		oldestUs: ['oldest', optional(secondsCell)],
		lost: ['lost', decimal],
	}),
);
const events = many('change', step);
const more = maybe('  more', decimal);
const within = many('  within', step);
const origin = one(
	'  from',
	oneOf('syscall', 'fault', 'interrupt', 'signal', 'timer', 'kthread', 'user', 'boot', 'lost', 'untraced'),
);
const injection = maybe('  injection', pairs<{id: number; name: string}>({id: ['id', decimal], name: ['name', name]}));
const nothing = maybe('nothing', sentence);

export const writeChanges = (changes: readonly CauseChange[]): readonly string[] =>
	changes.flatMap(change => [
		...events.write(change.events),
		...more.write(change.more === 0 ? null : change.more),
		...within.write(change.within),
		...origin.write(change.origin),
		...injection.write(change.injection),
	]);

export function readChanges(lines: Lines): readonly CauseChange[] {
	const changes: CauseChange[] = [];
	while (lines.peek()?.startsWith('change: ')) {
		changes.push({
			events: events.read(lines),
			more: more.read(lines) ?? 0,
			within: within.read(lines),
			origin: origin.read(lines),
			injection: injection.read(lines),
		});
	}
	return changes;
}

export function formatCause(record: Cause): string {
	return joinLines([
		...header.write(record.object),
		...trace.write(record),
		...writeChanges(record.changes),
		...nothing.write(record.nothing),
	]);
}

/** @throws FormatError */
export function parseCause(text: string): Cause {
	const lines = new Lines('cause', text);
	const asked = header.read(lines);
	const ring = trace.read(lines);
	const changes = readChanges(lines);
	const reason = nothing.read(lines);
	if (!lines.done) lines.fail('a change');
	return {object: asked, ...ring, changes, nothing: reason};
}
