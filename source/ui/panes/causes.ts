/** What is selected in the pane in focus, as something that one can ask the target about: what made this? */

import type {CauseObject} from '../../formats/debugfs/cause.ts';
import {address, prefixedHex, seconds} from '../../formats/text.ts';
import {modelIn, type PaneId, type PaneModels} from '../state/panes.ts';
import type {State} from '../state/state.ts';

/** For panes whose rows stand for a thing each. */
export function rowCause<Id extends PaneId>(
	id: Id,
	objectOf: (model: PaneModels[Id], selected: string) => CauseObject | undefined,
): (state: State) => CauseObject | string {
	return state => {
		const {selected} = state.views[id];
		const model = modelIn(state, id);
		return selected === undefined || model === undefined
			? 'select a row with the arrow keys first'
			: (objectOf(model, selected) ?? 'no record of what made this row');
	};
}

/** A readable name of a cause object. */
export function causeTitle(object: CauseObject): string {
	switch (object.kind) {
		case 'pfn':
			return `page frame ${prefixedHex(object.pfn)}${object.frames === 1 ? '' : ` and ${object.frames - 1} behind it`}`;
		case 'vma':
			return `area ${address(object.address)} of process ${object.pid}`;
		case 'slot':
			return `kmap_atomic slot ${object.slot} of cpu${object.cpu}`;
		case 'mapping':
			return `DMA mapping ${address(object.address)} of ${object.device}`;
		case 'pool':
			return `DMA pool ${object.name} of ${object.device}`;
		case 'iocb':
			return `kiocb ${object.id}`;
		case 'zone':
			return `zone ${object.name}`;
		case 'finding':
			return `finding ${object.id}`;
		case 'event':
			return `${object.name === 'console' ? 'the message' : object.name} of ${seconds(object.timeUs)}`;
	}
}
