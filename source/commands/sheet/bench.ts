/** The machine that a sheet is done on, and what is done to it. */
import {randomBytes} from 'node:crypto';
import {parseClock} from '../../formats/debugfs/lab/clock.ts';
import {isOver} from '../../formats/debugfs/lab/inject.ts';
import {files} from '../../formats/files.ts';
import {parseQuantity} from '../../formats/quantity.ts';
import type {Lab} from '../../lab/lab.ts';
import type {LabOptions} from '../../lab/presets.ts';
import {asTargetError} from '../../target/sentence.ts';
import {type Target, TargetError} from '../../target/target.ts';
import type {CommandContext} from '../context.ts';
import {doSession, programDigest} from '../doSession.ts';
import {tuneEngineForMachine} from '../engine.ts';
import {Failure} from '../errors.ts';
import type {Flags} from '../flags.ts';
import {
	type DrivenTarget,
	inject,
	injectionText,
	injectionUntilOver,
	openDrivenTarget,
	readText,
} from '../injection.ts';
import {journalText, parseJournal} from '../journal.ts';
import {failIfStopped, labOptions} from '../machine.ts';
import type {Act, Sheet} from './schema.ts';

/** Where time is when the first task is asked. */
const begunNs = 2e9;
/** Between two looks at a machine of one's own, of its time. */
const stepNs = 50e6;
/** What an act may take of the machine's time. */
const longestNs = 120e9;

/** @returns why one does not wait so long; undefined where one does */
export const refusedWait = (wait: string): string | undefined =>
	(parseQuantity(wait) ?? 0) > longestNs ? `wait is at most ${longestNs / 1e9}s, got ${wait}` : undefined;

export type SheetBench = DrivenTarget & {
	/** What is done next may take its own time. */
	readonly beginAct: () => void;
	/** What lies on the machine after this, as a session file has it; undefined where others have the machine. */
	readonly session: () => string | undefined;
};

/** A machine of the sheet's own, as far as the flags do not say otherwise. @throws UsageError */
function optionsOf({machine = {}}: Sheet, flags: Flags): LabOptions {
	const text = (value: number | undefined) => (value === undefined ? undefined : String(value));
	const {preset, seed, cpus, ...rest} = machine;
	const own = {load: 'quiet', ...rest, machine: preset, seed: text(seed), cpus: text(cpus)};
	const given = Object.fromEntries(Object.entries({...own, ...flags}).filter(([, value]) => value !== undefined));
	return labOptions(given as Flags);
}

/**
 * A fresh machine on which the setup was done, or one as a session left it.
 *
 * @param kept a session that is gone on with
 * @throws LabError for options that no machine can have; Failure
 */
export async function ownBench(sheet: Sheet, flags: Flags, by: string, kept?: string): Promise<SheetBench> {
	tuneEngineForMachine();
	const {bootLab} = await import('../../lab/lab.ts');
	const {headlessMachine} = await import('../../target/headless.ts');
	const journal = kept === undefined ? undefined : parseJournal(kept);
	const known = journal?.program === programDigest() ? journal : undefined;
	const options = known?.options ?? optionsOf(sheet, flags);
	const lab: Lab = bootLab(options);
	if (known) await doSession(lab, known, () => {});
	const {target, runUntil, timeNs, stopped} = headlessMachine(lab, by);
	if (!known) runUntil(begunNs);
	let limitNs = Number.POSITIVE_INFINITY;
	const id = randomBytes(8).toString('hex');
	const bench: SheetBench = {
		target,
		beginAct() {
			limitNs = timeNs() + longestNs;
		},
		async letTimePass() {
			failIfStopped(stopped());
			if (timeNs() > limitNs) throw new Failure([`it did not end within ${longestNs / 1e9} virtual seconds`]);
			// Otherwise no signal would be heard.
			await new Promise(resolve => setImmediate(resolve));
			runUntil(timeNs() + stepNs);
		},
		session: () =>
			journalText({id, program: programDigest(), options}, lab.session, {timeNs: lab.timeNs(), events: lab.events()}),
	};
	if (!known) await setUp(bench, sheet);
	return bench;
}

/** The machine of `--target`, with the setup done. @throws Failure, TargetError */
export async function targetBench(sheet: Sheet, context: CommandContext, isNew: boolean): Promise<SheetBench> {
	const {target, letTimePass} = await openDrivenTarget(context);
	const bench: SheetBench = {target, letTimePass, beginAct() {}, session: () => undefined};
	try {
		if (isNew) await setUp(bench, sheet);
	} catch (error) {
		await target.close();
		throw error;
	}
	return bench;
}

async function setUp(bench: SheetBench, sheet: Sheet): Promise<void> {
	for (const each of sheet.setup ?? []) await act(bench, sheet, each);
}

export const virtualNs = async (target: Target): Promise<number> =>
	parseClock(await readText(target, files.clock.path)).timeNs;

/**
 * Why something could not be done, where the sheet goes on.
 *
 * @throws the error, where it does not: the machine is lost, or it is our own
 */
export function refusalOf(error: unknown): string {
	if (error instanceof Failure) return error.message;
	if (!(error instanceof TargetError || 'code' in Object(error))) throw error;
	const {code, message} = asTargetError(error);
	if (code === 'EDISCONNECTED') throw error;
	return message;
}

/**
 * Does something to the machine, and waits for its end.
 *
 * @returns what came of it, as text
 * @throws TargetError for what the machine refuses; Failure where it does not end
 */
export async function act(bench: SheetBench, sheet: Sheet, what: Act): Promise<string> {
	const {target} = bench;
	bench.beginAct();
	if ('inject' in what) {
		const outcome = await inject(bench, what.inject.trim().split(/\s+/).join(' '));
		if (outcome.id === null) throw new Failure([`${outcome.name} cannot run here: ${outcome.result ?? ''}`]);
		return injectionText(outcome);
	}
	if ('do' in what) return doSteps(bench, sheet, what.do);
	if ('write' in what) {
		const answer = await target.write(what.write, what.text);
		return answer === '' ? '' : `${answer}\n`;
	}
	const refused = refusedWait(what.wait);
	if (refused !== undefined) throw new Failure([refused]);
	const endNs = (await virtualNs(target)) + (parseQuantity(what.wait) ?? 0);
	while ((await virtualNs(target)) < endNs) {
		if (parseClock(await readText(target, files.clock.path)).state === 'paused')
			throw new Failure([`the clock of ${target.name} is paused; write "run" to ${files.clock.path}`]);
		await bench.letTimePass();
	}
	return '';
}

async function doSteps(bench: SheetBench, sheet: Sheet, name: string): Promise<string> {
	const own = sheet.experiments ?? {};
	if (!Object.hasOwn(own, name)) throw new Failure([`this sheet has no experiment ${JSON.stringify(name)}`]);
	const steps = own[name]?.steps ?? [];
	const id = Number(await bench.target.write(files.calls.path, JSON.stringify({name, steps})));
	return injectionText(await injectionUntilOver(bench, id, isOver));
}
