/** The process that runs a class: it starts those that serve machines, again where they die, and answers teachers. */
import {type ChildProcess, fork} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {unlink} from 'node:fs/promises';
import {createServer, type Server, type Socket} from 'node:net';
import {availableParallelism} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {listenOnFile} from '../../server/socketFile.ts';
import {makeDirectory} from '../../target/makeDirectory.ts';
import {claim, isClaimed} from '../claim.ts';
import {Failure} from '../errors.ts';
import {codeOf} from '../journal.ts';
import type {StopSignal} from '../stopSignal.ts';
import {letUse, makeFolders, removeFolders} from './folders.ts';
import type {HostAnswer, HostRequest} from './host.ts';
import {type ClassPlan, supervisorSocket} from './plan.ts';

/** What a teacher's command asks, one line of JSON; the answer is one, too. */
export type ClassQuestion =
	| {readonly do: 'status'}
	| {readonly do: 'reset'; readonly student: string}
	| {readonly do: 'session'; readonly student: string}
	| {readonly do: 'down'};

export type ClassAnswer = {
	/** Why it cannot be done. */
	readonly error?: string;
	readonly said?: string;
	/** The session of a machine, as a file has it. */
	readonly session?: string;
	readonly status?: ClassStatus;
};

export type ClassStatus = {
	/** By student, why there is no machine; by person, why they cannot enter. */
	readonly failures: Readonly<Record<string, string>>;
	readonly notes: Readonly<Record<string, string>>;
	/** The processes that serve machines. */
	readonly hosts: readonly {readonly pid: number; readonly rssBytes: number; readonly students: readonly string[]}[];
};

/** A process that ends again and again is started again less and less often, up to this. */
const longestDelayMs = 5000;
/** One that lived for so long has not died of its start. */
const steadyMs = 10_000;
/** So long the processes of a killed class are waited for: they end by themselves. */
const longestFarewellMs = 10_000;
const lookEveryMs = 50;
/** A question is a line. */
const longestQuestion = 4096;
/** A process that was asked to end and does not is ended. */
const graceMs = 10_000;

type Asking = HostRequest extends infer Request ? (Request extends HostRequest ? Omit<Request, 'id'> : never) : never;

/** One process with its machines, started again when it dies. */
class HostProcess {
	readonly students: readonly string[];
	readonly failures: Record<string, string> = {};
	readonly #plan: ClassPlan;
	#child: ChildProcess | undefined;
	#isEnding = false;
	#early = 0;
	#number = 0;
	readonly #waiting = new Map<number, (answer: HostAnswer) => void>();

	constructor(plan: ClassPlan, students: readonly string[]) {
		this.#plan = plan;
		this.students = students;
	}

	get pid(): number {
		return this.#child?.pid ?? 0;
	}

