/** What Ink draws of a state, as properties of its components: each the same object while it says the same. */

import {unseenFindings} from '../state/findings.ts';
import {layoutOf, type ScreenLayout, visiblePanes} from '../state/layout.ts';
import type {PaneId} from '../state/panes.ts';
import type {State} from '../state/state.ts';
import type {FooterProps} from './components/Footer.tsx';
import type {StatusProps} from './components/StatusBar.tsx';
import type {TabsProps} from './components/Tabs.tsx';
import type {FrameTexts} from './frameTexts.ts';
import {createKeeper} from './keep.ts';
import {type OverlayView, overlayView} from './overlayView.ts';
import {paneView} from './paneView.ts';

export type Chrome = {
	readonly layout: ScreenLayout;
	readonly status: StatusProps;
	readonly tabs: TabsProps;
	/** Of the panes that are shown. */
	readonly texts: ReadonlyMap<PaneId, FrameTexts>;
	readonly footer: FooterProps;
	readonly overlay: OverlayView | undefined;
};

/** Why a machine goes no further; nothing while it is on its way back, or not there. */
const stoppedText = ({lab: {clock}, connection}: State): string | undefined =>
	clock?.state === 'rewinding' || connection.state === 'lost' ? undefined : clock?.stopped;

function statusOf(state: State): StatusProps {
	const {target, connection, picture, lab, meters, columns} = state;
	const {frozen, behindNs, at} = picture;
	const {clock, load, freeKb, machine} = lab;
	const [stopped, unseen, timeNs] = [stoppedText(state), unseenFindings(state), at.timeNs];
	return {
		target,
		connection,
		frozen,
		clock,
		load,
		behindNs,
		freeKb,
		machine,
		meters,
		columns,
		stopped,
		unseen,
		timeNs,
	};
}

/** What stands in the way of all that the keys could do. */
function troubleOf(state: State): string | undefined {
	const {connection} = state;
	if (connection.state === 'lost') return `${connection.reason}; trying again`;
	if (connection.state === 'silent') return connection.reason;
	const stopped = stoppedText(state);
	return stopped === undefined ? undefined : `${stopped}; the keys [ and , go back`;
}

function footerOf(state: State): FooterProps {
	const {overlay, notice, columns, views, lab, target, focus} = state;
	const text = overlay?.kind === 'filter' ? views[overlay.pane].filter : overlay?.kind === 'jump' ? overlay.text : '';
	return {
		prompt: overlay?.kind === 'filter' || overlay?.kind === 'jump' ? keepPrompt({kind: overlay.kind, text}) : undefined,
		notice,
		trouble: troubleOf(state),
		columns,
		experiments: lab.experiments,
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
