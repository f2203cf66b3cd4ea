import {loadNames} from '../formats/debugfs/lab/load.ts';
import {files} from '../formats/files.ts';
import {parseModules} from '../formats/proc/modules.ts';
import {ERA_NAMES} from '../kernel/era/behaviour.ts';
import type {Target} from '../target/target.ts';
import {type CommandContext, type CommandFunction, print} from './context.ts';
import {UsageError} from './errors.ts';
import {type FlagName, flagOf, takesValue, typedFlag} from './flags.ts';
import {publicCommands} from './help.ts';
import {readText} from './injection.ts';
import {withTarget} from './machine.ts';

/**
 * What each shell is given. It asks `mmtop complete -- WORD…` at each Tab, with the words up to the cursor, the last of
 * which may be empty, and gets a line for each continuation of that one. Where there is none the shell offers files.
 */
const scripts: Readonly<Record<string, string>> = {
	// bash takes what is behind "=" and ":" for a word of its own, and replaces only that.
	bash: `_mmtop() {
	local line=\${COMP_LINE:0:COMP_POINT} word=\${COMP_WORDS[COMP_CWORD]} words each
	[[ $word = [=:] ]] && word=
	read -ra words <<< "$line"
	[[ $line = *' ' ]] && words+=('')
	local typed=\${words[-1]}
	COMPREPLY=()
	while IFS= read -r each; do
		COMPREPLY+=("\${each#"\${typed%"$word"}"}")
	done < <(mmtop complete -- "\${words[@]:1}" 2> /dev/null)
	[[ \${#COMPREPLY[@]} = 1 && \${COMPREPLY[0]} = *[/=] ]] && compopt -o nospace
	return 0
}
complete -o default -F _mmtop mmtop
`,
	zsh: `#compdef mmtop
_mmtop() {
	local -a found open
	found=(\${(f)"$(mmtop complete -- "\${(@)words[2,CURRENT]}" 2> /dev/null)"})
	(( $#found )) || { _files; return }
	open=(\${(M)found:#*[/=]})
	found=(\${found:#*[/=]})
	(( $#open )) && compadd -S '' -- $open
	(( $#found )) && compadd -- $found
}
compdef _mmtop mmtop
`,
	fish: `function __mmtop_complete
	set -l words (commandline -opc)[2..]
	mmtop complete -- $words (commandline -ct) 2> /dev/null
end
complete -c mmtop -a '(__mmtop_complete)'
`,
};

const shells: readonly string[] = Object.keys(scripts);

/** `mmtop completion bash|zsh|fish` */
export const completion: CommandFunction = async ({args, stdout}) => {
	const [shell = '', ...more] = args;
	const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
	if (script === undefined || more.length > 0)
		throw new UsageError(`completion takes the name of a shell: ${shells.join(', ')}`);

	await print(stdout, script);
	return 0;
};

/** `mmtop complete -- WORD…`: what the last word may become, a line each; after an error, nothing. */
export const complete: CommandFunction = async context => {
	const found = await continuations(context).catch(() => []);
	await print(context.stdout, found.map(each => `${each}\n`).join(''));
	return 0;
};

/** The words before the last one, taken apart. */
function readWords(words: readonly string[]) {
	const plain: string[] = [];
	const values: {[Name in FlagName]?: string} = {};
	let waiting: FlagName | undefined;
	for (const word of words) {
		const [flag, value] = word.startsWith('--') && word.includes('=') ? word.split(/=(.*)/s) : [word];
		const name = flagOf(flag!);
		if (waiting !== undefined) {
			values[waiting] = word;
			waiting = undefined;
		} else if (takesValue(name) && value !== undefined) values[name] = value;
		else if (takesValue(name)) waiting = name;
		else if (!word.startsWith('-')) plain.push(word);
	}
	return {plain, values, waiting};
}

async function continuations({args, env, commands}: CommandContext): Promise<readonly string[]> {
	const last = args.at(-1) ?? '';
	const {plain, values, waiting} = readWords(args.slice(0, -1));
	const starting = (words: readonly string[], with_ = last): readonly string[] =>
		words.filter(word => word.startsWith(with_));
	if (waiting !== undefined) return starting(await valuesOf(waiting, env, last));
	const [, flag = '', typed = ''] = /^(--[^=]+)=(.*)$/s.exec(last) ?? [];
	const named = flagOf(flag);
	if (named !== undefined) return starting(await valuesOf(named, env, typed), typed).map(value => `${flag}=${value}`);
	const [command, ...before] = plain;
	const spec = command === undefined ? commands.monitor : commands.named[command];
	if (spec === undefined) return [];
	if (last.startsWith('-')) return starting([...spec.flags.map(typedFlag), '--help']);
	if (command === undefined) return starting(publicCommands(commands).map(([name]) => name));
	return starting(await argumentsOf(command, before, {last, target: values.target, env, commands}));
}

