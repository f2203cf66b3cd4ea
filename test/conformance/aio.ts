import {aioConst, aioErrno, aioFork, aioFull, aioRingVma, aioSetup, aioSetupErr, twoContexts} from './aioCalls.ts';
import {aioProgram, buffer, newRig, program} from './aioRig.ts';
import {type Session, session} from './aioSession.ts';
import {type Vector, vectorTopic} from './topic.ts';

// ── vectors ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Which of the two constant vectors it is: the last of a file has nothing but the counter at the end. */
const isAtEnd = (vector: Vector, seenBefore: boolean) =>
	'aio_nr_at_end' in vector || (seenBefore && !('aio_max_nr' in vector));

function answerer(run: string) {
	const rig = newRig(run);
	const {k, device, targets} = rig;
	let constants = 0;
	let sessions: Map<string, Session> | undefined;
	const sessionOf = (name: string): Session => {
		sessions ??= new Map(
			targets.map(target => [target.name, program(k, () => session(k, aioProgram, buffer, target, device))]),
		);
		const found = sessions.get(name);
		if (!found) throw new Error(`a vector has the target "${name}", which is not known here`);
		return found;
	};
	return (vector: Vector): object => {
		const [target, what] = [String(vector.target), String(vector.what)];
		switch (vector.topic) {
			case 'aio_const':
				return aioConst(k, isAtEnd(vector, constants++ > 0));
			case 'aio_setup':
				if (typeof vector.case === 'string') return program(k, () => twoContexts(k, String(vector.case)));
				return program(k, () => aioSetup(k, Number(vector.nr_events)));
			case 'aio_setup_err':
				return program(k, () => aioSetupErr(k, String(vector.case)));
			case 'aio_fork':
				return program(k, () => aioFork(k, what));
			case 'aio_io':
				return sessionOf(target).io;
			case 'aio_driver_events':
				return {events: sessionOf(target).driverEvents};
			case 'aio_batch':
				return 'case' in vector ? sessionOf(target).batchWithBadFd : sessionOf(target).batch;
			case 'aio_cancel':
				return sessionOf(target).cancel;
			case 'aio_errno':
				return program(k, () => aioErrno(rig, String(vector.call)));
			case 'aio_full':
				return program(k, () => aioFull(rig));
			case 'aio_ring_vma':
				return program(k, () => aioRingVma(k, what));
			default:
				throw new Error(`a vector has the topic "${vector.topic}", which is not known here`);
		}
	};
}

/** What the vectors ask; all else is answer. */
const questionPath = /^(run|topic|nr_events|case|what|target|call|ops\.\d+\.op)$/;

/**
 * A maps line without its inode number; in a child also without the place, which other mappings of the program decide.
 */
function relateMapsLine(line: string, keepPlace: boolean): string {
	const [range = '', ...rest] = line.split(/\s+/);
	const [start = '0', end = '0'] = range.split('-');
	rest.splice(3, 1, 'inode');
	const place = keepPlace ? range : `${(Number.parseInt(end, 16) - Number.parseInt(start, 16)) / 4096} pages`;
	return [place, ...rest].join(' ');
}

const relateLines = (lines: unknown, keepPlace: boolean) =>
	Array.isArray(lines) ? lines.map(line => relateMapsLine(String(line), keepPlace)) : lines;

function relate(vector: Vector): Vector {
	const related: Record<string, unknown> = {...vector};
	if ('maps' in vector) related.maps = relateLines(vector.maps, true);
	if ('ring_vma_in_child' in vector) related.ring_vma_in_child = relateLines(vector.ring_vma_in_child, false);
	// A disk ends requests in an order of its own.
	const direct = String(vector.target).endsWith('O_DIRECT') && vector.topic === 'aio_batch';
	if (direct && Array.isArray(vector.events))
		related.events = [...(vector.events as {data: number}[])].sort((a, b) => a.data - b.data);
	return related;
}

export const isAioAnswer = (path: string): boolean => !questionPath.test(path);

const isDirect = (vector: Vector) => String(vector.target).endsWith('O_DIRECT');

export const aio = vectorTopic({
	name: 'aio',
	accepts: document => document.file === 'aio.json',
	isAnswer: isAioAnswer,
	leftOut: [
		{path: /^ops\.\d+\.(submit|wait)_us$/, reason: 'how fast the machine was'},
		{
			path: /^ops\.\d+\.done_at_first_poll$/,
			reason: 'whether the disk was faster than the program',
			when: isDirect,
		},
		{
			path: /^ring_head_tail_after_submit/,
			reason: 'whether the disk was faster than the program',
			when: isDirect,
		},
	],
	relate,
	nameOf: (vector, index) => {
		const which = ['target', 'nr_events', 'case', 'what', 'call']
			.map(field => vector[field])
			.filter(each => each !== undefined);
		return `${index} ${vector.topic} ${which.join(', ')}`;
	},
	prepare() {
		const rigs = new Map<string, (vector: Vector) => object>();
		return vector => {
			const run = String(vector.run);
			if (!rigs.has(run)) rigs.set(run, answerer(run));
			const question = Object.fromEntries(Object.entries(vector).filter(([field]) => questionPath.test(field)));
			return {...question, ...rigs.get(run)!(vector)};
		};
	},
});
