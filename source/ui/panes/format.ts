/** Numbers and marks for people: short, aligned, with their unit. */

import type {Mark, MarkKind} from '../../model/moment.ts';

const thousands = (digits: string): string => digits.replace(/\B(?=(?:\d{3})+$)/g, ',');

/** `12,345`. */
export const count = (value: number): string =>
	`${value < 0 ? '-' : ''}${thousands(String(Math.abs(Math.round(value))))}`;

/** In five columns: `9,999`, `96k`, `1.2M`. */
export function shortCount(value: number): string {
	if (value < 9_999.5) return count(value);
	if (value < 999_500) return `${Math.round(value / 1e3)}k`;
	return value < 99.95e6 ? `${(value / 1e6).toFixed(1)}M` : `${count(value / 1e6)}M`;
}

/** A count in `columns` (three at least), or in as few as it takes: `1234567`, `1235k`, `1.2M`, `1M`. */
export function briefCount(value: number, columns: number): string {
	const millions = value < 999_500 ? [] : [`${(value / 1e6).toFixed(1)}M`, `${Math.round(value / 1e6)}M`];
	const forms = [String(value), `${Math.round(value / 1e3)}k`, ...millions];
	return forms.find(form => form.length <= columns) ?? forms.at(-1)!;
}

/** Columns of the longest text of rows, `least` at least. */
export const longest = <R>(rows: readonly R[], least: number, text: (row: R) => string): number =>
	rows.reduce((most, row) => Math.max(most, text(row).length), least);

/** `+3`, `-12`, empty for 0. */
export const signed = (value: number): string => (value === 0 ? '' : value > 0 ? `+${count(value)}` : count(value));

/** Bytes in the unit that keeps it short: `512`, `16k`, `1.5M`, `2G`. */
export function bytes(value: number): string {
	for (const [unit, size] of [
		['E', 2 ** 60],
		['P', 2 ** 50],
		['T', 2 ** 40],
		['G', 2 ** 30],
		['M', 2 ** 20],
		['k', 2 ** 10],
	] as const) {
		if (value >= size) {
			const amount = value / size;
			return `${Number.isInteger(amount) || amount >= 100 ? Math.round(amount) : amount.toFixed(1)}${unit}`;
		}
	}
	return String(value);
}

/** Virtual time with microseconds in groups: `12.345 655 s`. */
export function virtualTime(timeNs: number): string {
	const micros = Math.floor(timeNs / 1000);
	const fraction = String(micros % 1_000_000).padStart(6, '0');
	return `${Math.floor(micros / 1_000_000)}.${fraction.slice(0, 3)} ${fraction.slice(3)} s`;
}

/** Microseconds: `310us`, `12.4ms`, `1.2s`. */
export function duration(timeUs: number): string {
	if (timeUs < 1000) return `${Math.round(timeUs)}us`;
	return timeUs < 1e6 ? `${(timeUs / 1000).toFixed(1)}ms` : `${(timeUs / 1e6).toFixed(1)}s`;
}

export const plural = (value: number, one: string, many = `${one}s`): string =>
	`${count(value)} ${value === 1 ? one : many}`;

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/**
 * A bar `columns` wide of which `share` (0..1) is full, in eighths of a column; something is never drawn as nothing.
 */
export function bar(share: number, columns: number): string {
	if (columns <= 0) return '';
	const bounded = Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0));
	const steps = Math.max(bounded > 0 ? 1 : 0, Math.floor(bounded * columns * 8));
	return ('█'.repeat(Math.floor(steps / 8)) + (eighths[steps % 8] ?? '')).padEnd(columns);
}

const levels = '▁▂▃▄▅▆▇█';

/** A line of small columns between `least` and `most`; a gap (undefined) is a blank. */
export const sparkline = (values: readonly (number | undefined)[], least: number, most: number): string =>
	values
		.map(value => {
			if (value === undefined) return ' ';
			const share = most > least ? (value - least) / (most - least) : 0;
			return levels[Math.min(7, Math.max(0, Math.floor(share * 8)))]!;
		})
		.join('');

const signs: Readonly<Record<MarkKind, string>> = {
	new: '+',
	grown: '+',
	shrunk: '-',
	moved: '→',
	split: '÷',
	merged: '=',
	changed: '*',
	gone: '×',
};

/** One column in front of a row that says what became of it. */
export const markSign = (mark: Mark | undefined): string => (mark ? signs[mark.kind] : ' ');
