import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {
	idsOf,
	indexOfId,
	initialView,
	type ListView,
	moveSelection,
	scrollView,
	topOf,
	windowTop,
} from '../../source/ui/state/list.ts';

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

test('in a window that became smaller the selected row is its last, and in a larger one it stays where it was', () => {
	const view = moveSelection(initialView, rowsOf(letters), 10, 10, false);
	expect(shown(view, letters, 10).at(9)).toBe('j');
	expect(shown(view, letters, 6)).toEqual([...'efghij']);
	expect(shown(view, letters, 1)).toEqual(['j']);
	expect(shown(view, letters, 12).at(9)).toBe('j');
});

test('a window shows as many rows as there are, from the first that lets the last be seen', () => {
	expect(windowTop(26, 25, 0, 6, false)).toBe(20);
	expect(windowTop(26, 20, 0, 6, false)).toBe(20);
	expect(windowTop(26, 19, 0, 6, false)).toBe(19);
	expect(windowTop(6, 3, 0, 6, false)).toBe(0);
	expect(windowTop(7, 3, 0, 6, false)).toBe(1);
	expect([windowTop(26, -1, 3, 6, false), windowTop(26, -1, 3, 6, true)]).toEqual([0, 20]);
});

describe('a row that the story is about', () => {
	const rows = rowsOf(letters);
	const topWith = (told: string, height = 6) => topOf(rows, {...initialView, told}, height, false);

	test('comes into the window at its end, and moves nothing where it is in it already', () => {
		expect([topWith('f'), topWith('g'), topWith('z')]).toEqual([0, 1, 20]);
		expect(topWith('gone')).toBe(0);
		expect(topOf(rows, {...initialView, told: 'g'}, 6, true)).toBe(20);
	});

	test('gives way to what is selected', () => {
		expect(topOf(rows, {...initialView, told: 'z', selected: 'c', offset: 2}, 6, false)).toBe(0);
	});

	test('is what the first step in the list selects, and stays where it was', () => {
		for (const by of [1, -1]) {
			const view = moveSelection({...initialView, told: 'm'}, rows, 6, by, false);
			expect(view.selected).toBe('m');
			expect(topOf(rows, view, 6, false)).toBe(topWith('m'));
		}
		const moved = (by: number, tails = false) =>
			moveSelection({...initialView, told: 'm'}, rows, 6, by, tails).selected;
		expect([moved(Number.POSITIVE_INFINITY), moved(Number.NEGATIVE_INFINITY)]).toEqual(['z', 'a']);
		expect(moved(-1, true)).toBe('z');
	});
});

describe('a window that is moved', () => {
	const selected = (by: number, from = 12, tails = false) => {
		const view = moveSelection(initialView, rowsOf(letters), 6, from, tails);
		const moved = scrollView(view, rowsOf(letters), 6, by, tails);
		const index = indexOfId(rowsOf(letters), moved.selected);
		return [letters[windowTop(26, index, moved.offset, 6, tails)], moved.selected];
	};

	test('keeps what is selected as long as it is in it, and else selects what is at its edge', () => {
		// Twelve rows down: the window is g to l, and l is selected.
		expect(selected(0)).toEqual(['g', 'l']);
		expect(selected(5)).toEqual(['l', 'l']);
		expect(selected(6)).toEqual(['m', 'm']);
		expect(selected(-1)).toEqual(['f', 'k']);
	});

	test('stops at the ends', () => {
		expect(selected(100)).toEqual(['u', 'u']);
		expect(selected(-100)).toEqual(['a', 'f']);
	});

	test('lets go at the end of a list that shows its end', () => {
		const rows = rowsOf(letters);
		const up = scrollView(initialView, rows, 6, -1, true);
		expect(up.selected).toBe('t');
		expect(scrollView(up, rows, 6, 1, true)).toMatchObject({selected: undefined, offset: 0});
	});

	test('is the same view where there is nothing to move to', () => {
		expect(scrollView(initialView, rowsOf(letters), 6, -1, false)).toBe(initialView);
		expect(scrollView(initialView, rowsOf(letters.slice(0, 6)), 6, 1, false)).toBe(initialView);
	});

	test('steps over headings at its edge', () => {
		const rows = rowsOf(['a', undefined, 'b', undefined, 'c', undefined, 'd']);
		const view = moveSelection(initialView, rows, 3, 1, false);
		expect(scrollView(view, rows, 3, 1, false)).toMatchObject({selected: 'b', offset: 1});
	});
});
