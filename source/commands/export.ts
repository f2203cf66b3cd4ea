import {existsSync} from 'node:fs';
import {mkdir, readdir, symlink, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {parseClock} from '../formats/debugfs/lab/clock.ts';
import {parseMachine} from '../formats/debugfs/lab/machine.ts';
import {parseSession} from '../formats/debugfs/lab/session.ts';
import {files as fileTable} from '../formats/files.ts';
import {countOf} from '../formats/words.ts';
import {mmtopVersion} from '../lab/version.ts';
import {sampleAll} from '../target/batches.ts';
import {encodeText, fromSampled} from '../target/content.ts';
import {makeDirectory} from '../target/makeDirectory.ts';
import type {Target} from '../target/target.ts';
import {apartHint, apartNsOf, withinText} from './apart.ts';
import {type CommandFunction, print} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {codeOf} from './journal.ts';
import {onChosen} from './machine.ts';
import {replayLines} from './report/replay.ts';

/** `mmtop export DIR`: the whole tree of one instant, for tools that read files. */
export const exportTree: CommandFunction = async context => {
	const {args, stdout} = context;
	const [directory] = args;
	if (directory === undefined || args.length > 1) {
		throw new UsageError('export needs one directory, as mmtop export /tmp/lab');
	}

	await requireEmpty(directory);
	return onChosen(context, async target => {
		const {files, apartNs} = await readAll(target);
		try {
			for (const [path, content] of files) {
				const file = join(directory, path);
				await mkdir(dirname(file), {recursive: true, mode: 0o700});
				await writeFile(file, typeof content === 'string' ? encodeText(content) : content, ours);
			}
			await linkSelf(directory);
			await writeFile(join(directory, manifestName), manifest(target, files, apartNs), ours);
		} catch (error) {
			throw new Failure([
				`${codeOf(error)}: ${directory} cannot be written on; it holds a part of the tree, without a ${manifestName}`,
			]);
		}

		const apart = apartNs === 0 ? '' : `, ${apartHint(apartNs)}`;
		await print(stdout, `${files.length} files in ${directory}${apart}\n`);
		return 0;
	});
};

const manifestName = 'MANIFEST';
/** A new file, for this user only. */
const ours = {flag: 'wx', mode: 0o600} as const;

/** What the files are of, in lines `key: value`, and how such a machine is made again. */
function manifest({name, kind}: Target, files: Tree['files'], apartNs: number): string {
	const found = new Map(files);
	const text = (path: string) => {
		const content = found.get(path);
		return typeof content === 'string' ? content : undefined;
	};
	const [session, clock, machine] = [fileTable.session, fileTable.clock, fileTable.machine].map(({path}) => text(path));
	const timeNs = clock === undefined ? undefined : parseClock(clock).timeNs;
	const record = machine === undefined ? undefined : parseMachine(machine);
	const again = session === undefined ? [] : replayLines(parseSession(session));
	const lines = [
		`mmtop: ${mmtopVersion}`,
		`target: ${name} (${kind})`,
		...(timeNs === undefined ? [] : [`time: ${timeNs / 1e9} s`]),
		`instants: ${apartNs === 0 ? 'one' : withinText(apartNs)}`,
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

async function requireEmpty(directory: string): Promise<void> {
	let names: readonly string[];
	try {
		await makeDirectory(directory, 0o700);
		names = await readdir(directory);
	} catch {
		throw new Failure([`cannot make the directory ${directory}; name one whose parent can be written`]);
	}

	if (names.length > 0) {
		throw new Failure([
			`${directory} is not empty; name a new directory, so that no file of another instant stays in it`,
		]);
	}
}

type Tree = {
	readonly files: readonly (readonly [string, string | Uint8Array])[];
	/** How far the instants lie apart at which they were read: 0 when it was one. */
	readonly apartNs: number;
};

/**
 * Names are collected first, contents then come from one sample: what went away in between is left out. What is too
 * much for one answer of a server comes in several.
 */
async function readAll(target: Target): Promise<Tree> {
	const paths = await filesUnder(target, '/');
	const samples = await sampleAll(target, paths);
	const answered = new Map(samples.flatMap(sample => Object.entries(sample.files)));
	const files = paths.flatMap(path => {
		const file = answered.get(path);
		const content = file && fromSampled(file);
		return content === undefined ? [] : [[path, content] as const];
	});
	return {files, apartNs: apartNsOf(samples)};
}

/** No tree of files is as deep or as large: a target that says so would keep its client busy for ever. */
const deepest = 32;
const mostFiles = 100_000;

/** @param depth of the directory @throws Failure for a tree without an end */
async function filesUnder(target: Target, directory: string, depth = 0): Promise<readonly string[]> {
	if (depth > deepest)
		throw new Failure([`${target.name} has directories more than ${deepest} deep; it is not exported`]);

	let names: readonly string[];
	try {
		names = await target.list(directory);
	} catch (error) {
		if (directory === '/') throw error;

		return [];
	}

	const paths: string[] = [];
	for (const name of names) {
		// What a target says is a name must be one: it becomes a path of this computer.
		if (/^[^/\0]+\/?$/.test(name) && !/^\.{1,2}\/?$/.test(name)) {
			const path = `${directory === '/' ? '' : directory}/${name.replace(/\/$/, '')}`;
			paths.push(...(name.endsWith('/') ? await filesUnder(target, path, depth + 1) : [path]));
		}
	}

	if (paths.length > mostFiles)
		throw new Failure([`${target.name} has more than ${mostFiles} files; it is not exported`]);
	return paths;
}
