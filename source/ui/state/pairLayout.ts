/** Where two monitors lie on one terminal: beside each other, or one above the other, and below them what differs. */

import type {Rect} from '../terminal/surface.ts';
import {leastRows} from './layout.ts';

type PairLayout = {
	readonly parts: readonly [Rect, Rect];
	/** Between two that stand beside each other. */
	readonly divider: Rect | undefined;
	/** What differs, in words. */
	readonly list: Rect;
};

/** Narrower halves say less than two low ones. */
const leastHalf = 50;

export function layOutPair(columns: number, rows: number): PairLayout {
	const listRows = rows >= 30 ? 5 : 2;
	const room = Math.max(2, rows - listRows);
	const list = {column: 0, row: room, columns, rows: Math.max(0, rows - room)};
	const half = Math.floor((columns - 1) / 2);
	if (half >= leastHalf || room < 2 * leastRows) {
		const left = {column: 0, row: 0, columns: Math.max(1, half), rows: room};
		const right = {...left, column: half + 1, columns: Math.max(1, columns - half - 1)};
		return {parts: [left, right], divider: {column: half, row: 0, columns: 1, rows: room}, list};
	}
	const high = Math.floor(room / 2);
	const upper = {column: 0, row: 0, columns, rows: high};
	return {parts: [upper, {...upper, row: high, rows: room - high}], divider: undefined, list};
}