/** @param typed what is there of it */
async function valuesOf(name: FlagName, env: NodeJS.ProcessEnv, typed: string): Promise<readonly string[]> {
	switch (name) {
		case 'target':
			return targetNames(env);
		case 'era':
			return ERA_NAMES;
		case 'load':
			return loadNames;
		case 'machine':
			return Object.keys((await import('../lab/presets.ts')).presets);
		case 'compare':
			return comparedAfter(typed);
		case 'lab':
			return exerciseNames();
		case 'theme':
			return (await import('../ui/terminal/theme.ts')).themeNames;
		default:
			return [];
	}
}

/** Machines to compare, behind those that are typed: behind `3.2/` presets, else eras and presets. */
async function comparedAfter(typed: string): Promise<readonly string[]> {
	const {machineWords} = await import('./compareWords.ts');
	const before = typed.slice(0, Math.max(typed.lastIndexOf(','), typed.lastIndexOf('/')) + 1);
	const words = before.endsWith('/') ? machineWords.filter(word => !ERA_NAMES.some(era => era === word)) : machineWords;
	return words.map(word => `${before}${word}`);
}

async function targetNames(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
	const {runningMachines} = await import('../target/open.ts');
	const {classMachines} = await import('../target/classes.ts');
	const students = (await classMachines(env)).map(({student}) => student);
	return [...new Set([...(await runningMachines(env)), ...students, 'host'])];
}

type Typing = Pick<CommandContext, 'env' | 'commands'> & {readonly last: string; readonly target: string | undefined};

async function argumentsOf(command: string, before: readonly string[], typing: Typing): Promise<readonly string[]> {
	switch (command) {
		case 'attach':
			return before.length === 0 ? targetNames(typing.env) : [];
		case 'class':
			return classWords(before, typing.env);
		case 'sheet':
			return before.length === 0 ? (await import('./sheet/command.ts')).sheetVerbs : [];
		case 'compare':
			return before.length < 2 ? comparedAfter(typing.last) : [];
		case 'help':
			return before.length === 0 ? publicCommands(typing.commands).map(([name]) => name) : [];
		case 'completion':
			return before.length === 0 ? shells : [];
		case 'new':
			return before.length === 0 ? ['driver', 'program'] : [];
		case 'check':
			return before.length === 0 ? exerciseNames() : [];
		case 'run':
		case 'story':
			return experimentWords(before[0]);
		case 'cat':
		case 'ls':
			return pathsFrom(typing);
		case 'write':
			return before.length === 0 ? pathsFrom(typing) : [];
		case 'rmmod':
			return onTarget(typing, async target =>
				parseModules(await readText(target, files.modules.path)).modules.map(({name}) => name),
			);
		default:
			return [];
	}
}

/** What `class` does; behind `reset`, the students whom one teaches. */
async function classWords([word, ...more]: readonly string[], env: NodeJS.ProcessEnv): Promise<readonly string[]> {
	const {classVerbs} = await import('./class.ts');
	if (word === undefined) return classVerbs;
	if (word !== 'reset' || more.length > 0) return [];
	const {classMachines} = await import('../target/classes.ts');
	return (await classMachines(env)).filter(({role}) => role === 'teacher').map(({student}) => student);
}

async function exerciseNames(): Promise<readonly string[]> {
	const {exercises} = await import('../lab/exercises/list.ts');
	return exercises.map(({name}) => name);
}

/** Names of experiments; behind one, its parameters. */
async function experimentWords(name: string | undefined): Promise<readonly string[]> {
	const {experiments} = await import('../lab/experiments/list.ts');
	if (name === undefined) return experiments.map(each => each.name);
	return experiments.find(each => each.name === name)?.parameters.map(each => `${each.name}=`) ?? [];
}

async function onTarget(
	{target, env}: Typing,
	use: (target: Target) => Promise<readonly string[]>,
): Promise<readonly string[]> {
	if (target === undefined) return [];
	const {openTarget} = await import('../target/open.ts');
	return withTarget(openTarget(target, env), use);
}

/** Files of a running machine; a fresh one would take longer than somebody waits for a Tab. */
const pathsFrom = (typing: Typing): Promise<readonly string[]> =>
	onTarget(typing, async target => {
		const directory = typing.last.slice(0, typing.last.lastIndexOf('/') + 1) || '/';
		return (await target.list(directory)).map(name => `${directory}${name}`);
	});
