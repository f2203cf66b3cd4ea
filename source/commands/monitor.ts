import type {Target} from '../target/target.ts';
import {type ThemeWish, themeNames} from '../ui/theme.ts';
import type {Command, Context} from './context.ts';
import {print} from './context.ts';
import {tuneEngine} from './engine.ts';
import {UsageError} from './errors.ts';
import type {Flags} from './flags.ts';
import {freshMachine, labOptions, withTarget} from './machine.ts';

/** Size of a screen that no terminal determines: that of the design card. */
const usualColumns = 120;
const usualRows = 40;

/** `mmtop`: the monitor on a fresh machine in this process; without a terminal, one screen of it as text. */
export const monitor: Command = async context => {
	const {args, flags, stdout} = context;
	if (args.length > 0) {
		throw new UsageError(`mmtop takes a command, not ${JSON.stringify(args[0])}`);
	}

	if (flags.once || !stdout.isTTY) {
		return showOnce(context, (await freshMachine(flags)).target);
	}

	requireKeyboard(context);
	tuneEngine();
	const {bootEmbedded} = await import('../target/embedded.ts');
	const machine = await bootEmbedded(labOptions(flags));
	try {
		return await showMonitor(context, machine.client('monitor'));
	} finally {
		machine.stop();
	}
};

/** Opens the monitor on a target, or prints one screen of it where there is no terminal. Closes the target. */
export function show(context: Context, opening: Promise<Target>): Promise<number> {
	if (!context.flags.once && context.stdout.isTTY) {
		requireKeyboard(context);
		tuneEngine();
	}

	return withTarget(opening, target =>
		context.flags.once || !context.stdout.isTTY ? showOnce(context, target) : showMonitor(context, target),
	);
}

/** Whatever shows the target, writing down what it reads where --record asks for that. */
async function recording(
	{flags: {record}}: Context,
	target: Target,
	show: (target: Target) => Promise<number>,
): Promise<number> {
	if (record === undefined) {
		return show(target);
	}

	const {recordTo} = await import('../target/recorder.ts');
	return withTarget(recordTo(record, target), show);
}

function requireKeyboard({stdin}: Context): void {
	if (!stdin.isTTY) {
		throw new UsageError('stdin is no terminal, so no key could be pressed; run mmtop from a terminal or with --once');
	}
}

function themeWish({theme, ascii}: Flags): ThemeWish {
	const known = themeNames.find(name => name === theme);
	if (theme !== undefined && known === undefined) {
		throw new UsageError(`--theme takes ${themeNames.join(', ')}; got ${JSON.stringify(theme)}`);
	}

	return {...(known && {theme: known}), ...(ascii && {ascii})};
}

async function showMonitor(context: Context, target: Target): Promise<number> {
	const {flags, env, stdin, stdout} = context;
	const options = themeWish(flags);
	if (flags.watch === false && target.writable) {
		await target.write('/sys/kernel/debug/lab/clock', 'watch off');
	}

	const {runMonitor} = await import('../ui/run.tsx');
	return recording(context, target, each => runMonitor({target: each, stdin, stdout, env, options}));
}

async function showOnce(context: Context, target: Target): Promise<number> {
	const {env, stdout} = context;
	const {renderOnce} = await import('../ui/once.tsx');
	const columns = stdout.columns ?? usualColumns;
	const rows = stdout.rows ?? usualRows;
	const colour = stdout.isTTY === true && !env.NO_COLOR;
	return recording(context, target, async each => {
		const screen = await renderOnce({target: each, columns, rows, colour});
		await print(stdout, screen.endsWith('\n') ? screen : `${screen}\n`);
		return 0;
	});
}
