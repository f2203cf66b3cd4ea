import type {LabState} from '../lab.ts';
import type {Spelling} from './spelling.ts';

/**
 * One file, or one family of files. A path part `:name` stands for any name; where `names` knows them, only for those,
 * and they are listed.
 */
export type Route = {
	readonly path: string;
	/** Names that a `:part` stands for, given the parts before it. Absent: any, and none is listed. */
	readonly names?: Readonly<Record<string, (state: LabState, args: Args) => readonly string[]>>;
	/** How a `:part` is spelt that can be written in several ways. Absent: as it stands. */
	readonly spelling?: Readonly<Record<string, Spelling>>;
	readonly read: (state: LabState, args: Args) => string | Uint8Array;
	readonly write?: (state: LabState, args: Args, text: string, by: string) => string;
	/** Characters that a write takes, where that is more than usual. */
	readonly longestWrite?: number;
	/** Whether the file is there at all; a `pools` file exists only while a pool does. */
	readonly exists?: (state: LabState, args: Args) => boolean;
};

/** Routes below one directory. */
export const directory = (path: string, routes: readonly Route[]): readonly Route[] =>
	routes.map(route => ({...route, path: `${path}/${route.path}`}));

export type Args = Readonly<Record<string, string>>;

const partsCache = new Map<Route, readonly string[]>();

function partsOf(route: Route): readonly string[] {
	let parts = partsCache.get(route);
	if (!parts) {
		parts = route.path.split('/').filter(Boolean);
		partsCache.set(route, parts);
	}
	return parts;
}

/** Matches the first `count` parts. @returns what the `:parts` stand for, or undefined */
function matchParts(route: Route, state: LabState, segments: readonly string[], count: number): Args | undefined {
	const parts = partsOf(route);
	const args: Record<string, string> = {};
	for (let i = 0; i < count; i++) {
		const part = parts[i]!;
		const segment = segments[i]!;
		if (!part.startsWith(':')) {
			if (part !== segment) return undefined;
			continue;
		}
		const name = part.slice(1);
		const known = route.names?.[name];
		if (known && !known(state, args).includes(segment)) return undefined;
		args[name] = segment;
	}
	return args;
}

/** The file that a path names. */
export function matchRoute(
	routes: readonly Route[],
	state: LabState,
	segments: readonly string[],
): {readonly route: Route; readonly args: Args} | undefined {
	for (const route of routes) {
		if (partsOf(route).length !== segments.length) continue;
		const args = matchParts(route, state, segments, segments.length);
		if (args && (route.exists?.(state, args) ?? true)) return {route, args};
	}
	return undefined;
}

/** The one spelling of the path of a file: what names the same file comes out the same. */
export function spellingOf(routes: readonly Route[], state: LabState, segments: readonly string[]): string {
	const found = matchRoute(routes, state, segments);
	const spelt = found
		? partsOf(found.route).map(
				(part, index) => found.route.spelling?.[part.slice(1)]?.(segments[index]!) ?? segments[index],
			)
		: segments;
	return `/${spelt.join('/')}`;
}

/** Names in the directory that a path names, or undefined when it names none. */
export function namesBelow(
	routes: readonly Route[],
	state: LabState,
	segments: readonly string[],
): string[] | undefined {
	const names = new Set<string>();
	let isDirectory = segments.length === 0;
	for (const route of routes) {
		const parts = partsOf(route);
		if (parts.length <= segments.length) continue;
		const args = matchParts(route, state, segments, segments.length);
		if (!args) continue;
		const leaf = parts.length === segments.length + 1;
		if (leaf && !(route.exists?.(state, args) ?? true)) continue;
		isDirectory = true;
		const part = parts[segments.length]!;
		const next = part.startsWith(':') ? (route.names?.[part.slice(1)]?.(state, args) ?? []) : [part];
		// A directory that would hold nothing is not listed: a device without pools has none.
		const holdsFile = (name: string) =>
			parts.length !== segments.length + 2 ||
			!part.startsWith(':') ||
			(route.exists?.(state, {...args, [part.slice(1)]: name}) ?? true);
		for (const name of next) if (leaf || holdsFile(name)) names.add(leaf ? name : `${name}/`);
	}
	if (!isDirectory) return undefined;
	// A name that is both (page_map and its windows) is listed as the file that it is.
	return [...names].filter(name => !name.endsWith('/') || !names.has(name.slice(0, -1))).sort(byNumberThenName);
}

function byNumberThenName(a: string, b: string): number {
	const [left, right] = [Number.parseInt(a, 10), Number.parseInt(b, 10)];
	if (!Number.isNaN(left) && !Number.isNaN(right) && left !== right) return left - right;
	return a < b ? -1 : a > b ? 1 : 0;
}
