/** The list of machines, and the offer to open another one. */

import {virtualTime} from '../../panes/format.ts';
import type {OverlayOf} from '../../state/overlay.ts';
import type {State} from '../../state/state.ts';
import {blankLine, type Line, line, padEnd, span, toned} from '../../terminal/lines.ts';
import {wrapText} from '../../terminal/text.ts';

/** Inner columns of both overlays. */
export const machineColumns = 66;

const nameColumns = 14;

/** Preset, era and time of the machine that a state is of. */
export function machineSays({lab: {machine}, picture}: State): string {
	const kind = machine ? `${machine.preset}, ${machine.era}, ` : '';
	return `${kind}${virtualTime(picture.at.timeNs)}`;
}

export function machinesLines(state: State, cursor: number): readonly Line[] {
	const {all, here} = state.machines;
	return all.map(({name, says}, index) => {
		const made = line(
			span(` ${index + 1} `, 'key'),
			span(index === here ? '▶ ' : '  ', 'status.running'),
			span(padEnd(name, nameColumns), 'strong'),
			` ${index === here ? machineSays(state) : says}`,
		);
		return index === cursor ? toned('row.selected', made) : made;
	});
}

export function offerLines(
	{target}: State,
	{text, misfit: {says, fitting}}: OverlayOf<'offer'>,
	columns: number,
): readonly Line[] {
	const told = `${text}: ${says}.`;
	const offer =
		`Enter opens a machine of preset ${fitting.preset} with the kernel ${fitting.era} beside this one, which then ` +
		`${target.kind === 'embedded' ? 'stands still' : 'goes on'}, and injects there. b comes back, M lists all.`;
	return [
		...wrapText(told, columns - 2).map(row => line(` ${row}`)),
		blankLine,
		...wrapText(offer, columns - 2).map(row => line(' ', span(row, 'dim'))),
	];
}
