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

/** Words by name, and what to say of a name without words. */
export type Glossary = Readonly<Record<string, string>>;

const withoutWords = 'mmtop has no words for it';

export const wordsFor = (glossary: Glossary, name: string): string => glossary[name] ?? withoutWords;
