/**
 * `npm run bench -- strangers FOLDER [ERA…]`: which drivers of a tree compile, load and unload, as a table.
 *
 * Every folder that has a Makefile or Kbuild file with `obj-m` is copied, built by its own Makefile, and each module
 * that comes out is loaded into a fresh machine. What a module needs from another of the same tree is loaded before it.
 */
import {spawnSync} from 'node:child_process';
import {cpSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, join, relative} from 'node:path';
import {ERA_NAMES, type EraName} from '../source/kernel/era/behaviour.ts';
import {errnoName} from '../source/kernel/errno.ts';
import {bootModuleLab} from '../test/conformance/moduleLab.ts';

type Module = {readonly name: string; readonly path: string};
type Outcome = {readonly driver: string; readonly said: string};

/** A file of a tree that came with objects would be taken for what was built here. */
const built = /\.(?:k?o|mod\.c|cmd)$/;

/** Prints the table of a tree. @throws a sentence when there is nothing to build */
export function strangers(folder: string, eras: readonly string[]): void {
	const odd = eras.find(era => !(ERA_NAMES as readonly string[]).includes(era));
	if (odd !== undefined) throw new Error(`an era is one of ${ERA_NAMES.join(', ')}, got ${JSON.stringify(odd)}`);

	const chosen = (eras.length === 0 ? ERA_NAMES : eras) as readonly EraName[];
	const said = new Map<string, Map<EraName, string>>();
	for (const era of chosen) {
		for (const {driver, said: text} of tryTree(folder, era)) {
			if (!said.has(driver)) said.set(driver, new Map());
			said.get(driver)!.set(era, text);
		}
	}
	if (said.size === 0) throw new Error(`no Makefile in ${folder} names a module in obj-m`);

	console.log(`| driver | ${chosen.join(' | ')} |\n|---|${chosen.map(() => '---|').join('')}`);
	for (const driver of [...said.keys()].sort()) {
		console.log(`| ${driver} | ${chosen.map(era => said.get(driver)!.get(era) ?? 'not built').join(' | ')} |`);
	}
}

function tryTree(folder: string, era: EraName): readonly Outcome[] {
	const copy = mkdtempSync(join(tmpdir(), 'mmtop-strangers-'));
	try {
		cpSync(folder, copy, {recursive: true, filter: path => basename(path) !== '.git' && !built.test(path)});
		const kernel = spawnSync(process.execPath, ['dist/mmtop.mjs', 'kerneldir', '--era', era], {encoding: 'utf8'});
		if (kernel.status !== 0) throw new Error(kernel.stderr.trim());

		const outcomes: Outcome[] = [];
		const modules: Module[] = [];
		for (const at of foldersToBuild(copy)) {
			const place = relative(copy, at);
			const refusals = build(at, kernel.stdout.trim());
			for (const text of refusals) outcomes.push({driver: join(place, text.split(':')[0]!), said: `no: ${text}`});
			for (const file of readdirSync(at).filter(name => name.endsWith('.ko'))) {
				modules.push({name: file.slice(0, -3), path: join(at, file)});
			}
		}
		for (const module of modules) {
			outcomes.push({driver: relative(copy, module.path).slice(0, -3), said: load(module, modules, era)});
		}
		return outcomes;
	} finally {
		rmSync(copy, {recursive: true});
	}
}

function foldersToBuild(tree: string): readonly string[] {
	return readdirSync(tree, {recursive: true, withFileTypes: true})
		.filter(each => each.isFile() && ['Makefile', 'Kbuild'].includes(each.name))
		.filter(each => /\bobj-m\b/.test(readFileSync(join(each.parentPath, each.name), 'latin1')))
		.map(each => each.parentPath)
		.filter((path, index, all) => all.indexOf(path) === index)
		.sort();
}

/** By the folder's own Makefile, or else with `make -C KERNELDIR`. @returns the first error of each file */
function build(at: string, kernel: string): readonly string[] {
	const env = {...process.env, PWD: at, LC_ALL: 'C'};
	const make = (args: readonly string[]) => {
		const {stderr} = spawnSync('make', ['-k', ...args], {cwd: at, env, encoding: 'utf8'});
		return stderr.split('\n').filter(line => /:\d+: (?:fatal )?error:/.test(line));
	};
	let lines = make([`KERNELDIR=${kernel}`, `KDIR=${kernel}`]);
	if (lines.length === 0 && !readdirSync(at).some(name => name.endsWith('.ko'))) {
		lines = make(['-C', kernel, `M=${at}`, 'modules']);
	}
	const first = new Map<string, string>();
	for (const line of lines) {
		const [, file, rest] = /^(\S+?):\d+:(?:\d+:)? (?:fatal )?error: (.*)$/.exec(line) ?? [];
		if (file !== undefined && !first.has(file)) first.set(file, `${basename(file)}: ${rest}`);
	}
	return [...first.values()];
}

/** @returns what came of it, and what the machine's log says where it went wrong */
function load(module: Module, others: readonly Module[], era: EraName): string {
	const lab = bootModuleLab(era);
	const insert = ({name, path}: Module) => lab.insmod(name, readFileSync(path));
	let errno = insert(module);
	const unknown = () => lab.dmesg().flatMap(line => /[Uu]nknown symbol (\w+)/.exec(line)?.[1] ?? []);
	let missing = errno === 0 ? [] : unknown();
	if (missing.length > 0) {
		for (const other of others) if (other !== module && exports(other, missing)) insert(other);
		lab.dmesg();
		errno = insert(module);
		missing = errno === 0 ? [] : unknown();
	}
	if (missing.length > 0) return `compiles; unknown: ${missing.join(', ')}`;
	if (errno !== 0) return `insmod: ${errnoName(-errno)}`;

	const gone = lab.rmmod(module.name.replaceAll('-', '_'));
	const oops = lab.dmesg().find(line => /^(?:BUG|Oops|kernel BUG|Unable to handle)/.test(line));
	if (oops !== undefined) return `loads; ${oops}`;

	return gone === 0 ? 'loads' : `loads; rmmod: ${errnoName(-gone)}`;
}

/** Its table of exported names is text in the object. */
function exports({path}: Module, names: readonly string[]): boolean {
	const text = readFileSync(path, 'latin1');
	return names.some(name => text.includes(`__ksymtab_${name}\0`));
}
