/** A call of a driver in C that never comes back costs a processor, and no more. */
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {parseExec} from '../../source/formats/debugfs/lab/exec.ts';
import {bootModuleLab} from '../conformance/moduleLab.ts';
import {mostEvents} from './support.ts';

const exec = '/sys/kernel/debug/lab/exec';
const bytesOf = (path: string) => readFileSync(new URL(`../../fixtures/${path}`, import.meta.url));

test('one processor spins, kill does not end it, the other one works; with both spinning nothing else runs', () => {
	const {lab, insmod, rmmod} = bootModuleLab('6.1');
	expect(insmod('spin', bytesOf('vectors/modules/objects/spin-O1.o'))).toBe(0);
	const hog = bytesOf('programs/hog');
	const start = (args: readonly string[]) => {
		const number = lab.write(exec, `load hog ${hog.length}`, 'test');
		lab.write(exec, `data ${number} ${hog.toString('base64')}`, 'test');
		return Number(lab.write(exec, `run ${number} ${JSON.stringify(args)}`, 'test'));
	};
	const pass = () => void lab.run(lab.timeNs() + 20e6, mostEvents);
	const said = (id: number) => [
		parseExec(lab.read(exec) as string).programs.find(each => each.id === id)!.status,
		Buffer.from(lab.read(`${exec}/${id}`) as Uint8Array).toString(),
	];

	const first = start(['spin']);
	pass();
	lab.write(exec, `kill ${first} 9`, 'test');
	const bystander = start([]);
	pass();
	expect(said(first)).toEqual(['running', 'here\n']);
	expect(said(bystander)).toEqual(['exited', 'here\n']);
	// It has no exit function: it stays, whoever uses it.
	expect(rmmod('spin')).not.toBe(0);

	const second = start(['spin']);
	pass();
	const starved = start([]);
	pass();
	expect(said(second)).toEqual(['running', 'here\n']);
	expect(said(starved)).toEqual(['running', '']);
	expect(lab.stopped()).toBeUndefined();
});
