/**
 * Drivers in C against what a real kernel answered to them (fixtures/vectors/modules): each is loaded into a fresh
 * machine, the same program uses it, and what the program printed and the kernel logged are compared line by line.
 */
import {spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type Answer, bugAnswer, goodAnswer, normalised, ofPanic, withoutChance} from './moduleAnswers.ts';
import {bootModuleLab} from './moduleLab.ts';
import {type Document, type Vector, vectorTopic} from './topic.ts';

const kind = 'drivers in C';
const headers = join(import.meta.dirname, '../../headers');
export const levels = ['-O0', '-O1', '-O2', '-Os'] as const;

/** Which argument of the program is about which driver. */
const programs = {simple: 'simple', pages: 'pages', dio: 'dio', cdad: 'dad'} as const;

type Recorded = {readonly answer: Answer; readonly level: string; readonly name: string};

/** A folder of drivers, with prebuilt objects or without: then they are compiled by the host's gcc. */
export const isModuleFolder = (path: string): boolean =>
	existsSync(join(path, 'drivers')) && existsSync(join(path, 'answers'));

function compile(source: string, flags: string, more: readonly string[], output: string): Uint8Array {
	const words = readFileSync(flags, 'utf8').split('\n').filter(Boolean);
	const {status, stderr} = spawnSync('gcc', [...words, ...more, '-o', output, source], {encoding: 'utf8'});
	if (status !== 0) throw new Error(`gcc could not compile ${source}: ${stderr}`);
	return readFileSync(output);
}

function objectOf(folder: string, driver: string, level: string): Uint8Array {
	const prebuilt = join(folder, 'objects', `${driver}${level}.o`);
	if (existsSync(prebuilt)) return readFileSync(prebuilt);
	const made = mkdtempSync(join(tmpdir(), 'mmtop-modules-'));
	try {
		const more = ['-DMMTOP_ERA=601', '-DMODULE', `-DKBUILD_MODNAME="${driver}"`, `-I${headers}/include`, level, '-c'];
		const source = join(folder, 'drivers', `${driver}.c`);
		const maps = `-ffile-prefix-map=${join(folder, 'drivers')}/=`;
		return compile(source, join(headers, 'kbuild/flags'), [...more, maps], join(made, 'driver.o'));
	} finally {
		rmSync(made, {recursive: true});
	}
}

function programOf(folder: string): Uint8Array {
	const prebuilt = join(folder, 'objects', 't');
	if (existsSync(prebuilt)) return readFileSync(prebuilt);
	const made = mkdtempSync(join(tmpdir(), 'mmtop-modules-'));
	try {
		return compile(
			join(folder, 'user/t.c'),
			join(headers, 'kbuild/program-flags'),
			[`-I${folder}/user`],
			join(made, 't'),
		);
	} finally {
		rmSync(made, {recursive: true});
	}
}

/** The vectors of a folder: every answer at every level of optimization. */
export function readModules(folder: string, wanted: readonly string[] = levels): Document {
	const text = (name: string) => readFileSync(join(folder, 'answers', name), 'utf8');
	const good = text('good.txt');
	const names = readdirSync(join(folder, 'answers')).filter(name => /^bug[\d,]+\.txt$/.test(name));
	const recorded = wanted.flatMap((level): readonly Recorded[] => [
		...Object.entries(programs).map(([driver, word]) => ({
			answer: goodAnswer(good, driver, [word]),
			level,
			name: `${driver} ${level}`,
		})),
		...names.map(name => ({answer: bugAnswer(text(name), name), level, name: `${name.replace('.txt', '')} ${level}`})),
	]);
	return {
		kind,
		folder,
		vectors: recorded.map(({answer, level, name}) => {
			const {driver, args, panics, ...answers} = answer;
			return {name, driver, args, level, panics, answers};
		}),
	};
}

function answer(folder: string, program: Uint8Array, vector: Vector): Vector {
	const {driver, args, level} = vector as unknown as {driver: string; args: readonly string[]; level: string};
	const {lab, ...machine} = bootModuleLab('6.1');
	// As it was recorded: after the first of them, the kernel was tainted.
	if (driver !== 'simple' && driver !== 'buggy') {
		machine.insmod('simple', objectOf(folder, 'simple', level));
		machine.rmmod('simple');
		machine.dmesg();
	}
	const insmod = machine.insmod(driver, objectOf(folder, driver, level));
	const loaded = machine.dmesg();
	const output = machine.run(program, args);
	const stays = driver === 'buggy' || lab.stopped() !== undefined;
	const log = [...loaded, ...machine.dmesg()];
	const rmmod = stays ? undefined : machine.rmmod(driver);
	return {...vector, answers: {insmod, output, log, rmmod, farewell: machine.dmesg()}};
}

type Lines = {readonly [field: string]: unknown};

/** In place of the lines: what of them does not depend on chance. */
function relate(vector: Vector): Vector {
	const {answers, args, panics} = vector as unknown as {answers: Lines; args: readonly string[]; panics: boolean};
	const lines = (field: string) => normalised(answers[field] as readonly string[]);
	// Where the machine ends, what its other CPU still printed is chance.
	const output = panics ? lines('output').filter(line => !/^ {2}status|^$/.test(line)) : lines('output');
	const log = panics ? ofPanic(lines('log')) : withoutChance(args, lines('log'));
	return {...vector, answers: {...answers, output, log, farewell: lines('farewell')}};
}

export const modules = vectorTopic({
	name: kind,
	accepts: document => document.kind === kind,
	nameOf: ({name}) => String(name),
	isAnswer: path => path.startsWith('answers.'),
	relate,
	leftOut: [],
	prepare(document) {
		const folder = String(document.folder);
		const program = programOf(folder);
		return vector => answer(folder, program, vector);
	},
});
