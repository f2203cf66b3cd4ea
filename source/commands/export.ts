import {existsSync} from 'node:fs';
import {symlink} from 'node:fs/promises';
import {join} from 'node:path';
import type {TextFile} from '../formats/fileRow.ts';
import {files as fileTable} from '../formats/files.ts';
import {countOf} from '../formats/words.ts';
import {mmtopVersion} from '../lab/version.ts';
import {sampleAll} from '../target/batches.ts';
import {fromSampled} from '../target/content.ts';
import {treePath} from '../target/path.ts';
import type {Target} from '../target/target.ts';
import {apartHint, apartNsOf, withinText} from './apart.ts';
import {type CommandFunction, print} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {onChosen} from './machine.ts';
import {progressOn} from './progress.ts';
import {replayLines} from './report/replay.ts';
import {requireEmpty, withoutLeftovers, writeWholeDirectory} from './wholeDirectory.ts';

/**
 * `mmtop export DIR [PATH…]`: the whole tree of one instant, or what is under some paths, for tools that read files.
 * The directory is there when all of it is written, and not before.
 */
export const exportTree: CommandFunction = async context => {
	const {args, stdout} = context;
	const [directory, ...under] = args;
	if (directory === undefined) throw new UsageError('export needs a directory, as mmtop export /tmp/lab');
	const roots = under.map(treePath);

	const made = await requireEmpty(directory);
	return withoutLeftovers(made, () =>
		onChosen(context, async target => {
			if (target.kind === 'host' && roots.length === 0)
				throw new UsageError(
					'a real Linux has too many files to export all; name some, as mmtop export -t host DIR /proc/meminfo',
				);

			const progress = progressOn(context);
			let tree: Tree;
			try {
				tree = await readAll(target, roots, progress);
				if (tree.files.length === 0 && roots.length > 0)
					throw new Failure([`ENOENT: there is no file under ${roots.join(' ')}`]);
				await writeWhole(directory, made.length > 0, target, tree, progress);
			} finally {
				await progress.end().catch(() => {});
			}

			const {files, apartNs} = tree;
			const apart = apartNs === 0 ? '' : `, ${apartHint(apartNs)}`;
			await print(stdout, `${countOf(files.length, 'file')} in ${directory}${apart}\n`);
			return 0;
		}),
	);
};

type Progress = ReturnType<typeof progressOn>;

/** Files written between two lines of progress. */
const progressEvery = 32;

/** @param isNew whether the directory was made for this @throws Failure where a disk is full or the like */
async function writeWhole(
	directory: string,
	isNew: boolean,
	target: Target,
	tree: Tree,
	progress: Progress,
): Promise<void> {
	const {files} = tree;
	await writeWholeDirectory(directory, isNew, files, {
		last: [manifestName, manifest(target, tree)],
		onFile: async index => {
			if (index % progressEvery === 0) await progress.say(`written ${index} of ${countOf(files.length, 'file')}`);
		},
		finish: linkSelf,
	});
}

const manifestName = 'MANIFEST';
/** What the manifest is made of, wherever it is exported. */
const factPaths = [fileTable.session, fileTable.clock, fileTable.machine].map(({path}) => path);

/** The record of such a file; undefined where the target has none, or one that says something else. */
function factOf<T>(facts: Tree['facts'], {path, parse}: TextFile<T>): T | undefined {
	const content = facts.get(path);
	if (typeof content !== 'string') return undefined;
	try {
		return parse(content);
	} catch {
		return undefined;
	}
}

/** What the files are of, in lines `key: value`, and how such a machine is made again. */
function manifest({name, kind}: Target, {files, facts, apartNs}: Tree): string {
	const record = factOf(facts, fileTable.machine);
	const session = factOf(facts, fileTable.session);
	const timeNs = factOf(facts, fileTable.clock)?.timeNs;
	const again = session === undefined ? [] : replayLines(session);
	const lines = [
		`mmtop: ${mmtopVersion}`,
		`target: ${name} (${kind})`,
		...(timeNs === undefined ? [] : [`time: ${timeNs / 1e9} s`]),
		`instants: ${kind === 'host' ? 'as many as files' : apartNs === 0 ? 'one' : withinText(apartNs)}`,
		...(record
			? [`machine: preset ${record.preset}, era ${record.era}, seed ${record.seed}, ${countOf(record.cpus, 'CPU')}`]
			: []),
		`files: ${files.length}`,
		...(again.length === 0 ? [] : ['again:', ...again.map(line => `  ${line}`)]),
	];
	return `${lines.join('\n')}\n`;
}

