/** What a row says, field by field, in sentences. */

export type ExplainedField = {
	/** As the file or the kernel names it. */
	readonly name: string;
	/** As it stands there, or as the constants that it is made of. */
	readonly value: string;
	/** Sentences about it. */
	readonly says: readonly string[];
};

export type Explanation = {readonly title: string; readonly fields: readonly ExplainedField[]};

export const field = (name: string, value: string, ...says: readonly string[]): ExplainedField => ({
	name,
	value,
	says: says.filter(sentence => sentence !== ''),
});

/** Words by name. The names that are looked up come from a target: `constructor` is one like another. */
type Glossary = ReadonlyMap<string, string>;

export const glossary = (words: Readonly<Record<string, string>>): Glossary => new Map(Object.entries(words));

const withoutWords = 'mmtop has no words for it';

/** @returns what to say of a name, with or without words for it */
export const wordsFor = (words: Glossary, name: string): string => words.get(name) ?? withoutWords;
