/** What Ink draws of a state, as properties of its components: each the same object while it says the same. */

import type {Layout, PaneId} from '../update/layout.ts';
import type {State} from '../update/state.ts';
import type {FooterProps} from './components/Footer.tsx';
import type {FrameTexts} from './components/Frame.tsx';
import type {StatusProps} from './components/StatusBar.tsx';
import type {TabsProps} from './components/Tabs.tsx';
import {createKeeper} from './keep.ts';
import {type OverlayView, overlayView} from './overlayView.ts';
import {layoutOf, visiblePanes} from './panes.ts';
import {paneView} from './paneView.ts';

export type Chrome = {
	readonly layout: Layout;
	readonly status: StatusProps;
	readonly tabs: TabsProps;
	/** Of the panes that are shown. */
	readonly texts: ReadonlyMap<PaneId, FrameTexts>;
	readonly footer: FooterProps;
	readonly overlay: OverlayView | undefined;
};

function statusOf(state: State): StatusProps {
	const {target, connection, frozen, clock, behindNs, freeKb, machine, meters, columns} = state;
	return {target, connection, frozen, clock, behindNs, freeKb, machine, meters, columns, timeNs: state.at.timeNs};
}

function footerOf({overlay, notice, connection, columns, views, experiments, target, focus}: State): FooterProps {
	const text = overlay?.kind === 'filter' ? views[overlay.pane].filter : overlay?.kind === 'jump' ? overlay.text : '';
	return {
		prompt: overlay?.kind === 'filter' || overlay?.kind === 'jump' ? keepPrompt({kind: overlay.kind, text}) : undefined,
		notice,
		lost: connection.state === 'lost' ? connection.reason : undefined,
		columns,
		experiments,
		isWritable: target.writable,
		focus,
	};
}

const keepPrompt = createKeeper<NonNullable<FooterProps['prompt']>>();
const keepStatus = createKeeper<StatusProps>();
const keepTabs = createKeeper<TabsProps>();
const keepFooter = createKeeper<FooterProps>();
let lastState: State | undefined;
let last: Chrome | undefined;

export function chromeOf(state: State): Chrome {
	if (last && state === lastState) return last;
	lastState = state;
	last = {
		layout: layoutOf(state),
		status: keepStatus(statusOf(state)),
		tabs: keepTabs({focus: state.focus, columns: state.columns}),
		texts: new Map(visiblePanes(state).map(id => [id, paneView(state, id)!.texts])),
		footer: keepFooter(footerOf(state)),
		overlay: overlayView(state),
	};
	return last;
}
