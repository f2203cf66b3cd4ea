import {request} from 'node:http';
import {expect, onTestFinished, test} from 'vitest';
import {files} from '../../source/formats/files.ts';
import {fetchSocket, servedMachine} from './support.ts';

const tracePipe = files.tracePipe.path;

/** A reader of the stream, which waits for lines and never for time. */
async function openStream(socketPath: string) {
	let text = '';
	let look = () => {};
	const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
		const sent = request({socketPath, path: tracePipe}, resolve);
		sent.on('error', reject);
		sent.end();
		onTestFinished(() => void sent.destroy());
	});
	response.setEncoding('utf8').on('data', (chunk: string) => {
		text += chunk;
		look();
	});
	response.on('error', () => {});
	return {
		response,
		waitFor: (wanted: string) =>
			new Promise<string>(resolve => {
				look = () => {
					if (text.includes(wanted)) {
						resolve(text);
					}
				};
				look();
			}),
	};
}

test('a trace pipe gives what there is and then each line as it comes, once', async () => {
	const {machine, controlPath} = await servedMachine();
	await machine.target.write(files.kmsg.path, 'first');
	const stream = await openStream(controlPath);
	expect(stream.response.headers['transfer-encoding']).toBe('chunked');
	await stream.waitFor('first\n');
	await machine.target.write(files.kmsg.path, 'second');
	await stream.waitFor('second\n');
	await machine.target.write(files.kmsg.path, 'third');
	expect(await stream.waitFor('third\n')).toBe('0: first\n0: second\n0: third\n');
});

test('it goes to observers too, to several at once, and takes nothing from them', async () => {
	const {machine, controlPath, observePath} = await servedMachine();
	const streams = await Promise.all([openStream(controlPath), openStream(observePath)]);
	await machine.target.write(files.kmsg.path, 'seen');
	for (const stream of streams) {
		expect(await stream.waitFor('seen\n')).toBe('0: seen\n');
	}
});

test('a sample of it ends, as any sample does', async () => {
	const {machine, controlPath} = await servedMachine();
	await machine.target.write(files.kmsg.path, 'line');
	const {body} = await fetchSocket(controlPath, '/sample', {
		method: 'POST',
		body: JSON.stringify({paths: [tracePipe]}),
	});
	expect(JSON.parse(body).files).toEqual({[tracePipe]: {text: '0: line\n'}});
});
