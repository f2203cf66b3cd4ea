import {address} from '../../../formats/text.ts';
import type {DmaModel, MappingRow, PoolRow, Total} from '../../../model/dma.ts';
import type {Meter} from '../../../model/meter.ts';
import {directions, typeText} from '../../panes/dma.ts';
import {bar, bytes, longest, markSign, plural, signed} from '../../panes/format.ts';
import type {PaneRows} from '../../panes/pane.ts';
import {type Line, line, lineWidth, padEnd, type Span, span} from '../../terminal/lines.ts';
import {lineOnce, markTone} from '../content.ts';
import type {PaneLook} from '../look.ts';
import {meterSpans} from '../sparkline.ts';

/** Columns of the table of pools; narrow panes leave out the bar, the change and what lies idle. */
type PoolColumns = {
	readonly isWide: boolean;
	readonly isWidest: boolean;
	readonly name: number;
	readonly change: number;
	/** Of the four numbers, each with the blank before it. */
	readonly numbers: readonly number[];
};

const barColumns = 4;
const idleColumns = 12;
const leastName = 6;
/** Of a name, before what is not needed gets room. */
const usualName = 12;
const leastChange = 4;
const numberNames = ['busy', 'all', 'size', 'pages'] as const;
const leastNumbers = [4, 4, 4, 5] as const;

const numbersOf = ({pool}: PoolRow): readonly string[] =>
	[pool.blocksInUse, pool.blocks, pool.sizeBytes, pool.pages].map(String);

function poolColumns(pools: readonly PoolRow[], columns: number): PoolColumns {
	const change = 1 + longest(pools, leastChange, row => signed(row.change));
	const numbers = leastNumbers.map((least, index) => 1 + longest(pools, least, row => numbersOf(row)[index]!));
	const needed = numbers.reduce((sum, width) => sum + width, 0);
	const wideColumns = change + 1 + barColumns;
	const isWide = columns >= Math.max(48, usualName + needed + wideColumns);
	const isWidest = columns >= Math.max(64, usualName + needed + wideColumns + idleColumns);
	const others = needed + (isWide ? wideColumns : 0) + (isWidest ? idleColumns : 0);
	return {isWide, isWidest, name: Math.max(leastName, columns - others), change, numbers};
}

const numbersText = (texts: readonly string[], {numbers}: PoolColumns): string =>
	texts.map((text, index) => text.padStart(numbers[index]!)).join('');

function poolLine(row: PoolRow, columns: PoolColumns, showsDevice: boolean): Line {
	const {pool, change} = row;
	const {isWide, isWidest, name} = columns;
	const tone = markTone(row.mark);
	const device = showsDevice ? `${row.device} ` : '';
	const {blocksInUse, blocks} = pool;
	return line(
		span(padEnd(`${markSign(row.mark)} ${device}${pool.name}`, name), tone),
		span(isWide ? signed(change).padStart(columns.change) : '', tone),
		span(numbersText(numbersOf(row), columns), tone ?? 'number'),
		span(isWide ? ` ${bar(blocks === 0 ? 0 : blocksInUse / blocks, barColumns)}` : '', 'bar.full'),
		span(isWidest ? `${bytes(row.idleBytes)} idle`.padStart(idleColumns) : '', 'dim'),
	);
}

const mappingLine = lineOnce((row: MappingRow, columns: number) => {
	const {mapping, mark} = row;
	const direction = columns < 60 ? directions[mapping.direction] : padEnd(mapping.direction, 18);
	const parts = [
		markSign(mark),
		padEnd(typeText(row), 8),
		address(mapping.busAddress),
		bytes(mapping.lengthBytes).padStart(5),
		direction,
		columns < 60 ? '' : address(mapping.physicalAddress),
		mapping.driver,
		columns < 46 ? '' : mapping.device,
	];
	return line(span(parts.filter((part, index) => part !== '' || index === 0).join(' '), markTone(mark)));
});

function poolHeading(pools: PoolColumns, columns: number): string {
	const change = pools.isWide ? ' '.repeat(pools.change) : '';
	return padEnd(`${padEnd('  pool', pools.name)}${change}${numbersText(numberNames, pools)}`, columns);
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

function rowLine(row: PaneRows['dma'], pools: PoolColumns, columns: number, showsDevice: boolean): Line {
	if ('pool' in row) return poolLine(row, pools, showsDevice);
	return 'mapping' in row ? mappingLine(row, columns) : line(span(mappingsHeading(columns), 'heading'));
}

export const dmaLook: PaneLook<'dma'> = {
	inputs: ({meters}) => [meters.dmaBytes],
	content(model, {state, room: {columns}}) {
		const devices = new Set(model.pools.map(({device}) => device));
		const showsDevice = devices.size > 1 && columns >= 60;
		const pools = poolColumns(model.pools, columns);
		return {
			aside: devices.size === 1 ? [...devices][0]! : plural(model.pools.length, 'pool'),
			head: [line(span(poolHeading(pools, columns), 'heading'))],
			line: row => rowLine(row, pools, columns, showsDevice),
			foot: [totalsLine(model, state.meters.dmaBytes, columns)],
		};
	},
};
