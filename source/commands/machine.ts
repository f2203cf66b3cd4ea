import {parseClock} from '../formats/debugfs/lab/clock.ts';
import {isLoadName, type LoadName, loadNames} from '../formats/debugfs/lab/load.ts';
import {files} from '../formats/files.ts';
import type {LabOptions} from '../lab/lab.ts';
import type {HeadlessMachine} from '../target/headless.ts';
import type {Target} from '../target/target.ts';
import type {CommandContext} from './context.ts';
import {tuneEngineForMachine} from './engine.ts';
import {Failure, UsageError} from './errors.ts';
import {type Flags, machineFlags, parseCount, parsePace, parseSizeBytes, parseTimeNs, spelled} from './flags.ts';
import type {Kept} from './journal.ts';

const usualUntil = '2s';

/** The machine that the flags describe. @throws UsageError for a value that is not even of the right kind */
export function labOptions(flags: Flags): LabOptions {
	return {
		...(flags.machine !== undefined && {preset: flags.machine}),
		...(flags.mem !== undefined && {memBytes: parseSizeBytes('mem', flags.mem)}),
		...(flags.pae !== undefined && {pae: flags.pae}),
		...(flags.highmem !== undefined && {highmemBytes: parseSizeBytes('highmem', flags.highmem)}),
		...(flags.cpus !== undefined && {cpus: parseCount('cpus', flags.cpus)}),
		...(flags.seed !== undefined && {seed: parseCount('seed', flags.seed)}),
		...(flags.era !== undefined && {era: flags.era}),
		...(flags.load !== undefined && {load: parseLoadName(flags.load)}),
		...(flags.pace !== undefined && {pace: parsePace(flags.pace)}),
	};
}

/** @throws UsageError */
function parseLoadName(text: string): LoadName {
	if (isLoadName(text)) return text;
	throw new UsageError(`--load must be one of ${loadNames.join(', ')}, got ${JSON.stringify(text)}`);
}

/** A fresh machine at the virtual instant of `--until`; no wall time takes part. */
export async function freshMachine(flags: Flags): Promise<HeadlessMachine> {
	const untilNs = parseTimeNs('until', flags.until ?? usualUntil);
	tuneEngineForMachine();
	const {bootHeadless} = await import('../target/embedded.ts');
	return bootHeadless(labOptions(flags), untilNs, 'mmtop');
}

/** The session that `--target` names, if it names one. @throws UsageError, Failure */
async function namedSession({flags: {target, ...flags}}: CommandContext): Promise<Kept | undefined> {
	if (target === undefined) return undefined;

	refuseMachineFlags(flags, '--target');
	const {sessionAt} = await import('./sessionFile.ts');
	return sessionAt(target);
}

/** The target of `--target`, where that is not a session. */
async function openNamed({flags: {target = ''}, env}: CommandContext): Promise<Target> {
	const {openTarget} = await import('../target/open.ts');
	return openTarget(target, env);
}

/** A machine whose time we drive, or one whose time passes by itself. */
type ChosenMachine = {readonly own: HeadlessMachine} | {readonly target: Target};

/** The machine of `--target`, a session's at its end, else a fresh one. @throws UsageError, Failure */
async function chosenMachine(context: CommandContext): Promise<ChosenMachine> {
	const {flags, stderr} = context;
	if (flags.target === undefined) return {own: await freshMachine(flags)};

	const kept = await namedSession(context);
	if (!kept) return {target: await openNamed(context)};

	const {machineOf} = await import('./sessionFile.ts');
	const {headlessMachine} = await import('../target/headless.ts');
	return {own: headlessMachine(await machineOf(flags.target, kept, stderr), 'mmtop')};
}

/** As chosenMachine, to have something done on it: the clock of a session that ended paused runs again. */
export async function chosenToDrive(context: CommandContext): Promise<ChosenMachine> {
	const chosen = await chosenMachine(context);
	if (!('own' in chosen) || chosen.own.stopped() !== undefined) return chosen;

	const {target} = chosen.own;
	const content = await target.read(files.clock.path);
	const {state} = parseClock(typeof content === 'string' ? content : '');
	if (state === 'paused') await target.write(files.clock.path, 'run');
	return chosen;
}

/**
 * The machine of `--target`, else a fresh one.
 *
 * @throws UsageError for flags that contradict each other; for a session, whose machine would be gone at once
 */
export async function chosenTarget(context: CommandContext): Promise<Target> {
	const {flags} = context;
	if (flags.target === undefined) return (await freshMachine(flags)).target;

	if (await namedSession(context)) {
		throw new UsageError(`${flags.target} is a session, on which nothing would stay; "mmtop attach" goes on with it`);
	}

	return openNamed(context);
}

/**
 * Gives the machine of `--target`, else a fresh one, to `use`. A fresh one that stopped on its way shows its last
 * state, and then the command has failed.
 */
export async function onChosen(context: CommandContext, use: (target: Target) => Promise<number>): Promise<number> {
	if (context.flags.target === undefined) return onFresh(context.flags, use);

	const chosen = await chosenMachine(context);
	return 'own' in chosen ? use(chosen.own.target) : withTarget(Promise.resolve(chosen.target), use);
}

/** As onChosen, where only a fresh machine will do. */
export async function onFresh(flags: Flags, use: (target: Target) => Promise<number>): Promise<number> {
	const machine = await freshMachine(flags);
	const exitCode = await withTarget(Promise.resolve(machine.target), use);
	failIfStopped(machine.stopped());
	return exitCode;
}

/** @throws Failure for a machine that stopped: a panic, or a bug of ours */
export function failIfStopped(stopped: ReturnType<HeadlessMachine['stopped']>): void {
	if (stopped !== undefined) throw new Failure([stopped.sentence], 1, stopped.cause);
}

/** @throws UsageError when a flag describes a fresh machine where a running one is meant */
function refuseMachineFlags(flags: Flags, because: string): void {
	const given = [...machineFlags, 'until' as const].find(name => flags[name] !== undefined);
	if (given !== undefined) {
		throw new UsageError(`${spelled(given)} describes a fresh machine and cannot go together with ${because}`);
	}
}

/** Gives a target to `use` and closes it afterwards, whatever happened. */
export async function withTarget<T>(opening: Promise<Target>, use: (target: Target) => Promise<T>): Promise<T> {
	const target = await opening;
	try {
		return await use(target);
	} finally {
		await target.close();
	}
}

/**
 * What is meant when no machine is named: the only one of `serve` that runs here, else one's own machine of a class.
 *
 * @returns its name, or the path of its socket
 * @throws UsageError when that is not clear
 */
export async function onlyRunningMachine(env: NodeJS.ProcessEnv): Promise<string> {
	const {runningMachines} = await import('../target/open.ts');
	const [name, ...others] = await runningMachines(env);
	if (name === undefined) {
		const {classMachines} = await import('../target/classes.ts');
		const reachable = await classMachines(env);
		const own = reachable.filter(({role}) => role === 'student');
		if (own.length === 1) return own[0]!.socket;
		if (reachable.length > 0) {
			const students = [...new Set(reachable.map(({student}) => student))].join(', ');
			throw new UsageError(`several machines of classes can be reached here, name one: ${students}`);
		}
		throw new UsageError('no machine is running here; start one with "mmtop serve", or name a target');
	}

	if (others.length > 0) {
		throw new UsageError(`several machines are running here, name one: ${[name, ...others].join(', ')}`);
	}

	return name;
}
