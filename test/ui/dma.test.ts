/** The totals below the mappings. */

import fc from 'fast-check';
import {expect, test} from 'vitest';
import {type DmaModel, dmaModel, type Total} from '../../source/model/dma.ts';
import {nobody} from '../../source/model/injections.ts';
import {bytes} from '../../source/ui/panes/format.ts';
import {initialState} from '../../source/ui/state/state.ts';
import {lineText} from '../../source/ui/terminal/lines.ts';
import {textWidth} from '../../source/ui/terminal/width.ts';
import {contentOf} from '../../source/ui/view/panes.ts';
import {dmaDump} from './support/records.ts';

type Numbers = {readonly coherent: Total; readonly streaming: Total; readonly used: number; readonly slots: number};

function foot({coherent, streaming, used, slots}: Numbers, columns: number): string {
	const files = {pools: [], dump: dmaDump, swiotlb: {slots, used, slotBytes: 2048, start: null, mappings: []}};
	const model: DmaModel = {
		...dmaModel(files, undefined, {timeNs: 0, movedMs: 0}, nobody),
		coherent,
		streaming,
	};
	const state = initialState({name: 'lab', kind: 'socket', writable: true}, 120, 40);
	const ready = {...state, models: {...state.models, dma: {state: 'ready', model}}} as const;
	return lineText(contentOf(ready, 'dma', {columns, rows: 9}).foot[0]!).trimEnd();
}

const total = (count: number, sum: number, change = 0): Total => ({count, bytes: sum, change, mark: undefined});

test.each([
	[38, total(7, 212 << 10), total(14, 3 << 20), 0, 'coh 7 · 212k  stream 14 · 3M'],
	[38, total(7, 212 << 10), total(14, 3 << 20, -(132 << 10)), 0, 'coh 7 · 212k  stream 14 · 3M -132k'],
	[38, total(12, 1500 << 10), total(114, 212 << 10, -(132 << 10)), 0, 'coh 12 · 1.5M  stream 114 · 212k -132k'],
	[38, total(12, 1500 << 10), total(1114, 212 << 10, -(132 << 10)), 0, 'coh 12 · 1.5M  stream 1114 · 212k -…'],
	[38, total(7, 28 << 10), total(14, 57 << 10), 32768, 'coh 7 · 28k  stream 14 · 57k …'],
	[46, total(7, 28 << 10), total(14, 57 << 10), 32768, 'coh 7 · 28k  stream 14 · 57k  bounce 12/32768'],
	[78, total(7, 28 << 10), total(14, 57 << 10), 32768, 'coherent 7 · 28k  streaming 14 · 57k  bounce 12/32768'],
])('of %i columns as much is used as whole numbers need', (columns, coherent, streaming, slots, text) => {
	expect(foot({coherent, streaming, used: 12, slots}, columns)).toBe(text);
});

test('whatever the numbers, none is cut, and what is left out shows', () => {
	const sum = fc.nat(2 ** 30);
	const change = fc.oneof(fc.constant(0), fc.integer({min: -(2 ** 30), max: 2 ** 30}));
	const totals = fc.tuple(fc.nat(20_000), sum, change).map(each => total(...each));
	const numbers = fc.record({
		coherent: totals,
		streaming: totals,
		used: fc.nat(65_536),
		slots: fc.constantFrom(0, 65_536),
	});
	fc.assert(
		fc.property(numbers, fc.integer({min: 38, max: 120}), (all, columns) => {
			const text = foot(all, columns);
			expect(textWidth(text)).toBeLessThanOrEqual(columns);
			const {coherent, streaming, used, slots} = all;
			const whole = [coherent, streaming].flatMap(each => [
				String(each.count),
				bytes(each.bytes),
				...(each.change === 0 ? [] : [`${each.change > 0 ? '+' : '-'}${bytes(Math.abs(each.change))}`]),
			]);
			const every = [...whole, ...(slots > 0 ? [`${used}/${slots}`] : [])];
			const said = text.split(/[\s·]+/).filter(word => /\d/.test(word));
			expect(said.filter(word => !every.includes(word))).toEqual([]);
			expect(text.includes('…')).toBe(said.length < every.length);
		}),
	);
});
