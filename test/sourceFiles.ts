/** The files of the repository as text, for tests of how they are written. */
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join, relative} from 'node:path';

export const root = join(import.meta.dirname, '..');

type Line = {readonly number: number; readonly text: string};
type SourceFile = {readonly path: string; readonly text: string; readonly code: readonly Line[]};

function filesUnder(directory: string): readonly string[] {
	return readdirSync(join(root, directory), {withFileTypes: true, recursive: true})
		.filter(entry => entry.isFile() && /\.tsx?$/.test(entry.name))
		.map(entry => relative(root, join(entry.parentPath, entry.name)))
		.sort();
}

function load(path: string): SourceFile {
	const text = readFileSync(join(root, path), 'utf8');
	return {path, text, code: codeLines(text)};
}

/** Lines without their comments. */
function codeLines(text: string): readonly Line[] {
	const blanked = text.replace(/\/\*[\s\S]*?\*\//g, comment => comment.replace(/[^\n]/g, ' '));
	return blanked.split('\n').map((line, index) => ({number: index + 1, text: line.replace(/(^|\s)\/\/.*$/, '')}));
}

/** Lines of code that match, whatever their strings say. */
export function findings(files: readonly SourceFile[], pattern: RegExp): readonly string[] {
	const withoutStrings = (text: string) => text.replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
	return files.flatMap(({path, code}) =>
		code
			.filter(({text}) => pattern.test(withoutStrings(text)))
			.map(({number, text}) => `${path}:${number}: ${text.trim()}`),
	);
}

type FoundFunction = {readonly name: string; readonly lines: number};

/** Functions that begin a line, in a class or not, up to the brace that closes them at the same depth. */
export function functionsOf(code: readonly Line[]): readonly FoundFunction[] {
	const begins = /^(\t*)(?:export |async |static |readonly )*(?:function\*? |const |let )?([#\w]+)(?: =|[(<]).*[{(]$/;
	return code.flatMap(({text}, index): FoundFunction[] => {
		const [, indent, name] = begins.exec(text) ?? [];
		const isFunction =
			name !== undefined &&
			/=> [{(]$|\)(?:: .+)? \{$|=>$/.test(text) &&
			!/^\t*(?:if|for|while|switch|else|return)\b/.test(text);
		if (!isFunction) return [];
		const end = code.slice(index + 1).findIndex(each => new RegExp(`^${indent}[})]`).test(each.text));
		return [{name, lines: end + 2}];
	});
}

type Import = {
	readonly from: string;
	readonly to: string;
	readonly specifier: string;
	/** Is it gone when the program runs? */
	readonly isType: boolean;
};

export function importsOf({path, code}: SourceFile): readonly Import[] {
	const text = code.map(line => line.text).join('\n');
	const pattern = /(\bimport type\b[^;']*?)?(?:\bfrom\s+|\bimport\s*\(?\s*)'([^']+)'/g;
	return [...text.matchAll(pattern)].map(([, type, specifier = '']) => ({
		from: path,
		to: specifier.startsWith('.') ? join(dirname(path), specifier) : specifier,
		specifier,
		isType: type !== undefined,
	}));
}

/** What a file imports of ours beside types, which are gone when the program runs. */
export function valueImportsOf(file: SourceFile): readonly string[] {
	const text = file.code.map(line => line.text).join('\n');
	const isType = (names: string) => /^type\b/.test(names) || /^\{(?:\s*type \w+(?: as \w+)?,?)*\s*\}$/.test(names);
	const statements = text.matchAll(/\bimport\s+([^'"();]*?)\s*from\s+'(\.[^']+)'|\bimport\s*\(?\s*'(\.[^']+)'/g);
	return [...statements].flatMap(([, names = '', from, bare]) =>
		isType(names) ? [] : [join(dirname(file.path), from ?? bare ?? '')],
	);
}

/** The groups of nodes that reach each other (strongly connected, two at least), each sorted. */
export function circlesOf(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
	const reach = (from: string): ReadonlySet<string> => {
		const seen = new Set<string>();
		const open = [...(graph.get(from) ?? [])];
		for (let node = open.pop(); node !== undefined; node = open.pop()) {
			if (seen.has(node)) continue;
			seen.add(node);
			open.push(...(graph.get(node) ?? []));
		}
		return seen;
	};
	const reached = new Map([...graph.keys()].map(node => [node, reach(node)]));
	const inCircle = [...graph.keys()].filter(node => reached.get(node)!.has(node)).sort();
	const circles = inCircle.map(node =>
		inCircle.filter(other => reached.get(node)!.has(other) && reached.get(other)!.has(node)),
	);
	return circles.filter(([first], index) => first === inCircle[index]);
}

export const sources = filesUnder('source').map(load);
const tests = ['test', 'bench']
	.filter(directory => existsSync(join(root, directory)))
	.flatMap(filesUnder)
	.map(load);
export const everything = [...sources, ...tests];

/** Files of some rooms of source/. */
export const inRooms = (rooms: readonly string[]) =>
	sources.filter(({path}) => rooms.some(room => path.startsWith(`source/${room}/`)));

type Export = {readonly path: string; readonly name: string; readonly isType: boolean};

/** What a file declares and exports, in the order of its lines; not what it takes apart or hands on. */
export function exportsOf({path, code}: SourceFile): readonly Export[] {
	const pattern = /^export (?:async |abstract )*(type|interface|class|const|let|function)\b\*?\s+(\w+)/;
	return code.flatMap(({text}): Export[] => {
		const [, kind, name] = pattern.exec(text) ?? [];
		return name === undefined ? [] : [{path, name, isType: /type|interface|class/.test(kind!)}];
	});
}

/** `file#name` of all that some file imports by its name, and `file#*` of what is imported as a whole. */
export function importedNames(files: readonly SourceFile[]): ReadonlySet<string> {
	const places = files.flatMap(({path, code}) => {
		const text = code.map(line => line.text).join('\n');
		const at = (specifier: string, names: readonly string[]) =>
			names.map(name => `${join(dirname(path), specifier)}#${name}`);
		const statements = text.matchAll(/\b(?:import|export)\s+(?:type\s+)?(\{[^}]*\}|\*)[^'";]*?\bfrom\s+'(\.[^']+)'/g);
		const named = [...statements].flatMap(([, names = '', specifier = '']) =>
			at(
				specifier,
				names === '*'
					? ['*']
					: names.split(/[{},]/).map(
							each =>
								each
									.trim()
									.replace(/^type /, '')
									.split(' ')[0]!,
						),
			),
		);
		// `{a, b} = await import(…)`, and `(await import(…)).a`.
		const late = text.matchAll(/(?:\{([^{}]*)\} = )?\(?await import\('(\.[^']+)'\)(?:\)\.(\w+))?/g);
		const lateNames = [...late].flatMap(([, names = '', specifier = '', name = '']) =>
			at(specifier, [...names.split(',').map(each => each.trim()), name]),
		);
		return [...named, ...lateNames];
	});
	return new Set(places);
}