	/** Resolves when each of its machines is there, or has failed. */
	async start(fresh: boolean): Promise<void> {
		const child = fork(process.argv[1] ?? '', ['class-host'], {stdio: ['ignore', 'inherit', 'inherit', 'ipc']});
		this.#child = child;
		const beganMs = performance.now();
		child.on('message', (answer: HostAnswer) => {
			this.#waiting.get(answer.id)?.(answer);
			this.#waiting.delete(answer.id);
		});
		let isOver = false;
		const over = (): void => {
			if (isOver) return;
			isOver = true;
			for (const [id, resolve] of this.#waiting) resolve({id, error: 'the process that serves the machine has ended'});
			this.#waiting.clear();
			this.#early = performance.now() - beganMs < steadyMs ? this.#early + 1 : 0;
			if (!this.#isEnding) void this.#again(child.pid ?? 0);
		};
		child.once('exit', over);
		// A process that could not be started never exits. Any other error shows in what follows.
		child.on('error', () => child.pid === undefined && over());
		// What was wrong with the process before is so no longer.
		for (const student of this.students) this.failures[student] = 'it is being started';
		const {failures = {}, error} = await this.ask({do: 'serve', plan: {...this.#plan, fresh}, students: this.students});
		for (const student of this.students) {
			const failure = failures[student] ?? error;
			if (failure === undefined) delete this.failures[student];
			else this.failures[student] = failure;
		}
	}

	async #again(pid: number): Promise<void> {
		const what = pid === 0 ? 'a process' : `process ${pid}`;
		const how = pid === 0 ? 'could not be started' : 'has ended';
		process.stderr.write(`mmtop: ${what} of class ${this.#plan.class} ${how}; its machines are restored\n`);
		await sleep(this.#early < 2 ? 0 : Math.min(longestDelayMs, 100 * 2 ** this.#early));
		if (!this.#isEnding) await this.start(false);
	}

	ask(request: Asking): Promise<HostAnswer> {
		const id = this.#number++;
		return new Promise(resolve => {
			this.#waiting.set(id, resolve);
			const fail = () => {
				this.#waiting.delete(id);
				resolve({id, error: 'the process that serves the machine is being started'});
			};
			if (!this.#child?.connected) fail();
			else this.#child.send({id, ...request}, error => error && fail());
		});
	}

	async end(): Promise<void> {
		this.#isEnding = true;
		const child = this.#child;
		if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
		const closed = new Promise<void>(resolve => child.once('exit', () => resolve()));
		const late = setTimeout(() => child.kill('SIGKILL'), graceMs);
		if (child.connected) child.disconnect();
		await closed;
		clearTimeout(late);
	}
}

/** Machines dealt out to as many processes as there are cores. */
function dealt(students: readonly string[]): readonly (readonly string[])[] {
	const count = Math.min(availableParallelism(), students.length);
	return Array.from({length: count}, (_, index) => students.filter((_, at) => at % count === index));
}

/** The processes of a class whose own was killed end by themselves. @throws Failure where they do not */
async function waitForFormer({machines, class: name}: ClassPlan): Promise<void> {
	for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
		const held = machines.find(({journal}) => isClaimed(`${journal}.claim`));
		if (!held) return;
		if (waitedMs >= longestFarewellMs) {
			throw new Failure([
				`a machine of class ${name} is still served: that of ${held.student}; end that process first`,
			]);
		}
		await sleep(lookEveryMs);
	}
}

/**
 * Runs a class until it is asked to stop, by a signal or a teacher.
 *
 * @param onReady called when all its machines are there, or have failed
 * @throws Failure where it cannot begin
 */
export async function superviseClass(
	plan: ClassPlan,
	stop: StopSignal,
	onReady: (status: ClassStatus) => Promise<void>,
): Promise<void> {
	await makeDirectory(plan.state, 0o700).catch((error: unknown) => {
		throw new Failure([`${codeOf(error)}: sessions cannot be kept in ${plan.state}; set XDG_STATE_HOME to another`]);
	});
	const claimPath = join(plan.state, 'class.claim');
	const holder = claim(claimPath);
	if (holder !== undefined) {
		throw new Failure([`class ${plan.class} is run by ${holder} already; "mmtop class down" ends it`]);
	}
	let hosts: readonly HostProcess[] = [];
	const servers: Server[] = [];
	try {
		await waitForFormer(plan);
		// What a class that was killed left, and people who are no longer in the roster.
		await removeFolders(plan);
		const notes = await makeFolders(plan);
		hosts = dealt(plan.machines.map(({student}) => student)).map(students => new HostProcess(plan, students));
		let goDown = (): void => {};
		const isDown = new Promise<void>(resolve => {
			goDown = resolve;
		});
		const status = (): ClassStatus => statusOf(hosts, notes);
		for (const teacher of plan.teachers) {
			const path = supervisorSocket(plan.directory, teacher);
			const server = createServer(socket =>
				answerOn(socket, question => answer(question, {plan, hosts, status, goDown})),
			);
			await listenOnFile(server, path);
			servers.push(server);
			await letUse(path, plan.people[teacher]!);
		}
		const started = Promise.all(hosts.map(host => host.start(plan.fresh)));
		const isStarted = await Promise.race([stop.orStop(started).then(() => true), isDown.then(() => false)]);
		if (!isStarted) throw new Failure([`class ${plan.class} was asked to go down while it started`]);
		const failed = Object.entries(status().failures);
		// Without a machine there is nothing by which a teacher finds the class again, to end it.
		if (failed.length === plan.machines.length) {
			throw new Failure(failed.map(([student, why]) => `${student} has no machine: ${why}`));
		}
		await onReady(status());
		await Promise.race([stop.wanted, isDown]);
	} catch (error) {
		if (!stop.signal.aborted) throw error;
	} finally {
		await Promise.all(hosts.map(host => host.end()));
		await removeFolders(plan);
		await unlink(claimPath).catch(() => {});
		for (const server of servers) server.close();
	}
}

/** Memory of a process; 0 for one that is gone. It is not asked itself, for it may stand still. */
function rssBytesOf(pid: number): number {
	try {
		return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
	} catch {
		return 0;
	}
}

function statusOf(hosts: readonly HostProcess[], notes: ClassStatus['notes']): ClassStatus {
	return {
		failures: Object.assign({}, ...hosts.map(({failures}) => failures)),
		notes,
		hosts: hosts.map(({pid, students}) => ({pid, students, rssBytes: rssBytesOf(pid)})),
	};
}

type Running = {
	readonly plan: ClassPlan;
	readonly hosts: readonly HostProcess[];
	readonly status: () => ClassStatus;
	readonly goDown: () => void;
};

async function answer(question: ClassQuestion, {plan, hosts, status, goDown}: Running): Promise<ClassAnswer> {
	if (question.do === 'status') return {status: status()};
	if (question.do === 'down') {
		// The answer goes out before the sockets do.
		setImmediate(goDown);
		return {said: `class ${plan.class} is down; its sessions stay in ${plan.state}`};
	}
	const machine = plan.machines.find(({student}) => student === question.student);
	if (!machine) return {error: `there is no machine of ${JSON.stringify(question.student)} in class ${plan.class}`};
	if (question.do === 'session') return {session: readFileSync(machine.journal, 'utf8')};
	const host = hosts.find(({students}) => students.includes(machine.student));
	const {said, error} = (await host?.ask({do: 'reset', student: machine.student})) ?? {};
	if (host && error === undefined) delete host.failures[machine.student];
	return {...(said !== undefined && {said}), ...(error !== undefined && {error})};
}

/** One question a connection. */
function answerOn(socket: Socket, answer: (question: ClassQuestion) => Promise<ClassAnswer>): void {
	let text = '';
	let isAsked = false;
	socket.on('error', () => {});
	socket.setEncoding('utf8').on('data', (chunk: string) => {
		text += chunk;
		if (isAsked) return;
		if (text.length > longestQuestion) {
			socket.destroy();
			return;
		}
		if (!text.includes('\n')) return;
		isAsked = true;
		void answered(text, answer).then(answer => socket.end(`${JSON.stringify(answer)}\n`));
	});
}

async function answered(text: string, answer: (question: ClassQuestion) => Promise<ClassAnswer>): Promise<ClassAnswer> {
	try {
		const question = JSON.parse(text) as Partial<{do: string; student: unknown}> | null;
		const isKnown = ['status', 'reset', 'session', 'down'].includes(question?.do ?? '');
		if (!isKnown) return {error: 'a question is {"do": "status" | "reset" | "session" | "down", "student": LOGIN}'};
		return await answer(question as ClassQuestion);
	} catch (error) {
		return {error: error instanceof Error ? error.message : String(error)};
	}
}
