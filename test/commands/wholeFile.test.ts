/** What is written for a person is for that person only, as a whole or not at all. */
import {execFileSync} from 'node:child_process';
import {chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {writeWholeFile} from '../../source/commands/wholeFile.ts';
import {headlessMachine} from '../../source/target/headless.ts';
import {recordTo} from '../../source/target/recorder.ts';
import {temporaryDirectory} from '../server/support.ts';
import {fakeMachine} from '../target/support/fakeMachine.ts';

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('a report', () => {
	test('is for this user only, and takes the place of one that is there', async () => {
		const directory = await temporaryDirectory();
		const path = join(directory, 'bug.md');
		await writeWholeFile(path, 'one');
		expect(await modeOf(path)).toBe(0o600);
		await chmod(path, 0o666);
		await writeWholeFile(path, 'two');
		expect([await readFile(path, 'utf8'), await modeOf(path)]).toEqual(['two', 0o600]);
		expect(await readdir(directory)).toEqual(['bug.md']);
	});

	test('leaves what was there where it cannot be written, and no part of itself', async () => {
		const directory = await temporaryDirectory();
		const path = join(directory, 'bug.md');
		await writeFile(path, 'precious');
		// Its part cannot be made: something lies there.
		await mkdir(`${path}.${process.pid}.part`);
		await expect(writeWholeFile(path, 'new')).rejects.toMatchObject({code: 'EEXIST'});
		expect(await readFile(path, 'utf8')).toBe('precious');
		await expect(writeWholeFile(join(directory, 'none/bug.md'), '')).rejects.toMatchObject({code: 'ENOENT'});
		await expect(writeWholeFile(directory, '')).rejects.toMatchObject({code: 'EISDIR'});
		await expect(writeWholeFile('/dev/full', 'x')).rejects.toMatchObject({code: 'ENOSPC'});
	});

	test('is never written through a link to a file, nor to where a link leads that nothing lies at', async () => {
		const directory = await temporaryDirectory();
		await writeFile(join(directory, 'file'), 'precious');
		for (const leadsTo of ['file', 'nowhere']) {
			const link = join(directory, `to ${leadsTo}`);
			await symlink(join(directory, leadsTo), link);
			await expect(writeWholeFile(link, 'new')).rejects.toMatchObject({code: 'ELOOP'});
			expect((await lstat(link)).isSymbolicLink()).toBe(true);
		}
		expect(await readFile(join(directory, 'file'), 'utf8')).toBe('precious');
		expect(await readdir(directory)).toEqual(['file', 'to file', 'to nowhere']);
	});

	test('goes into a pipe or a device, which stays what it is', async () => {
		const path = join(await temporaryDirectory(), 'pipe');
		execFileSync('mkfifo', [path]);
		const [, got] = await Promise.all([writeWholeFile(path, 'through'), readFile(path, 'utf8')]);
		expect(got).toBe('through');
		await writeWholeFile('/dev/null', 'x');
		expect((await lstat('/dev/null')).isCharacterDevice()).toBe(true);
	});
});

test('a recording is for this user only, and no link is followed', async () => {
	const directory = await temporaryDirectory();
	const {target} = headlessMachine(fakeMachine(), 'test');
	const recorder = await recordTo(join(directory, 'a.samples'), target);
	await recorder.close();
	expect(await modeOf(join(directory, 'a.samples'))).toBe(0o600);
	await symlink(join(directory, 'b.samples'), join(directory, 'link.samples'));
	await expect(recordTo(join(directory, 'link.samples'), target)).rejects.toMatchObject({code: 'EEXIST'});
	expect(await readdir(directory)).toEqual(['a.samples', 'link.samples']);
});
