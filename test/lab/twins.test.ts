/**
 * The drivers of the labs have twins in C (headers/examples), built for each kernel: a program that uses one and the
 * other prints the same.
 */
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {parseExec} from '../../source/formats/debugfs/lab/exec.ts';
import {parseInsmod} from '../../source/formats/debugfs/lab/insmod.ts';
import {ERA_NAMES, type EraName} from '../../source/kernel/era/behaviour.ts';
import {labDeviceAddress} from '../../source/lab/board.ts';
import type {Lab} from '../../source/lab/lab.ts';
import {sampleOf} from '../sample.ts';
import {mostEvents, quietLab} from './support.ts';

const directory = '/sys/kernel/debug/lab';
const bytesOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url));

function upload(lab: Lab, file: string, name: string, bytes: Buffer): string {
	const number = lab.write(`${directory}/${file}`, `load ${name} ${bytes.length}`, 'test');
	for (let at = 0; at < bytes.length; at += 30_000)
		lab.write(`${directory}/${file}`, `data ${number} ${bytes.subarray(at, at + 30_000).toString('base64')}`, 'test');
	return number;
}

const step = (lab: Lab, ns: number) => void lab.run(lab.timeNs() + ns, mostEvents);

/** Loads a twin. @returns 0, or an error number */
function insmod(lab: Lab, era: EraName, name: string): number {
	const number = upload(lab, 'insmod', `${name}.ko`, bytesOf(`headers/examples/prebuilt/${era}/${name}.ko`));
	const id = lab.write(`${directory}/insmod`, `insert ${number}`, 'test');
	step(lab, 20e6);
	const {requests} = parseInsmod(lab.read(`${directory}/insmod`) as string);
	return requests.find(request => request.id === Number(id))!.errno;
}

function run(lab: Lab, ...args: readonly string[]): string {
	const number = upload(lab, 'exec', 'twins', bytesOf('fixtures/programs/twins'));
	const id = Number(lab.write(`${directory}/exec`, `run ${number} ${JSON.stringify(args)}`, 'test'));
	const status = () => parseExec(lab.read(`${directory}/exec`) as string).programs[id - 1]!.status;
	for (let i = 0; i < 2_000 && status() === 'running'; i++) step(lab, 1e6);
	expect(status()).toBe('exited');
	return Buffer.from(lab.read(`${directory}/exec/${id}`) as Uint8Array).toString();
}

const eras = sampleOf(ERA_NAMES, 2, 5);

test.each(eras)('%s: scullp, scullv and simple do as their twins', era => {
	const lab = quietLab({era});
	for (const name of ['cscullp', 'cscullv', 'csimple']) expect(insmod(lab, era, name)).toBe(0);
	for (const device of ['scullp0', 'scullv0']) {
		const ours = run(lab, 'memory', `/dev/${device}`);
		expect(ours).toMatch(/write: 4096 4096 500\n/);
		expect(run(lab, 'memory', `/dev/c${device}`), device).toBe(ours);
	}
	for (const [ours, theirs] of [
		['simple0', 'csimple0'],
		['simple1', 'csimple1'],
	] as const)
		expect(run(lab, 'device', `/dev/${theirs}`), theirs).toBe(run(lab, 'device', `/dev/${ours}`));
	expect(lab.stopped()).toBeUndefined();
});

test.each(eras)('%s: the twins of the two devices that do DMA move what they are given, and give all back', era => {
	const lab = quietLab({era});
	lab.write('/sys/bus/pci/drivers/dad/unbind', labDeviceAddress, 'test');
	step(lab, 20e6);
	const mappings = () => lab.read('/sys/kernel/debug/dma-api/dump');
	const before = mappings();
	for (const name of ['cdad', 'cdad_isa']) expect(insmod(lab, era, name)).toBe(0);
	for (const device of ['cdad', 'cdad_isa']) {
		const sent = run(lab, 'transfers', `/dev/${device}`);
		expect(sent.match(/^\d+: write (\d+) read \1 same 1$/gm), sent).toHaveLength(5);
		expect(sent).toMatch(/nothing: -22\nbad buffer: -14 -14\n/);
	}
	expect(mappings()).toBe(before);
});
