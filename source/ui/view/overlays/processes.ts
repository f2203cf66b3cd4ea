/** The process list. */

import type {State} from '../../state/state.ts';
import {blankLine} from '../../terminal/lines.ts';
import {type Content, listRows} from '../content.ts';

/**
 * The list as far as keys and the mouse know it: a heading, and a row for each process. components/ProcessTable draws
 * it.
 */
export const processContent = (state: State): Content => ({
	aside: 'Enter shows its maps',
	head: [blankLine],
	rows: listRows(state.processes.rows, () => blankLine),
	foot: [],
	tails: false,
});
