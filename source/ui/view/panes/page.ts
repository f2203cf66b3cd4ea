import {prefixedHex} from '../../../formats/text.ts';
import type {FactRow} from '../../panes/pane.ts';
import {type Line, line, padEnd, span} from '../../terminal/lines.ts';
import type {PaneLook} from '../look.ts';

const labelColumns = 10;

function factLine({label, text, isChanged, isFact}: FactRow): Line {
	const tone = isChanged ? 'mark.changed' : text.startsWith('-') ? 'dim' : undefined;
	return line(span(padEnd(label, labelColumns), 'dim'), span(text, isFact ? tone : undefined));
}

export const pageLook: PaneLook<'page'> = {
	inputs: ({following}) => [following.pfn],
	content: ({page: {pfn}}, {state}) => ({
		aside: `pfn ${prefixedHex(pfn)}${pfn === state.following.pfn ? ', followed' : ''}`,
		head: [],
		line: factLine,
		foot: [],
	}),
};
