/** Which format a path has. */
import {fileRows} from './files.ts';
import {serverFiles} from './serverFiles.ts';

/**
 * Makes a record that JSON can hold from a file's content.
 * @throws FormatError if the content is not in the path's format; TypeError for text in place of bytes or the reverse
 */
type Parser = (content: string | Uint8Array) => unknown;

function parserOf(row: (typeof fileRows)[number]): Parser | undefined {
	if ('parse' in row)
		return content => {
			if (typeof content !== 'string') throw new TypeError('a text file was read as bytes');
			return row.parse(content);
		};
	if ('decode' in row)
		return content => {
			if (typeof content === 'string') throw new TypeError('a binary file was read as text');
			return row.decode(content);
		};
	return undefined;
}

function patternOf(path: string): RegExp {
	const source = path
		.replace(/[.]/g, '\\.')
		.replace(/\/:\w+/g, '/[^/]+')
		.replaceAll('**', '.+');
	return new RegExp(`^${source}$`);
}

let compiled: readonly (readonly [RegExp, Parser | undefined])[] | undefined;

/** The parser of a path, or undefined for a path whose file has no record. */
export function parserFor(path: string): Parser | undefined {
	compiled ??= [...fileRows, ...Object.values(serverFiles)].map(
		row => [patternOf(row.elsewhere ?? row.path), parserOf(row)] as const,
	);
	return compiled.find(([pattern]) => pattern.test(path))?.[1];
}
