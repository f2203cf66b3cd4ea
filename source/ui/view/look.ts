/** How a pane looks: what it is, and its rows, are in panes/. */

import type {PaneRows, Scene} from '../panes/pane.ts';
import type {PaneId, PaneModels} from '../state/panes.ts';
import type {State} from '../state/state.ts';
import type {Line} from '../terminal/lines.ts';

type Look<R> = {
	/** In the upper edge of the frame, at its right end. */
	readonly aside: string;
	readonly head: readonly Line[];
	/** A row of the list. */
	readonly line: (row: R) => Line;
	readonly foot: readonly Line[];
};

export type PaneLook<Id extends PaneId> = {
	readonly content: (model: PaneModels[Id], scene: Scene) => Look<PaneRows[Id]>;
	/** What it reads of the state beside the model and what is lit. Always as many. */
	readonly inputs?: (state: State) => readonly unknown[];
};
