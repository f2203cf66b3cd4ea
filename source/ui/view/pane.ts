/** What a pane is: the files it reads, the model it makes of them, and the content it shows. One file each in panes/. */

import type {Culprits} from '../../model/injections.ts';
import type {Loaded} from '../../model/loaded.ts';
import type {Moment} from '../../model/moment.ts';
import type {Tree} from '../../model/tree.ts';
import type {PaneId} from '../update/layout.ts';
import {litOf} from '../update/lit.ts';
import type {State} from '../update/state.ts';
import {type Content, message} from './content.ts';

/** Columns and rows within the frame. */
export type Room = {readonly columns: number; readonly rows: number};

export type Derivation<M> = {
	readonly tree: Tree;
	readonly state: State;
	readonly at: Moment;
	readonly culprits: Culprits;
	/** Of the sample before; undefined when the pane was not shown then. */
	readonly older: Loaded<M> | undefined;
	/** Of the last sample that it was shown in: what is numbered there keeps its number, and so what is selected. */
	readonly known: Loaded<M>;
};

export type PaneDefinition<M> = {
	readonly id: PaneId;
	readonly name: string;
	/** Files that it needs, given its room. */
	readonly paths: (state: State, room: Room) => readonly string[];
	readonly derive: (derivation: Derivation<M>) => Loaded<M>;
	readonly content: (model: M, state: State, room: Room) => Content;
	/** What `content` reads of the state beside the model: it is made anew when one of these changes. Always as many. */
	readonly inputs: (state: State) => readonly unknown[];
};

/** A definition whose model's type is its own affair. */
export type AnyPane = {
	readonly id: PaneId;
	readonly name: string;
	readonly paths: (state: State, room: Room) => readonly string[];
	readonly derive: (derivation: Derivation<unknown>) => Loaded<unknown>;
	readonly content: (state: State, room: Room) => Content;
	readonly inputs: (state: State) => readonly unknown[];
};

const waitingText = ({connection, frozen}: State): string => {
	if (connection.state === 'lost') {
		return 'not read before the target was lost';
	}
	return frozen ? 'not read before the picture was frozen' : 'reading …';
};

export const definePane = <M>(definition: PaneDefinition<M>): AnyPane => ({
	id: definition.id,
	name: definition.name,
	paths: definition.paths,
	// The models of a pane are made by its own `derive` alone.
	derive: derivation => definition.derive(derivation as Derivation<M>),
	content(state, room) {
		const loaded = state.models[definition.id];
		switch (loaded.state) {
			case 'waiting':
				return message(waitingText(state), room.columns);
			case 'unavailable':
				return message(loaded.reason, room.columns, 'warning');
			case 'ready':
				return definition.content(loaded.model as M, state, room);
		}
	},
	inputs: state => [
		state.models[definition.id],
		state.connection.state === 'lost',
		state.frozen,
		litOf(state),
		...definition.inputs(state),
	],
});