/** Tools look for /proc/self. Who reads exported files is not a process of the machine, so init stands in. */
async function linkSelf(directory: string): Promise<void> {
	const processes = join(directory, 'proc');
	if (existsSync(join(processes, '1')) && !existsSync(join(processes, 'self')))
		await symlink('1', join(processes, 'self'));
}

type Tree = {
	readonly files: readonly (readonly [string, string | Uint8Array])[];
	/** Those of the machine itself, by path, as far as it has them. */
	readonly facts: ReadonlyMap<string, string | Uint8Array>;
	/** How far the instants lie apart at which they were read: 0 when it was one. */
	readonly apartNs: number;
};

/**
 * Names are collected first, contents then come from one sample: what went away in between is left out. What is too
 * much for one answer of a server comes in several.
 *
 * @throws Failure where a file that was named cannot be read
 */
async function readAll(target: Target, roots: readonly string[], progress: Progress): Promise<Tree> {
	const paths: string[] = [];
	const named: string[] = [];
	for (const root of roots.length === 0 ? ['/'] : roots) {
		const found = await filesAt(target, root);
		paths.push(...found);
		if (found.includes(root)) named.push(root);
	}
	await progress.say(`reading ${countOf(paths.length, 'file')}`);
	const samples = await sampleAll(target, [...new Set([...paths, ...factPaths])]);
	const answered = new Map(samples.flatMap(sample => Object.entries(sample.files)));
	const refused = named.flatMap(path => {
		const file = answered.get(path);
		if (file === undefined) return [`ENOENT: there is no ${path}`];
		return 'error' in file ? [`${path} is not exported: ${file.error}`] : [];
	});
	if (refused.length > 0) throw new Failure(refused);

	const contentsOf = (wanted: readonly string[]) =>
		wanted.flatMap(path => {
			const file = answered.get(path);
			const content = file && fromSampled(file);
			return content === undefined ? [] : [[path, content] as const];
		});
	return {files: contentsOf(paths), facts: new Map(contentsOf(factPaths)), apartNs: apartNsOf(samples)};
}

/** What is under a path, or the path itself where it is not a directory. */
async function filesAt(target: Target, path: string): Promise<readonly string[]> {
	try {
		await target.list(path);
	} catch (error) {
		if (path === '/') throw error;
		return [path];
	}

	return filesUnder(target, path);
}

/** No tree of files is as deep or as large: a target that says so would keep its client busy for ever. */
const deepest = 32;
const mostNames = 100_000;

/**
 * @param depth of the directory
 * @param met how many directories and files there were so far
 * @throws Failure for a tree without an end
 */
async function filesUnder(target: Target, directory: string, depth = 0, met = {count: 0}): Promise<readonly string[]> {
	if (depth > deepest)
		throw new Failure([`${target.name} has directories more than ${deepest} deep; it is not exported`]);

	let names: readonly string[];
	try {
		names = await target.list(directory);
	} catch (error) {
		if (directory === '/') throw error;

		return [];
	}

	met.count += names.length;
	if (met.count > mostNames)
		throw new Failure([`${target.name} has more than ${mostNames} files and directories; it is not exported`]);

	const paths: string[] = [];
	for (const name of names) {
		// What a target says is a name must be one: it becomes a path of this computer.
		if (/^[^/\0]+\/?$/.test(name) && !/^\.{1,2}\/?$/.test(name)) {
			const path = `${directory === '/' ? '' : directory}/${name.replace(/\/$/, '')}`;
			paths.push(...(name.endsWith('/') ? await filesUnder(target, path, depth + 1, met) : [path]));
		}
	}

	return paths;
}
