import {connect} from 'node:net';
import {describe, expect, test} from 'vitest';
import {files} from '../../source/formats/files.ts';
import {fetchSocket, servedMachine} from './support.ts';

const mebibyte = 1024 * 1024;

describe('GET', () => {
	test('a text file comes as it is printed', async () => {
		const {machine, controlPath} = await servedMachine();
		machine.runUntil(3e6);
		const answer = await fetchSocket(controlPath, '/proc/ticks');
		expect(answer).toMatchObject({status: 200, body: '3\n'});
		expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
	});

	test('a directory comes as its names, one a line, with and without the slash', async () => {
		const {controlPath} = await servedMachine();
		for (const path of ['/proc', '/proc/', '//proc/./']) {
			const answer = await fetchSocket(controlPath, path);
			expect(answer).toMatchObject({status: 200, body: 'kmsg\nkpagecount\nticks\n'});
		}
	});

	test('what does not exist, is not a directory, or is not a path is said in one sentence', async () => {
		const {controlPath} = await servedMachine();
		expect(await fetchSocket(controlPath, '/none')).toMatchObject({status: 404, body: 'ENOENT: there is no /none\n'});
		expect(await fetchSocket(controlPath, '/proc/ticks/')).toMatchObject({status: 400, body: /^ENOTDIR: .*\n$/});
		expect(await fetchSocket(controlPath, '/proc/%zz')).toMatchObject({status: 400, body: /^EINVAL: .*\n$/});
		expect(await fetchSocket(controlPath, '/proc/a%00b')).toMatchObject({status: 400, body: /^EINVAL: .*\n$/});
		expect(await fetchSocket(controlPath, `/${'a'.repeat(5000)}`)).toMatchObject({status: 414});
	});

	test('no spelling of `..` leaves the tree', async () => {
		const {controlPath} = await servedMachine();
		for (const path of ['/../etc/passwd', '/%2e%2e/etc/passwd', '/proc/../../etc/passwd', '/..%2fetc%2fpasswd']) {
			expect(await fetchSocket(controlPath, path)).toMatchObject({
				status: 404,
				body: 'ENOENT: there is no /etc/passwd\n',
			});
		}
	});

	test('a binary file takes ranges, from either end', async () => {
		const {controlPath} = await servedMachine();
		const get = (range: string) => fetchSocket(controlPath, '/proc/kpagecount', {headers: {range}});
		expect(await get('bytes=8-10')).toMatchObject({status: 206, body: '\u0008\u0009\u000a'});
		expect(await get('bytes=62-')).toMatchObject({status: 206, body: '>?'});
		expect((await get('bytes=62-')).headers['content-range']).toBe('bytes 62-63/64');
		expect(await get('bytes=-1')).toMatchObject({status: 206, body: '?'});
		expect(await get('bytes=64-70')).toMatchObject({status: 416});
		expect((await get('bytes=9-8')).body).toHaveLength(64);
		expect((await get('lines=1-2')).status).toBe(200);
	});

	test('a text file ignores ranges', async () => {
		const {controlPath} = await servedMachine();
		const answer = await fetchSocket(controlPath, '/proc/ticks', {headers: {range: 'bytes=1-1'}});
		expect(answer).toMatchObject({status: 200, body: '0\n'});
	});
});

