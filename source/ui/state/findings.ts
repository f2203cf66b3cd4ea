/** Which findings somebody has had on the screen. */

import type {State} from './state.ts';

/** Findings of the newest sample that were never on the screen. */
export const unseenFindings = ({lab: {findings}, seenFinding}: Pick<State, 'lab' | 'seenFinding'>): number =>
	findings.filter(({id}) => id > seenFinding).length;

/**
 * The highest number that was on the screen. On a machine that went back, numbers come again.
 * @param isShown whether the pane of findings is
 */
export function seenAfter(
	{lab: {findings}, seenFinding}: Pick<State, 'lab' | 'seenFinding'>,
	isShown: boolean,
): number {
	const newest = findings.at(-1)?.id ?? 0;
	return isShown ? newest : Math.min(seenFinding, newest);
}
