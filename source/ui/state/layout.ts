/** Where everything lies, from the size of the terminal alone: three arrangements and the zoom of one pane. */

import type {Rect} from '../terminal/surface.ts';
import type {PaneId} from './panes.ts';

type PlacedPane = {readonly id: PaneId; readonly rect: Rect};

export type ScreenLayout =
	| {readonly kind: 'small'; readonly columns: number; readonly rows: number}
	| {
			readonly kind: 'panes';
			readonly columns: number;
			readonly rows: number;
			readonly status: Rect;
			/** Names of all panes with their numbers, where not all of them are shown. */
			readonly tabs: Rect | undefined;
			/** Where the banner of a story is; undefined without a story. */
			readonly banner: Rect | undefined;
			readonly panes: readonly PlacedPane[];
			readonly footer: Rect;
	  };

export type LayoutChoice = {
	readonly columns: number;
	readonly rows: number;
	readonly focus: PaneId;
	/** The pane shown beside the focused one where there is room for two. */
	readonly companion: PaneId;
	readonly zoomed: boolean;
	/** Rows that a class and a story take above the panes, 0 for none. */
	readonly bannerRows: number;
	/** Panes that the target has nothing for, found out once; undefined before that and on any target but a Linux. */
	readonly lacking?: readonly PaneId[] | undefined;
};

export const leastColumns = 40;
export const leastRows = 10;
/** Rows that panes keep, however much a story says. */
const leastPaneRows = 3;

const rect = (column: number, row: number, columns: number, rows: number): Rect => ({column, row, columns, rows});

/** Cuts `total` into parts in proportion to `shares`, without a remainder. */
export function divide(total: number, shares: readonly number[]): number[] {
	const sum = shares.reduce((a, b) => a + b, 0);
	let before = 0;
	let done = 0;
	return shares.map(share => {
		before += share;
		const end = Math.floor((total * before) / sum);
		const part = end - done;
		done = end;
		return part;
	});
}

type Row = {readonly share: number; readonly panes: readonly (readonly [PaneId, number])[]};

function arrange(rows: readonly Row[], columns: number, top: number, height: number): PlacedPane[] {
	const heights = divide(
		height,
		rows.map(({share}) => share),
	);
	let place = top;
	return rows.flatMap(({panes}, index) => {
		const widths = divide(
			columns,
			panes.map(([, share]) => share),
		);
		let column = 0;
		const placed = panes.map(([id], position): PlacedPane => {
			const pane = {id, rect: rect(column, place, widths[position]!, heights[index]!)};
			column += widths[position]!;
			return pane;
		});
		place += heights[index]!;
		return placed;
	});
}

const overview: readonly PaneId[] = ['maps', 'frames', 'kmap', 'dma', 'iocbs', 'trace'];

const row = (share: number, panes: Partial<Record<PaneId, number>>): Row => ({
	share,
	panes: Object.entries(panes) as [PaneId, number][],
});

/** The design card's five panes and the trace; one of the others shares the trace's row while it is looked at. */
const five = (guest: PaneId | undefined): readonly Row[] => [
	row(13, {maps: 62, frames: 58}),
	row(11, {kmap: 34, dma: 33, iocbs: 33}),
	row(14, guest ? {trace: 55, [guest]: 45} : {trace: 1}),
];

/** All but the findings, which take the log's place while they are looked at. */
const nine = (guest: PaneId | undefined): readonly Row[] => [
	row(21, {maps: 35, frames: 45, zones: 20}),
	row(17, {kmap: 25, dma: 25, iocbs: 25, page: 25}),
	row(20, {trace: 60, [guest ?? 'log']: 40}),
];

/** All panes, the most telling first: a target that fills only some of them shows those in this order. */
const telling: readonly PaneId[] = [
	'maps',
	'frames',
	'zones',
	'trace',
	'log',
	'dma',
	'iocbs',
	'kmap',
	'page',
	'findings',
];

/** Of some panes those that the target has something for, and the focused one in any case. */
export const offeredOf = (
	panes: readonly PaneId[],
	{focus, lacking = []}: Pick<LayoutChoice, 'focus' | 'lacking'>,
): readonly PaneId[] => panes.filter(id => id === focus || !lacking.includes(id));

