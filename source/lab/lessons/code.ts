/** Lines of our own source, found by file and function, so that a page always shows them as they are. */

export type CodePlace = {
	/** From the root of the checkout. */
	readonly file: string;
	/** Function, method or constant. */
	readonly name: string;
	/** Words of the first line to show, where the whole is too long; absent: its first line. */
	readonly from?: string;
	/** How many lines; absent: to the end. */
	readonly lines?: number;
};

/** Most that a page shows of one place. */
export const mostLines = 15;

/** A place in the simulated kernel. */
export const kernel = (file: string, name: string, part: Pick<CodePlace, 'from' | 'lines'> = {}): CodePlace => ({
	file: `source/kernel/${file}`,
	name,
	...part,
});

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** Where the thing that begins at `first` ends: at the brace that closes it, or after its only statement. */
function endOf(lines: readonly string[], first: number): number {
	const indent = indentOf(lines[first]!);
	for (let at = first; at < lines.length; at++) {
		const line = lines[at]!;
		if (indentOf(line) !== indent && !line.endsWith(';')) continue;
		if (indentOf(line) === indent && line.trimStart().startsWith('}')) return at + 1;
		const next = lines[at + 1] ?? '';
		if (line.endsWith(';') && (next === '' || (indentOf(next) <= indent && !next.trimStart().startsWith('}')))) {
			return at + 1;
		}
	}
	return lines.length;
}

function firstOf(lines: readonly string[], name: string): number {
	const heads = [
		new RegExp(`^(export )?function\\*? ${name}\\(`),
		new RegExp(`^(export )?const ${name}\\b`),
		new RegExp(`^\\t+(private )?(get )?\\*?#?${name}\\(.*\\{$`),
		new RegExp(`^\\t+(private )?${name}\\($`),
	];
	return lines.findIndex(line => heads.some(head => head.test(line)));
}

/** @returns the lines, or in one sentence why they are not to be had. @param text of the file */
export function quote({name, from, lines: count}: CodePlace, text: string): readonly string[] | string {
	const lines = text.split('\n');
	const first = firstOf(lines, name);
	if (first < 0) return `${name} is not there`;
	const whole = lines.slice(first, endOf(lines, first));
	const begin = from === undefined ? 0 : whole.findIndex(line => line.includes(from));
	if (begin < 0) return `no line of ${name} has “${from}”`;
	if (from !== undefined && whole.filter(line => line.includes(from)).length > 1)
		return `several lines of ${name} have “${from}”`;
	const part = whole.slice(begin, count === undefined ? undefined : begin + count);
	if (part.length > mostLines) return `${name} has ${part.length} lines, ${mostLines} may be shown`;
	if (count !== undefined && part.length < count) return `${name} has only ${part.length} lines from there`;
	const indent = Math.min(...part.filter(line => line !== '').map(indentOf));
	return part.map(line => line.slice(indent).replaceAll('\t', '  '));
}
