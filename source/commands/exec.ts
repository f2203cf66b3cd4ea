import {parseClock} from '../formats/debugfs/lab/clock.ts';
import {type ProgramRecord, parseExec} from '../formats/debugfs/lab/exec.ts';
import {pathOf} from '../formats/fileRow.ts';
import {files} from '../formats/files.ts';
import type {HeadlessMachine} from '../target/headless.ts';
import {type Target, TargetError} from '../target/target.ts';
import {type CommandContext, type CommandFunction, print, printRaw} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {readText} from './injection.ts';
import {chosenToDrive, failIfStopped, withTarget} from './machine.ts';
import {bytesOfFile, shellExitCodes, upload} from './upload.ts';

/** What a shell says of a program that a signal ended, plus the signal. */
const killedBy = 128;

/** Between two looks: in wall time on a machine that runs by itself, in virtual time on our own. */
const lookEveryMs = 20;

/** `mmtop exec [-t TARGET] ./prog [ARGUMENT…]`: its output is ours, and so is its exit status. */
export const exec: CommandFunction = async context => {
	const {args} = context;
	const [path, ...programArgs] = args;
	if (path === undefined) throw new UsageError('exec needs a program, as mmtop exec -t lab0 ./prog');

	const bytes = await bytesOfFile(path, shellExitCodes);
	const chosen = await chosenToDrive(context);
	if ('own' in chosen) {
		return runOn(context, chosen.own.target, path, bytes, programArgs, () => letTimePass(chosen.own));
	}

	return withTarget(Promise.resolve(chosen.target), target =>
		runOn(context, target, path, bytes, programArgs, waitAMoment),
	);
};

function waitAMoment(): Promise<void> {
	return new Promise(resolve => setTimeout(resolve, lookEveryMs));
}

/** Signals are heard in between. */
async function letTimePass(machine: HeadlessMachine): Promise<void> {
	machine.runUntil(machine.timeNs() + lookEveryMs * 1e6);
	failIfStopped(machine.stopped());
	await new Promise(resolve => setImmediate(resolve));
}

async function runOn(
	{stdout, stderr}: CommandContext,
	target: Target,
	path: string,
	bytes: Uint8Array,
	args: readonly string[],
	wait: () => Promise<void>,
): Promise<number> {
	const id = await start(target, path, bytes, args);
	const signals = new Signals(target, id);
	let printed = 0;
	let saidPaused = false;
	try {
		for (;;) {
			const program = await look(target, id);
			if (program.bytes > printed) {
				await printRaw(stdout, await outputSince(target, program, printed));
				printed = program.bytes;
			}

			if (program.status !== 'running') return await verdict(program, path, stderr);

			const state = await clockState(target);
			if (state === 'paused' && !saidPaused) {
				saidPaused = true;
				await print(stderr, `mmtop: ${path} waits, for the clock of ${target.name} is paused\n`);
			}

			await wait();
		}
	} finally {
		signals.stop();
	}
}

async function start(target: Target, path: string, bytes: Uint8Array, args: readonly string[]): Promise<number> {
	try {
		const number = await upload(target, files.exec.path, path, bytes);
		// Monitors that watch can follow it.
		const answer = await target.write(files.exec.path, `tell ${number} ${JSON.stringify(args)}`);
		return Number(answer.split(' ')[1]);
	} catch (error) {
		if (error instanceof TargetError && error.code === 'ENOEXEC') {
			throw new Failure([error.message.replace(/^ENOEXEC: /, '')], shellExitCodes.unusable);
		}

		throw error;
	}
}

async function look(target: Target, id: number): Promise<ProgramRecord> {
	const found = parseExec(await readText(target, files.exec.path)).programs.find(each => each.id === id);
	if (found === undefined) throw new Failure([`${target.name} has gone back to before the program was started`]);

	return found;
}

/** @throws Failure for a machine that stopped */
async function clockState(target: Target): Promise<ReturnType<typeof parseClock>['state']> {
	const {state, stopped} = parseClock(await readText(target, files.clock.path));
	if (stopped !== undefined) throw new Failure([stopped]);

	return state;
}

/** What it has printed since; the start of that is missing where it printed more than is kept. */
async function outputSince(target: Target, {id, bytes}: ProgramRecord, printed: number): Promise<Uint8Array> {
	const output = await target.read(pathOf(files.execOutput, {program: id}));
	const content = typeof output === 'string' ? Buffer.from(output) : output;
	return content.subarray(Math.max(0, content.length - (bytes - printed)), content.length);
}

async function verdict({status, code, note}: ProgramRecord, path: string, stderr: NodeJS.WriteStream): Promise<number> {
	const why = note === null ? '' : `: ${note}`;
	if (status === 'exited') {
		if (note !== null) await print(stderr, `mmtop: ${path}${why}\n`);

		return code;
	}

	await print(stderr, `mmtop: ${path} was killed by signal ${code}${why}\n`);
	return killedBy + code;
}

/** ^C and the like go to the program; a second one ends us. */
class Signals {
	static readonly #numbers = {SIGINT: 2, SIGTERM: 15} as const;
	readonly #handlers: readonly (readonly [NodeJS.Signals, () => void])[];

	constructor(target: Target, id: number) {
		this.#handlers = Object.entries(Signals.#numbers).map(([signal, number]) => {
			const handler = () => {
				this.stop();
				target.write(files.exec.path, `kill ${id} ${number}`).catch(() => {});
			};
			process.on(signal, handler);
			return [signal as NodeJS.Signals, handler] as const;
		});
	}

	stop(): void {
		for (const [signal, handler] of this.#handlers) process.off(signal, handler);
	}
}
