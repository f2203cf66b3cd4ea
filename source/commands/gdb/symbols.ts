import {existsSync} from 'node:fs';
import {basename, resolve} from 'node:path';
import {parseExec} from '../../formats/debugfs/lab/exec.ts';
import {files} from '../../formats/files.ts';
import {parseModules} from '../../formats/proc/modules.ts';
import type {Target} from '../../target/target.ts';
import {Failure} from '../errors.ts';
import {readText} from '../injection.ts';

/** What `insmod` makes of a file's name. */
const moduleName = (path: string) =>
	basename(path)
		.replace(/\.k?o$/, '')
		.replaceAll('-', '_');

/** The file of a module: one that was named, else one of its name in the working directory. */
function objectOf(name: string, named: readonly string[]): string | undefined {
	const here = [`${name}.ko`, `${name}.o`, `${name.replaceAll('_', '-')}.ko`, `${name.replaceAll('_', '-')}.o`];
	return named.find(path => moduleName(path) === name) ?? here.find(existsSync);
}

/** What only the start of a module needs is gone when it lives, and the next one may lie there. */
const isGone = (state: string, section: string) => state === 'Live' && section.startsWith('.init');

/** A path as gdb's command line takes it. */
const quoted = (path: string) => resolve(path).replace(/[\s\\'"]/g, each => `\\${each}`);

/** What is not in memory, as .modinfo, would lie at 0 for gdb, which would find names there for every null pointer. */
const elsewhere = '0xffff0000';

const nameInFile = /^[\w.+-]+$/;
const sectionName = /^[\w.$-]+$/;
const sectionAddress = /^0x[\da-f]{1,8}$/;

/** Who serves the target chooses its words, and gdb carries out whatever stands in its file, as `shell`. */
function checked(target: Target, what: string, text: string, pattern: RegExp): string {
	if (pattern.test(text)) return text;

	const said = JSON.stringify(text.slice(0, 80));
	throw new Failure([`${target.name} says that ${what} is ${said}, which cannot be true; gdb gets no commands`]);
}

/**
 * Commands of gdb that load symbols of what runs on a machine.
 *
 * @param named objects and programs that may lie elsewhere than in the working directory
 * @param pid of a program of `lab/exec`
 * @throws Failure where the target gives what is not a name or not an address
 */
export async function symbolLines(target: Target, named: readonly string[], pid: number | undefined): Promise<string> {
	const lines: string[] = [];
	const program = parseExec(await readText(target, files.exec.path)).programs.find(each => each.pid === pid);
	if (pid !== undefined && program === undefined) lines.push(`# no program of lab/exec has the pid ${pid}`);
	if (program !== undefined) {
		checked(target, 'the name of a program', program.name, nameInFile);
		const path = named.find(each => basename(each) === program.name) ?? program.name;
		lines.push(existsSync(path) ? `symbol-file ${quoted(path)}` : `# ${program.name}: name its file`);
	}

	for (const {name, state} of parseModules(await readText(target, files.modules.path)).modules) {
		checked(target, 'the name of a module', name, nameInFile);
		const path = objectOf(name, named);
		if (path === undefined) {
			lines.push(`# ${name}: there is no ${name}.ko here; name its file`);
			continue;
		}

		const folder = `/sys/module/${name}/sections`;
		const sections = await Promise.all(
			(await target.list(folder)).map(async section => {
				checked(target, `a section of ${name}`, section, sectionName);
				const content = String(await target.read(`${folder}/${section}`)).trim();
				const address = checked(target, `the address of ${section} of ${name}`, content, sectionAddress);
				return `-s ${section} ${isGone(state, section) ? elsewhere : address}`;
			}),
		);
		lines.push(`add-symbol-file ${quoted(path)} -o ${elsewhere} ${sections.join(' ')}`);
	}

	return lines.map(line => `${line}\n`).join('');
}
