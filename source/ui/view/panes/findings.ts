import type {FindingRow} from '../../../model/findings.ts';
import {findingSigns, sinceFound, whoFound} from '../../panes/findings.ts';
import {count, longest} from '../../panes/format.ts';
import {type Line, line, padEnd, span} from '../../terminal/lines.ts';
import type {Tone} from '../../terminal/theme.ts';
import {markTone} from '../content.ts';
import type {PaneLook} from '../look.ts';

const tones: Readonly<Record<FindingRow['finding']['severity'], Tone>> = {
	error: 'bad',
	warning: 'warning',
	note: 'notice',
};

const kindColumns = 12;
/** In a narrow pane the sentence says who it was, too. */
const whoFrom = 90;

function findingLine(row: FindingRow, sinceColumns: number, whoColumns: number): Line {
	const {finding, mark} = row;
	const tone = tones[finding.severity];
	const isOpen = finding.untilUs === null;
	return line(
		span(findingSigns[finding.severity], tone),
		span(` ${sinceFound(row).padEnd(sinceColumns)} `, isOpen ? undefined : 'dim'),
		span(padEnd(finding.kind, kindColumns), tone),
		...(whoColumns > 0 ? [span(` ${whoFound(row).padEnd(whoColumns)}`, 'dim')] : []),
		span(` ${finding.says}`, mark ? markTone(mark) : isOpen ? undefined : 'dim'),
	);
}

export const findingsLook: PaneLook<'findings'> = {
	content({rows, open, dropped}, {room}) {
		const sinceColumns = longest(rows, 8, sinceFound);
		const whoColumns = room.columns >= whoFrom ? longest(rows, 8, whoFound) : 0;
		const forgotten = dropped > 0 ? `, ${dropped} forgotten` : '';
		return {
			aside: rows.length === 0 ? 'nothing found' : `${count(open)} of ${count(rows.length)} still so${forgotten}`,
			head: [],
			line: row => findingLine(row, sinceColumns, whoColumns),
			foot: [],
		};
	},
};
