import type {Pace} from '../formats/debugfs/lab/clock.ts';
import {files} from '../formats/files.ts';
import type {Lab} from '../lab/lab.ts';
import {type LabOptions, usualPreset} from '../lab/presets.ts';
import {asTargetError} from '../target/sentence.ts';
import type {Target} from '../target/target.ts';
import type {OpenMachine} from '../ui/desk.ts';
import type {RunOptions} from '../ui/run.tsx';
import {createTheme, themeNames} from '../ui/terminal/theme.ts';
import {type Config, leastRefresh, mostRefresh, readConfig} from './config.ts';
import {type CommandContext, type CommandFunction, printRaw} from './context.ts';
import {tuneEngineForMachine, tuneEngineForMonitor} from './engine.ts';
import {Failure, UsageError} from './errors.ts';
import {type Flags, parsePace} from './flags.ts';
import type {Kept} from './journal.ts';
import {labOptions, onFresh, withTarget} from './machine.ts';
import {ownFiles} from './ownFiles.ts';
import {asksForSession, machineOf, ownMachine, refuseSession} from './sessionFile.ts';

/** Size of a screen that no terminal determines: that of the design card. */
const usualColumns = 120;
const usualRows = 40;

/** `mmtop`: the monitor on a fresh machine in this process; without a terminal, one screen of it as text. */
export const monitor: CommandFunction = async context => {
	const {args, flags} = context;
	if (args.length > 0) throw new UsageError(`mmtop takes a command, not ${JSON.stringify(args[0])}`);

	const how = looks(context);
	if (how === 'once') {
		if (asksForSession(flags.record)) throw new UsageError('--record FILE.session needs the monitor, not one screen');
		return onFresh(flags, target => showOnce(context, target));
	}

	tuneEngineForMachine();
	const {bootLab} = await import('../lab/lab.ts');
	// Who hears sentences has no banner to read at leisure.
	const options = {...labOptions(flags), pace: how.pace ?? (how.plain ? 'fast' : 'read')} as const;
	return showOwn(context, {...how, pace: options.pace}, bootLab(options), options);
};

/** `mmtop attach FILE.session`: the monitor on the machine of a session, which goes on from its end. */
export async function showSession(context: CommandContext, path: string, kept: Kept): Promise<number> {
	const how = looks(context);
	if (how === 'once') refuseSession(context.flags.record);
	const lab = await machineOf(path, kept, context.stderr);
	if (how !== 'once') return showOwn(context, how, lab, kept.options);

	const {headlessMachine} = await import('../target/headless.ts');
	return showOnce(context, headlessMachine(lab, 'mmtop').target);
}

/** Opens the monitor on a machine that is ours alone. @param options with which it was booted */
async function showOwn(context: CommandContext, how: Looks, lab: Lab, options: LabOptions): Promise<number> {
	const machine = ownMachine(lab, options, context.flags.record);
	let code: number;
	let failure: string | undefined;
	try {
		const target = machine.client('monitor');
		// A session has the pace that it ended with.
		if (how.pace !== undefined && how.pace !== lab.clock().pace) await setClock(target, `pace ${how.pace}`);
		code = await showMonitor(context, how, target, isResting => machine.rest(isResting));
	} finally {
		failure = machine.end();
	}

	if (failure !== undefined) throw new Failure([failure]);
	return code;
}

/** Opens the monitor on a target, or prints one screen of it where there is no terminal. Closes the target. */
export function show(context: CommandContext, open: () => Promise<Target>): Promise<number> {
	const how = looks(context);
	if (how !== 'once') tuneEngineForMonitor();

	return withTarget(open(), target => (how === 'once' ? showOnce(context, target) : showMonitor(context, how, target)));
}

/** Whatever shows the target, writing down what it reads where --record asks for that. */
async function recording(
	{flags: {record}}: CommandContext,
	target: Target,
	show: (target: Target) => Promise<number>,
): Promise<number> {
	if (record === undefined || asksForSession(record)) return show(target);

	const {recordTo} = await import('../target/recorder.ts');
	const recorder = await recordTo(record, target);
	const code = await withTarget(Promise.resolve(recorder), show);
	const sentence = recorder.stopped();
	// Once more where it stays to be read: the monitor went on, and its notice may have been missed.
	if (sentence !== undefined) throw new Failure([sentence]);
	return code;
}

const usualRefresh = 10;

type Looks = RunOptions & {readonly plain: boolean; readonly pace: Pace | undefined};

/**
 * How the monitor looks: what a flag says, else the file, else what the terminal suggests. `once` for one screen.
 *
 * @throws UsageError
 */
