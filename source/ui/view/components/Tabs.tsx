import {memo} from 'react';
import {type LayoutChoice, offeredOf} from '../../state/layout.ts';
import {numberOf, type PaneId, paneIds} from '../../state/panes.ts';
import {type Line, line, lineWidth, type Span, span} from '../../terminal/lines.ts';
import {KeyRow} from './Row.tsx';

/** How much of the names there is room for. */
type TabForm = 'wide' | 'narrow' | 'numbers';

function tabText(id: PaneId, isFocused: boolean, form: TabForm): string {
	const number = numberOf(id);
	const name = form !== 'numbers' || isFocused ? `${number} ${id}` : String(number);
	if (isFocused) return `[${name}]`;
	return form === 'narrow' ? ` ${name}` : ` ${name} `;
}

/** The panes by number; the focused one stands out, by brackets too. */
function tabLine(props: TabsProps, form: TabForm): Line {
	const {focus} = props;
	const tabs = offeredOf(paneIds, props).map((id): Span => {
		const tab = span(tabText(id, id === focus, form), id === focus ? 'title.focused' : 'title');
		return {...tab, press: String(numberOf(id))};
	});
	return line(...tabs);
}

export type TabsProps = Pick<LayoutChoice, 'focus' | 'columns' | 'lacking'>;

/** Where it is too narrow for all names: numbers, and the name of the one in focus. */
export const Tabs = memo(function Tabs(props: TabsProps) {
	const {columns} = props;
	const named = (['wide', 'narrow'] as const).map(form => tabLine(props, form));
	const shown = named.find(each => lineWidth(each) <= columns) ?? tabLine(props, 'numbers');
	return <KeyRow line={shown} columns={columns} />;
});
