import meow from 'meow';
import {didYouMean} from '../formats/nearest.ts';
import {mmtopVersion} from '../lab/version.ts';
import {UsageError} from './errors.ts';
import {type FlagName, type Flags, flagOf, flagTable, spelled, takesValue, typedFlag} from './flags.ts';
import {commandNamed} from './help.ts';
import {commands} from './table.ts';

type Invocation = {
	/** Undefined for the monitor itself. */
	readonly command: string | undefined;
	readonly args: readonly string[];
	readonly flags: Flags;
};

/**
 * The command line as what it means.
 *
 * @param argv without node and script
 * @throws UsageError for an unknown command or flag, a flag twice, without its value, or of another command
 */
export function parseCommandLine(argv: readonly string[], importMeta: ImportMeta): Invocation {
	// Nothing is to be parsed, so meow need not be loaded.
	if (argv.length === 0) return {command: undefined, args: [], flags: {}};
	const {input, flags: given} = parsed(withOwnWatch(withProgramApart(argv)), importMeta);
	const flags = checkedFlags(given);
	const [command, ...args] = input;
	if (flags.help || flags.version || command === undefined) {
		checkTaken(flags, command);
		return {command: flags.help ? command : undefined, args: [], flags};
	}

	commandNamed(command, commands);
	checkTaken(flags, command);
	return {command, args, flags};
}

/** What follows the program of `mmtop exec` is for the program, whatever it looks like. */
function withProgramApart(argv: readonly string[]): readonly string[] {
	if (argv[0] !== 'exec') return argv;
	for (let at = 1; at < argv.length; at++) {
		const word = argv[at]!;
		if (word === '--') return argv;
		if (!word.startsWith('-')) return [...argv.slice(0, at + 1), '--', ...argv.slice(at + 1)];
		// A flag with its value in the next word.
		if (!word.includes('=') && takesValue(flagOf(word))) at++;
	}
	return argv;
}

/** The word that is the command, if there is one. */
function commandIn(argv: readonly string[]): string | undefined {
	for (let at = 0; at < argv.length; at++) {
		const word = argv[at]!;
		if (!word.startsWith('-')) return word;
		if (!word.includes('=') && takesValue(flagOf(word))) at++;
	}
	return undefined;
}

/** --watch of `cat`, whose value may be left out, is another flag than --no-watch of the monitor. */
function withOwnWatch(argv: readonly string[]): readonly string[] {
	if (commandIn(argv) !== 'cat') return argv;
	const end = argv.indexOf('--');
	return argv.map((word, at) => {
		if (end !== -1 && at > end) return word;
		return word === spelled('every') ? `--every=${flagTable.every.usual}` : word.replace(/^--watch=/, '--every=');
	});
}

/**
 * meow reports unknown flags in several lines and its own words, so it is told to let them through to the check here.
 */
function parsed(argv: readonly string[], importMeta: ImportMeta): {input: string[]; flags: Record<string, unknown>} {
	try {
		return meow({
			importMeta,
			argv: [...argv],
			pkg: {name: 'mmtop', version: mmtopVersion},
			flags: {...flagTable},
			autoHelp: false,
			autoVersion: false,
			booleanDefault: undefined,
			allowUnknownFlags: true,
		});
	} catch (error) {
		const twice = /--(\w+) can only be set once/.exec(error instanceof Error ? error.message : '');
		throw twice ? new UsageError(`${spelled(twice[1] ?? '')} can be given once only`) : error;
	}
}

function checkedFlags(given: Record<string, unknown>): Flags {
	const flags: Record<string, string | boolean> = {};
	for (const [name, value] of Object.entries(given)) {
		if (value === undefined) continue;

		if (!Object.hasOwn(flagTable, name)) {
			const meant = didYouMean(name, Object.keys(flagTable), spelled);
			throw new UsageError(`unknown flag ${spelled(name)}${meant || '; "mmtop --help" lists the flags'}`);
		}

		const spec = flagTable[name as FlagName];
		if (spec.type === 'string' && (typeof value !== 'string' || value === '')) {
			throw new UsageError(`${spelled(name)} needs a value: ${spelled(name)} ${'value' in spec ? spec.value : ''}`);
		}

		flags[name] = value as string | boolean;
	}

	return flags as Flags;
}

function checkTaken(flags: Flags, command: string | undefined): void {
	if (flags.help || flags.version) return;

	const taken: readonly FlagName[] = (command === undefined ? commands.monitor : commands.named[command])?.flags ?? [];
	const stray = (Object.keys(flags) as FlagName[]).find(name => !taken.includes(name));
	if (stray !== undefined) {
		const list = taken.length > 0 ? `it takes ${taken.map(typedFlag).join(' ')}` : 'it takes none';
		const typed = flags[stray] === false ? `--no-${stray}` : spelled(stray);
		throw new UsageError(`mmtop${command === undefined ? '' : ` ${command}`} does not take ${typed}; ${list}`);
	}
}