export function looks({flags, env, stdin, stdout}: CommandContext): 'once' | Looks {
	const asked = configOf(flags);
	// Sentences go into a pipe, too, but only for those who ask for them just now.
	if (flags.once || !(stdout.isTTY || flags.plain)) return 'once';

	const config = {...readConfig(env), ...asked};
	const isDumb = env.TERM === 'dumb';
	const plain = config.plain ?? isDumb;
	if (!plain && isDumb) {
		throw new UsageError('TERM is dumb: this terminal cannot place a cursor; run mmtop with --plain');
	}

	if (!plain && !stdin.isTTY) {
		throw new UsageError('stdin is not a terminal, so keys cannot be read; run mmtop from a terminal or with --once');
	}

	const {theme, ascii, mouse = true, refresh = usualRefresh, pace} = config;
	return {...(theme && {theme}), ...(ascii !== undefined && {ascii}), mouse, refresh, plain, pace};
}

/** The flags that say what the file may say, in its terms. @throws UsageError */
function configOf({theme, ascii, mouse, plain, pace, refresh}: Flags): Config {
	const known = themeNames.find(name => name === theme);
	if (theme !== undefined && known === undefined) {
		throw new UsageError(`--theme takes ${themeNames.join(', ')}; got ${JSON.stringify(theme)}`);
	}

	const perSecond = Number(refresh ?? usualRefresh);
	if (!(perSecond >= leastRefresh && perSecond <= mostRefresh)) {
		throw new UsageError(
			`--refresh takes samples a second, ${leastRefresh} to ${mostRefresh}; got ${JSON.stringify(refresh)}`,
		);
	}

	return {
		...(known && {theme: known}),
		...(ascii !== undefined && {ascii}),
		...(mouse !== undefined && {mouse}),
		...(plain !== undefined && {plain}),
		...(pace !== undefined && {pace: parsePace(pace)}),
		...(refresh !== undefined && {refresh: perSecond}),
	};
}

/** A machine that stopped takes no such write, and holds no state that one could wait for. */
async function setClock(target: Target, words: string): Promise<void> {
	await target.write(files.clock.path, words).catch((error: unknown) => {
		if (asTargetError(error).code !== 'EIO') throw error;
	});
}

/** Boots a machine beside the one that is shown: of another kind, and else as the flags say. */
const opener =
	(flags: Flags, pace: Pace | undefined): OpenMachine =>
	async ({preset, era}, name) => {
		const {bootEmbedded} = await import('../target/embedded.ts');
		// Another preset has sizes of its own.
		const {mem, highmem, pae, cpus, ...others} = flags;
		const alike = preset === (flags.machine ?? usualPreset) ? flags : others;
		const options = labOptions({...alike, machine: preset, era});
		const machine = await bootEmbedded({...options, pace: pace ?? 'read'}, name);
		const target = machine.client('monitor');
		if (flags.watch === false) await setClock(target, 'watch off');
		return {
			target,
			rest: isResting => machine.rest(isResting),
			end: () => machine.stop(),
		};
	};

/** @param rest lets the machine stand still while another one is in front, where it is one's own */
async function showMonitor(
	context: CommandContext,
	options: Looks,
	target: Target,
	rest?: (isResting: boolean) => void,
): Promise<number> {
	const {flags, env, stdin, stdout} = context;
	if (target.writable) {
		if (flags.watch === false) await setClock(target, 'watch off');
		// One's own was booted with it.
		if (options.pace !== undefined && !rest) await setClock(target, `pace ${options.pace}`);
	}

	if (options.plain) {
		const {runPlain} = await import('../ui/plain/run.ts');
		return recording(context, target, each => runPlain({target: each, stdin, stdout, refresh: options.refresh}));
	}

	const {runMonitor, runClass} = await import('../ui/run.tsx');
	const own = ownFiles(env);
	const {wallClassOf} = await import('./class/wallClasses.ts');
	const classroom = await wallClassOf(target, env);
	if (classroom) {
		return recording(context, target, each => runClass({target: each, classroom, stdin, stdout, env, own, options}));
	}

	const open = opener(flags, options.pace);
	return recording(context, target, each =>
		runMonitor({target: each, open, ...(rest && {rest}), stdin, stdout, env, own, options}),
	);
}

async function showOnce(context: CommandContext, target: Target): Promise<number> {
	const {flags, env, stdout} = context;
	const {renderOnce} = await import('../ui/once.tsx');
	const {theme = 'dark', ascii = false} = configOf(flags);
	const columns = stdout.columns ?? usualColumns;
	const rows = stdout.rows ?? usualRows;
	const colour = stdout.isTTY === true && !env.NO_COLOR;
	return recording(context, target, async each => {
		const screen = await renderOnce({
			target: each,
			columns,
			rows,
			theme: createTheme(colour ? theme : 'plain', !ascii),
		});
		await printRaw(stdout, screen.endsWith('\n') ? screen : `${screen}\n`);
		return 0;
	});
}
