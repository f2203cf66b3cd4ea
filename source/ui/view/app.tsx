import {Box} from 'ink';
import {createContext, memo, useCallback, useContext, useMemo, useSyncExternalStore} from 'react';
import {leastColumns, leastRows, type ScreenLayout} from '../state/layout.ts';
import type {PaneId} from '../state/panes.ts';
import type {State} from '../state/state.ts';
import {type Line, line} from '../terminal/lines.ts';
import type {Key} from '../terminal/sequences.ts';
import {type Chrome, chromeOf} from './chrome.ts';
import {Cells, StateContext} from './components/Cells.tsx';
import {Footer, type FooterProps} from './components/Footer.tsx';
import {Edge, Frame, Side} from './components/Frame.tsx';
import {Keys} from './components/Keys.tsx';
import {Overlay} from './components/Overlay.tsx';
import {Row, Rows} from './components/Row.tsx';
import {StatusBar, type StatusProps} from './components/StatusBar.tsx';
import {Tabs, type TabsProps} from './components/Tabs.tsx';
import type {FrameTexts} from './frameTexts.ts';
import type {States} from './ink.tsx';
import type {OverlayView} from './overlayView.ts';
import {paneView} from './paneView.ts';

type Size = {readonly columns: number; readonly rows: number};

/** For a terminal that is too small: what is missing, as much of it as fits. */
function TooSmall({columns, rows}: Size) {
	const missing = [
		columns < leastColumns ? `${leastColumns - columns} columns` : '',
		rows < leastRows ? `${leastRows - rows} rows` : '',
	].filter(part => part !== '');
	return <Row line={line(`mmtop needs ${missing.join(' and ')} more`)} columns={columns} />;
}

const StatesContext = createContext<States<State> | undefined>(undefined);

/** A part of what Ink draws: the component that takes it is rendered again when it changes, and no other is. */
function useChrome<T>(select: (chrome: Chrome) => T): T {
	const {subscribe, newest} = useContext(StatesContext)!;
	return useSyncExternalStore(subscribe, () => select(chromeOf(newest())));
}

const statusOf = (chrome: Chrome): StatusProps => chrome.status;
const LiveStatus = memo(function LiveStatus() {
	return <StatusBar {...useChrome(statusOf)} />;
});

const tabsOf = (chrome: Chrome): TabsProps => chrome.tabs;
const LiveTabs = memo(function LiveTabs() {
	return <Tabs {...useChrome(tabsOf)} />;
});

const bannerOf = (chrome: Chrome): readonly Line[] => chrome.banner;
const LiveBanner = memo(function LiveBanner({columns}: {readonly columns: number}) {
	return <Rows lines={useChrome(bannerOf)} columns={columns} />;
});

const footerOf = (chrome: Chrome): FooterProps => chrome.footer;
const LiveFooter = memo(function LiveFooter() {
	return <Footer {...useChrome(footerOf)} />;
});

const overlayOf = (chrome: Chrome): OverlayView | undefined => chrome.overlay;
const LiveOverlay = memo(function LiveOverlay() {
	const overlay = useChrome(overlayOf);
	return overlay && <Overlay {...overlay} />;
});

type PaneProps = {readonly id: PaneId; readonly columns: number; readonly rows: number};

/** A part of a pane's frame; nothing of one that is about to be taken away. */
const usePaneTexts = <Part extends keyof FrameTexts>(id: PaneId, part: Part): FrameTexts[Part] | undefined =>
	useChrome(useCallback(({texts}: Chrome) => texts.get(id)?.[part], [id, part]));

const LiveUpper = memo(function LiveUpper({id, columns}: Pick<PaneProps, 'id' | 'columns'>) {
	const texts = usePaneTexts(id, 'upper');
	return texts && <Edge {...texts} columns={columns} />;
});

const LiveLower = memo(function LiveLower({id, columns}: Pick<PaneProps, 'id' | 'columns'>) {
	const texts = usePaneTexts(id, 'lower');
	return texts && <Edge {...texts} columns={columns} isLower />;
});

const LiveSide = memo(function LiveSide({id, rows}: Pick<PaneProps, 'id' | 'rows'>) {
	const texts = usePaneTexts(id, 'side');
	return texts && <Side {...texts} rows={rows} />;
});

/** A pane in its frame. */
const LivePane = memo(function LivePane({id, columns, rows}: PaneProps) {
	const draw = useCallback((state: State) => paneView(state, id)?.body ?? [], [id]);
	const inside = Math.max(0, rows - 2);
	return (
		<Frame
			columns={columns}
			rows={rows}
			upper={<LiveUpper id={id} columns={columns} />}
			side={<LiveSide id={id} rows={inside} />}
			lower={<LiveLower id={id} columns={columns} />}
		>
			<Cells columns={columns - 2} rows={inside} draw={draw} />
		</Frame>
	);
});

const layoutIn = (chrome: Chrome): ScreenLayout => chrome.layout;

/** The screen from above. */
const Screen = memo(function Screen() {
	const layout = useChrome(layoutIn);
	const {columns, rows} = layout;
	if (layout.kind === 'small') {
		return (
			<Box flexDirection="column" width={columns} height={rows}>
				<TooSmall columns={columns} rows={rows} />
			</Box>
		);
	}
	const tops = [...new Set(layout.panes.map(({rect}) => rect.row))];
	return (
		<Box flexDirection="column" width={columns} height={rows}>
			<LiveStatus />
			{layout.tabs && <LiveTabs />}
			{layout.banner && <LiveBanner columns={columns} />}
			{tops.map(top => (
				<Box key={top} flexShrink={0}>
					{layout.panes
						.filter(({rect}) => rect.row === top)
						.map(({id, rect}) => (
							<LivePane key={id} id={id} columns={rect.columns} rows={rect.rows} />
						))}
				</Box>
			))}
			<LiveFooter />
			<LiveOverlay />
		</Box>
	);
});

type OnKey = {
	/** Hears every key that is pressed. */
	readonly onKey?: ((key: Key) => void) | undefined;
};

/** The whole screen, as it is on a terminal while states follow each other. */
export function LiveApp({states, onKey}: OnKey & {readonly states: States<State>}) {
	return (
		<StatesContext.Provider value={states}>
			{onKey && <Keys onKey={onKey} />}
			<Screen />
		</StatesContext.Provider>
	);
}

const never = (): (() => void) => () => {};

/** The whole screen as it is in a state; bodies are text, if there is no canvas. */
export function App({state, onKey}: OnKey & {readonly state: State}) {
	const states = useMemo(() => ({newest: () => state, subscribe: never}), [state]);
	return (
		<StateContext.Provider value={state}>
			<LiveApp states={states} onKey={onKey} />
		</StateContext.Provider>
	);
}
