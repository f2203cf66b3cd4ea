import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {mmtopVersion} from '../lab/version.ts';
import type {CommandFunction, CommandSpec, Commands} from './context.ts';
import {UsageError} from './errors.ts';
import {type FlagName, flagTable} from './flags.ts';
import {exitNote, flagUsage, publicCommands, targetNote} from './help.ts';

/** Text for troff: its own signs are written out, hyphens are the minus that one can copy. */
const escaped = (text: string): string =>
	text
		.replaceAll('\\', '\\e')
		.replaceAll('-', '\\-')
		.replace(/^([.'])/gm, '\\&$1');

const paragraph = (text: string): string => `.PP\n${escaped(text)}\n`;
const term = (left: string, right: string): string =>
	`.TP\n.B "${escaped(left).replaceAll('"', '\\(dq')}"\n${escaped(right)}\n`;
const section = (title: string, ...parts: readonly string[]): string =>
	parts.length === 0 ? '' : `.SH ${title}\n${parts.join('')}`;

const flagTerms = (flags: readonly FlagName[]): readonly string[] =>
	flags.map(name => term(flagUsage(name), `${flagTable[name].summary}.`));

function page(name: string, summary: string, synopsis: readonly string[], ...sections: readonly string[]): string {
	return [
		`.TH ${name.toUpperCase()} 1 "" "mmtop ${mmtopVersion}" "User Commands"\n`,
		section('NAME', `${escaped(name)} \\- ${escaped(summary)}\n`),
		section('SYNOPSIS', ...synopsis.map(line => `.B ${escaped(line)}\n.br\n`)),
		...sections,
	].join('');
}

/** mmtop.1: what the program is, its commands and all flags. */
function mainPage(commands: Commands): string {
	return page(
		'mmtop',
		"show Linux's memory management and DMA at work",
		['mmtop [FLAG...]', 'mmtop COMMAND [ARGUMENT...] [FLAG...]'],
		section(
			'DESCRIPTION',
			paragraph(`Without a command: ${commands.monitor.summary}.`),
			paragraph(targetNote.join(' ')),
		),
		section('COMMANDS', ...publicCommands(commands).map(([, {usage, summary}]) => term(usage, `${summary}.`))),
		section('OPTIONS', ...flagTerms(Object.keys(flagTable) as FlagName[])),
		section('EXIT STATUS', paragraph(exitNote.join(' '))),
		section('ENVIRONMENT', ...environment.map(([variable, says]) => term(variable, says))),
		section(
			'SEE ALSO',
			`${publicCommands(commands)
				.map(([name]) => `.BR mmtop\\-${name} (1)`)
				.join(',\n')}\n`,
		),
	);
}

const environment = [
	['XDG_RUNTIME_DIR', 'Sockets of machines lie in its directory mmtop.'],
	['XDG_STATE_HOME', 'Sessions of served machines lie in its directory mmtop, and which files i ran.'],
	['XDG_CONFIG_HOME', 'The config file is its mmtop/config.json.'],
	['NO_COLOR', 'The monitor has no colours.'],
	['CC', 'The compiler of mmtop cc and kerneldir; else gcc or clang.'],
] as const;

function commandPage(name: string, {usage, summary = '', about, examples = [], flags}: CommandSpec): string {
	return page(
		`mmtop-${name}`,
		summary,
		[`${usage.replace('…', '...')}${flags.length > 0 ? ' [FLAG...]' : ''}`],
		section('DESCRIPTION', ...(about === undefined ? [] : [paragraph(about)])),
		section('OPTIONS', ...flagTerms(flags)),
		section('EXAMPLES', ...examples.map(([line, does]) => term(line, `${does}.`))),
		section('EXIT STATUS', paragraph(exitNote.join(' '))),
		section('SEE ALSO', '.BR mmtop (1)\n'),
	);
}

/** Every manual page, by the name of its file. */
export function manPages(commands: Commands): ReadonlyMap<string, string> {
	return new Map([
		['mmtop.1', mainPage(commands)],
		...publicCommands(commands).map(([name, spec]) => [`mmtop-${name}.1`, commandPage(name, spec)] as const),
	]);
}

/** `mmtop man-pages DIR`: writes them, for the package. */
export const writeManPages: CommandFunction = async ({args, commands}) => {
	const [directory, ...more] = args;
	if (directory === undefined || more.length > 0) throw new UsageError('man-pages takes a directory');

	await mkdir(directory, {recursive: true});
	for (const [file, text] of manPages(commands)) await writeFile(join(directory, file), text);
	return 0;
};
