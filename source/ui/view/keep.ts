/** Objects that stay the same while their parts do, so that comparing references tells what changed. */

type Parts = Readonly<Record<string, unknown>> | readonly unknown[];

export function isSameParts(a: Parts, b: Parts): boolean {
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
		if (!last || !isSameParts(next as unknown as Parts, last as unknown as Parts)) last = next;
		return last;
	};
}
