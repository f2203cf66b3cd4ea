import {TargetError} from './target.ts';

const maxPathLength = 4096;
/** What an error shows of a path or another text: it may be as long as a request. */
const shownLength = 200;

/** Files whose bytes are not text. Everything else in the tree is text, as `decodeText` reads it. */
const binaryNames = new Set(['pagemap', 'kpagecount', 'kpageflags']);

/**
 * The one spelling of a path in the tree: absolute, no empty or `.` parts, `..` resolved by name as Linux resolves it
 * (the root's parent is the root), so that what comes out cannot lie outside the tree.
 *
 * @throws TargetError EINVAL for a relative path or one with control characters, ENAMETOOLONG past 4096 characters
 */
export function treePath(path: string): string {
	if (!path.startsWith('/')) {
		throw new TargetError('EINVAL', `a path starts with "/", as /proc/meminfo; got ${shown(path)}`);
	}

	if (path.length > maxPathLength) {
		throw new TargetError('ENAMETOOLONG', `a path has at most ${maxPathLength} characters, got ${path.length}`);
	}

	if (/[\u0000-\u001f\u007f]/.test(path)) {
		throw new TargetError('EINVAL', `a path has no control characters, got ${shown(path)}`);
	}

	const parts: string[] = [];
	for (const part of path.split('/')) {
		if (part === '..') {
			parts.pop();
		} else if (part !== '' && part !== '.') {
			parts.push(part);
		}
	}

	return `/${parts.join('/')}`;
}

/** The one spelling of a path. One that is wrong stays as it is: whoever reads it hears what is wrong. */
export function spellingOf(path: string): string {
	try {
		return treePath(path);
	} catch {
		return path;
	}
}

/** A text of unknown length and origin as an error shows it. */
export function shown(path: string): string {
	return JSON.stringify(path.length > shownLength ? `${path.slice(0, shownLength)}…` : path);
}

/** True for the files that hold raw 8-byte entries, of which a client may ask for a range. */
export function isBinaryPath(path: string): boolean {
	return binaryNames.has(path.slice(path.lastIndexOf('/') + 1));
}
