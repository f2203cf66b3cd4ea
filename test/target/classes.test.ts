/** Which machines of classes a user finds: only where no other user can have put a socket. */
import {chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {classesDirectory, classMachines, classSocketName, loginName} from '../../source/target/classes.ts';
import {staleSocket} from '../server/support.ts';

const own = loginName();

/** The folders of a class `os`, with sockets without a listener: `PERSON/MACHINE`, and their kinds. */
async function place(sockets: Readonly<Record<string, readonly ('teacher' | 'helper' | 'control' | 'observe')[]>>) {
	const base = await mkdtemp(join(tmpdir(), 'mmtop-test-'));
	onTestFinished(() => rm(base, {recursive: true, force: true}));
	const classes = join(base, 'classes');
	await mkdir(classes, {mode: 0o755});
	await mkdir(join(classes, 'os'), {mode: 0o711});
	for (const [path, kinds] of Object.entries(sockets)) {
		const directory = join(classes, 'os', path);
		await mkdir(join(directory, '..'), {mode: 0o700, recursive: true});
		await mkdir(directory, {mode: 0o700});
		for (const kind of kinds) await staleSocket(join(directory, classSocketName(kind)));
	}
	return {base, os: join(classes, 'os'), env: {MMTOP_CLASSES: classes}};
}

test('each machine once, in the role that may most', async () => {
	const {os, env} = await place({
		[`${own}/alice`]: ['teacher'],
		[`${own}/demo`]: ['observe', 'helper'],
		'alice/alice': ['control', 'observe'],
		'alice/demo': ['observe'],
	});
	const found = await classMachines(env);
	expect(found.map(({student, role, directory}) => [student, role, directory])).toEqual([
		['alice', 'teacher', join(os, own, 'alice')],
		['demo', 'helper', join(os, own, 'demo')],
	]);
	expect(found[1]).toMatchObject({class: 'os', socket: join(os, own, 'demo/helper.sock')});
});

test('a student’s own, and the one that all look at', async () => {
	const {env} = await place({
		[`${own}/${own}`]: ['control', 'observe'],
		[`${own}/demo`]: ['observe'],
		[`${own}/no`]: [],
	});
	const found = await classMachines(env);
	expect(Object.fromEntries(found.map(({student, role}) => [student, role]))).toEqual({
		[own]: 'student',
		demo: 'observer',
	});
});

test('a file beside the folders is not a machine', async () => {
	const {os, env} = await place({[`${own}/alice`]: ['teacher']});
	for (const path of ['../notes', 'notes', `${own}/notes`]) await writeFile(join(os, path), 'sheets for monday');
	expect((await classMachines(env)).map(({student}) => student)).toEqual(['alice']);
});

test('none where there is no class', async () => {
	const {base, env} = await place({});
	expect(await classMachines(env)).toEqual([]);
	expect(await classMachines({MMTOP_CLASSES: join(base, 'nothing')})).toEqual([]);
});

test('a relative MMTOP_CLASSES does not count', () => {
	expect(classesDirectory({MMTOP_CLASSES: 'x', XDG_STATE_HOME: '/state'})).toMatch(
		process.getuid?.() === 0 ? /^\/run\/mmtop\/classes$/ : /^\/state\/mmtop\/classes$/,
	);
});

const spoiled: Readonly<Record<string, (at: {os: string; base: string}) => Promise<void>>> = {
	'others write the folder of classes': ({os}) => chmod(join(os, '..'), 0o757),
	'others write above it': ({base}) => chmod(base, 0o777),
	'others write the class': ({os}) => chmod(os, 0o702),
	'a group writes a person’s folder': ({os}) => chmod(join(os, own), 0o770),
	'others write a machine’s folder': ({os}) => chmod(join(os, own, 'm'), 0o707),
	async 'a machine’s folder is a link'({os}) {
		await mkdir(join(os, 'x'));
		await symlink(join(os, 'x'), join(os, own, 'n'));
	},
	async 'a socket is a file'({os}) {
		await rm(join(os, own, 'm/control.sock'));
		await writeFile(join(os, own, 'm/control.sock'), '');
	},
};

test.each(Object.keys(spoiled))('it is refused where %s', async what => {
	const at = await place({[`${own}/m`]: ['control']});
	expect(await classMachines(at.env)).toHaveLength(1);
	await spoiled[what]!(at);
	await expect(classMachines(at.env)).rejects.toThrow(/^EPERM: [^\n]*$/);
});

test.runIf(process.getuid?.() === 0)('it is refused where a folder is another user’s than the class', async () => {
	const {os, env} = await place({[`${own}/m`]: ['control']});
	// A socket may have been given to its student.
	await chown(join(os, own, 'm/control.sock'), 12_345, -1);
	expect(await classMachines(env)).toHaveLength(1);
	await chown(join(os, own, 'm'), 12_345, -1);
	await expect(classMachines(env)).rejects.toThrow(/^EPERM: .*only the user who runs the class can write/);
});
