/** Names lead to sockets that only this user can have put there; a socket named by its path may be another user's. */

import {chmod, chown, mkdir, mkdtemp, rename, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test, vi} from 'vitest';
import {machinePlaces, openTarget, runningMachines} from '../../source/target/open.ts';
import {makeMachineDirectory, trustedSocketPath} from '../../source/target/runtimeDirectory.ts';
import {servedMachine} from '../server/support.ts';

/** A machine `lab0` that is served where its name leads. */
async function named() {
	const base = await mkdtemp(join(tmpdir(), 'mmtop-test-'));
	onTestFinished(() => rm(base, {recursive: true, force: true}));
	const env = {XDG_RUNTIME_DIR: join(base, 'run')};
	await mkdir(env.XDG_RUNTIME_DIR, {mode: 0o700});
	const machine = await makeMachineDirectory(env, 'lab0');
	await servedMachine(machine);
	return {base, env, runtime: join(base, 'run'), own: join(base, 'run/mmtop'), machine};
}

type Place = Awaited<ReturnType<typeof named>>;

/** What somebody else could use, each by what it is. */
const spoiled: Readonly<Record<string, (place: Place) => Promise<void>>> = {
	'the directory above is open for writing': ({runtime}) => chmod(runtime, 0o757),
	'the directory above is open to a group': ({runtime}) => chmod(runtime, 0o770),
	'the runtime directory is open for writing': ({own}) => chmod(own, 0o702),
	'the runtime directory is open to a group': ({own}) => chmod(own, 0o720),
	async 'the runtime directory is a link'({base, own}) {
		await rename(own, join(base, 'moved'));
		await symlink(join(base, 'moved'), own);
	},
};

/** Of one machine: the others are still found. */
const spoiledMachine: Readonly<Record<string, (place: Place) => Promise<void>>> = {
	'its directory is open for writing': ({machine}) => chmod(machine, 0o702),
	'its directory is open to a group': ({machine}) => chmod(machine, 0o720),
	async 'its directory is a link'({base, machine}) {
		await rename(machine, join(base, 'moved'));
		await symlink(join(base, 'moved'), machine);
	},
	async 'its socket is a link'({base, machine}) {
		await rename(join(machine, 'control.sock'), join(base, 'moved.sock'));
		await symlink(join(base, 'moved.sock'), join(machine, 'control.sock'));
	},
	async 'its socket is a file'({machine}) {
		await rm(join(machine, 'control.sock'));
		await writeFile(join(machine, 'control.sock'), '');
	},
};

/** What only the superuser can make for a test. */
const isRoot = process.getuid?.() === 0;
const othersId = 12_345;

describe('a machine is not found by its name where', () => {
	test.each(Object.keys(spoiled))('%s', async what => {
		const place = await named();
		expect(await runningMachines(place.env)).toEqual(['lab0']);
		await spoiled[what]!(place);
		const refused = expect.objectContaining({code: expect.stringMatching(/^(?:EPERM|ENOTDIR)$/)});
		await expect(openTarget('lab0', place.env)).rejects.toEqual(refused);
		await expect(machinePlaces(place.env)).rejects.toEqual(refused);
		await expect(makeMachineDirectory(place.env, 'lab1')).rejects.toThrow(/^E[A-Z]+: /);
	});

	test.each(Object.keys(spoiledMachine))('%s', async what => {
		const place = await named();
		await servedMachine(await makeMachineDirectory(place.env, 'lab1'));
		await spoiledMachine[what]!(place);
		await expect(openTarget('lab0', place.env)).rejects.toThrow(/^EPERM: .*lab0/);
		await expect(trustedSocketPath(place.env, 'lab0')).rejects.toMatchObject({code: 'EPERM'});
		expect(await machinePlaces(place.env)).toEqual([
			{name: 'lab0', answers: false, refused: expect.stringMatching(/^EPERM: [^\n]*lab0/)},
			{name: 'lab1', answers: true},
		]);
		expect(await runningMachines(place.env)).toEqual(['lab1']);
	});

	test.runIf(isRoot).each(['own', 'machine', 'socket'] as const)(
		'the %s is of another user than the rest',
		async what => {
			const place = await named();
			await chown(what === 'socket' ? join(place.machine, 'control.sock') : place[what], othersId, othersId);
			await expect(openTarget('lab0', place.env)).rejects.toMatchObject({code: 'EPERM'});
		},
	);
});

test.runIf(isRoot)(
	'root trusts the owner of the directory that it named, and no other user’s directory under /tmp',
	async () => {
		const {base, runtime, env} = await named();
		vi.stubEnv('TMPDIR', base);
		onTestFinished(() => void vi.unstubAllEnvs());
		await rename(join(runtime, 'mmtop'), join(base, 'mmtop-0'));
		expect(await machinePlaces({})).toEqual([expect.objectContaining({name: 'lab0'})]);
		await chown(join(base, 'mmtop-0'), othersId, othersId);
		await expect(machinePlaces({})).rejects.toMatchObject({code: 'EPERM'});
		await rename(join(base, 'mmtop-0'), join(runtime, 'mmtop'));
		expect(await machinePlaces(env)).toEqual([expect.objectContaining({name: 'lab0'})]);
	},
);

test('what lies above may be open for writing where it is sticky, as /tmp is', async () => {
	const {runtime, env} = await named();
	await chmod(runtime, 0o1777);
	expect(await runningMachines(env)).toEqual(['lab0']);
	expect((await openTarget('lab0', env)).name).toBe('lab0');
});

test('a name without a socket is not refused', async () => {
	const {env, machine} = await named();
	expect(await trustedSocketPath(env, 'lab9')).toBe(join(machine, '../lab9/control.sock'));
	await rm(join(machine, 'control.sock'));
	expect(await trustedSocketPath(env, 'lab0')).toBe(join(machine, 'control.sock'));
	await writeFile(join(machine, '../lab1.session'), '');
	expect(await machinePlaces(env)).toEqual(['lab0', 'lab1.session'].map(name => ({name, answers: false})));
	await expect(openTarget('lab1.session', env)).rejects.toThrow(/^ENOENT: no machine named "lab1.session" is running/);
});

describe('a socket that is named by its path', () => {
	test('may be another user’s, in a directory that others cannot write', async () => {
		const {machine, env} = await named();
		await chmod(machine, 0o775);
		for (const path of [join(machine, 'observe.sock'), machine]) {
			const target = await openTarget(path, env);
			expect(target.kind).toBe('socket');
			await target.close();
		}
	});

	test('is refused where everybody can put another in its place', async () => {
		const {machine, env} = await named();
		await chmod(machine, 0o777);
		for (const path of [join(machine, 'observe.sock'), machine]) {
			await expect(openTarget(path, env)).rejects.toThrow(/^EPERM: everybody can replace the socket/);
		}
		await chmod(machine, 0o1777);
		expect((await openTarget(machine, env)).kind).toBe('socket');
	});

	test('is refused where it is a link', async () => {
		const {base, machine, env} = await named();
		await symlink(join(machine, 'observe.sock'), join(base, 'link.sock'));
		await expect(openTarget(join(base, 'link.sock'), env)).rejects.toThrow(/^EPERM: .* is a link/);
	});
});
