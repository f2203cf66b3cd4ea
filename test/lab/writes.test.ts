/** Whatever is written to a file, every file can be read afterwards by what parses it, and the machine goes on. */
import {describe, expect, test} from 'vitest';
import {parseClock} from '../../source/formats/debugfs/lab/clock.ts';
import {fileRows, files} from '../../source/formats/files.ts';
import {parserFor} from '../../source/formats/parserFor.ts';
import type {Lab} from '../../source/lab/lab.ts';
import {sampleOf} from '../sample.ts';
import {fixture, insmod, newLab} from './modules.ts';
import {clockPath, everyPath, injectPath, mostEvents, quietLab} from './support.ts';

const numbers = [
	...['0', '-0', '-1', '1', '0x10', '1e3', '1e-7', '1e309', '1.5', '.5', 'NaN', 'Infinity'],
	...['2147483647', '2147483648', '4294967295', '9007199254740991', '9007199254740993', '9'.repeat(400)],
];
/** What a person, a script or an attacker could write to any file. */
const texts = [
	...[
		'',
		' ',
		'\n',
		'\t\t',
		'nonsense',
		' 1 2 3 ',
		'\u001b[2J',
		'“ü” 🙂',
		'\u2028',
		'x'.repeat(4096),
		'x'.repeat(4097),
	],
	...['a=b c=d', '=', '%s%n', '../../..', '/', '__proto__', 'constructor'],
];
const units = ['', 'ns', 'us', 'ms', 's', 'h'];
const times = numbers.flatMap(number => units.map(unit => number + unit));

/** Words that a file takes, each with whatever may follow. */
const words: Readonly<Record<string, readonly string[]>> = {
	[clockPath]: [
		...['run', 'pause', 'next', 'stay', 'go', 'watch', 'watch on', 'pace read', 'pace', 'step', 'back', 'rate'],
		...['until', 'rewind'].flatMap(word => times.map(time => `${word} ${time}`)),
		...['step', 'back', 'rate'].flatMap(word => numbers.map(number => `${word} ${number}`)),
	],
	[injectPath]: ['mremap-growth', 'direct-read', 'dma-transfer'].flatMap(name => [
		name,
		...numbers.flatMap(number => ['pages', 'hold', 'bytes', '__proto__'].map(key => `${name} ${key}=${number}`)),
	]),
	[files.findings.path]: numbers.flatMap(number => [`older ${number}`, `older  ${number} `]),
	[files.exec.path]: numbers.flatMap(number => [`load x ${number}`, `data ${number} AAAA`, `run ${number} a`]),
	[files.insmod.path]: numbers.flatMap(number => [`load x.ko ${number}`, `data ${number} AAAA`, `insert ${number}`]),
	[files.gdb.path]: [
		...['hold', 'detach', 'run', 'stop', 'begin', 'breakpoints', 'at -'],
		...numbers.flatMap(number => [`step ${number}`, `back ${number}`, `reverse ${number}`, `at ${number} ${number}`]),
		...numbers.flatMap(number => [`breakpoints w:${number}:${number}:${number}`, `set ${number} eax ${number}`]),
		...numbers.flatMap(number => [`store ${number} ${number} 00`, `tell ${number} ${number}`]),
	],
	[files.load.path]: ['quiet', 'calm', 'busy'],
};

/** A machine with a driver in C that has parameters. */
function machine(): Lab {
	const lab = newLab('6.1');
	insmod(lab, 'leaky.o', fixture('modules/leaky.6.1.o'), '');
	lab.run(lab.timeNs() + 100e6, mostEvents);
	return lab;
}

const isRow = (path: string, row: string) =>
	new RegExp(`^${row.replace(/:\w+/g, '[^/]+').replace(/\./g, '\\.')}$`).test(path);

/** Files of a machine that can be written, under their own names. */
function writablePaths(lab: Lab): readonly string[] {
	const rows = fileRows.filter(({takes}) => takes !== undefined).map(({path}) => path);
	return everyPath(lab).filter(path => rows.some(row => isRow(path, row)));
}

/** Reads every file by its own parser. */
function readBack(lab: Lab, after: string): void {
	for (const path of everyPath(lab)) {
		const content = lab.read(path);
		const parse = parserFor(path);
		if (typeof content === 'string' && parse) expect(() => parse(content), `${path} after ${after}`).not.toThrow();
	}
}

const refusal = /^E[A-Z]+: [^\n]+$/;

test('each of the files that can be written is there to be tried', () => {
	const lab = machine();
	const rows = fileRows.filter(({takes}) => takes !== undefined).map(({path}) => path);
	const tried = writablePaths(lab);
	expect(rows.filter(row => !tried.some(path => isRow(path, row)))).toEqual([]);
});

describe('extremes', () => {
	const lab = machine();
	test.each(writablePaths(lab))('written to %s are taken or refused in one sentence', path => {
		const all = [...texts, ...numbers, ...(words[path] ?? [])];
		let accepted = 0;
		for (const text of sampleOf(all, 60)) {
			try {
				lab.write(path, text, 'test');
				accepted++;
			} catch (error) {
				expect((error as Error).message, text.slice(0, 80)).toMatch(refusal);
				expect((error as Error).message.length).toBeLessThan(5000);
			}
			// On its way back the machine takes nothing else.
			while (lab.clock().isRewinding && lab.run(0, 10_000) === 'budget');
		}
		readBack(lab, path);
		lab.left();
		if (lab.clock().paused) lab.write(clockPath, 'run', 'test');
		lab.write(clockPath, 'rate 1', 'test');
		// What was injected shows its states to no one.
		lab.write(clockPath, 'watch off', 'test');
		const before = lab.timeNs();
		lab.run(before + 10e6, mostEvents);
		expect([lab.stopped(), lab.timeNs() > before], String(accepted)).toEqual([undefined, true]);
	});
});

test('times lie within a hundred days, steps within a million, and each is as it was written', () => {
	const lab = quietLab();
	const clock = () => parseClock(String(lab.read(clockPath)));
	const write = (text: string) => lab.write(clockPath, text, 'test');
	write('until 8640000s');
	expect(clock().untilNs).toBe(8_640_000e9);
	expect(() => write('until 8640000.000000001s')).toThrow(/^EINVAL: a time is at most 8640000s/);
	expect(() => write(`until ${'9'.repeat(400)}s`)).toThrow(/^EINVAL: a time is at most 8640000s.{0,80}$/);
	write('step 1000000');
	write('step 1');
	expect(clock().stepsWanted).toBe(1_000_000);
	expect(() => write('step 1000001')).toThrow(/^EINVAL/);
});
