import fc from 'fast-check';
import {expect, test} from 'vitest';
import {divide, type LayoutChoice, layOut} from '../../source/ui/state/layout.ts';
import {paneIds} from '../../source/ui/state/panes.ts';

const choice = fc.record({
	columns: fc.integer({min: 1, max: 400}),
	rows: fc.integer({min: 1, max: 120}),
	focus: fc.constantFrom(...paneIds),
	companion: fc.constantFrom(...paneIds),
	zoomed: fc.boolean(),
	bannerRows: fc.integer({min: 0, max: 9}),
});

function shown(columns: number, rows: number, rest: Partial<LayoutChoice> = {}): string[] {
	const layout = layOut({columns, rows, focus: 'maps', companion: 'trace', zoomed: false, bannerRows: 0, ...rest});
	return layout.kind === 'small' ? [] : layout.panes.map(({id}) => id);
}

test('below 40x10 there is nothing but a sentence, from there on there are panes', () => {
	expect(shown(39, 10)).toEqual([]);
	expect(shown(40, 9)).toEqual([]);
	expect(shown(40, 10)).toEqual(['maps']);
});

test('80x24 shows two panes and the names of all', () => {
	expect(shown(80, 24)).toEqual(['maps', 'trace']);
	expect(shown(80, 24, {focus: 'trace', companion: 'iocbs'})).toEqual(['trace', 'iocbs']);
});

test('120x40 shows the five panes and the trace', () => {
	expect(shown(120, 40)).toEqual(['maps', 'frames', 'kmap', 'dma', 'iocbs', 'trace']);
});

test('a pane that 120x40 has no room for shares the trace’s row while it is in use', () => {
	expect(shown(120, 40, {focus: 'log'})).toEqual(['maps', 'frames', 'kmap', 'dma', 'iocbs', 'trace', 'log']);
	expect(shown(120, 40, {focus: 'maps', companion: 'page'})).toContain('page');
});

test('200x60 shows all but the findings, which take the log’s place while they are looked at', () => {
	const without = (left: string) => paneIds.filter(id => id !== left).sort();
	expect([...shown(200, 60)].sort()).toEqual(without('findings'));
	expect([...shown(200, 60, {focus: 'findings'})].sort()).toEqual(without('log'));
	expect([...shown(200, 60, {companion: 'findings'})].sort()).toEqual(without('log'));
	expect([...shown(200, 60, {focus: 'log', companion: 'findings'})].sort()).toEqual(without('findings'));
});

test('a zoomed pane is alone at any size', () => {
	expect(shown(200, 60, {zoomed: true, focus: 'dma'})).toEqual(['dma']);
	expect(shown(80, 24, {zoomed: true, focus: 'dma'})).toEqual(['dma']);
});

test('at every size the parts cover the terminal once, and the focused pane is among them', () => {
	fc.assert(
		fc.property(choice, each => {
			const layout = layOut(each);
			if (layout.kind === 'small') {
				expect(each.columns < 40 || each.rows < 10).toBe(true);
				return;
			}
			expect(layout.panes.map(({id}) => id)).toContain(each.focus);
			const covered = new Uint8Array(each.columns * each.rows);
			const rects = [
				layout.status,
				layout.footer,
				...(layout.tabs ? [layout.tabs] : []),
				...(layout.banner ? [layout.banner] : []),
				...layout.panes.map(({rect}) => rect),
			];
			for (const {column, row, columns, rows} of rects) {
				for (let y = row; y < row + rows; y++) {
					for (let x = column; x < column + columns; x++) {
						covered[y * each.columns + x]! += 1;
					}
				}
			}
			expect(covered.every(count => count === 1)).toBe(true);
		}),
		{numRuns: 300},
	);
});

test('a division loses nothing', () => {
	fc.assert(
		fc.property(fc.nat(500), fc.array(fc.integer({min: 1, max: 50}), {minLength: 1, maxLength: 5}), (total, shares) => {
			expect(divide(total, shares).reduce((a, b) => a + b, 0)).toBe(total);
		}),
	);
});
