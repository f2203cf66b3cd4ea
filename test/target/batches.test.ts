import {expect, onTestFinished, test} from 'vitest';
import type {ServerLimits} from '../../source/server/limits.ts';
import {sampleAll} from '../../source/target/batches.ts';
import {openSocket} from '../../source/target/socket.ts';
import type {Target} from '../../source/target/target.ts';
import {served} from '../server/support.ts';
import {bigMachine, bigPaths} from './support/bigMachine.ts';

const paths = ['/proc/kpagecount', ...bigPaths(9), '/proc/ticks', '/proc/none'];

async function attached(limits: Partial<ServerLimits>) {
	const {fake, machine, observePath} = await served(bigMachine({fileBytes: 1000}), limits);
	const target = await openSocket(observePath, 'lab0', 'test');
	onTestFinished(() => target.close());
	return {fake, machine, target};
}

function asked(target: Target): {readonly target: Target; readonly sizes: number[]} {
	const sizes: number[] = [];
	const counting: Target = {
		...target,
		sample(request) {
			sizes.push(request.paths.length);
			return target.sample(request);
		},
	};
	return {target: counting, sizes};
}

test('all files come in one sample where that is not too much', async () => {
	const {target, sizes} = asked((await attached({mostFiles: 12})).target);
	const samples = await sampleAll(target, paths);
	expect(sizes).toEqual([12]);
	expect(Object.keys(samples[0]!.files)).toEqual(paths);
});

test.each([
	[{mostFiles: 11}],
	[{mostFiles: 1}],
	[{sample: {bytes: 3000, ms: 1e6}}],
	[{sample: {bytes: 0, ms: 1e6}}],
])('where it is (%j), in several, the small ones together', async limits => {
	const {target, machine} = await attached(limits);
	const whole = (await machine.target.sample({paths})).files;
	const samples = await sampleAll(target, paths);
	expect(samples.length).toBeGreaterThan(1);
	expect(Object.keys(samples.at(-1)!.files)).toEqual(['/proc/kpagecount']);
	const files = Object.assign({}, ...samples.map(sample => sample.files));
	expect(files).toEqual(whole);
});

test('what a target refuses for other reasons is refused', async () => {
	const {target} = await attached({});
	await target.close();
	await expect(sampleAll(target, paths)).rejects.toMatchObject({code: 'EDISCONNECTED'});
});
