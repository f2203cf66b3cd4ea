import {chmod, mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {openSsh, parseSshAddress} from '../../source/target/ssh.ts';
import {servedMachine, temporaryDirectory} from '../server/support.ts';
import {fakeClock} from '../target/support/fakeClock.ts';
import {mmtopCommand} from './support.ts';

/**
 * A computer that ssh reaches: an `ssh` that drops its options and runs the command it was given in its own
 * environment, as a shell over there would. What is not tested is ssh itself.
 */
async function remoteComputer() {
	const directory = await temporaryDirectory();
	const runtime = join(directory, 'run');
	const sockets = join(runtime, 'mmtop/lab0');
	await mkdir(sockets, {recursive: true});
	await mkdir(join(directory, 'bin'));
	const remote = mmtopCommand.map(word => `'${word}'`).join(' ');
	const script = [
		'#!/bin/sh',
		'while [ "$1" != -- ]; do shift; done',
		'if [ "$2" = nowhere ]; then echo "ssh: Could not resolve hostname nowhere" >&2; exit 255; fi',
		'if [ "$2" = bare ]; then echo "sh: 1: mmtop: not found" >&2; exit 127; fi',
		`shift 3; XDG_RUNTIME_DIR='${runtime}' exec ${remote} "$@"`,
	];
	const ssh = join(directory, 'bin/ssh');
	await writeFile(ssh, `${script.join('\n')}\n`);
	await chmod(ssh, 0o755);
	return {sockets, env: {...process.env, PATH: `${join(directory, 'bin')}:${process.env.PATH}`}};
}

describe('a machine over ssh', () => {
	test('is the machine over there, and comes back when it was away', async () => {
		const {sockets, env} = await remoteComputer();
		const first = await servedMachine(sockets);
		const wall = fakeClock();
		const target = await openSsh('ssh://ada@there/lab0', 'ada', env, wall);
		onTestFinished(() => target.close());
		expect(target).toMatchObject({name: 'ssh://ada@there/lab0', kind: 'ssh', writable: true});
		expect(await target.read('/proc/ticks')).toBe('0\n');
		expect(await target.write('/proc/kmsg', 'from afar')).toBe('id 1\n');
		expect(first.fake.session).toMatchObject([{by: 'ada'}]);

		await first.server.close();
		await expect(target.read('/proc/ticks')).rejects.toMatchObject({code: 'EDISCONNECTED'});
		const second = await servedMachine(sockets);
		second.machine.runUntil(4e6);
		await expect(target.read('/proc/ticks')).rejects.toThrow(
			/EDISCONNECTED: ssh:\/\/ada@there\/lab0 cannot be reached/,
		);
		wall.advance(2000);
		expect(await target.read('/proc/ticks')).toBe('4\n');
	});

	test('needs no name when only one runs', async () => {
		const {sockets, env} = await remoteComputer();
		await servedMachine(sockets);
		const target = await openSsh('ssh://there', 'ada', env);
		onTestFinished(() => target.close());
		expect(await target.list('/')).toEqual(['proc/', 'sys/']);
	});

	test('that cannot be reached is told in the words of ssh', async () => {
		const {env} = await remoteComputer();
		await expect(openSsh('ssh://nowhere/lab0', 'ada', env)).rejects.toThrow(
			/^EDISCONNECTED: ssh:\/\/nowhere\/lab0 cannot be reached: ssh: Could not resolve hostname nowhere$/,
		);
		await expect(openSsh('ssh://bare', 'ada', env)).rejects.toThrow(/mmtop: not found; install mmtop there/);
		await expect(openSsh('ssh://there/lab0', 'ada', env)).rejects.toThrow(/no machine named "lab0" is running here/);
		await expect(openSsh('ssh://there', 'ada', {...env, PATH: ''})).rejects.toMatchObject({code: 'EDISCONNECTED'});
	});
});

test('an address is user, host, port and machine, and nothing that ssh or a shell would read otherwise', () => {
	expect(parseSshAddress('ssh://ada@lab.example.org:2222/lab0')).toEqual({
		host: 'ada@lab.example.org',
		port: 2222,
		name: 'lab0',
	});
	expect(parseSshAddress('ssh://h')).toEqual({host: 'h', port: undefined, name: undefined});
	expect(parseSshAddress('ssh://h/')).toEqual({host: 'h', port: undefined, name: undefined});
	expect(parseSshAddress('ssh://[fe80::1]/lab0').host).toBe('fe80::1');
	for (const text of ['ssh://', 'ssh://-oX', 'ssh://a@-b', 'ssh://h/$(x)', 'ssh://h/a b', 'ssh://h;x', 'ssh://h/a/b']) {
		expect(() => parseSshAddress(text)).toThrow(/^EINVAL: .* is not an ssh target; it is written ssh:/);
	}
});

test('an address has a port of TCP and 400 characters at most, and no sentence is longer for it', () => {
	expect(parseSshAddress('ssh://h:1').port).toBe(1);
	expect(parseSshAddress('ssh://h:65535').port).toBe(65_535);
	const longest = 'ssh://'.padEnd(400, 'h');
	expect(parseSshAddress(longest).host).toHaveLength(394);
	for (const text of ['ssh://h:0', 'ssh://h:65536', 'ssh://h:99999', `${longest}h`, longest.repeat(300)]) {
		expect(() => parseSshAddress(text)).toThrow(/^EINVAL: .{1,210} is not an ssh target; it is written ssh:/);
	}
});
