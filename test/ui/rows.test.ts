/** Rows without their lines: what the reducer counts and finds is what is drawn. */

import {expect, test} from 'vitest';
import {formatFindings} from '../../source/formats/debugfs/lab/findings.ts';
import {path} from '../../source/model/paths.ts';
import {listPlace, rowsOf} from '../../source/ui/panes/panes.ts';
import {paneOf} from '../../source/ui/panes/table.ts';
import {roomOf} from '../../source/ui/state/layout.ts';
import {modelIn, numberOf, type PaneId, paneIds} from '../../source/ui/state/panes.ts';
import type {State} from '../../source/ui/state/state.ts';
import {lineText} from '../../source/ui/terminal/lines.ts';
import {listHeight} from '../../source/ui/view/paneLines.ts';
import {contentOf} from '../../source/ui/view/panes.ts';
import {createFakeTarget} from './support/fakeTarget.ts';
import {startWatcher} from './support/watcher.ts';

/** Every pane with its model, and a frame that is followed. */
async function looking(columns: number, rows: number): Promise<readonly (readonly [PaneId, State])[]> {
	const target = createFakeTarget();
	const found = {id: 1, kind: 'oops', severity: 'error', sinceUs: 1, untilUs: null, times: 1, driver: null} as const;
	const finding = {...found, task: {comm: 'sh', pid: 7}, frames: [{pfn: 0x6a31, frames: 1}], objects: [], says: 'Oops'};
	target.files.set(path.findings, formatFindings({olderUs: 1, dropped: 0, findings: [finding]}));
	const {state, press, look} = await startWatcher(target, columns, rows);
	press('2', '/', ...'6a31', 'enter', 'f');
	const states: (readonly [PaneId, State])[] = [];
	for (const id of paneIds) {
		press(String(numberOf(id)));
		await look();
		await look();
		expect(modelIn(state(), id), id).toBeDefined();
		states.push([id, state()]);
	}
	return states;
}

const sizes = [
	[40, 10],
	[80, 24],
	[120, 40],
	[200, 60],
] as const;

test.each(sizes)('a list has the rows, the place and the ids that are drawn, at %ix%i', async (columns, rows) => {
	for (const [id, state] of await looking(columns, rows)) {
		const content = contentOf(state, id);
		const drawn = Array.from({length: content.rows.count}, (_, index) => content.rows.idAt(index));
		expect(
			rowsOf(state, id).map(row => row.id),
			id,
		).toEqual(drawn);
		if (content.rows.count > 0) {
			const {head, height} = listPlace(state, id);
			expect([id, head, height]).toEqual([id, content.head.length, listHeight(content, roomOf(state, id).rows + 2)]);
		}
	}
});

/** Words and numbers, without what is cut and without gauges, which are drawings. */
const wordsOf = (text: string): readonly string[] =>
	text.replace(/[━─][━─mlh]*/g, ' ').match(/[\w./:-]*\w[\w./:-]*(?!…)/g) ?? [];

const textsOf = <Id extends PaneId>(state: State, id: Id): readonly string[] =>
	rowsOf(state, id)
		.filter(row => row.id !== undefined)
		.map(row => paneOf(id).meaning.text(row));

test.each(sizes)('a filter finds every word that a row shows, at %ix%i', async (columns, rows) => {
	for (const [id, state] of await looking(columns, rows)) {
		const content = contentOf(state, id);
		const shown = rowsOf(state, id).flatMap(({id: row}, index) =>
			row === undefined ? [] : [lineText(content.rows.lineAt(index))],
		);
		for (const [index, text] of textsOf(state, id).entries()) {
			const missing = wordsOf(shown[index]!).filter(word => !text.includes(word));
			expect(missing, `${id}: ${shown[index]}`).toEqual([]);
		}
	}
});

test('a filter finds the same rows in a narrow pane as in a wide one', async () => {
	const [narrow, wide] = await Promise.all([looking(40, 10), looking(200, 60)]);
	for (const [index, [id, state]] of narrow.entries()) {
		// Sentences of the ladder are wrapped, and `/` there goes to an address.
		if (id !== 'zones' && id !== 'page') expect(textsOf(state, id), id).toEqual(textsOf(wide[index]![1], id));
	}
});
