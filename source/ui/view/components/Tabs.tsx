import {memo} from 'react';
import {type PaneId, paneIds} from '../../state/panes.ts';
import {type Line, line, lineWidth, type Span, span} from '../../terminal/lines.ts';
import {KeyRow} from './Row.tsx';

/** The panes by number; the focused one stands out, by brackets too. */
function tabLine(focus: PaneId, hasNames: boolean): Line {
	const tabs = paneIds.map((id, index): Span => {
		const number = String(index + 1);
		const name = hasNames || id === focus ? `${number} ${id}` : number;
		const tab = id === focus ? span(`[${name}]`, 'title.focused') : span(` ${name} `, 'title');
		return {...tab, press: number};
	});
	return line(...tabs);
}

export type TabsProps = {readonly focus: PaneId; readonly columns: number};

/** Where it is too narrow for all names: numbers, and the name of the one in focus. */
export const Tabs = memo(function Tabs({focus, columns}: TabsProps) {
	const whole = tabLine(focus, true);
	return <KeyRow line={lineWidth(whole) <= columns ? whole : tabLine(focus, false)} columns={columns} />;
});
