/**
 * A process that serves some machines of a class, for the one that runs it. Threads would not do: a mask for new files
 * belongs to the process, and what ends one would end all.
 */
import {existsSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {ClassSeat, type KeptClass} from '../../server/classSeat.ts';
import {Leftovers} from '../../server/leftovers.ts';
import {mostOpenFiles} from '../../server/limits.ts';
import {type Results, withResults} from '../../server/results.ts';
import {type RunningServer, serveSockets} from '../../server.ts';
import {roleOf} from '../../target/classes.ts';
import {type EmbeddedMachine, embeddedMachine} from '../../target/embedded.ts';
import {asTargetError} from '../../target/sentence.ts';
import {systemClock} from '../../target/wallClock.ts';
import type {CommandFunction} from '../context.ts';
import {tuneEngineForMachine} from '../engine.ts';
import {Failure, UsageError} from '../errors.ts';
import {type Served, switchOnServed} from '../served.ts';
import {stopSignal} from '../stopSignal.ts';
import {letUse} from './folders.ts';
import type {ClassPlan, PlannedMachine} from './plan.ts';

/** What the process that runs the class asks of one that serves machines; each is answered. */
export type HostRequest = {readonly id: number} & (
	| {readonly do: 'serve'; readonly plan: ClassPlan; readonly students: readonly string[]}
	| {readonly do: 'reset'; readonly student: string}
);

export type HostAnswer = {
	readonly id: number;
	/** By student, why there is no machine. */
	readonly failures?: Readonly<Record<string, string>>;
	readonly said?: string;
	readonly error?: string;
};

/** How often it is written down how far time came. */
const progressMs = 1000;

/** @returns undefined where nothing is kept, or nothing that can be read */
function readKept(path: string): KeptClass | undefined {
	try {
		return JSON.parse(readFileSync(path, 'utf8')) as KeptClass;
	} catch {
		return undefined;
	}
}

function writeKept(path: string, kept: KeptClass): void {
	writeFileSync(`${path}.new`, `${JSON.stringify(kept)}\n`, {mode: 0o600});
	renameSync(`${path}.new`, path);
}

/** The first name that is free: `alice.session.1`. */
function asideOf(path: string): string {
	for (let number = 1; ; number++) if (!existsSync(`${path}.${number}`)) return `${path}.${number}`;
}

const second = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

/** One machine that is served. */
class Host {
	readonly #machine: PlannedMachine;
	readonly #plan: ClassPlan;
	readonly #leftovers = new Leftovers();
	#served: Served | undefined;
	#embedded: EmbeddedMachine | undefined;
	#server: RunningServer | undefined;
	#following: NodeJS.Timeout | undefined;

	constructor(machine: PlannedMachine, plan: ClassPlan) {
		this.#machine = machine;
		this.#plan = plan;
	}

	/** @param fresh whether a session that is there is put aside @throws what a start of `serve` throws */
	async begin(fresh: boolean, isStopped: () => boolean): Promise<void> {
		const {student, journal, options} = this.#machine;
		const {env, stderr} = process;
		const context = {flags: fresh ? {fresh: true} : {}, env, stderr};
		const served = await switchOnServed(context, student, this.#leftovers, isStopped, {path: journal, options});
		if (!served) throw new Failure(['it was asked to stop']);
		this.#served = served;
		const follow = (): void => {
			const failure = served.follow();
			if (failure !== undefined) stderr.write(`mmtop: ${student}: ${failure}\n`);
		};
		this.#embedded = embeddedMachine(served.lab, student, systemClock, {id: served.id, onWrite: follow});
		this.#server = await this.#serve(this.#embedded, served.results);
		this.#following = setInterval(follow, progressMs);
		follow();
		served.seen();
	}

	async #serve(embedded: EmbeddedMachine, results: Results): Promise<RunningServer> {
		const {student, sockets, kept} = this.#machine;
		const seat = new ClassSeat({
			class: this.#plan.class,
			student,
			kept: readKept(kept),
			keep: each => writeKept(kept, each),
			client: (by, mayWrite) => withResults(embedded.client(by, mayWrite), results),
			nowMs: systemClock.nowMs,
			nowText: second,
		});
		await seat.begin();
		const roles = new Map(sockets.map(({path, kind}) => [path, roleOf(kind)]));
		const server = await serveSockets({
			client: (by, _, path) => seat.client(by, roles.get(path) ?? 'observer'),
			sockets: sockets.map(({path, kind}) => ({path, mayWrite: kind !== 'observe'})),
			onSocket: path => this.#leftovers.file(path),
			openFiles: mostOpenFiles() / this.#plan.machines.length,
		});
		try {
			for (const {path, person} of sockets) await letUse(path, this.#plan.people[person]!);
		} catch (error) {
			await server.close();
			throw error;
		}
		return server;
	}

	/** Its session stays, its sockets go. */
	async end(): Promise<void> {
		clearInterval(this.#following);
		this.#embedded?.stop();
		this.#served?.leave();
		await this.#server?.close();
		for (const {path} of this.#machine.sockets) this.#leftovers.forgetFile(path);
		this.#leftovers.remove();
	}
}

/** What was thrown by a start, as a sentence for the user who runs the class. */
function sentenceOf(error: unknown): string {
	if (error instanceof Failure || error instanceof UsageError) return error.message;
	return asTargetError(error).message;
}

/** `mmtop class-host`, which `class up` starts. */
export const classHost: CommandFunction = async () => {
	if (!process.send) throw new UsageError('class-host is started by "mmtop class up"');
	tuneEngineForMachine();
	// Each machine takes back what it made when the process ends.
	process.setMaxListeners(0);
	const stop = stopSignal();
	const isStopped = () => stop.signal.aborted;
	const hosts = new Map<string, Host>();
	let plan: ClassPlan | undefined;
	const begin = async (student: string, fresh: boolean): Promise<string | undefined> => {
		const machine = plan?.machines.find(each => each.student === student);
		if (!plan || !machine) return `there is no machine of ${student} here`;
		const host = new Host(machine, plan);
		try {
			await host.begin(fresh, isStopped);
			hosts.set(student, host);
			return undefined;
		} catch (error) {
			await host.end();
			return sentenceOf(error);
		}
	};
	const reset = async (student: string): Promise<Omit<HostAnswer, 'id'>> => {
		const machine = plan?.machines.find(each => each.student === student);
		await hosts.get(student)?.end();
		hosts.delete(student);
		let said = 'there was no session to keep';
		if (machine && existsSync(machine.journal)) {
			const aside = asideOf(machine.journal);
			renameSync(machine.journal, aside);
			if (existsSync(`${machine.journal}.results`)) renameSync(`${machine.journal}.results`, `${aside}.results`);
			said = `its session is kept in ${aside}`;
		}
		const failure = await begin(student, false);
		return failure === undefined ? {said} : {error: `${failure}; ${said}`};
	};
	const answer = async (request: HostRequest): Promise<Omit<HostAnswer, 'id'>> => {
		switch (request.do) {
			case 'serve': {
				plan = request.plan;
				const failures: Record<string, string> = {};
				for (const student of request.students) {
					const failure = await begin(student, plan.fresh);
					if (failure !== undefined) failures[student] = failure;
				}
				return {failures};
			}
			case 'reset':
				return reset(request.student);
		}
	};
	// One after the other: a machine is not reset while it starts.
	let last: Promise<unknown> = Promise.resolve();
	process.on('message', (request: HostRequest) => {
		last = last.then(async () => {
			const answered = await answer(request).catch((error: unknown) => ({error: sentenceOf(error)}));
			if (process.connected) process.send?.({id: request.id, ...answered});
		});
	});
	// The process that runs the class is gone: another one starts processes of its own.
	const alone = new Promise<void>(resolve => process.once('disconnect', resolve));
	await Promise.race([stop.wanted, alone]);
	await Promise.all([...hosts.values()].map(host => host.end()));
	stop.release();
	return 0;
};