describe('PUT', () => {
	const put = (socketPath: string, path: string, body: string, headers: Record<string, string> = {}) =>
		fetchSocket(socketPath, path, {method: 'PUT', body, headers});

	test('acts, answers what the file answers, and the machine knows who wrote', async () => {
		const {fake, controlPath} = await servedMachine();
		const answer = await put(controlPath, '/proc/kmsg', 'hello', {'user-agent': 'curl/8.0'});
		expect(answer).toMatchObject({status: 200, body: 'id 1\n'});
		expect(fake.session).toMatchObject([{path: '/proc/kmsg', text: 'hello', by: 'curl/8.0'}]);
	});

	test('is refused on the observing socket', async () => {
		const {fake, observePath} = await servedMachine();
		const answer = await put(observePath, '/proc/kmsg', 'hello');
		expect(answer).toMatchObject({status: 403, body: /^EACCES: .*control\.sock\n$/});
		expect(answer.headers['mmtop-access']).toBe('read-only');
		expect(fake.session).toEqual([]);
	});

	test('refused writes have the status of their errno and change nothing', async () => {
		const {fake, controlPath} = await servedMachine();
		expect(await put(controlPath, '/proc/ticks', '1')).toMatchObject({status: 403, body: /^EACCES: /});
		expect(await put(controlPath, '/none', '1')).toMatchObject({status: 404, body: /^ENOENT: /});
		const clock = files.clock.path;
		expect(await put(controlPath, clock, 'fly')).toMatchObject({status: 400, body: /^EINVAL: /});
		expect(await put(controlPath, clock, 'pa\0use')).toMatchObject({status: 400, body: /^EINVAL: /});
		expect(fake.session).toEqual([]);
	});

	test('takes 1 MiB and refuses a byte more, announced or not, with an answer that arrives', async () => {
		const {fake, controlPath} = await servedMachine();
		expect(await put(controlPath, '/proc/kmsg', 'x'.repeat(mebibyte))).toMatchObject({status: 200});
		expect(await put(controlPath, '/proc/kmsg', 'x'.repeat(mebibyte + 1))).toMatchObject({
			status: 413,
			body: /^EFBIG: .*1048576/,
		});
		const chunked = {'transfer-encoding': 'chunked'};
		expect(await put(controlPath, '/proc/kmsg', 'x'.repeat(10 * mebibyte), chunked)).toMatchObject({status: 413});
		expect(fake.session).toHaveLength(1);
	});
});

describe('POST /sample', () => {
	const post = (socketPath: string, body: string) => fetchSocket(socketPath, '/sample', {method: 'POST', body});

	test('several files of one instant come as one JSON line', async () => {
		const {machine, controlPath} = await servedMachine();
		machine.runUntil(7e6);
		const {status, body} = await post(controlPath, JSON.stringify({paths: ['/proc/ticks', '/none']}));
		expect(status).toBe(200);
		expect(body.indexOf('\n')).toBe(body.length - 1);
		expect(JSON.parse(body)).toEqual({
			version: 1,
			timeNs: 7e6,
			seq: 7,
			files: {'/proc/ticks': {text: '7\n'}, '/none': {error: 'ENOENT: there is no /none'}},
		});
	});

	test('a `since` that this connection never saw sends everything', async () => {
		const {controlPath} = await servedMachine();
		const {body} = await post(controlPath, JSON.stringify({paths: ['/proc/ticks'], since: 0}));
		expect(JSON.parse(body).files['/proc/ticks']).toEqual({text: '0\n'});
	});

	test('anything else than a request is refused', async () => {
		const {controlPath} = await servedMachine();
		for (const body of ['', '{', '[]', '{"paths": "/proc"}', '{"paths": [1]}', '{"paths": [], "since": "x"}']) {
			expect(await post(controlPath, body)).toMatchObject({status: 400, body: /^EINVAL: [^\n]*\n$/});
		}
	});
});

test('other methods, and POST elsewhere, are told what there is', async () => {
	const {controlPath} = await servedMachine();
	expect((await fetchSocket(controlPath, '/proc/ticks', {method: 'DELETE'})).headers.allow).toContain('PUT');
	expect(await fetchSocket(controlPath, '/proc/ticks', {method: 'POST'})).toMatchObject({status: 405});
});

test('what is not HTTP gets a sentence and loses its connection', async () => {
	const {controlPath} = await servedMachine();
	const answer = await new Promise<string>((resolve, reject) => {
		const socket = connect(controlPath, () => socket.write('hello machine\r\n\r\n'));
		let text = '';
		socket.setEncoding('latin1').on('data', chunk => {
			text += chunk;
		});
		socket.on('end', () => resolve(text));
		socket.on('error', reject);
	});
	expect(answer).toMatch(/^HTTP\/1.1 400 .*EINVAL: this is not an HTTP request\n$/s);
});
