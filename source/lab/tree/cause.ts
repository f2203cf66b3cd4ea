/** cause/<object>: what made a thing what it is, from the records of the trace that touched it. */
import {
	type Cause,
	type CauseChange,
	type CauseObject,
	type CauseOrigin,
	type CauseStep,
	formatCause,
	parseCauseObject,
} from '../../formats/debugfs/cause.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {type TraceRecord, tracing_overrun} from '../../kernel/trace.ts';
import type {Range, Touched} from '../../kernel/trace_touch.ts';
import {LabError} from '../errors.ts';
import {findingNamed, type KnownFinding} from '../findings/findings.ts';
import {experimentOf} from '../injections.ts';
import type {LabState} from '../lab.ts';
import {mustBePossible, whyAbsent} from './exists.ts';
import {zoneSpans} from './frames.ts';

/** Calls that are told of, and events of one call. */
const mostChanges = 6;
const mostEvents = 6;
/** Of one instant: a report in the log has many lines. */
const mostOfInstant = 40;

/** @throws LabError EINVAL for what nobody can ask about, ENOENT for what is not there and left nothing in the trace */
export function causeFile(state: Asked, text: string): string {
	const object = objectNamed(text);
	return formatCause(object.kind === 'finding' ? causeOfFinding(state, object) : causeOf(state, object));
}

type Asked = Pick<LabState, 'k' | 'injections' | 'findings'>;

/** A finding has kept what it happened within. */
function causeOfFinding(state: Asked, object: Extract<CauseObject, {kind: 'finding'}>): Cause {
	const {trace} = state.k;
	const changes = findingChanges(state, findingNamed(state.findings, object.id));
	const nothing = changes.length > 0 ? null : 'what it happened within was not traced then';
	return {object, on: trace.on, oldestUs: null, lost: tracing_overrun(trace), changes, nothing};
}

/** What a finding happened within, where that was traced. */
export const findingChanges = (
	{injections}: Pick<LabState, 'injections'>,
	{record}: KnownFinding,
): readonly CauseChange[] =>
	typeof record === 'string' ? [] : [changeOf([record], 1, id => experimentOf(injections, id))];

function objectNamed(text: string): CauseObject {
	try {
		return parseCauseObject(text);
	} catch (reason) {
		throw new LabError('EINVAL', `what to ask about must be ${(reason as Error).message}`);
	}
}

type Traced = Exclude<CauseObject, {kind: 'finding'}>;

function causeOf({k, injections}: Pick<LabState, 'k' | 'injections'>, object: Traced): Cause {
	mustBePossible(k, object);
	const {ring, kept, on, onSince} = k.trace;
	const touches = testOf(k, object);
	// Whatever touched areas is kept for longer.
	const known = object.kind === 'vma' && kept.length > 0 ? [...kept, ...ring] : ring;
	const first = on ? known.findIndex(({seq}) => seq >= onSince) : -1;
	const groups: TraceRecord[][] = [];
	for (let at = known.length - 1; first >= 0 && at >= first; at--) {
		const record = known[at]!;
		if (!touches(record)) continue;
		const newest = groups.at(-1);
		if (newest && typeof record.within !== 'string' && newest[0]!.within === record.within) newest.push(record);
		else if (groups.length < mostChanges) groups.push([record]);
		else break;
	}
	// What the trace has not seen from the start may have been there.
	const isWhole = on && onSince === 0 && tracing_overrun(k.trace) === 0;
	const mayHaveBeen = !on || (!isWhole && object.kind === 'vma' && !k.sched.tasks.has(object.pid));
	const absent = groups.length > 0 || mayHaveBeen ? undefined : whyAbsent(k, object);
	if (absent !== undefined) throw new LabError('ENOENT', `${absent}, and the trace knows of none`);
	const nameOf = (id: number) => experimentOf(injections, id);
	return {
		object,
		on,
		oldestUs: first >= 0 ? micros(known[first]!) : null,
		lost: tracing_overrun(k.trace),
		changes: groups.map(group => changeOf(group, object.kind === 'event' ? mostOfInstant : mostEvents, nameOf)),
		nothing: groups.length > 0 ? null : whyNothing(k),
	};
}

function whyNothing({trace}: Kernel): string {
	const {on, onSince} = trace;
	if (!on) return 'not traced: tracing_on is 0';
	if (onSince > 0) return 'nothing touched it since tracing was switched on; what was before is not known';
	if (tracing_overrun(trace) > 0)
		return 'nothing touched it as far back as the ring of the trace goes; what was before fell out of it';
	return 'nothing touched it since the kernel started';
}