/** The first of the offered panes, in rows. @param most panes, the focused one included @param across in a row */
function some(choice: LayoutChoice, most: number, across: number): readonly Row[] {
	const {focus} = choice;
	const offered = offeredOf(telling, choice);
	const first = offered.slice(0, most);
	const shown = first.includes(focus) ? first : [...first.slice(0, -1), focus];
	const rows = Math.ceil(shown.length / across);
	const heads = divide(
		shown.length,
		Array.from({length: rows}, () => 1),
	);
	let at = 0;
	return heads.map(count => {
		at += count;
		return row(1, Object.fromEntries(shown.slice(at - count, at).map(id => [id, 1])));
	});
}

/** The pane beside the focused one, of those that there is something for. */
function besideOf(choice: LayoutChoice): PaneId {
	const {focus, companion} = choice;
	const offered = offeredOf(telling, choice).filter(id => id !== focus);
	return offered.length === 0 || offered.includes(companion) ? companion : offered[0]!;
}

function two(focus: PaneId, companion: PaneId, rows: number): readonly Row[] {
	const other = companion === focus ? (focus === 'trace' ? 'maps' : 'trace') : companion;
	// Too low for two: the focused one alone says more.
	return rows < 12 ? [row(1, {[focus]: 1})] : [row(12, {[focus]: 1}), row(9, {[other]: 1})];
}

/** @returns `small` below 40x10, where nothing of use can be shown */
export function layOut(choice: LayoutChoice): ScreenLayout {
	const {columns, rows, focus, companion, zoomed, bannerRows, lacking = []} = choice;
	if (columns < leastColumns || rows < leastRows) return {kind: 'small', columns, rows};
	const status = rect(0, 0, columns, 1);
	const footer = rect(0, rows - 1, columns, 1);
	const isWide = columns >= 110 && rows >= 32;
	const tabs = zoomed || !isWide ? rect(0, 1, columns, 1) : undefined;
	const top = tabs ? 2 : 1;
	const told = Math.min(bannerRows, rows - top - 1 - leastPaneRows);
	const banner = told > 0 ? rect(0, top, columns, told) : undefined;
	const whole = {kind: 'panes' as const, columns, rows, status, tabs, banner, footer};
	const height = rows - top - told - 1;
	const guestOf = (isGuest: (id: PaneId) => boolean) => [focus, companion].find(isGuest);
	const isLarge = columns >= 180 && rows >= 50;
	const usual = (): readonly Row[] =>
		isLarge
			? nine(guestOf(id => id === 'log' || id === 'findings'))
			: isWide
				? five(guestOf(id => !overview.includes(id)))
				: two(focus, companion, height);
	const rest = (): readonly Row[] =>
		isWide ? some(choice, isLarge ? 9 : 6, isLarge ? 3 : 2) : two(focus, besideOf(choice), height);
	const shown = zoomed ? [row(1, {[focus]: 1})] : lacking.length === 0 ? usual() : rest();
	return {...whole, panes: arrange(shown, columns, top + told, height)};
}

/** The newest layouts, the last one first: as many as there are monitors in a process. */
const laidOut: {readonly choice: LayoutChoice; readonly layout: ScreenLayout}[] = [];
const mostLaidOut = 2;

/** The same object as long as nothing that it follows from has changed. */
export function layoutOf(state: LayoutChoice): ScreenLayout {
	const {columns, rows, focus, companion, zoomed, bannerRows, lacking} = state;
	let known = laidOut.find(
		({choice}) =>
			choice.columns === columns &&
			choice.rows === rows &&
			choice.focus === focus &&
			choice.companion === companion &&
			choice.zoomed === zoomed &&
			choice.bannerRows === bannerRows &&
			choice.lacking === lacking,
	);
	if (!known) {
		const choice = {columns, rows, focus, companion, zoomed, bannerRows, lacking};
		known = {choice, layout: layOut(choice)};
		laidOut.unshift(known);
		laidOut.length = Math.min(laidOut.length, mostLaidOut);
	}
	return known.layout;
}

/** Columns and rows within a frame. */
export type Room = {readonly columns: number; readonly rows: number};

/** Room within a pane's frame; that of a whole small screen for a pane that is not shown. */
export function roomOf(choice: LayoutChoice, id: PaneId): Room {
	const layout = layoutOf(choice);
	const placed = layout.kind === 'panes' ? layout.panes.find(pane => pane.id === id) : undefined;
	return placed
		? {columns: Math.max(1, placed.rect.columns - 2), rows: Math.max(1, placed.rect.rows - 2)}
		: {columns: 78, rows: 20};
}

export function visiblePanes(choice: LayoutChoice): readonly PaneId[] {
	const layout = layoutOf(choice);
	return layout.kind === 'panes' ? layout.panes.map(({id}) => id) : [];
}
