/** What the screen shows as a picture, in words: for somebody who listens to a terminal. */

import {pageBytes} from '../../formats/pageBytes.ts';
import type {MapsArea} from '../../formats/proc/maps.ts';
import {prefixedHex} from '../../formats/text.ts';
import type {FramesModel} from '../../model/frames.ts';
import type {MapsRow} from '../../model/maps.ts';
import {bytes, plural} from '../panes/format.ts';
import {paneOf} from '../panes/table.ts';
import {indexOfId} from '../state/list.ts';
import {modelIn, numberOf, type PaneId} from '../state/panes.ts';
import type {State} from '../state/state.ts';
import {type Line, lineText} from '../terminal/lines.ts';
import {legendWords} from '../view/frameLegend.ts';
import {contentOf} from '../view/panes.ts';

const words: readonly (readonly [RegExp, string])[] = [
	[/✓/g, 'holds:'],
	[/✗/g, 'does not hold:'],
	// Words follow that say it.
	[/⊘ ?/g, ''],
	[/…(?= )/g, 'open:'],
	[/■ (?=[a-z])/g, ''],
	[/▸|▶/g, ' '],
	[/→/g, ' to '],
	[/×(?=[\d.])/g, 'times '],
	// Bars, frames, maps of cells: what they say is in the numbers beside them.
	[/[─-◿⠀-⣿]+/g, ' '],
	[/(?:\s*·)+(?=\s*$)|^\s*(?:·\s*)+/g, ''],
	[/\s*·(?:\s*·)*\s*/g, ', '],
	[/\s+/g, ' '],
];

/** Text without what is only drawn. Separators become commas. */
export const spoken = (text: string): string =>
	words.reduce((rest, [pattern, word]) => rest.replace(pattern, word), text).trim();

/** A line in words; empty when it is nothing but a drawing. */
export const spokenLine = (line: Line): string =>
	spoken(lineText({spans: line.spans.filter(({cells}) => cells === undefined)}));

const sentences = (parts: readonly string[]): string =>
	parts
		.filter(part => part !== '')
		.map(part => (/[.!?]$/.test(part) ? part : `${part}.`))
		.join(' ');

function zoneText({name, startPfn, frames, stand}: FramesModel['zones'][number]): string {
	const free = stand ? `, ${bytes(stand.free * pageBytes)} free` : '';
	return `${name}: ${plural(frames, 'frame')} from ${prefixedHex(startPfn)}${free}`;
}

/** A pane in a breath: its name, what its frame says of it, its totals. */
export function paneSummary(state: State, id: PaneId): string {
	const {aside, head, rows, foot} = contentOf(state, id);
	const title = `${numberOf(id)} ${paneOf(id).name}`;
	const told = foot.map(spokenLine);
	const newest = rows.count > 0 ? spokenLine(rows.lineAt(rows.count - 1)) : '';
	const map = id === 'frames' ? modelIn(state, 'frames') : undefined;
	const list = map
		? [legendWords(map).join('; ')]
		: rows.count > 0
			? [plural(rows.count, 'row')]
			: head.map(spokenLine);
	const last = id === 'trace' || id === 'log' ? [newest === '' ? '' : `The last is: ${newest}`] : [];
	return sentences([title, spoken(aside), ...told, ...list, ...last]);
}

/** Everything that a pane says, line by line. */
export function paneText(state: State, id: PaneId): readonly string[] {
	const map = id === 'frames' ? modelIn(state, 'frames') : undefined;
	if (map) return [...map.zones.map(zoneText), ...legendWords(map)];
	const {head, rows, foot} = contentOf(state, id);
	const list = Array.from({length: rows.count}, (_, index) => rows.lineAt(index));
	const told = [...head, ...list, ...foot].map(spokenLine).filter(text => text !== '');
	return told.length > 0 ? told : [`${paneOf(id).name} has nothing to tell`];
}

/** The selected row of a pane, and which of how many it is; undefined when there is none. */
export function selectedText(state: State, id: PaneId): string | undefined {
	const {aside, rows} = contentOf(state, id);
	if (id === 'frames') return state.frames.cursorPfn === undefined ? undefined : spoken(aside);
	const index = indexOfId(rows, state.views[id].selected);
	return index < 0 ? undefined : `${spokenLine(rows.lineAt(index))}, ${index + 1} of ${rows.count}`;
}

const areaText = ({start, end, perms, pathname}: MapsArea): string =>
	[start.toString(16), 'to', end.toString(16), perms, pathname ?? ''].join(' ').trim();

/** What became of an area. */
export function areaSentence({area, mark, note}: MapsRow): string {
	const text = areaText(area);
	switch (mark?.kind) {
		case 'grown':
			return `area ${text} grew by ${note.slice(1)}`;
		case 'shrunk':
			return `area ${text} shrank by ${note.slice(1)}`;
		case 'gone':
			return `area ${text} is gone`;
		case 'new':
			return `new area ${text}`;
		case 'split':
			return `area ${text} was split off`;
		case 'merged':
			return `areas merged to ${text}`;
		case 'moved':
			return `area ${text} moved ${note}`;
		default:
			return `area ${text} ${note}`.trim();
	}
}
