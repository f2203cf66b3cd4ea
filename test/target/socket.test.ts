import {createServer} from 'node:net';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {openSocket} from '../../source/target/socket.ts';
import type {Target} from '../../source/target/target.ts';
import {servedMachine, temporaryDirectory} from '../server/support.ts';

async function attached(path: string): Promise<Target> {
	const target = await openSocket(path, 'lab0', 'test');
	onTestFinished(() => target.close());
	return target;
}

describe('a target over a socket is the target behind it', () => {
	test('reads, ranges, lists, samples and writes', async () => {
		const {fake, machine, controlPath} = await servedMachine();
		const target = await attached(controlPath);
		machine.runUntil(2e6);
		expect(target).toMatchObject({name: 'lab0', kind: 'socket', writable: true});
		expect(await target.read('/proc/ticks')).toBe('2\n');
		expect(await target.read('/proc/kpagecount', {offset: 3, length: 2})).toEqual(Uint8Array.of(3, 4));
		expect(await target.read('/proc/kpagecount', {offset: 64, length: 8})).toEqual(new Uint8Array());
		expect(await target.read('/proc/kpagecount', {offset: 0, length: 0})).toEqual(new Uint8Array());
		expect(await target.list('/proc')).toEqual(['kmsg', 'kpagecount', 'ticks']);
		expect(await target.write('/proc/kmsg', 'größer ✓')).toBe('id 1\n');
		expect(fake.session).toMatchObject([{text: 'größer ✓', by: 'test'}]);
		const sample = await target.sample({paths: ['/proc/ticks', '/proc/kpagecount', '/none']});
		expect(sample).toEqual(await machine.target.sample({paths: ['/proc/ticks', '/proc/kpagecount', '/none']}));
	});

	test('errors keep their errno and sentence', async () => {
		const {controlPath} = await servedMachine();
		const target = await attached(controlPath);
		await expect(target.read('/none')).rejects.toMatchObject({code: 'ENOENT', message: 'ENOENT: there is no /none'});
		await expect(target.read('/proc')).rejects.toMatchObject({code: 'EISDIR'});
		await expect(target.list('/proc/ticks')).rejects.toMatchObject({code: 'ENOTDIR'});
		await expect(target.write('/proc/ticks', '1')).rejects.toMatchObject({code: 'EACCES'});
		await expect(target.write('/proc/kmsg', 'x'.repeat(2 ** 20 + 1))).rejects.toMatchObject({code: 'EFBIG'});
		await expect(target.read('proc/ticks')).rejects.toMatchObject({code: 'EINVAL'});
	});

	test('an observer knows that it may not write', async () => {
		const {observePath} = await servedMachine();
		const target = await attached(observePath);
		expect(target.writable).toBe(false);
		await expect(target.write('/proc/kmsg', 'x')).rejects.toMatchObject({code: 'EACCES'});
	});

	test('a file that did not change stays the same object; one that did is new', async () => {
		const {machine, controlPath} = await servedMachine();
		const target = await attached(controlPath);
		const paths = ['/proc/ticks', '/proc/kpagecount'];
		const first = await target.sample({paths});
		machine.runUntil(1e6);
		const second = await target.sample({paths});
		expect(second.files['/proc/kpagecount']).toBe(first.files['/proc/kpagecount']);
		expect(second.files['/proc/ticks']).toEqual({text: '1\n'});
		const more = await target.sample({paths: [...paths, '/proc/kmsg']});
		expect(more.files).toEqual({...second.files, '/proc/kmsg': {text: ''}});
		// One more file in the question is no reason to send the others.
		expect(more.files['/proc/kpagecount']).toBe(first.files['/proc/kpagecount']);
	});

	test('many calls at once are all answered, over one connection', async () => {
		const {controlPath, clients} = await servedMachine();
		const target = await attached(controlPath);
		const answers = await Promise.all(Array.from({length: 50}, () => target.read('/proc/ticks')));
		expect(new Set(answers)).toEqual(new Set(['0\n']));
		expect(clients.opened).toBe(1);
	});

	test('a trace pipe is read as what it holds now', async () => {
		const {controlPath} = await servedMachine();
		const target = await attached(controlPath);
		await target.write('/proc/kmsg', 'traced');
		expect(await target.read('/sys/kernel/debug/tracing/trace_pipe')).toBe('0: traced\n');
		await expect(target.read('/nowhere/trace_pipe')).rejects.toMatchObject({code: 'ENOENT'});
	});
});

describe('when the server goes', () => {
	test('calls say so, and work again when one is back at the same place', async () => {
		const directory = await temporaryDirectory();
		const first = await servedMachine(directory);
		const target = await attached(first.controlPath);
		first.machine.runUntil(5e6);
		await target.sample({paths: ['/proc/ticks']});
		await first.server.close();
		await expect(target.sample({paths: ['/proc/ticks']})).rejects.toMatchObject({code: 'EDISCONNECTED'});
		await expect(target.write('/proc/kmsg', 'x')).rejects.toMatchObject({code: 'EDISCONNECTED'});

		const second = await servedMachine(directory);
		const sample = await target.sample({paths: ['/proc/ticks']});
		expect(sample).toMatchObject({seq: 0, files: {'/proc/ticks': {text: '0\n'}}});
		expect(await target.write('/proc/kmsg', 'back')).toBe('id 1\n');
		expect(second.fake.session).toMatchObject([{text: 'back'}]);
	});

	test('a server that was replaced between two calls goes unnoticed by readers', async () => {
		const directory = await temporaryDirectory();
		const first = await servedMachine(directory);
		const target = await attached(first.controlPath);
		await target.read('/proc/ticks');
		await first.server.close();
		const second = await servedMachine(directory);
		second.machine.runUntil(9e6);
		expect(await target.read('/proc/ticks')).toBe('9\n');
	});

	test('nothing works on a closed target', async () => {
		const {controlPath} = await servedMachine();
		const target = await openSocket(controlPath, 'lab0', 'test');
		await target.close();
		await expect(target.read('/proc/ticks')).rejects.toMatchObject({code: 'EDISCONNECTED'});
	});
});

describe('when there is no server', () => {
	test('the sentence says what would help', async () => {
		const path = join(await temporaryDirectory(), 'control.sock');
		await expect(openSocket(path, 'lab0', 'test')).rejects.toThrow(
			/^EDISCONNECTED: there is no socket at .*mmtop serve/,
		);
	});

	test('something else at the other end is named as such', async () => {
		const path = join(await temporaryDirectory(), 'other.sock');
		const other = createServer(socket => {
			socket.on('error', () => {});
			socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi');
		});
		await new Promise<void>(resolve => other.listen(path, resolve));
		onTestFinished(() => void other.close());
		await expect(openSocket(path, 'lab0', 'test')).rejects.toMatchObject({code: 'EPROTO'});
	});

	test('escape sequences of a hostile server do not reach the terminal', async () => {
		const path = join(await temporaryDirectory(), 'other.sock');
		const body = 'EPERM: \u001b]0;owned\u0007no\nway';
		const other = createServer(socket => {
			socket.on('error', () => {});
			socket.on('data', () => {
				socket.write(`HTTP/1.1 403 No\r\nmmtop-access: read-only\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
			});
		});
		await new Promise<void>(resolve => other.listen(path, resolve));
		onTestFinished(() => void other.close());
		const target = await attached(path);
		await expect(target.read('/x')).rejects.toMatchObject({message: 'EPERM:  ]0;owned no way'});
	});
});
