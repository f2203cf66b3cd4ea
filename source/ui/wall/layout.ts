/** Where the tiles of a wall lie, from the size of the terminal and the number of machines. */

import type {Mouse} from '../terminal/sequences.ts';

type WallLayout = {
	/** Tiles beside each other. */
	readonly across: number;
	/** Rows of tiles on the screen. */
	readonly down: number;
	/** Rows of a tile, with its frame. */
	readonly tileRows: number;
	/** Columns of the tiles of a row, from the left. */
	readonly widths: readonly number[];
};

/** Rows above the tiles and below. */
const [headRows, footRows] = [1, 1];
export const leastWallColumns = 40;
export const leastWallRows = headRows + 5 + footRows;
/** Columns that a tile needs to be read. */
const tileColumns = 40;
const [leastTileRows, mostTileRows] = [5, 10];

/** @param tiles how many there are; where there is room they become higher, and say more */
export function layOutWall(columns: number, rows: number, tiles: number): WallLayout {
	const height = Math.max(leastTileRows, rows - headRows - footRows);
	const across = Math.max(1, Math.min(Math.floor(columns / tileColumns), tiles));
	const needed = Math.max(1, Math.ceil(tiles / across));
	const tileRows = Math.min(mostTileRows, Math.max(leastTileRows, Math.floor(height / needed)));
	const down = Math.max(1, Math.floor(height / tileRows));
	const edges = Array.from({length: across + 1}, (_, index) => Math.floor((columns * index) / across));
	return {across, down, tileRows, widths: edges.slice(1).map((edge, index) => edge - edges[index]!)};
}

/** The first row of tiles that is shown, so that the chosen tile is. @param top the one before */
export function topFor(cursor: number, top: number, tiles: number, {across, down}: WallLayout): number {
	const row = Math.floor(cursor / across);
	const last = Math.max(0, Math.ceil(tiles / across) - down);
	return Math.max(0, Math.min(last, Math.max(row - down + 1, Math.min(top, row))));
}

/** Index of the tile under the mouse; undefined for none. */
export function tileAt(mouse: Mouse, top: number, tiles: number, layout: WallLayout): number | undefined {
	const {across, down, tileRows, widths} = layout;
	const row = Math.floor((mouse.row - headRows) / tileRows);
	if (mouse.row < headRows || row >= down) return undefined;
	let end = 0;
	const column = widths.findIndex(width => {
		end += width;
		return mouse.column < end;
	});
	const index = (top + row) * across + column;
	return column >= 0 && index < tiles ? index : undefined;
}
