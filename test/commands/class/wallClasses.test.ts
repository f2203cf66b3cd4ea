/** For whom the monitor of a machine opens the wall of its class: the role of its socket decides. */
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {wallClasses, wallClassOf} from '../../../source/commands/class/wallClasses.ts';
import {type ClassRole, formatClass} from '../../../source/formats/debugfs/lab/class.ts';
import {path} from '../../../source/model/paths.ts';
import {classSocketName, loginName} from '../../../source/target/classes.ts';
import {staleSocket, temporaryDirectory} from '../../server/support.ts';
import {classRecord} from '../../ui/support/classroom.ts';
import {createFakeTarget} from '../../ui/support/fakeTarget.ts';

/** A class `os` that this user teaches, and one that it is a student of. */
async function twoClasses(): Promise<{readonly MMTOP_CLASSES: string}> {
	const classes = join(await temporaryDirectory(), 'classes');
	for (const [name, kind] of [
		['os', 'teacher'],
		['net', 'control'],
	] as const) {
		const directory = join(classes, name, loginName(), 'alice');
		mkdirSync(directory, {recursive: true, mode: 0o700});
		await staleSocket(join(directory, classSocketName(kind)));
	}
	return {MMTOP_CLASSES: classes};
}

function machineOf(name: string, role: ClassRole, kind: 'socket' | 'embedded' = 'socket') {
	const target = createFakeTarget({kind});
	target.files.set(path.class, formatClass({...classRecord('alice', {role}), class: name}));
	return target;
}

test('of several classes the wall is of those that one teaches or helps in', async () => {
	const all = await wallClasses(await twoClasses());
	expect(all.map(({name, role, machines}) => [name, role, machines.length])).toEqual([['os', 'teacher', 1]]);
});

test.each([
	['teacher', true],
	['helper', true],
	['student', false],
	['observer', false],
] as const)('the monitor of one who came through the socket of a %s has it: %s', async (role, hasWall) => {
	const env = await twoClasses();
	expect((await wallClassOf(machineOf('os', role), env))?.name).toBe(hasWall ? 'os' : undefined);
});

test('a machine of another class, of none, or of one’s own has none', async () => {
	const env = await twoClasses();
	const ofNone = machineOf('os', 'teacher');
	ofNone.files.delete(path.class);
	const others = [machineOf('net', 'teacher'), ofNone, machineOf('os', 'teacher', 'embedded')];
	for (const target of others) expect(await wallClassOf(target, env)).toBeUndefined();
});
