import {didYouMean} from '../formats/nearest.ts';
import {type CommandFunction, type CommandSpec, type Commands, print} from './context.ts';
import {UsageError} from './errors.ts';
import {type FlagName, flagTable, typedFlag} from './flags.ts';

const leftColumns = 36;

const row = (left: string, right: string): string => `  ${`${left} `.padEnd(leftColumns)}${right}`;

/** A flag as it stands in help: `--target, -t TARGET`. */
export function flagUsage(name: FlagName): string {
	const spec = flagTable[name];
	const short = 'shortFlag' in spec ? `, -${spec.shortFlag}` : '';
	if ('usual' in spec) return `${typedFlag(name)}${short}[=${spec.value}]`;
	const value = 'value' in spec ? ` ${spec.value}` : '';
	return `${typedFlag(name)}${short}${value}`;
}

const flagRow = (name: FlagName): string => row(flagUsage(name), flagTable[name].summary);

/** Commands for people; others are for programs. */
export const publicCommands = ({named}: Commands): readonly (readonly [name: string, spec: CommandSpec])[] =>
	Object.entries(named).filter(([, {summary}]) => summary !== undefined);

export const targetNote = [
	'TARGET is the name of a machine (lab0), the path of a socket, a recording or a session,',
	"ssh://[user@]host[/name], or host: this Linux's own /proc and /sys.",
];

export const exitNote = [
	'Exit code 0: done; 1: what was asked for failed; 2: usage; 3: the machine could not run an experiment.',
];

/** What `mmtop --help` prints. */
export function helpText(commands: Commands): string {
	return [
		'mmtop shows how Linux manages memory and does DMA, on a simulated machine or on a real one.',
		'',
		...[commands.monitor, ...publicCommands(commands).map(([, spec]) => spec)].map(({usage, summary}) =>
			row(usage, summary!),
		),
		'',
		'"mmtop help COMMAND" says more of a command: its flags, and examples. All flags:',
		'',
		...(Object.keys(flagTable) as FlagName[]).map(flagRow),
		'',
		...targetNote,
		...exitNote,
		'',
	].join('\n');
}

/** What `mmtop help COMMAND` and `mmtop COMMAND --help` print. */
export function commandHelp({usage, summary, about, examples = [], flags}: CommandSpec): string {
	const width = Math.max(0, ...examples.map(([line]) => line.length)) + 2;
	const takesTarget = usage.includes('TARGET') || flags.includes('target');
	return [
		`usage: ${usage}${flags.length > 0 ? ' [FLAG…]' : ''}`,
		'',
		`${summary ?? ''}.${about === undefined ? '' : `\n${about}`}`,
		...(flags.length > 0 ? ['', ...flags.map(flagRow)] : []),
		...(examples.length > 0 ? ['', ...examples.map(([line, does]) => `  ${line.padEnd(width)}# ${does}`)] : []),
		...(takesTarget ? ['', ...targetNote] : []),
		'',
	].join('\n');
}

/** The command of a name. @throws UsageError for one that is not there, with the nearest one */
export function commandNamed(name: string, commands: Commands): CommandSpec {
	const found = Object.hasOwn(commands.named, name) ? commands.named[name] : undefined;
	if (found !== undefined) return found;
	const names = publicCommands(commands).map(([each]) => each);
	const meant = didYouMean(name, names) || `; the commands are ${names.join(', ')}`;
	throw new UsageError(`unknown command ${JSON.stringify(name)}${meant}`);
}

/** `mmtop help [COMMAND]` */
export const help: CommandFunction = async ({args, stdout, commands}) => {
	const [name, ...more] = args;
	if (more.length > 0) throw new UsageError('help takes the name of one command');

	await print(stdout, name === undefined ? helpText(commands) : commandHelp(commandNamed(name, commands)));
	return 0;
};
