import {causeTitle} from '../causes.ts';
import {type Content, listRows} from '../content.ts';
import type {Line} from '../lines.ts';
import {initialView, type View} from '../list.ts';
import {causeColumns, causeRows} from '../overlays/cause.ts';
import {helpColumns, helpRows} from '../overlays/help.ts';
import {paletteLines} from '../overlays/palette.ts';
import {overlayHeight, overlayRect} from '../overlays/place.ts';
import {processContent} from '../overlays/processes.ts';
import {paneLines} from '../paneLines.ts';
import type {Overlay as OverlayState, State} from '../state.ts';
import {Lines} from './Lines.tsx';

const still = (lines: Content['head'], aside: string): Content => ({
	aside,
	head: lines,
	rows: listRows([]),
	foot: [],
	tails: false,
});

type Shown = {
	readonly title: string;
	readonly columns: number;
	readonly lines: number;
	readonly content: Content;
	readonly view: View;
};

/** A text of which as much is shown as there is room for. */
const scrolled = (title: string, columns: number, rows: readonly Line[], wanted: number, height: number): Shown => {
	const top = Math.max(0, Math.min(wanted, rows.length - height));
	const below = rows.length - top - height;
	const aside = `${below > 0 ? `↓ ${below} more · ` : ''}any other key closes`;
	return {title, columns, lines: rows.length, content: still(rows.slice(top, top + height), aside), view: initialView};
};

const show = (state: State, overlay: OverlayState): Shown | undefined => {
	const height = overlayHeight(state.rows);
	switch (overlay.kind) {
		case 'help': {
			return scrolled('help', helpColumns, helpRows(state), overlay.top, height);
		}
		case 'cause': {
			const title = `what made ${causeTitle(overlay.object)}?`;
			return scrolled(title, causeColumns, causeRows(state, overlay), overlay.top, height);
		}
		case 'palette': {
			const columns = Math.min(state.columns, 100) - 2;
			const lines = paletteLines(state.experiments, overlay, columns, height);
			const aside = 'Enter injects · Tab completes · name key=value';
			return {title: 'experiments', columns: 100, lines: lines.length, content: still(lines, aside), view: initialView};
		}
		case 'processes': {
			const content = processContent(state);
			const lines = content.head.length + Math.max(1, content.rows.count);
			return {title: 'processes', columns: 64, lines, content, view: overlay.view};
		}
		case 'filter':
		case 'jump':
			return undefined;
	}
};

/** Above the panes; the filter's prompt is in the footer instead, so that one sees what it leaves. */
export const Overlay = ({state}: {readonly state: State}) => {
	const shown = state.overlay && show(state, state.overlay);
	if (!shown) {
		return undefined;
	}
	const rect = overlayRect(state.columns, state.rows, shown.columns, shown.lines);
	const {lines} = paneLines(shown.content, {
		title: shown.title,
		columns: rect.columns,
		rows: rect.rows,
		isFocused: true,
		view: shown.view,
		followedPfn: undefined,
	});
	return <Lines id="overlay" rect={rect} draw={() => lines} state={state} height={1} />;
};
