import {nothingLit} from '../../state/lit.ts';
import type {State} from '../../state/state.ts';
import {shownOverlay} from '../overlays/shown.ts';
import {paneLines} from '../paneLines.ts';
import {Lines} from './Lines.tsx';

/** Above the panes. */
export const Overlay = ({state}: {readonly state: State}) => {
	const shown = shownOverlay(state);
	if (!shown) {
		return undefined;
	}
	const {title, rect, content, view} = shown;
	const {lines} = paneLines(content, {
		title,
		columns: rect.columns,
		rows: rect.rows,
		isFocused: true,
		view,
		lit: nothingLit,
	});
	return <Lines id="overlay" rect={rect} draw={() => lines} state={state} height={1} />;
};
