/**
 * Small changes to a source file, as a slip of the hand would make them: at a boundary, in a constant, a line left out.
 */
import {transformSync} from 'esbuild';

type MutantKind = 'boundary' | 'constant' | 'dropped line';

export type Mutant = {
	/** From the root of the repository. */
	readonly path: string;
	/** Counted from 1. */
	readonly line: number;
	readonly kind: MutantKind;
	/** The line as it is, and as it becomes; an empty one was dropped. */
	readonly before: string;
	readonly after: string;
};

/** A change by name: where it stands, and the line as it was and became. */
export const describe = ({path, line, kind, before, after}: Mutant): string =>
	`${path}:${line} ${kind}: ${before.trim()}${after === '' ? '' : `  →  ${after.trim()}`}`;

/** Tells a change from others, also when its line has moved. */
export const identity = ({path, kind, before, after}: Mutant): string =>
	`${path} ${kind}: ${before.trim()} → ${after.trim()}`;

const boundaries: readonly (readonly [RegExp, string])[] = [
	[/ < /g, ' <= '],
	[/ <= /g, ' < '],
	[/ > /g, ' >= '],
	[/ >= /g, ' > '],
];

/** A number by itself: not part of a name, of an address in hex or of another number. */
const numbers = /(?<![\w.#$])\d+(?![\w.])/g;

/** A statement that is a line by itself and may be left out: a call, an assignment, a guard. */
const droppable =
	/^\t+(?:(?!return\b|const\b|let\b|import\b|export\b|throw\b|break\b|case\b|default\b)[\w.?!#[\]]+(?:\(.*\)| [-+*|&]?= .*);|if \(.*\) (?:return|continue|break)\b.*;)$/;

/** The lines with comments and the insides of strings blanked: nothing is changed there. */
function codeOnly(text: string): readonly string[] {
	const blank = (part: string) => part.replace(/[^\n]/g, ' ');
	return text
		.replace(/\/\*[\s\S]*?\*\//g, blank)
		.replace(/(^|\s)\/\/.*$/gm, blank)
		.replace(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|"(?:[^"\\\n]|\\.)*"/g, blank)
		.split('\n');
}

/** Every place where the pattern is found, with one of them replaced. */
function replaced(before: string, code: string, pattern: RegExp, by: (found: string) => string): readonly string[] {
	return [...code.matchAll(pattern)].map(
		({0: found, index}) => before.slice(0, index) + by(found) + before.slice(index + found.length),
	);
}

/** All small changes to a file, in the order of its lines. */
export function mutantsOf(path: string, text: string): readonly Mutant[] {
	const code = codeOnly(text);
	return text.split('\n').flatMap((before, index) => {
		const line = code[index]!;
		if (/^(?:import|export type|type)\b/.test(line)) return [];
		const made = (kind: MutantKind, after: string): Mutant => ({path, line: index + 1, kind, before, after});
		return [
			...boundaries
				.flatMap(([pattern, by]) => replaced(before, line, pattern, () => by))
				.map(each => made('boundary', each)),
			...replaced(before, line, numbers, found => String(Number(found) + 1)).map(each => made('constant', each)),
			...(droppable.test(line.trimEnd()) ? [made('dropped line', '')] : []),
		];
	});
}

/** The file with the change in it. */
export function planted(text: string, {line, after}: Mutant): string {
	return text
		.split('\n')
		.map((each, index) => (index + 1 === line ? after : each))
		.join('\n');
}

function compiled(path: string, text: string): string | undefined {
	try {
		return transformSync(text, {loader: path.endsWith('x') ? 'tsx' : 'ts', logLevel: 'silent'}).code;
	} catch {
		return undefined;
	}
}

/** @returns whether the changed file is a program, and another one: a type, for one, is gone when the program runs */
export function changesTheProgram(text: string, mutant: Mutant): boolean {
	const after = compiled(mutant.path, planted(text, mutant));
	return after !== undefined && after !== compiled(mutant.path, text);
}
