/** How a teacher's command reaches a class: the machines that this user teaches, and the process that runs them. */
import {connect} from 'node:net';
import {dirname, join} from 'node:path';
import {classMachines} from '../../target/classes.ts';
import type {ClassMachine} from '../../target/classMachine.ts';
import {writerName} from '../../target/open.ts';
import {oneLine} from '../../target/sentence.ts';
import {openSocket} from '../../target/socket.ts';
import type {Target} from '../../target/target.ts';
import {Failure, UsageError} from '../errors.ts';
import type {ClassAnswer, ClassQuestion} from './supervisor.ts';

/** A machine, or a process, that stands still keeps a teacher no longer than this. */
const longestAnswerMs = 10_000;
/** A reset waits for a machine that is being restored in the same process. */
const longestResetMs = 60_000;

/** The socket of the process that runs the class lies beside the machines of a teacher. */
export const askPath = ({directory}: ClassMachine): string => join(dirname(directory), '.class', 'class.sock');

export type Taught = {readonly class: string; readonly machines: readonly ClassMachine[]};

/**
 * The class that is meant.
 *
 * @param name left out: the only one that this user teaches
 * @throws UsageError where that is not clear, Failure where there is none
 */
export async function taughtClass(env: NodeJS.ProcessEnv, name: string | undefined): Promise<Taught> {
	const machines = (await classMachines(env)).filter(({role}) => role === 'teacher');
	const names = [...new Set(machines.map(each => each.class))];
	if (name !== undefined && !names.includes(name)) {
		throw new Failure([
			`you teach no class ${JSON.stringify(name)} here${names.length > 0 ? `; ${names.join(', ')}` : ''}`,
		]);
	}
	const [only, ...others] = name === undefined ? names : [name];
	if (only === undefined) throw new Failure(['you teach no class that is up here; "mmtop class up ROSTER" starts one']);
	if (others.length > 0) throw new UsageError(`you teach several classes here, name one: --name ${names.join(' or ')}`);
	return {class: only, machines: machines.filter(each => each.class === only)};
}

/** Asks the process that runs a class. @throws Failure where it does not answer, or says why it cannot */
export async function askClass({class: name, machines}: Taught, question: ClassQuestion): Promise<ClassAnswer> {
	const path = askPath(machines[0]!);
	const text = await new Promise<string>((resolve, reject) => {
		const socket = connect(path);
		let text = '';
		socket.setEncoding('utf8').on('data', (chunk: string) => {
			text += chunk;
		});
		socket.on('connect', () => socket.write(`${JSON.stringify(question)}\n`));
		socket.setTimeout(question.do === 'reset' ? longestResetMs : longestAnswerMs, () => socket.destroy());
		socket.on('error', reject);
		socket.on('close', () => resolve(text));
	}).catch(() => '');
	if (text === '') {
		throw new Failure([
			`the process that runs class ${name} does not answer; "mmtop class up" with its roster restores the machines`,
		]);
	}
	const answer = JSON.parse(text) as ClassAnswer;
	if (answer.error !== undefined) throw new Failure([oneLine(answer.error)]);
	return answer;
}

/**
 * Does something on each machine of a class at the same time.
 *
 * @returns what came of it, or why not, in the order of the machines
 */
export function onEach<T>(
	{machines}: Taught,
	use: (target: Target, machine: ClassMachine) => Promise<T>,
): Promise<readonly PromiseSettledResult<T>[]> {
	return Promise.allSettled(
		machines.map(async machine => {
			const target = await openSocket(machine.socket, machine.student, writerName(), longestAnswerMs);
			try {
				return await use(target, machine);
			} finally {
				await target.close();
			}
		}),
	);
}
