/** Help, manual pages and completion, which are made from one table: what they say can be typed. */
import {spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, test} from 'vitest';
import {complete} from '../../source/commands/completion.ts';
import type {CommandContext} from '../../source/commands/context.ts';
import {type FlagName, spelled} from '../../source/commands/flags.ts';
import {commandHelp, commandNamed, publicCommands} from '../../source/commands/help.ts';
import {manPages} from '../../source/commands/manPages.ts';
import {parseCommandLine} from '../../source/commands/parse.ts';
import {commands} from '../../source/commands/table.ts';
import {loadNames} from '../../source/formats/debugfs/lab/load.ts';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {mmtop, mmtopCommand} from './support.ts';

const root = mkdtempSync(join(tmpdir(), 'mmtop-help-'));
afterAll(() => rmSync(root, {recursive: true}));

/** The words of each mmtop in a line for a shell, quotes and redirections gone. */
function commandsIn(line: string): readonly (readonly string[])[] {
	return line
		.split(/&&|[|>&<()]|"\$\(/)
		.map(part => part.trim())
		.filter(part => part.startsWith('mmtop '))
		.map(part =>
			[...part.matchAll(/'([^']*)'|([^\s"')]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '').slice(1),
		);
}

describe.each(publicCommands(commands))('mmtop %s', (name, spec) => {
	test('has examples that can be typed', () => {
		const lines = (spec.examples ?? []).flatMap(([line]) => commandsIn(line));
		expect(lines.length > 0 || spec.flags.length === 0).toBe(true);
		for (const words of lines) {
			const {command} = parseCommandLine(words, import.meta);
			expect(words.includes(command ?? '')).toBe(true);
		}
	});

	test('has help and a manual page with each of its flags', () => {
		const help = commandHelp(spec);
		const page = manPages(commands).get(`mmtop-${name}.1`)!;
		for (const flag of spec.flags) {
			const typed = spelled(flag).slice(2);
			expect(help).toContain(typed);
			expect(page.replaceAll('\\-', '-')).toContain(typed);
		}
	});
});

test('--help behind a command says what that command does, as mmtop help does', async () => {
	const asked = await mmtop(['cat', '--help']);
	expect(asked).toEqual({exitCode: 0, stdout: commandHelp(commandNamed('cat', commands)), stderr: ''});
	expect(await mmtop(['help', 'cat'])).toEqual(asked);
});

test('what is mistyped gets the nearest word, what is far from all gets the list', () => {
	expect(() => commandNamed('rnu', commands)).toThrow('unknown command "rnu", did you mean "run"?');
	expect(() => commandNamed('frobnicate', commands)).toThrow(/^unknown command "frobnicate"; the commands are serve, /);
	expect(() => parseCommandLine(['--machin', 'x'], import.meta)).toThrow(
		'unknown flag --machin, did you mean "--machine"?',
	);
	expect(() => parseCommandLine(['help', 'a', 'b'], import.meta)).not.toThrow();
});

describe('manual pages', () => {
	test('are those that the package names', () => {
		const {man} = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
		expect(man).toEqual([...manPages(commands).keys()].map(file => `dist/man/${file}`));
	});

	const hasMan = spawnSync('man', ['--version']).status === 0;
	test.skipIf(!hasMan)(`are read without a warning${hasMan ? '' : ' (skipped: no man here)'}`, () => {
		const names = [...manPages(commands)].map(([file, text]) => {
			writeFileSync(join(root, file), text);
			return join(root, file);
		});
		const {stderr, status} = spawnSync('man', ['--warnings', '-E', 'UTF-8', '-Tutf8', '-Z', '-l', ...names], {
			encoding: 'utf8',
		});
		expect({stderr, status}).toEqual({stderr: '', status: 0});
	});
});

describe('completion', () => {
	async function continued(...args: readonly string[]): Promise<readonly string[]> {
		let said = '';
		const write = (text: string, done: () => void) => {
			said += text;
			done();
		};
		const env = {XDG_RUNTIME_DIR: root};
		await complete({args, flags: {}, env, stdout: {write}, commands} as unknown as CommandContext);
		return said.split('\n').slice(0, -1);
	}

	test.each<[readonly string[], readonly string[]]>([
		[['ru'], ['run']],
		[
			['help', 'ls'],
			['ls', 'lsmod'],
		],
		[
			['new', ''],
			['driver', 'program'],
		],
		[['new', 'driver', ''], []],
		[['completion', 'z'], ['zsh']],
		[['run', 'mremap-'], experiments.map(({name}) => name).filter(name => name.startsWith('mremap-'))],
		[['run', 'mremap-growth', 'gr'], ['grow=']],
		[['run', 'no-such-experiment', ''], []],
		[['--era', ''], ERA_NAMES],
		[['serve', '--load', ''], loadNames],
		[['--load=c'], ['--load=calm']],
		[
			['run', '--compare', 'ldd3,6'],
			['ldd3,6.1', 'ldd3,6.18'],
		],
		[['run', '--compare=3.2/b'], ['--compare=3.2/bounce']],
		[
			['cat', '--era=6.1'],
			['--era=6.1', '--era=6.18'],
		],
		[['-t', 'h'], ['host']],
		[['attach', ''], ['host']],
		[['attach', 'host', ''], []],
		[['-t', 'host', 'cat', '/proc/vers'], ['/proc/version']],
		[['-t', 'nobody', 'cat', '/proc/'], []],
		[['cat', '/proc/'], []],
		[
			['serve', '--obs'],
			['--observe', '--observe-group'],
		],
		[['frobnicate', ''], []],
	])('%j', async (words, continuations) => {
		expect(await continued(...words)).toEqual(continuations);
	});

	test('nothing typed yet may become every command for people', async () => {
		const names = publicCommands(commands).map(([name]) => name);
		expect(await continued('')).toEqual(names);
		expect(names).not.toContain('complete');
	});

	test('each flag that a command is offered is one that it takes', async () => {
		for (const [name, {flags}] of Object.entries(commands.named)) {
			const offered = await continued(name, '-');
			expect(offered).toHaveLength(flags.length + 1);
			for (const flag of flags)
				expect(offered.some(each => each.endsWith(spelled(flag satisfies FlagName).slice(2)))).toBe(true);
		}
	});

	const hasBash = spawnSync('bash', ['--version']).status === 0;
	test.skipIf(!hasBash)(`in bash${hasBash ? '' : ' (skipped: no bash here)'}, behind "=" too`, () => {
		const bin = join(root, 'bin');
		mkdirSync(bin);
		writeFileSync(join(bin, 'mmtop'), `#!/bin/sh\nexec ${mmtopCommand.map(word => `'${word}'`).join(' ')} "$@"\n`, {
			mode: 0o755,
		});
		symlinkSync(process.execPath, join(bin, 'node'));
		const script = `source <(mmtop completion bash)
			try() { COMP_LINE=$1; COMP_POINT=\${#1}; shift; COMP_WORDS=("$@"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _mmtop 2> /dev/null; echo "\${COMPREPLY[*]}"; }
			try 'mmtop ru' mmtop ru
			try 'mmtop new ' mmtop new ''
			try 'mmtop cat --era=6.1' mmtop cat --era = 6.1
			try 'mmtop --era=' mmtop --era =`;
		const {stdout} = spawnSync('bash', ['-c', script], {
			encoding: 'utf8',
			env: {...process.env, NODE_ENV: '', PATH: `${bin}:${process.env.PATH}`},
		});
		expect(stdout.split('\n')).toEqual(['run', 'driver program', '6.1 6.18', ERA_NAMES.join(' '), '']);
	});
});
