/** A file of a machine's tree as the tables of files have it, and the path of one of a family. */

export type FileRow<Path extends string = string> = {
	/** A part `:name` stands for any name. */
	readonly path: Path;
	/** In Linux's format, or ours, where Linux has no such file. */
	readonly from: 'Linux' | 'ours';
	readonly shows: string;
	/** What may be written; absent: nothing. */
	readonly takes?: string;
	/** The file of which this is a part. */
	readonly partOf?: string;
	/** Other places at which a real Linux has such files; `**` stands for any number of names. */
	readonly elsewhere?: string;
};

export type TextFile<T, Path extends string = string> = FileRow<Path> & {readonly parse: (text: string) => T};
export type BinaryFile<T, Path extends string = string> = FileRow<Path> & {readonly decode: (bytes: Uint8Array) => T};
/** A file whose lines have no record: a stream, for one. */
export type PlainFile<Path extends string = string> = FileRow<Path>;

/** Names that a path leaves open: `pid` of `/proc/:pid/maps`. */
type Open<Path extends string> = Path extends `${string}/:${infer Name}/${infer Rest}`
	? Name | Open<`/${Rest}`>
	: Path extends `${string}/:${infer Name}`
		? Name
		: never;

type More = Pick<FileRow, 'takes' | 'partOf' | 'elsewhere'>;

export function linux<Path extends string, T>(path: Path, parse: (text: string) => T, shows: string, more: More = {}) {
	return {path, from: 'Linux', parse, shows, ...more} satisfies TextFile<T, Path>;
}

export function binary<Path extends string, T>(path: Path, decode: (bytes: Uint8Array) => T, shows: string) {
	return {path, from: 'Linux', decode, shows} satisfies BinaryFile<T, Path>;
}

export function ours<Path extends string, T>(path: Path, parse: (text: string) => T, shows: string, more: More = {}) {
	return {path, from: 'ours', parse, shows, ...more} satisfies TextFile<T, Path>;
}

/** A file of ours that is bytes. */
export function plain<Path extends string>(path: Path, shows: string, more: More = {}) {
	return {path, from: 'ours', shows, ...more} satisfies PlainFile<Path>;
}

/** The path of one file of a family. @param names what its open parts stand for */
export function pathOf<const Path extends string>(
	{path}: FileRow<Path>,
	...[names]: Open<Path> extends never ? [] : [Readonly<Record<Open<Path>, string | number>>]
): string {
	const given: Readonly<Record<string, string | number>> = names ?? {};
	return path.replace(/\/:(\w+)/g, (_, name: string) => `/${given[name]}`);
}
