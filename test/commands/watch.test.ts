/** `mmtop cat --watch`: files again and again, but only where they changed. */

import {PassThrough} from 'node:stream';
import {text} from 'node:stream/consumers';
import {expect, test} from 'vitest';
import {cat, watchFiles} from '../../source/commands/cat.ts';
import type {CommandContext} from '../../source/commands/context.ts';
import {UsageError} from '../../source/commands/errors.ts';
import {parseSeconds} from '../../source/commands/flags.ts';
import {parseCommandLine} from '../../source/commands/parse.ts';
import {commands} from '../../source/commands/table.ts';
import {TargetError} from '../../source/target/target.ts';

const context = (flags: CommandContext['flags'], stdout = new PassThrough()): CommandContext => ({
	args: ['/proc/meminfo'],
	flags,
	env: {},
	stdin: process.stdin,
	stdout: stdout as unknown as NodeJS.WriteStream,
	stderr: process.stderr,
	commands,
});

const room = '/proc/sys/fs/aio-nr';
const most = '/proc/sys/fs/aio-max-nr';

/** What is printed of files that hold one thing after the other, until the target is gone. */
async function watched(
	instants: readonly Readonly<Record<string, string>>[],
	{flags = {}, isTTY = false}: {readonly flags?: CommandContext['flags']; readonly isTTY?: boolean} = {},
): Promise<string> {
	const stdout = Object.assign(new PassThrough(), {isTTY});
	const printed = text(stdout);
	const left = [...instants];
	const target = {
		sample: async () => {
			const next = left.shift();
			if (next === undefined) throw new TargetError('EDISCONNECTED', 'gone');
			const files = Object.fromEntries(Object.entries(next).map(([path, each]) => [path, {text: each}]));
			return {version: 1, timeNs: left.length, seq: left.length, files} as const;
		},
	};
	const watching = watchFiles(context(flags, stdout), target, Object.keys(instants[0]!), async () => {});
	await expect(watching).rejects.toThrow('EDISCONNECTED: gone');
	stdout.end();
	return printed;
}

test('a file is printed again when it changed, and only then', async () => {
	expect(await watched([{[room]: '1\n'}, {[room]: '1\n'}, {[room]: '2\n'}, {[room]: '1\n'}])).toBe('1\n2\n1\n');
});

test('of several files all are printed where one changed', async () => {
	const instants = [
		{[room]: '1\n', [most]: '9\n'},
		{[room]: '1\n', [most]: '8\n'},
	];
	expect(await watched(instants)).toBe('1\n9\n1\n8\n');
	expect(await watched(instants, {flags: {json: true}})).toBe(
		`{"${room}":{"value":1},"${most}":{"value":9}}\n{"${room}":{"value":1},"${most}":{"value":8}}\n`,
	);
});

test('a record is one line of JSON', async () => {
	expect(await watched([{[room]: '1\n'}, {[room]: '3\n'}], {flags: {json: true}})).toBe('{"value":1}\n{"value":3}\n');
});

test('a terminal is emptied first, a pipe is not', async () => {
	expect(await watched([{[room]: '1\n'}, {[room]: '2\n'}], {isTTY: true})).toBe('\x1b[H\x1b[2J1\n\x1b[H\x1b[2J2\n');
});

test('a file that is gone ends it with a sentence', async () => {
	const target = {
		sample: async () => ({version: 1, timeNs: 0, seq: 0, files: {[room]: {error: 'ENOENT: no such file'}}}) as const,
	};
	await expect(watchFiles(context({}), target, [room], async () => {})).rejects.toThrow('ENOENT: no such file');
});

test('a fresh machine, whose time stands still, is not watched', async () => {
	await expect(async () => cat(context({every: '1'}))).rejects.toThrow(UsageError);
});

test('seconds that stand apart are not taken for a path', async () => {
	const apart = {...context({every: '1', target: 'lab0'}), args: ['0.5', '/proc/stat']};
	await expect(async () => cat(apart)).rejects.toThrow('the seconds of --watch stand behind =, as --watch=0.5');
});

test('it looks every second, or as often as was said', () => {
	const everyOf = (...argv: readonly string[]) => parseCommandLine(argv, import.meta).flags.every;
	expect(everyOf('cat', '/proc/stat')).toBeUndefined();
	expect(everyOf('cat', '--watch', '/proc/stat')).toBe('1');
	expect(everyOf('-t', 'lab0', 'cat', '/proc/stat', '--watch=0.5')).toBe('0.5');
	expect(parseCommandLine(['cat', '--', '--watch'], import.meta)).toMatchObject({args: ['--watch'], flags: {}});
	expect(() => everyOf('cat', '--watch=')).toThrow('--watch needs a value');
	expect(() => everyOf('ls', '--watch')).toThrow(/^mmtop ls does not take --watch; /);
	expect(() => everyOf('cat', '--no-watch')).toThrow(/^mmtop cat does not take --no-watch; .* --watch$/);
	expect(parseCommandLine(['--no-watch'], import.meta).flags).toEqual({watch: false});
});

test.each(['0.1', '2', '3600'])('%s seconds are taken', each => {
	expect(parseSeconds('every', each)).toBe(Number(each));
});

test.each(['0.09', '0', '3601', '-1', '1e3', 'x'])('%s seconds are not', each => {
	expect(() => parseSeconds('every', each)).toThrow(`--watch takes seconds, 0.1 to 3600; got "${each}"`);
});
