/** Which tests stand nearest to a source file: those with the fewest imports in between. */
import {readdirSync, readFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';

/** Who imports a type only runs nothing of the file. */
const withoutTypes = (text: string) => text.replace(/^(?:import|export) type\b[^;]*;/gm, '');

/** Paths from the root of the repository, and what each file imports of ours. */
type Imports = ReadonlyMap<string, readonly string[]>;

export function readImports(root: string): Imports {
	const files = ['source', 'test'].flatMap(directory =>
		readdirSync(join(root, directory), {recursive: true, encoding: 'utf8'})
			.filter(name => /\.tsx?$/.test(name))
			.map(name => join(directory, name)),
	);
	const importsOf = (path: string) =>
		[
			...withoutTypes(readFileSync(join(root, path), 'utf8')).matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)'(\.[^']+)'/g),
		].map(([, to]) => join(dirname(path), to!));
	return new Map(files.sort().map(path => [path, importsOf(path)]));
}

/** Tests that run the bundle, or read the sources as text, say nothing of a change that was not built. */
const tellsOfChanges = (path: string) =>
	/\.test\.tsx?$/.test(path) && !/^test\/(?:terminal|commands|bench|mutants|tidy)/.test(path);

/** Tests that walk at random, or over everything: they take their time. */
const isWide = /^(?:fuzz|soak|grid|extremes|labload|randomops|misuse)$/;

const stem = (path: string) => basename(path).replace(/\..*$/, '').toLowerCase();

/** Letters that two names have in common at their start. */
function likeness(a: string, b: string) {
	let common = 0;
	while (common < a.length && a[common] === b[common]) common++;
	return common;
}

const remembered = new WeakMap<Imports, ReadonlyMap<string, readonly string[]>>();

/** Who imports each file. */
function importersOf(imports: Imports): ReadonlyMap<string, readonly string[]> {
	const known = remembered.get(imports);
	if (known) return known;
	const importers = new Map<string, string[]>();
	for (const [from, tos] of imports) {
		for (const to of tos) {
			const froms = importers.get(to);
			if (froms) froms.push(from);
			else importers.set(to, [from]);
		}
	}
	remembered.set(imports, importers);
	return importers;
}

/**
 * @param paths a file, or several that are equally meant
 * @param most how many at most; of those that are equally near, the ones in the same room and with the likest names,
 * like the file or like what its changed line names, and last those that walk over everything
 * @param changed the line
 * @returns tests, nearest first; none for a file that no test reaches
 */
export function nearestTests(
	imports: Imports,
	paths: readonly string[],
	most: number,
	changed = '',
): readonly string[] {
	const importers = importersOf(imports);
	const rooms = paths.map(path => dirname(path).replace(/^source/, 'test'));
	const names = changed.toLowerCase().match(/[a-z]{4,}/g) ?? [];
	const rank = (test: string) =>
		(rooms.includes(dirname(test)) ? 100 : 0) +
		Math.max(...[...paths.map(stem), ...names].map(name => likeness(stem(test), name))) -
		(isWide.test(stem(test)) ? 1000 : 0);
	const seen = new Set(paths);
	const found: string[] = [];
	for (let ring = [...paths]; ring.length > 0 && found.length < most; ) {
		ring = [...new Set(ring.flatMap(each => importers.get(each) ?? []))].filter(each => !seen.has(each));
		for (const each of ring) seen.add(each);
		found.push(...ring.filter(tellsOfChanges).sort((a, b) => rank(b) - rank(a) || (a < b ? -1 : 1)));
	}
	return found.slice(0, most);
}

/** Tables whose rows others ask for by name. */
const isTable = (path: string) => path.startsWith('source/kernel/era/') || path === 'source/hardware/costs.ts';

/**
 * A row of a table is near to what asks for it, and not to what imports the table.
 * @param texts of all files, by path
 * @param line counted from 1
 * @returns the files that ask for the row of this line; the file itself where it is no table's row
 */
export function askers(texts: ReadonlyMap<string, string>, path: string, line: number): readonly string[] {
	if (!isTable(path)) return [path];
	const above = texts.get(path)!.split('\n').slice(0, line).reverse();
	const row = above.map(each => /^\t(\w+):/.exec(each)?.[1]).find(name => name !== undefined);
	const asks =
		row === undefined ? undefined : new RegExp(`(?:\\bera|\\bCOST)\\.${row}\\b|\\{[^}]*\\b${row}\\b[^}]*\\} = `);
	const found = asks ? [...texts].filter(([each, text]) => each.startsWith('source/') && asks.test(text)) : [];
	return found.length === 0 ? [path] : found.map(([each]) => each);
}
