import './commands/signals.ts';

import {inspect} from 'node:util';
import {type CommandContext, printRaw} from './commands/context.ts';
import {Failure, UsageError} from './commands/errors.ts';
import {spelled} from './commands/flags.ts';
import {commandHelp, helpText} from './commands/help.ts';
import {parseCommandLine} from './commands/parse.ts';
import {commands} from './commands/table.ts';
import {LabError} from './lab/errors.ts';
import {mmtopVersion} from './lab/version.ts';
import {oneLine} from './target/sentence.ts';
import {TargetError} from './target/target.ts';
import {dieOf} from './ui/terminal/signals.ts';

/**
 * The only place that prints errors and sets exit codes: 0 done, 1 what was asked for failed, 2 usage, 3 the machine is
 * not fit for an experiment.
 */

async function main(): Promise<number> {
	const {command, args, flags} = parseCommandLine(process.argv.slice(2), import.meta);
	const {env, stdin, stdout, stderr} = process;
	if (flags.help || flags.version) {
		const named = command !== undefined && Object.hasOwn(commands.named, command) ? commands.named[command] : undefined;
		await printRaw(stdout, flags.help ? (named ? commandHelp(named) : helpText(commands)) : `${mmtopVersion}\n`);
		return 0;
	}

	const run = await ((command === undefined ? undefined : commands.named[command]) ?? commands.monitor).load();
	const context: CommandContext = {args, flags, env, stdin, stdout, stderr, commands};
	return run(context);
}

/** What went wrong, as sentences and an exit code. What is none of the expected errors is a bug, and says so. */
function explain(error: unknown): {exitCode: number; sentences: readonly string[]} {
	if (error instanceof UsageError) return {exitCode: 2, sentences: [error.message]};

	if (error instanceof Failure) return {exitCode: error.exitCode, sentences: error.sentences};

	if (error instanceof TargetError) return {exitCode: 1, sentences: [error.message]};

	if (error instanceof LabError) return {exitCode: 2, sentences: [namingFlag(error.message)]};

	const reason = error instanceof Error ? error.message : String(error);
	return {exitCode: 1, sentences: [`internal error, which is a bug in mmtop: ${reason}`]};
}

/** The machine says `EINVAL: mem must be …`, and the person typed `--mem`. */
function namingFlag(message: string): string {
	return message.replace(/^E[A-Z]+: (\w+)/, (_, word: string) => spelled(word));
}

function fail(error: unknown): void {
	const {exitCode, sentences} = explain(error);
	for (const sentence of sentences) {
		process.stderr.write(`mmtop: ${oneLine(sentence)}\n`);
	}

	// For those who look for the bug: where it was thrown, and what caused it.
	if (process.env.MMTOP_STACK) {
		process.stderr.write(`${inspect(error)}\n`);
	}

	process.exitCode = exitCode;
}

// A reader that has seen enough, as head(1), is not a failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
	if (error.code === 'EPIPE') {
		process.exit(process.exitCode ?? 0);
	}

	// A terminal that is gone: the monitor, which has a listener too, leaves by itself.
	if (error.code === 'EIO' && process.stdout.isTTY) {
		if (process.stdout.listenerCount('error') === 1) dieOf('SIGHUP');
		return;
	}

	const reason = error.code === 'ENOSPC' ? 'no space is left' : (error.code ?? error.message);
	fail(new Failure([`cannot write to stdout: ${reason}`]));
	process.exit();
});
process.stderr.on('error', () => {});
process.on('uncaughtException', error => {
	// Later than the monitor's own handler, which gives the terminal back: the sentence must stay on the screen.
	setImmediate(() => {
		fail(error);
		process.exit();
	});
});

/**
 * What was written goes out first. Whatever else is still open (a connection that was being tried) is not waited for.
 */
function leave(): void {
	process.stdout.write('', () => process.stderr.write('', () => process.exit()));
}

try {
	process.exitCode = await main();
} catch (error) {
	fail(error);
}

leave();
