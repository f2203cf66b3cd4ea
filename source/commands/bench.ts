import type {ExperimentRecord} from '../formats/debugfs/lab/experiments.ts';
import {TargetError} from '../target/target.ts';
import type {CommandContext} from './context.ts';
import {UsageError} from './errors.ts';
import {type Flags, machineFlags, spelled} from './flags.ts';
import {
	type DrivenTarget,
	experimentsOf,
	inject,
	type OpenDrivenTarget,
	type Outcome,
	openDrivenTarget,
} from './injection.ts';

/** Machines that experiments run on: which one a claim is about, and one that is closed afterwards. */

/** What the machine of the flags offers; a fresh one needs no time for that. */
export function offered(context: CommandContext): Promise<readonly ExperimentRecord[]> {
	const {flags} = context;
	const young = flags.target === undefined ? {...context, flags: {...flags, until: '0s'}} : context;
	return onBench(young, ({target}) => experimentsOf(target));
}

/** Whether the machine that was asked for is one of which the claim is made. */
export function suits({eras, machine}: ExperimentRecord, flags: Flags): boolean {
	const rightEra = flags.era === undefined || eras.length === 0 || eras.includes(flags.era);
	return rightEra && (flags.machine === undefined || machine === null || machine === flags.machine);
}

/** The flags, and what they leave open as the experiment needs it: the first kernel that it names. */
export function machineFor({eras, machine}: ExperimentRecord, flags: Flags): Flags {
	const era = flags.era ?? eras[0];
	const preset = flags.machine ?? machine ?? undefined;
	return {...flags, ...(era !== undefined && {era}), ...(preset !== undefined && {machine: preset})};
}

/** The command line that runs the same again; on a machine that others have, there is none. */
export function commandLineOf(flags: Flags, words: readonly string[]): string | undefined {
	if (flags.target !== undefined) return undefined;
	const given = [...machineFlags, 'until' as const].flatMap(each => {
		const value = flags[each];
		return value === undefined || value === false ? [] : value === true ? [spelled(each)] : [spelled(each), value];
	});
	return ['mmtop run', ...words, ...given].join(' ');
}

export async function onBench<T>(
	context: CommandContext,
	use: (bench: OpenDrivenTarget) => Promise<T>,
	limit?: Parameters<typeof openDrivenTarget>[1],
): Promise<T> {
	const bench = await openDrivenTarget(context, limit);
	try {
		return await use(bench);
	} finally {
		await bench.target.close();
	}
}

/** What the machine calls an invalid request was typed here: wrong usage. */
export async function injectFromCommandLine(bench: DrivenTarget, text: string): Promise<Outcome> {
	try {
		return await inject(bench, text);
	} catch (error) {
		if (error instanceof TargetError && error.code === 'EINVAL') {
			throw new UsageError(error.message.replace(/^EINVAL: /, ''));
		}

		throw error;
	}
}
