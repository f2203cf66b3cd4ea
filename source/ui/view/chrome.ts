/** What Ink draws of a state, as properties of its components: each the same object while it says the same. */

import {storySteps} from '../../model/story.ts';
import {unseenFindings} from '../state/findings.ts';
import {layoutOf, type ScreenLayout, visiblePanes} from '../state/layout.ts';
import type {PaneId} from '../state/panes.ts';
import {perMonitor} from '../state/perMonitor.ts';
import type {State} from '../state/state.ts';
import {storyOf} from '../state/story.ts';
import type {Line} from '../terminal/lines.ts';
import {classLines} from './classroom.ts';
import type {FooterProps} from './components/Footer.tsx';
import type {StatusProps} from './components/StatusBar.tsx';
import type {TabsProps} from './components/Tabs.tsx';
import type {FrameTexts} from './frameTexts.ts';
import {createKeeper} from './keep.ts';
import {type OverlayView, overlayView} from './overlayView.ts';
import {keepLines} from './paneLines.ts';
import {paneView} from './paneView.ts';
import {storyLines} from './story.ts';

export type Chrome = {
	readonly layout: ScreenLayout;
	readonly status: StatusProps;
	readonly tabs: TabsProps;
	/** Lines of the banner; none without a story. */
	readonly banner: readonly Line[];
	/** Of the panes that are shown. */
	readonly texts: ReadonlyMap<PaneId, FrameTexts>;
	readonly footer: FooterProps;
	readonly overlay: OverlayView | undefined;
};

/** Why a machine goes no further; nothing while it is on its way back, or not there. */
const stoppedText = ({lab: {clock}, connection}: State): string | undefined =>
	clock?.state === 'rewinding' || connection.state === 'lost' ? undefined : clock?.stopped;

/** The banner says already which state is held. */
function clockOf(state: State): StatusProps['clock'] {
	const {clock} = state.lab;
	return clock && storyOf(state)?.stage === 'held' ? keptClock(state)({...clock, holding: null}) : clock;
}

/** Which of several machines this is. */
const placeText = ({machines: {all, here}}: State): string => (all.length > 1 ? ` ${here + 1}/${all.length}` : '');

/** Where a recording is played. */
function playedText({picture: {playback}}: State): string | undefined {
	if (!playback) return undefined;
	const seconds = (ms: number): string => (ms / 1000).toFixed(1);
	return `${seconds(playback.atMs)} of ${seconds(playback.endMs)} s`;
}

function statusOf(state: State): StatusProps {
	const {target, connection, picture, lab, meters, columns} = state;
	const {frozen, behindNs, at} = picture;
	const {load, freeKb, machine} = lab;
	const clock = clockOf(state);
	const [stopped, unseen, timeNs] = [stoppedText(state), unseenFindings(state), at.timeNs];
	return {
		target,
		place: placeText(state),
		connection,
		frozen,
		rewinding: state.rewinding,
		played: playedText(state),
		isPlayPaused: picture.playback?.paused ?? false,
		rate: picture.playback?.rate ?? lab.clock?.rate,
		clock,
		load,
		behindNs,
		freeKb,
		machine,
		meters,
		columns,
		advice: state.advice,
		withOthers: state.injections.watchesOthers && target.writable && target.kind !== 'embedded',
		asksFirst: state.injections.asksFirst,
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

/** Others' doings never move one's own picture: they are named, and one may watch them. */
function offerOf({lab, injections: {offered}}: State): string {
	const injection = lab.inject?.injections.find(({id}) => id === offered);
	if (!injection) return '';
	const steps = lab.experiments.find(({name}) => name === injection.name)?.visible.length ?? 0;
	const {number} = storySteps(injection).at(-1)!;
	return `${injection.by}: ${injection.name}, step ${number}${steps >= number ? ` of ${steps}` : ''} ·`;
}

/** What is typed into the footer. */
function promptOf(overlay: State['overlay'], views: State['views']): FooterProps['prompt'] {
	if (overlay?.kind === 'filter') return {kind: 'filter', text: views[overlay.pane].filter, matches: ''};
	if (overlay?.kind === 'jump') return {kind: 'jump', text: overlay.text, matches: ''};
	return overlay?.kind === 'own' ? {kind: 'own', text: overlay.text, matches: overlay.matches.join('  ')} : undefined;
}

function footerOf(state: State): FooterProps {
	const {overlay, notice, columns, views, lab, target, focus} = state;
	const prompt = promptOf(overlay, views);
	return {
		prompt: prompt && keptPrompt(state)(prompt),
		notice,
		trouble: troubleOf(state),
		columns,
		experiments: lab.experiments,
		isWritable: target.writable,
		isHost: target.kind === 'host',
		offer: offerOf(state),
		focus,
	};
}

const keptClock = perMonitor(() => createKeeper<NonNullable<StatusProps['clock']>>());
const keptPrompt = perMonitor(() => createKeeper<NonNullable<FooterProps['prompt']>>());

const keepersOf = perMonitor(() => ({
	status: createKeeper<StatusProps>(),
	tabs: createKeeper<TabsProps>(),
	footer: createKeeper<FooterProps>(),
	banner: [] as readonly Line[],
	last: undefined as {readonly state: State; readonly chrome: Chrome} | undefined,
}));

/** As many lines as a low terminal has room for. */
function keptBanner(state: State, layout: ScreenLayout): readonly Line[] {
	const keep = keepersOf(state);
	const rows = layout.kind === 'panes' ? layout.banner?.rows : 0;
	keep.banner = keepLines([...classLines(state), ...storyLines(state)].slice(0, rows ?? 0), keep.banner);
	return keep.banner;
}

export function chromeOf(state: State): Chrome {
	const keep = keepersOf(state);
	if (keep.last?.state === state) return keep.last.chrome;
	const layout = layoutOf(state);
	const chrome = {
		layout,
		status: keep.status(statusOf(state)),
		banner: keptBanner(state, layout),
		tabs: keep.tabs({focus: state.focus, columns: state.columns, lacking: state.lacking}),
		texts: new Map(visiblePanes(state).map(id => [id, paneView(state, id)!.texts])),
		footer: keep.footer(footerOf(state)),
		overlay: overlayView(state),
	};
	keep.last = {state, chrome};
	return chrome;
}
