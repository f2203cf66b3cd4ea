/** What is remembered from one state to the next, of each monitor in this process by itself. */

import type {TargetFacts} from './state.ts';

/** @returns finds what was created for a state's monitor, whose target stays one object while it runs */
export function perMonitor<T extends object>(create: () => T): (state: {readonly target: TargetFacts}) => T {
	const known = new WeakMap<TargetFacts, T>();
	return ({target}) => {
		let own = known.get(target);
		if (!own) {
			own = create();
			known.set(target, own);
		}
		return own;
	};
}
