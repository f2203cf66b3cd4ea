import {existsSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {openHost, whyNotObserved} from '../../source/target/host.ts';

describe.runIf(existsSync('/proc/self/maps'))("this Linux's own files", () => {
	const host = openHost();

	test('are read as the kernel prints them', async () => {
		expect(await host.read('/proc/meminfo')).toMatch(/^MemTotal: +\d+ kB\n/);
		expect(await host.read(`/proc/${process.pid}/comm`)).toMatch(/^.+\n$/);
		expect(await host.list('/')).toEqual(['proc/', 'sys/']);
		expect(await host.list('/proc')).toContain(`${process.pid}/`);
	});

	test('a sample has what can be read and says why the rest cannot; its time grows', async () => {
		const request = {paths: ['/proc/uptime', '/sys/kernel/debug/no_such_file', '/proc']};
		const first = await host.sample(request);
		const second = await host.sample(request);
		expect(first.files['/proc/uptime']).toHaveProperty('text');
		expect(first.files['/sys/kernel/debug/no_such_file']).toHaveProperty(
			'error',
			expect.stringMatching(/^E(NOENT|ACCES): this /),
		);
		expect(first.files['/proc']).toEqual({error: 'EISDIR: /proc is a directory; list it'});
		expect(second.timeNs).toBeGreaterThan(first.timeNs);
		expect(second.seq).toBeGreaterThan(first.seq);
	});

	test('entries of a page map are read by range, whole is too long', async () => {
		const pagemap = `/proc/${process.pid}/pagemap`;
		const entries = await host.read(pagemap, {offset: 0, length: 16});
		expect(entries).toBeInstanceOf(Uint8Array);
		expect(entries).toHaveLength(16);
		await expect(host.read(pagemap, {offset: 0, length: 2 ** 30})).rejects.toMatchObject({code: 'EFBIG'});
	});

	test('links that lead out are not followed, files that do more than show are not read', async () => {
		await expect(host.read(`/proc/${process.pid}/root/etc/passwd`)).rejects.toMatchObject({code: 'EACCES'});
		await expect(host.read(`/proc/${process.pid}/exe`)).rejects.toMatchObject({code: 'EACCES'});
		await expect(host.list(`/proc/${process.pid}/cwd`)).rejects.toMatchObject({code: 'EACCES'});
		await expect(host.read('/proc/../etc/passwd')).rejects.toMatchObject({code: 'ENOENT'});
		await expect(host.read(`/proc/self/mem`)).rejects.toMatchObject({code: 'EPERM'});
		// By its own name it is read from /dev/kmsg; this way it would be drained.
		await expect(host.read('/proc/self/root/proc/kmsg')).rejects.toThrow(/is not mere observation/);
	});

	test('nothing can be written', async () => {
		expect(host.writable).toBe(false);
		await expect(host.write('/proc/sys/vm/max_map_count', '1')).rejects.toMatchObject({code: 'EPERM'});
	});
});

test.each([
	['/sys/kernel/tracing/trace', '5.7.19-generic', true],
	['/sys/kernel/debug/tracing/trace', '4.19.0', true],
	['/sys/kernel/tracing/per_cpu/cpu0/trace', '3.2.0-4-686-pae', true],
	['/sys/kernel/tracing/instances/a/trace', '5.4.0', true],
	['/sys/kernel/tracing/trace', '5.8.0', false],
	['/sys/kernel/tracing/trace', '6.1.0-18-amd64', false],
	['/sys/kernel/tracing/trace_clock', '5.7.0', false],
	['/sys/kernel/tracing/trace_pipe', '6.1.0', true],
])('%s of Linux %s: tracing of others would suffer: %s', (path, kernel, wouldSuffer) => {
	expect(whyNotObserved(path, kernel) !== undefined).toBe(wouldSuffer);
});
