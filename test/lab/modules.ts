import {readFileSync} from 'node:fs';
import {parseExec} from '../../source/formats/debugfs/lab/exec.ts';
import {parseInsmod} from '../../source/formats/debugfs/lab/insmod.ts';
import {bootLab, type Lab, type LabOptions} from '../../source/lab/lab.ts';

/** Loading modules into a machine and running programs there, as the commands do it. */

export const labDirectory = '/sys/kernel/debug/lab';
const asManyAsItTakes = Number.MAX_SAFE_INTEGER;

export const fixture = (path: string): Uint8Array => readFileSync(new URL(`../../fixtures/${path}`, import.meta.url));

export function newLab(era: LabOptions['era']): Lab {
	const lab = bootLab({load: 'none', era} as LabOptions);
	lab.run(0.3e9, asManyAsItTakes);
	return lab;
}

/** @returns the number of what was uploaded */
export function upload(lab: Lab, to: string, name: string, bytes: Uint8Array): string {
	const number = lab.write(`${labDirectory}/${to}`, `load ${name} ${bytes.length}`, 'test');
	lab.write(`${labDirectory}/${to}`, `data ${number} ${Buffer.from(bytes).toString('base64')}`, 'test');
	return number;
}

/** Lets time pass until something holds. */
function until(lab: Lab, what: () => boolean): void {
	for (let i = 0; i < 3000 && !what(); i++) lab.run(lab.timeNs() + 1e6, asManyAsItTakes);
	if (!what()) throw new Error('it never came');
}

/** @returns the error number of a request that has been carried out */
function done(lab: Lab, id: string): number {
	const request = () =>
		parseInsmod(lab.read(`${labDirectory}/insmod`) as string).requests.find(each => each.id === Number(id))!;
	until(lab, () => request().status === 'done');
	return request().errno;
}

export function insmod(lab: Lab, name: string, bytes: Uint8Array, parameters = ''): number {
	const number = upload(lab, 'insmod', name, bytes);
	return done(lab, lab.write(`${labDirectory}/insmod`, `insert ${number} ${parameters}`, 'test'));
}

export const rmmod = (lab: Lab, name: string) => done(lab, lab.write(`${labDirectory}/rmmod`, name, 'test'));

/** Starts a program. @returns its number */
export function start(lab: Lab, name: string, args: readonly string[] = []): string {
	const number = upload(lab, 'exec', name, fixture(`programs/${name}`));
	return lab.write(`${labDirectory}/exec`, `run ${number} ${JSON.stringify(args)}`, 'test');
}

/** Runs a program to its end. @returns what it printed */
export function run(lab: Lab, name: string, args: readonly string[] = []): string {
	const id = start(lab, name, args);
	const program = () =>
		parseExec(lab.read(`${labDirectory}/exec`) as string).programs.find(each => each.id === Number(id))!;
	until(lab, () => program().status !== 'running');
	return Buffer.from(lab.read(`${labDirectory}/exec/${id}`) as Uint8Array).toString();
}

export const kmsg = (lab: Lab) => lab.read('/proc/kmsg') as string;
