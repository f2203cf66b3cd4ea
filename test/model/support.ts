/** What tests of explanations share. */
import type {Explanation} from '../../source/model/explain/explanation.ts';

/** Names of a file of the kernel that begin so, with their values. */
export const named = (file: object, pattern: RegExp): [string, number][] =>
	Object.entries(file).filter(
		(entry): entry is [string, number] => pattern.test(entry[0]) && typeof entry[1] === 'number',
	);

/** A field of an explanation, with what is said of it. */
export const said = (of: Explanation, name: string): string =>
	of.fields
		.filter(field => field.name === name)
		.map(({value, says}) => [value, ...says].join(' | '))
		.join('\n');
