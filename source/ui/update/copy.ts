/** The command that prints the files which a pane is made from, for pasting. */

import {catLine} from '../panes/panes.ts';
import {paneOf} from '../panes/table.ts';
import {say} from '../state/answer.ts';
import type {State, Update} from '../state/state.ts';

export function copyCommand(state: State, nowMs: number): Update {
	const text = catLine(state, state.focus);
	if (text === undefined) return say(state, `${paneOf(state.focus).name} has no file to copy`, nowMs);
	const said = say(state, `copied, if this terminal lets programs do so: ${text}`, nowMs, false);
	return {...said, effects: [{type: 'copy', text}]};
}
