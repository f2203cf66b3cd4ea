/**
 * truth/debug atomic.json: what a kernel with its checkers on says to sleeping in atomic context and to misuse of
 * memory.
 */
import {KernelPanic, TaskKilled} from '../../source/kernel/bug.ts';
import {run} from '../kernel/support.ts';
import {atomicCases} from './atomicCases.ts';
import {isReportFrame, pageFaultLine} from './callTraces.ts';
import {withoutAddresses} from './dmaDevice.ts';
import {runMachine} from './machines.ts';
import {type Vector, vectorTopic} from './topic.ts';

const questionPath = /^(run|case|source|did|dmesg|loglevels)(\.|$)/;

/** Lines that frame a message, and those that this kernel does not print or that were not recorded. */
const beyond = new RegExp(
	[
		'^Preemption disabled at:$',
		'^note: \\w+\\[\\d+\\] exited with (?:irqs disabled|preempt_count \\d+)$',
		pageFaultLine.source,
	].join('|'),
);

/** A message without places, pids and build. */
export const shapeOfLine = (line: string): string =>
	beyond.test(line)
		? ''
		: withoutAddresses(line)
				.replace(/CPU: \d+ PID: \d+ /, '')
				.replace(/ \+?ADDRESS\/ADDRESS|\+ADDRESS\/ADDRESS/, '')
				.replace(/rc\/\d+\//, 'rc/PID/')
				.replace(/pid: \d+, name: (?:swapper|ksoftirqd)\/\d+$/, 'what runs without a task')
				.replace(/pid: \d+, name: /, 'pid, name: ')
				.replace(/ \((Not tainted|Tainted: [^)]*)\)/, '');

/** Lines as what they say; anything else in their place is left as it is, to be noticed. */
function relate(vector: Vector): Vector {
	const {headlines} = vector;
	if (!Array.isArray(headlines)) return vector;
	return {...vector, headlines: headlines.map(line => shapeOfLine(String(line))).filter(line => line !== '')};
}

function answer(vector: Vector): Vector {
	const body = atomicCases[String(vector.case)];
	if (!body) throw new Error(`there is no case ${String(vector.case)}`);
	const k = runMachine('debug');
	const from = k.log.lines.length;
	let result = 'write() to the driver returned 0';
	try {
		run(k, () => body(k), 'rc');
	} catch (error) {
		if (error instanceof TaskKilled) result = `process killed by signal ${error.signal}`;
		else if (error instanceof KernelPanic) result = 'machine died or hung; text taken from the serial console';
		else throw error;
	}
	const dmesg = k.log.lines.slice(from).map(({text}) => text);
	// The frame of a report is not among the recorded headlines.
	const headlines = dmesg.filter(line => !isReportFrame(line));
	return {...vector, result, silent: headlines.every(line => line.startsWith('mis: ')), headlines, dmesg};
}

export const isAtomicAnswer = (path: string): boolean => !questionPath.test(path);

export const atomic = vectorTopic({
	name: 'atomic',
	accepts: document => document.file === 'atomic.json',
	isAnswer: isAtomicAnswer,
	relate,
	classes: [
		{
			name: 'checkers and primitives that the simulator does not have',
			reason:
				'RCU, semaphores, mutex_trylock, kmap_to_page, CONFIG_DEBUG_VM, red zones, per-CPU checks, what a ' +
				'broken preempt count does to user space',
			holds: vector => !(String(vector.case) in atomicCases),
		},
	],
	nameOf: (vector, index) => `${index} ${String(vector.case)}`,
	prepare: () => answer,
});
