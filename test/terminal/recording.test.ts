/** A recording that its disk does not take, while somebody watches. */

import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {openRecording} from '../../source/target/recording.ts';
import {mmtop, mmtopCommand} from '../commands/support.ts';
import {servedMachine, temporaryDirectory} from '../server/support.ts';
import {recordsIn} from '../target/support/recorded.ts';
import {openTerminal} from './pty.ts';

test('ends with a sentence where a file may not grow further, and the monitor goes on', async () => {
	const {controlPath, machine} = await servedMachine();
	const path = join(await temporaryDirectory(), 'lab.samples');
	const command = [...mmtopCommand, 'attach', controlPath, '--record', path];
	// In blocks of 512 bytes.
	const terminal = openTerminal(['sh', '-c', 'ulimit -f 24; "$@"; echo "status $?"; read x', 'sh', ...command]);
	await terminal.waitFor('recording has stopped: it has reached the largest size');
	expect(terminal.screen().join()).not.toContain('DISCONNECTED');
	await machine.target.write('/proc/kmsg', 'the machine lives on');
	terminal.press('9z');
	await terminal.waitFor('the machine lives on');
	terminal.press('q');
	await terminal.waitFor('status 1');
	expect(terminal.screen().join('')).toContain(`mmtop: recording to ${path} has stopped: it has reached the largest`);
	expect(terminal.leftOver()).toEqual([]);

	const bytes = await readFile(path);
	const records = recordsIn(bytes);
	expect(records.at(-1)?.end, 'no part of a record is left behind the last whole one').toBe(bytes.length);
	const recording = await openRecording(path);
	expect((await recording.sample({paths: []})).playback?.instants).toHaveLength(records.length);
	await recording.close();
});

test('of one screen is a failure that says why', async () => {
	const {controlPath} = await servedMachine();
	const path = join(await temporaryDirectory(), 'none', 'lab.samples');
	const outcome = await mmtop(['attach', controlPath, '--once', '--record', path]);
	expect(outcome).toMatchObject({exitCode: 1});
	expect(outcome.stderr).toBe(`mmtop: ENOENT: cannot record to ${path}: its directory does not exist\n`);
});
