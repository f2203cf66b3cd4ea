import {parseDmaApiDump} from '../../formats/debugfs/dmaApiDump.ts';
import {parseDmaPools} from '../../formats/debugfs/dmaPools.ts';
import {parseSwiotlb} from '../../formats/debugfs/swiotlb.ts';
import {parsePools} from '../../formats/sys/pools.ts';
import {type DmaModel, dmaModel, type MappingRow, type PoolRow, type Total} from '../../model/dma.ts';
import type {Loaded} from '../../model/loaded.ts';
import type {Meter} from '../../model/meter.ts';
import {path} from '../../model/paths.ts';
import {readRecord, recordIn} from '../../model/tree.ts';
import {type Content, type Fields, type ListItem, lineOnce, listRows, markSign, markTone} from '../content.ts';
import {address, bar, bytes, plural, signed} from '../format.ts';
import {type Line, line, lineWidth, padEnd, padStart, type Span, span} from '../lines.ts';
import {type Lit, mappingRun, touches} from '../lit.ts';
import {definePane} from '../pane.ts';
import {meterSpans} from '../sparkline.ts';

/** Short, in either spelling. */
const typeName = (type: string): string => (/^scat[ht]er-gather$/.test(type) ? 'sg' : type);

/** Columns behind the name; narrow panes leave out the bar, the change and what lies idle. */
type PoolColumns = {readonly isWide: boolean; readonly isWidest: boolean; readonly name: number};

const barColumns = 4;
const changeColumns = 5;
const idleColumns = 12;
const numberColumns = 21;

const poolColumns = (columns: number): PoolColumns => {
	const isWide = columns >= 48;
	const isWidest = columns >= 64;
	const others = numberColumns + (isWide ? changeColumns + 1 + barColumns : 0) + (isWidest ? idleColumns : 0);
	return {isWide, isWidest, name: Math.max(6, columns - others)};
};

const numbers = (busy: string, all: string, size: string, pages: string): string =>
	`${padStart(busy, 5)}${padStart(all, 5)}${padStart(size, 5)}${padStart(pages, 6)}`;

const poolLine = (row: PoolRow, columns: number, showsDevice: boolean): Line => {
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
};

const directions = {
	DMA_BIDIRECTIONAL: '<->',
	DMA_TO_DEVICE: '-> ',
	DMA_FROM_DEVICE: '<- ',
	DMA_NONE: ' - ',
} as const;

const mappingLine = lineOnce(({mapping, mark}: MappingRow, columns) => {
	const direction = columns < 60 ? directions[mapping.direction] : padEnd(mapping.direction, 18);
	const type = typeName(mapping.type);
	const parts = [
		markSign(mark),
		padEnd(type, 8),
		address(mapping.busAddress),
		padStart(bytes(mapping.lengthBytes), 5),
		direction,
		columns < 60 ? '' : address(mapping.physicalAddress),
		mapping.driver,
		columns < 46 ? '' : mapping.device,
	];
	return line(span(parts.filter((part, index) => part !== '' || index === 0).join(' '), markTone(mark)));
});

const poolFields = ({pool, device}: PoolRow): Fields => ({
	name: pool.name,
	busy: pool.blocksInUse,
	all: pool.blocks,
	size: pool.sizeBytes,
	pages: pool.pages,
	device,
});

const mappingFields = ({mapping}: MappingRow): Fields => ({
	size: mapping.lengthBytes,
	type: typeName(mapping.type),
	bus: address(mapping.busAddress),
	dir: mapping.direction,
	driver: mapping.driver,
	device: mapping.device,
});

const heading = (text: string): ListItem => ({line: () => line(span(text, 'heading'))});

const poolHeading = (columns: number): string => {
	const {isWide, name} = poolColumns(columns);
	const change = isWide ? ' '.repeat(changeColumns) : '';
	return padEnd(`${padEnd('  pool', name)}${change}${numbers('busy', 'all', 'size', 'pages')}`, columns);
};

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

const totalSpans = (name: string, {count, bytes: sum, change, mark}: Total, style: TotalsStyle): Span[] => {
	const sign = change === 0 ? '' : change > 0 ? ' +' : ' -';
	return [
		span(`${name} `, 'dim'),
		span(`${style.hasCount ? `${count} · ` : ''}${bytes(sum)}`, markTone(mark) ?? 'number'),
		span(sign === '' ? '' : `${sign}${style.hasChange ? bytes(Math.abs(change)) : '…'}`, markTone(mark)),
	];
};

