import fc from 'fast-check';
import {expect, test} from 'vitest';
import {idsOf, indexOfId, initialView, type ListView, moveSelection, windowTop} from '../../source/ui/state/list.ts';

const rowsOf = (ids: readonly (string | undefined)[]) => idsOf(ids.map(id => ({id})));

const letters = [...'abcdefghijklmnopqrstuvwxyz'];

function shown(view: ListView, ids: readonly string[], height: number): string[] {
	const top = windowTop(ids.length, indexOfId(rowsOf(ids), view.selected), view.offset, height, false);
	return ids.slice(top, top + height);
}

test('the selected row stays where it is on screen when rows come and go above it', () => {
	const view = moveSelection(initialView, rowsOf(letters), 6, 10, false);
	const row = shown(view, letters, 6).indexOf('j');
	expect(row).toBe(5);
	expect(shown(view, ['0', '1', '2', ...letters], 6).indexOf('j')).toBe(row);
	expect(shown(view, letters.slice(3), 6).indexOf('j')).toBe(row);
});

test('a selected row that is gone leaves the window at the beginning', () => {
	const view = moveSelection(initialView, rowsOf(letters), 6, 10, false);
	expect(
		shown(
			view,
			letters.filter(letter => letter !== 'j'),
			6,
		)[0],
	).toBe('a');
});

test('headings are stepped over', () => {
	const rows = rowsOf([undefined, 'a', undefined, 'b']);
	const first = moveSelection(initialView, rows, 4, 1, false);
	expect(first.selected).toBe('a');
	expect(moveSelection(first, rows, 4, 1, false).selected).toBe('b');
	expect(moveSelection(first, rows, 4, -1, false).selected).toBe('a');
});

test('a list that follows its end is entered from its end', () => {
	expect(moveSelection(initialView, rowsOf(letters), 6, -1, true).selected).toBe('z');
	expect(moveSelection(initialView, rowsOf(letters), 6, 1, true).selected).toBe('z');
});

test('Home and End go to the ends', () => {
	const end = moveSelection(initialView, rowsOf(letters), 6, Number.POSITIVE_INFINITY, false);
	expect(end.selected).toBe('z');
	expect(moveSelection(end, rowsOf(letters), 6, Number.NEGATIVE_INFINITY, false).selected).toBe('a');
});

test('wherever the selection moves it is in the window, and moving by one moves the window by one at most', () => {
	fc.assert(
		fc.property(
			fc.array(fc.constantFrom(1, -1, 5, -5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY), {maxLength: 40}),
			fc.integer({min: 1, max: 30}),
			fc.boolean(),
			(moves, height, tails) => {
				const rows = rowsOf(letters);
				let view = initialView;
				let top: number | undefined;
				for (const by of moves) {
					view = moveSelection(view, rows, height, by, tails);
					const index = indexOfId(rows, view.selected);
					const next = windowTop(rows.count, index, view.offset, height, tails);
					expect(index).toBeGreaterThanOrEqual(next);
					expect(index).toBeLessThan(next + height);
					if (top !== undefined && Math.abs(by) === 1) {
						expect(Math.abs(next - top)).toBeLessThanOrEqual(1);
					}
					top = next;
				}
			},
		),
	);
});

test('an empty list has nothing to select', () => {
	expect(moveSelection(initialView, rowsOf([]), 6, 1, false)).toBe(initialView);
});
