/** What differs between two machines, in lines: counts first, then what an injection came to, then rows. */

import {comparedCellText, differenceMarks} from '../../model/compareObservations.ts';
import {injectionDifferences, type PaneDifference} from '../panes/differences.ts';
import {paneOf} from '../panes/table.ts';
import type {Room} from '../state/layout.ts';
import type {State} from '../state/state.ts';
import {blankLine, fitLine, type Line, line, span, toned} from '../terminal/lines.ts';

/** What differs in how many rows of each pane that is seen. */
function countLine(panes: readonly PaneDifference[]): Line {
	const parts = panes.flatMap(({id, own, otherNumbers}) => {
		const only = own[0].size + own[1].size;
		const counts = [
			...(only > 0 ? [span(` ${differenceMarks.outcome}${only}`, 'row.differs')] : []),
			...(otherNumbers > 0 ? [span(` ${differenceMarks.seen}${otherNumbers}`)] : []),
			...(only + otherNumbers === 0 ? [span(' alike', 'dim')] : []),
		];
		return [span(`  ${paneOf(id).name}`, 'strong'), ...counts];
	});
	return line(span(' what differs', 'title'), ...parts);
}

/** The rows of panes that only one has: those of each in turn. */
function rowLines(panes: readonly PaneDifference[], names: readonly [string, string]): readonly Line[] {
	return panes.flatMap(({id, own}) => {
		const [ours, theirs] = own.map(rows => [...rows.values()]) as [string[], string[]];
		return Array.from({length: Math.max(ours.length, theirs.length)}, (_, index) => [
			ours[index],
			theirs[index],
		]).flatMap(texts =>
			texts.flatMap((text, side) =>
				text === undefined ? [] : [line(span(` ${paneOf(id).name} only in ${names[side]}: `, 'dim'), text)],
			),
		);
	});
}

/** What the newest injection came to. */
function injectionLines(a: State, b: State, names: readonly [string, string]): readonly Line[] {
	const found = injectionDifferences(a, b);
	return (found?.rows ?? []).map(row => {
		const cells = row.cells.map((cell, side) => `${names[side]} ${comparedCellText(cell, row)}`).join(', ');
		return line(span(` ${differenceMarks[row.differs ?? 'seen']} `, 'strong'), `${row.sentence}: ${cells}`);
	});
}

/** As many lines as there is room for. */
export function differenceLines(
	panes: readonly PaneDifference[],
	[a, b]: readonly [State, State],
	{columns, rows}: Room,
): readonly Line[] {
	const names = [a.target.name, b.target.name] as const;
	const all = [toned('status', countLine(panes)), ...injectionLines(a, b, names), ...rowLines(panes, names)];
	return Array.from({length: rows}, (_, row) => fitLine(all[row] ?? blankLine, columns));
}

/** Two machines that stand still at different times: what they show now cannot be compared. */
export function apartLines(states: readonly [State, State], {columns, rows}: Room): readonly Line[] {
	const times = states.map(({target, picture}) => `${target.name} is at ${(picture.at.timeNs / 1e9).toFixed(9)} s`);
	const first = line(span(' not compared', 'title'), span(`: ${times.join(', ')}`));
	return Array.from({length: rows}, (_, row) => fitLine(row === 0 ? toned('status', first) : blankLine, columns));
}
