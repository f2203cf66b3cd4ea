/** Objects that stay the same while their parts do, so that comparing references tells what changed. */

type Parts = Readonly<Record<string, unknown>> | readonly unknown[];

export function isSameParts(a: Parts, b: Parts): boolean {
	if (Array.isArray(a) && Array.isArray(b)) {
		if (a.length !== b.length) return false;
		for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
		return true;
	}
	const keys = Object.keys(a);
	return (
		keys.length === Object.keys(b).length &&
		keys.every(key => (a as Record<string, unknown>)[key] === (b as Record<string, unknown>)[key])
	);
}

/** @returns gives the object that it gave last where it has the same parts as the one that it is given */
export function createKeeper<T extends object>(): (next: T) => T {
	let last: T | undefined;
	return next => {
		last = sameOr(next, last);
		return last;
	};
}

/** @returns `before` where it has the same parts */
export const sameOr = <T extends object>(next: T, before: T | undefined): T =>
	before && isSameParts(next as unknown as Parts, before as unknown as Parts) ? before : next;
