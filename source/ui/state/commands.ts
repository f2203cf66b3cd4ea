/** What a key can be asked to do. The table of keys is panes/keymap.ts, for panes bring keys of their own. */

import type {Key} from '../terminal/sequences.ts';
import type {PaneId} from './panes.ts';

export type CommandId =
	| 'focus'
	| 'next'
	| 'previous'
	| 'zoom'
	| 'explain'
	| 'up'
	| 'down'
	| 'left'
	| 'right'
	| 'pageUp'
	| 'pageDown'
	| 'first'
	| 'last'
	| 'finer'
	| 'coarser'
	| 'filter'
	| 'sort'
	| 'reverse'
	| 'copy'
	| 'return'
	| 'follow'
	| 'cause'
	| 'back'
	| 'processes'
	| 'stories'
	| 'machines'
	| 'wall'
	| 'lead'
	| 'others'
	| 'palette'
	| 'own'
	| 'freeze'
	| 'pause'
	| 'step'
	| 'stepBack'
	| 'rewind'
	| 'timeLine'
	| 'load'
	| 'slower'
	| 'faster'
	| 'help'
	| 'redraw'
	| 'suspend'
	| 'quit';

export type CommandGroup = 'panes' | 'lists' | 'time' | 'machine' | 'monitor';

export type Command = {
	readonly id: CommandId;
	readonly keys: readonly Key[];
	/** How the keys are written where there is little room; the keys themselves if left out. */
	readonly shown?: string;
	readonly group: CommandGroup;
	/** What it does, in a few words. */
	readonly title: string;
	/** One or two words in the footer; left out when it does not appear there. */
	readonly footer?: string;
	/** Panes that it is for; all when left out. */
	readonly panes?: readonly PaneId[];
};
