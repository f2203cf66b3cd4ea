/** What the selected row or cell says, field by field. The words are in model/explain. */

import {parseAio} from '../../formats/debugfs/aio.ts';
import {parseTraceLine} from '../../formats/debugfs/tracing/trace.ts';
import {explainArea} from '../../model/explain/area.ts';
import {explainMapping, explainPool} from '../../model/explain/dma.ts';
import {explainTraceLine} from '../../model/explain/event.ts';
import {type Explanation, field} from '../../model/explain/explanation.ts';
import {explainLadder} from '../../model/explain/frame.ts';
import {explainContext, explainKiocb} from '../../model/explain/iocb.ts';
import {explainLogLine} from '../../model/explain/logLine.ts';
import {explainSlot} from '../../model/explain/slot.ts';
import {explainMemory, explainZone} from '../../model/explain/zone.ts';
import type {MapsModel} from '../../model/maps.ts';
import {path} from '../../model/paths.ts';
import {recordIn} from '../../model/tree.ts';
import type {Lit} from '../state/lit.ts';
import {modelIn, type PaneId, type PaneModels} from '../state/panes.ts';
import type {State} from '../state/state.ts';
import {ladderFacts} from './ladderPlace.ts';
import type {PaneRows} from './pane.ts';
import {rowsOf} from './panes.ts';

type Explain<Id extends PaneId> = (row: PaneRows[Id], model: PaneModels[Id], state: State) => Explanation | undefined;

function explainAreaRow(row: PaneRows['maps'], {rows, pid, comm}: MapsModel, state: State): Explanation {
	const below = rows.find(({area}) => area.end === row.area.start && area !== row.area)?.area;
	const contexts = recordIn(state.picture.tree, path.aio, parseAio)?.contexts ?? [];
	const rings = contexts.filter(context => context.pid === pid);
	return explainArea({area: row.area, vma: row.vma, pid, comm, below, rings});
}

function explainTraceRow(row: PaneRows['trace']): Explanation {
	if (!('mark' in row)) return {title: 'of an injection', fields: [field(row.kind, row.pane, row.question, row.text)]};
	switch (row.kind) {
		case 'line':
			return explainTraceLine(parseTraceLine(row.text));
		case 'started':
		case 'ended': {
			const {name, parameters, by, status, result, id} = row.of;
			return {
				title: `injection ${id}, ${name}`,
				fields: [
					field('name', name, `an experiment that ${by} injected`),
					...parameters.map(each => field(each.name, String(each.value), 'a parameter')),
					field('status', status, result ?? ''),
				],
			};
		}
		case 'called':
			return explainTraceLine(parseTraceLine(row.line));
		case 'told':
			return {title: `of injection ${row.injection}`, fields: [field('step', '', row.text)]};
		case 'observed': {
			const words = {held: 'it holds', failed: 'it does not hold', open: 'not known yet'} as const;
			return {title: `observation of injection ${row.injection}`, fields: [field('claim', row.text, words[row.state])]};
		}
	}
}

const explains: {readonly [Id in PaneId]: Explain<Id>} = {
	maps: explainAreaRow,
	frames: () => undefined,
	kmap: ({slot}, {atomic}) => explainSlot(slot, atomic.slots),
	dma(row) {
		if ('pool' in row) return explainPool(row.device, row.pool, row.frames);
		return 'mapping' in row ? explainMapping(row.mapping) : undefined;
	},
	iocbs(row) {
		if ('kiocb' in row) return explainKiocb(row.kiocb);
		return 'context' in row ? explainContext(row.context) : undefined;
	},
	trace: explainTraceRow,
	zones: row =>
		row.kind === 'memory' ? (row.cells.length === 0 ? undefined : explainMemory(row.cells)) : explainZone(row.zone),
	page: () => undefined,
	log: ({line}) => explainLogLine(line),
	// Enter opens the finding itself.
	findings: () => undefined,
};

function explainRow<Id extends PaneId>(state: State, id: Id): Explanation | undefined {
	const {selected} = state.views[id];
	const model = modelIn(state, id);
	const row = selected === undefined ? undefined : rowsOf(state, id).find(each => each.id === selected);
	return row && model && explains[id](row, model, state);
}

/** The page under the cursor of the frame map, or on the ladder: at the selected rung first. */
function explainPage(state: State, lit: Lit): Explanation | undefined {
	const isPointed =
		state.focus === 'frames' ? state.frames.cursorPfn !== undefined : state.views.page.selected !== undefined;
	const facts = isPointed ? ladderFacts(state, lit) : undefined;
	if (!facts) return undefined;
	const rung =
		state.focus === 'page' ? rowsOf(state, 'page').find(({id}) => id === state.views.page.selected)?.rung : undefined;
	return explainLadder(facts, rung?.id);
}

/** @returns undefined where nothing is selected, or what is has no words */
export const explanationOf = (state: State, lit: Lit): Explanation | undefined =>
	state.focus === 'frames' || state.focus === 'page' ? explainPage(state, lit) : explainRow(state, state.focus);
