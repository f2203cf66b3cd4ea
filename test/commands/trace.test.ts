/** `mmtop trace`: the trace as text for other programs, and what comes after it. */

import {PassThrough} from 'node:stream';
import {text} from 'node:stream/consumers';
import {expect, test} from 'vitest';
import type {CommandContext} from '../../source/commands/context.ts';
import {UsageError} from '../../source/commands/errors.ts';
import {commands} from '../../source/commands/table.ts';
import {followTrace, trace} from '../../source/commands/trace.ts';
import {parseTrace} from '../../source/formats/debugfs/tracing/trace.ts';
import {TargetError} from '../../source/target/target.ts';

const context = (flags: CommandContext['flags'], args: readonly string[] = []) => {
	const stdout = new PassThrough() as unknown as NodeJS.WriteStream;
	return {args, flags, env: {}, stdin: process.stdin, stdout, stderr: stdout, commands};
};

/**
 * A line with an event as Perfetto's importer reads it: systrace_line_tokenizer.cc. Its name ends in the first colon
 * behind the time.
 */
const perfettoLine = /^ *(\S.*)-(\d+)\s+\[(\d+)\]\s*[a-zA-Z0-9.]{0,5}\s+(\d+\.\d+):\s+(\w+): /;

test.each(['2.6.32', '6.1'])('each event of %s stands as Perfetto reads it', async era => {
	const asked = context({era, until: '20ms', load: 'busy'});
	const printed = text(asked.stdout as unknown as PassThrough);
	expect(await trace(asked)).toBe(0);
	asked.stdout.end();
	const shown = await printed;
	expect(shown.startsWith('# tracer: nop\n')).toBe(true);
	const {lines} = parseTrace(shown);
	const events = shown.split('\n').filter((line, index, {length}) => {
		const {kind} = lines[index - (length - 1 - lines.length)] ?? {};
		return kind === 'event' && line !== '';
	});
	expect(events.length).toBeGreaterThan(100);
	for (const line of events) expect(line).toMatch(perfettoLine);
});

/** What is written while a trace is read that holds one text after the other, and is gone then. */
async function followed(texts: readonly string[]): Promise<readonly string[]> {
	const written: string[] = [];
	const left = [...texts];
	const target = {
		read: async () => {
			const next = left.shift();
			if (next === undefined) throw new TargetError('EDISCONNECTED', 'gone');
			return next;
		},
	};
	const following = followTrace(
		target,
		async each => void written.push(each),
		async () => {},
	);
	await expect(following).rejects.toThrow('EDISCONNECTED: gone');
	return written;
}

const head = '# tracer: nop\n#\n';

test('a trace that is followed has its head once, then each new entry once', async () => {
	expect(await followed([`${head}a\nb\n`, `${head}a\nb\n`, `${head}b\nc\nd\n`])).toEqual([`${head}a\nb\n`, 'c\nd\n']);
});

test('a line says where entries were lost, and only there', async () => {
	const texts = [`${head}a\nb\n`, `${head}b\nc\n`, `${head}e\nf\n`, `${head}e\nf\n`];
	expect(await followed(texts)).toEqual([`${head}a\nb\n`, 'c\n', '# [LOST EVENTS]\ne\nf\n']);
});

test('an empty trace is followed from its first entry on', async () => {
	expect(await followed([head, head, `${head}a\n`])).toEqual([head, 'a\n']);
});

test('a fresh machine, whose time stands still, is not followed', async () => {
	await expect(trace(context({follow: true}))).rejects.toThrow(UsageError);
	await expect(trace(context({}, ['lab0']))).rejects.toThrow(UsageError);
});
