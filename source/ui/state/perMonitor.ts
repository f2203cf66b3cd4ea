/** What is remembered from one state to the next, of each monitor in this process by itself. */

import type {TargetFacts} from './state.ts';

/** @returns gives what was created for the monitor that a state is of: its target is one object for as long as it runs */
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
