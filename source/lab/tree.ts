/** Which path shows what. A list of routes; each route's file is built from kernel state by the files in tree/. */
import {LabError} from './errors.ts';
import type {LabState} from './lab.ts';
import {debugRoutes} from './tree/debug.ts';
import {labRoutes} from './tree/labFiles.ts';
import {moduleRoutes} from './tree/modules.ts';
import {procRoutes} from './tree/proc.ts';
import {processRoutes} from './tree/process.ts';
import {matchRoute, namesBelow, type Route, spellingOf} from './tree/route.ts';
import {sysRoutes} from './tree/sys.ts';
import {systemRoutes} from './tree/systemFiles.ts';

export const routes: readonly Route[] = [
	...procRoutes,
	...systemRoutes,
	...processRoutes,
	...sysRoutes,
	...moduleRoutes,
	...debugRoutes,
	...labRoutes,
];

const spelt = routes.filter(route => route.spelling);

/** More text than any file takes. */
const usualLongestWrite = 4096;

export class Tree {
	private readonly state: LabState;

	constructor(state: LabState) {
		this.state = state;
	}

	/** Observes; nothing changes. @throws LabError ENOENT, EISDIR, EINVAL, EIO for a file that cannot be printed */
	read(path: string): string | Uint8Array {
		const segments = split(path);
		return printable(path, () => {
			const found = matchRoute(routes, this.state, segments);
			if (found) return found.route.read(this.state, found.args);
			if (namesBelow(routes, this.state, segments)) throw new LabError('EISDIR', `${path} is a directory`);
			if (
				this.state.k.vfs.nodes.get(`/${segments.join('/')}`)?.kind === 'regular' &&
				/^(?:proc|sys)$/.test(segments[0]!)
			)
				throw new LabError('EACCES', `${path} is made by a driver in C: a program of the machine has to read it`);
			throw noSuchFile(path);
		});
	}

	/** Whether a path names a file. */
	has(path: string): boolean {
		return matchRoute(routes, this.state, split(path)) !== undefined;
	}

	/**
	 * The one spelling of a path: windows, addresses and objects can be written in several ways. @throws LabError ENOENT
	 */
	spelling(path: string): string {
		return spellingOf(spelt, this.state, split(path));
	}

	/** Sorted names; directories end with a slash. @throws LabError ENOENT, ENOTDIR, EIO */
	list(path: string): string[] {
		const segments = split(path);
		return printable(path, () => {
			const names = namesBelow(routes, this.state, segments);
			if (names) return names;
			if (matchRoute(routes, this.state, segments)) throw new LabError('ENOTDIR', `${path} is a file`);
			throw noSuchFile(path);
		});
	}

	/** Acts. @throws LabError EACCES for files that only show, EFBIG, EINVAL, ENOENT */
	write(path: string, text: string, by: string): string {
		const found = matchRoute(routes, this.state, split(path));
		if (!found) throw noSuchFile(path);
		if (!found.route.write) throw new LabError('EACCES', `${path} cannot be written`);
		const {longestWrite = usualLongestWrite} = found.route;
		if (text.length > longestWrite)
			throw new LabError('EFBIG', `a write takes at most ${longestWrite} characters, got ${text.length}`);
		return found.route.write(this.state, found.args, text, by);
	}
}

/** What a broken machine holds may make no sense to the file that shows it; the other files still work. */
function printable<T>(path: string, print: () => T): T {
	try {
		return print();
	} catch (error) {
		if (error instanceof LabError) throw error;
		const reason = error instanceof Error ? error.message : String(error);
		throw new LabError('EIO', `${path} cannot be printed: ${reason.replace(/\s+/g, ' ')}`);
	}
}

const noSuchFile = (path: string) => new LabError('ENOENT', `no file ${path} on this machine`);

function split(path: string): string[] {
	if (!path.startsWith('/')) throw new LabError('ENOENT', `a path begins with /, got "${path}"`);
	const segments = path.split('/').filter(segment => segment !== '' && segment !== '.');
	if (segments.includes('..')) throw new LabError('ENOENT', `no path leads out of the tree, got "${path}"`);
	return segments;
}
