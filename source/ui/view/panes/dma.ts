import {address} from '../../../formats/text.ts';
import type {DmaModel, MappingRow, PoolRow, Total} from '../../../model/dma.ts';
import type {Meter} from '../../../model/meter.ts';
import {directions, typeText} from '../../panes/dma.ts';
import {bar, bytes, markSign, plural, signed} from '../../panes/format.ts';
import type {PaneRows} from '../../panes/pane.ts';
import {type Line, line, lineWidth, padEnd, padStart, type Span, span} from '../../terminal/lines.ts';
import {lineOnce, markTone} from '../content.ts';
import type {PaneLook} from '../look.ts';
import {meterSpans} from '../sparkline.ts';

/** Columns behind the name; narrow panes leave out the bar, the change and what lies idle. */
type PoolColumns = {readonly isWide: boolean; readonly isWidest: boolean; readonly name: number};

const barColumns = 4;
const changeColumns = 5;
const idleColumns = 12;
const numberColumns = 21;

function poolColumns(columns: number): PoolColumns {
	const isWide = columns >= 48;
	const isWidest = columns >= 64;
	const others = numberColumns + (isWide ? changeColumns + 1 + barColumns : 0) + (isWidest ? idleColumns : 0);
	return {isWide, isWidest, name: Math.max(6, columns - others)};
}

const numbers = (busy: string, all: string, size: string, pages: string): string =>
	`${padStart(busy, 5)}${padStart(all, 5)}${padStart(size, 5)}${padStart(pages, 6)}`;

function poolLine(row: PoolRow, columns: number, showsDevice: boolean): Line {
	const {pool, change} = row;
	const {isWide, isWidest, name} = poolColumns(columns);
	const tone = markTone(row.mark);
	const device = showsDevice ? `${row.device} ` : '';
	const {blocksInUse, blocks, sizeBytes, pages} = pool;
	return line(
		span(padEnd(`${markSign(row.mark)} ${device}${pool.name}`, name), tone),
		span(isWide ? padStart(signed(change), changeColumns) : '', tone),
		span(numbers(String(blocksInUse), String(blocks), String(sizeBytes), String(pages)), tone ?? 'number'),
		span(isWide ? ` ${bar(blocks === 0 ? 0 : blocksInUse / blocks, barColumns)}` : '', 'bar.full'),
		span(isWidest ? padStart(`${bytes(row.idleBytes)} idle`, idleColumns) : '', 'dim'),
	);
}

const mappingLine = lineOnce((row: MappingRow, columns) => {
	const {mapping, mark} = row;
	const direction = columns < 60 ? directions[mapping.direction] : padEnd(mapping.direction, 18);
	const parts = [
		markSign(mark),
		padEnd(typeText(row), 8),
		address(mapping.busAddress),
		padStart(bytes(mapping.lengthBytes), 5),
		direction,
		columns < 60 ? '' : address(mapping.physicalAddress),
		mapping.driver,
		columns < 46 ? '' : mapping.device,
	];
	return line(span(parts.filter((part, index) => part !== '' || index === 0).join(' '), markTone(mark)));
});

function poolHeading(columns: number): string {
	const {isWide, name} = poolColumns(columns);
	const change = isWide ? ' '.repeat(changeColumns) : '';
	return padEnd(`${padEnd('  pool', name)}${change}${numbers('busy', 'all', 'size', 'pages')}`, columns);
}

/** How much the totals say; what is left out is an ellipsis. */
type TotalsStyle = {
	readonly names: readonly [coherent: string, streaming: string];
	readonly hasChange: boolean;
	readonly hasCount: boolean;
	readonly hasBounce: boolean;
};

const shortNames = ['coh', 'stream'] as const;
const all = {hasChange: true, hasCount: true, hasBounce: true} as const;

/** The most that fits is taken. */
const totalsStyles: readonly TotalsStyle[] = [
	{...all, names: ['coherent', 'streaming']},
	{...all, names: shortNames},
	{...all, names: shortNames, hasChange: false},
	{...all, names: shortNames, hasChange: false, hasBounce: false},
	{...all, names: shortNames, hasChange: false, hasBounce: false, hasCount: false},
];

function totalSpans(name: string, {count, bytes: sum, change, mark}: Total, style: TotalsStyle): Span[] {
	const sign = change === 0 ? '' : change > 0 ? ' +' : ' -';
	return [
		span(`${name} `, 'dim'),
		span(`${style.hasCount ? `${count} · ` : ''}${bytes(sum)}`, markTone(mark) ?? 'number'),
		span(sign === '' ? '' : `${sign}${style.hasChange ? bytes(Math.abs(change)) : '…'}`, markTone(mark)),
	];
}

function totalsSpans({coherent, streaming, swiotlb}: DmaModel, style: TotalsStyle): readonly Span[] {
	const [first, second] = style.names;
	const bounce = swiotlb && swiotlb.slots > 0 ? `  bounce ${swiotlb.used}/${swiotlb.slots}` : '';
	return [
		...totalSpans(first, coherent, style),
		span('  '),
		...totalSpans(second, streaming, style),
		span(style.hasBounce ? bounce : bounce !== '' || !style.hasCount ? ' …' : '', 'dim'),
	];
}

/** Where there is room, what both were in the last while. */
const meterOf = (meter: Meter | undefined, room: number): readonly Span[] =>
	room < 8 ? [] : [span('  '), ...meterSpans(meter, Math.min(24, room - 2))];

function totalsLine(model: DmaModel, meter: Meter | undefined, columns: number): Line {
	if (!model.files.dump) return line(span('no dma-api/dump on this target', 'warning'));
	// Names do not change with the numbers where there is never much room.
	const styles = columns < 48 ? totalsStyles.slice(1) : totalsStyles;
	const candidates = styles.map(style => totalsSpans(model, style));
	const totals = candidates.find(spans => lineWidth(line(...spans)) <= columns) ?? candidates.at(-1)!;
	return line(...totals, ...meterOf(meter, columns - lineWidth(line(...totals))));
}

const mappingsHeading = (columns: number): string =>
	padEnd(
		columns < 60
			? '  type     bus addr   len dir driver'
			: '  type     bus addr   len direction          phys     driver',
		columns,
	);

function rowLine(row: PaneRows['dma'], columns: number, showsDevice: boolean): Line {
	if ('pool' in row) return poolLine(row, columns, showsDevice);
	return 'mapping' in row ? mappingLine(row, columns) : line(span(mappingsHeading(columns), 'heading'));
}

export const dmaLook: PaneLook<'dma'> = {
	inputs: ({meters}) => [meters.dmaBytes],
	content(model, {state, room: {columns}}) {
		const devices = new Set(model.pools.map(({device}) => device));
		const showsDevice = devices.size > 1 && columns >= 60;
		return {
			aside: devices.size === 1 ? [...devices][0]! : plural(model.pools.length, 'pool'),
			head: [line(span(poolHeading(columns), 'heading'))],
			line: row => rowLine(row, columns, showsDevice),
			foot: [totalsLine(model, state.meters.dmaBytes, columns)],
		};
	},
};
