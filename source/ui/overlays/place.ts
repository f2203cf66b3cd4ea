/** Where overlays lie: in the middle, with the panes visible around them where there is room. */

import type {Rect} from '../terminal/surface.ts';

/** Rows within the frame of an overlay. */
export const overlayHeight = (rows: number): number => Math.max(1, Math.min(34, rows - 4));

/** @param isBelow at the lower edge, above the footer, not in the middle */
export function overlayRect(columns: number, rows: number, widest: number, lines: number, isBelow = false): Rect {
	const width = Math.min(columns, widest);
	const height = Math.min(overlayHeight(rows), lines) + 2;
	return {
		column: Math.floor((columns - width) / 2),
		row: Math.max(0, isBelow ? rows - 1 - height : Math.floor((rows - height) / 2)),
		columns: width,
		rows: height,
	};
}
