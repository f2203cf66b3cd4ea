import {existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {dirname, join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {makeFolders, removeFolders} from '../../../source/commands/class/folders.ts';
import type {ClassPlan} from '../../../source/commands/class/plan.ts';
import {listenOnFile} from '../../../source/server/socketFile.ts';
import {temporaryDirectory} from '../../server/support.ts';

/** A class of one student, whose main group has other members. */
async function classOfOne(): Promise<ClassPlan> {
	const directory = join(await temporaryDirectory(), 'classes', 'os');
	const socket = (person: string, kind: 'teacher' | 'control') =>
		({path: join(directory, person, 'alice', `${kind}.sock`), kind, person}) as const;
	return {
		class: 'os',
		directory,
		state: directory,
		fresh: false,
		teachers: ['ann'],
		people: {ann: {kind: 'own'}, alice: {kind: 'given', uid: process.getuid?.() ?? 0, gid: undefined}},
		machines: [
			{
				student: 'alice',
				options: {},
				sockets: [socket('ann', 'teacher'), socket('alice', 'control')],
				journal: '',
				kept: '',
			},
		],
	};
}

async function listen(path: string): Promise<void> {
	const server = createServer();
	await listenOnFile(server, path);
	onTestFinished(() => void server.close());
}

test('a student whose group is not its own may list the folders, and no other user may write them', async () => {
	const plan = await classOfOne();
	await makeFolders(plan);
	const modeOf = (path: string): number => statSync(join(plan.directory, path)).mode & 0o777;
	expect(['alice', 'alice/alice', 'ann', 'ann/alice', '.'].map(modeOf)).toEqual([0o755, 0o755, 0o700, 0o700, 0o711]);
});

test('sockets go with the folders, also of people who left the class; what else lies there stays', async () => {
	const plan = await classOfOne();
	await makeFolders(plan);
	const former = join(plan.directory, 'bob', 'bob', 'helper.sock');
	mkdirSync(dirname(former), {recursive: true});
	for (const path of [former, ...plan.machines[0]!.sockets.map(each => each.path)]) await listen(path);
	await removeFolders(plan);
	expect(existsSync(plan.directory)).toBe(false);

	const kept = ['file', 'www/file', 'www/site/control.sock', 'www/site/deep/deeper.sock'];
	for (const path of kept) {
		mkdirSync(dirname(join(plan.directory, path)), {recursive: true});
		writeFileSync(join(plan.directory, path), 'kept');
	}
	await listen(join(plan.directory, 'www/site/other.sock'));
	await removeFolders(plan);
	for (const path of [...kept, 'www/site/other.sock']) expect(existsSync(join(plan.directory, path))).toBe(true);
	await expect(makeFolders(plan)).rejects.toThrow(/os holds something that is not of a class; take another --name, /);
});

test('what a link leads to is not looked into', async () => {
	const plan = await classOfOne();
	const elsewhere = await temporaryDirectory();
	const socket = join(elsewhere, 'alice', 'control.sock');
	mkdirSync(dirname(socket));
	await listen(socket);
	mkdirSync(plan.directory, {recursive: true});
	symlinkSync(elsewhere, join(plan.directory, 'alice'));
	await removeFolders(plan);
	expect([existsSync(socket), readdirSync(plan.directory)]).toEqual([true, ['alice']]);
});