const totalsSpans = ({coherent, streaming, swiotlb}: DmaModel, style: TotalsStyle): readonly Span[] => {
	const [first, second] = style.names;
	const bounce = swiotlb && swiotlb.slots > 0 ? `  bounce ${swiotlb.used}/${swiotlb.slots}` : '';
	return [
		...totalSpans(first, coherent, style),
		span('  '),
		...totalSpans(second, streaming, style),
		span(style.hasBounce ? bounce : bounce !== '' || !style.hasCount ? ' …' : '', 'dim'),
	];
};

/** Where there is room, what both were in the last while. */
const meterOf = (meter: Meter | undefined, room: number): readonly Span[] =>
	room < 8 ? [] : [span('  '), ...meterSpans(meter, Math.min(24, room - 2))];

const totalsLine = (model: DmaModel, meter: Meter | undefined, columns: number): Line => {
	if (!model.files.dump) {
		return line(span('no dma-api/dump on this target', 'warning'));
	}
	// Names do not change with the numbers where there is never much room.
	const styles = columns < 48 ? totalsStyles.slice(1) : totalsStyles;
	const candidates = styles.map(style => totalsSpans(model, style));
	const totals = candidates.find(spans => lineWidth(line(...spans)) <= columns) ?? candidates.at(-1)!;
	return line(...totals, ...meterOf(meter, columns - lineWidth(line(...totals))));
};

const dmaContent = (model: DmaModel, meter: Meter | undefined, columns: number): Content => {
	const devices = new Set(model.pools.map(({device}) => device));
	const showsDevice = devices.size > 1 && columns >= 60;
	const mappings =
		model.mappings.length === 0
			? []
			: [
					heading(
						padEnd(
							columns < 60
								? '  type     bus addr   len dir driver'
								: '  type     bus addr   len direction          phys     driver',
							columns,
						),
					),
					...model.mappings.map(
						(row): ListItem => ({
							id: row.id,
							pfn: row.pfn,
							isLit: ({runs}) => touches(runs, mappingRun(row)),
							line: () => mappingLine(row, columns),
							fields: () => mappingFields(row),
						}),
					),
				];
	return {
		aside: devices.size === 1 ? [...devices][0]! : plural(model.pools.length, 'pool'),
		head: [line(span(poolHeading(columns), 'heading'))],
		rows: listRows([
			...model.pools.map(row => ({
				id: row.id,
				pfn: row.pfn,
				isLit: ({runs}: Lit) => row.frames.some(run => touches(runs, run)),
				line: () => poolLine(row, columns, showsDevice),
				fields: () => poolFields(row),
			})),
			...mappings,
		]),
		foot: [totalsLine(model, meter, columns)],
		tails: false,
	};
};

export const dmaPane = definePane<DmaModel>({
	id: 'dma',
	name: 'dma',
	paths: ({devices}) => [path.dmaDump, path.swiotlb, ...devices.map(path.pools)],
	derive({tree, state, at, culprits, older}): Loaded<DmaModel> {
		const pools = state.devices.flatMap(device => {
			const file = path.pools(device);
			return file in tree ? [[device, recordIn(tree, file, parsePools)] as const] : [];
		});
		const reading = readRecord(tree, path.dmaDump, parseDmaApiDump);
		const swiotlb = recordIn(tree, path.swiotlb, parseSwiotlb);
		if (reading && 'error' in reading && pools.every(([, record]) => !record)) {
			return {state: 'unavailable', reason: reading.error};
		}
		const dump = reading && 'record' in reading ? reading.record : undefined;
		const model = older?.state === 'ready' ? older.model : undefined;
		const pages = recordIn(tree, path.dmaPools, parseDmaPools);
		const newer = dmaModel({pools, pages, dump, swiotlb}, model, at, culprits);
		return older?.state === 'ready' && newer === model ? older : {state: 'ready', model: newer};
	},
	content: (model, {meters}, {columns}) => dmaContent(model, meters.dmaBytes, columns),
	inputs: ({meters}) => [meters.dmaBytes],
});