function changeOf(group: readonly TraceRecord[], most: number, nameOf: (id: number) => string): CauseChange {
	const chain: TraceRecord[] = [];
	let at = group[0]!;
	for (; typeof at.within !== 'string'; at = at.within) chain.push(at.within);
	const worksFor = at.context === 'task' ? at.injection : 0;
	return {
		events: group.slice(0, most).map(each => stepOf(each)),
		more: Math.max(0, group.length - most),
		within: chain.map(each => stepOf(each)),
		origin: originOf(at),
		injection: worksFor === 0 ? null : {id: worksFor, name: nameOf(worksFor)},
	};
}

const entries: Readonly<Record<string, CauseOrigin>> = {
	page_fault_user: 'fault',
	irq_handler_entry: 'interrupt',
	signal_deliver: 'signal',
};

/** What the outermost record that is known tells of where it all came from. */
function originOf(record: TraceRecord): CauseOrigin {
	if (record.within === 'untraced') return 'untraced';
	if (record.within === 'cut') return 'lost';
	if (record.kind === 'syscall') return 'syscall';
	const entry = entries[record.name];
	if (entry) return entry;
	if (record.timeNs === 0 || (record.pid === 0 && record.context === 'task')) return 'boot';
	if (record.context === 'timer') return 'timer';
	return record.ofProgram ? 'user' : 'kthread';
}

const micros = ({timeNs}: TraceRecord) => Math.floor(timeNs / 1000);

function stepOf(record: TraceRecord): CauseStep {
	const {kind, name, text, cpu, pid, comm, context, result} = record;
	return {
		timeUs: micros(record),
		cpu,
		task: {comm: pid === 0 ? '<idle>' : comm, pid},
		context,
		name,
		text: kind === 'function' ? `<-${text}` : kind === 'sysret' ? `-> ${text}` : text,
		result: kind === 'syscall' ? (result ?? '?') : null,
	};
}

// ── what touched it ────────────────────────────────────────────────────────────────────────────────────────────────

const holds = (ranges: readonly Range[] | undefined, at: number): boolean =>
	ranges?.some(({start, end}) => start <= at && at < end) ?? false;

function touchesFrames({frames}: Touched, first: number, end: number): boolean {
	if (frames === undefined) return false;
	if ('start' in frames) return frames.start < end && first < frames.end;
	return frames.some(frame => frame >= first && frame < end);
}

function testOf(k: Kernel, object: Traced): (record: TraceRecord) => boolean {
	if (object.kind === 'event') {
		const {timeUs, name} = object;
		const isThen = ({touched, timeNs}: TraceRecord) =>
			Math.floor(timeNs / 1000) === timeUs || Math.floor((touched?.loggedNs ?? timeNs) / 1000) === timeUs;
		return record => record.name === name && record.kind !== 'sysret' && isThen(record);
	}
	const touches = touchTest(k, object);
	return ({name, touched}) => touched !== undefined && touches(touched, name);
}

function touchTest(k: Kernel, object: Exclude<Traced, {kind: 'event'}>): (touched: Touched, name: string) => boolean {
	switch (object.kind) {
		case 'pfn': {
			const {pfn, frames} = object;
			return touched => touchesFrames(touched, pfn, pfn + frames);
		}
		case 'vma': {
			// A thread's areas are those of the process that its address space was made for.
			const owner = k.sched.tasks.get(object.pid)?.mm?.owner.pid ?? object.pid;
			return ({owner: of, areas}) => of?.pid === owner && holds(areas, object.address);
		}
		case 'slot': {
			const slot = object.cpu * k.highmem.atomic.perCpu + object.slot;
			return touched => touched.slot === slot;
		}
		case 'mapping':
			return ({device, bus}) => device === object.device && holds(bus, object.address);
		case 'pool':
			return ({device, pool}) => device === object.device && pool === object.name;
		case 'iocb':
			return ({iocb}) => iocb === object.id;
		case 'zone': {
			const zone = zoneSpans(k).find(({name}) => name === object.name);
			if (!zone) throw new LabError('EINVAL', `this machine has no zone ${object.name}`);
			const counted = ['mm_page_alloc', 'mm_page_free'];
			return (touched, name) => counted.includes(name) && touchesFrames(touched, zone.start, zone.end);
		}
	}
}
