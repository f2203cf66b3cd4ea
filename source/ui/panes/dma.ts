import {parseDmaApiDump} from '../../formats/debugfs/dmaApiDump.ts';
import {parseDmaPools} from '../../formats/debugfs/dmaPools.ts';
import {parseSwiotlb} from '../../formats/debugfs/swiotlb.ts';
import {pageBytes} from '../../formats/pageBytes.ts';
import {parsePools} from '../../formats/sys/pools.ts';
import {address} from '../../formats/text.ts';
import {mappingCause, poolCause} from '../../model/cause.ts';
import {type DmaModel, dmaModel, type MappingRow} from '../../model/dma.ts';
import type {Loaded} from '../../model/loaded.ts';
import {path} from '../../model/paths.ts';
import {readRecord, recordIn} from '../../model/tree.ts';
import type {Fields} from '../state/list.ts';
import {type Run, touches} from '../state/lit.ts';
import {rowCause} from './causes.ts';
import {bytes, markSign, signed} from './format.ts';
import {type About, type Derivation, heading, kept, note, type PaneDefinition, type PaneRows, rowById} from './pane.ts';

type DmaRow = PaneRows['dma'];

const about: About = {
	shows: 'Memory that devices reach: DMA pools with the blocks they hand out, and every mapping that is alive now.',
	columns: [
		note('name', 'of the pool'),
		note('busy', 'blocks in use'),
		note('all', 'blocks that its pages hold'),
		note('size', 'bytes of a block, or of the mapping'),
		note('pages', 'pages that it took from dma_alloc_coherent'),
		note('type', 'coherent, or streaming: single, page, sg'),
		note('bus', 'address that the device uses'),
		note('dir', 'which way the data goes: to the device, from it, both'),
		note('driver', 'who mapped it'),
		note('device', 'on the PCI bus'),
	],
	signs: [
		note('bounce', 'slots of swiotlb in use: copies below the limit of a device'),
		note('▁▃▇', 'bytes mapped of late, a column for half a second'),
	],
};

/** Short, in either spelling. */
export const typeText = ({mapping: {type}}: MappingRow): string => (/^scat[ht]er-gather$/.test(type) ? 'sg' : type);

function fields(row: DmaRow): Fields {
	if ('pool' in row) {
		const {name, blocksInUse, blocks, sizeBytes, pages} = row.pool;
		return {name, busy: blocksInUse, all: blocks, size: sizeBytes, pages, device: row.device};
	}
	if (!('mapping' in row)) return {};
	const {lengthBytes, busAddress, direction, driver, device} = row.mapping;
	return {size: lengthBytes, type: typeText(row), bus: address(busAddress), dir: direction, driver, device};
}

/** How a direction is written where there is little room. */
export const directions = {
	DMA_BIDIRECTIONAL: '<->',
	DMA_TO_DEVICE: '-> ',
	DMA_FROM_DEVICE: '<- ',
	DMA_NONE: ' - ',
} as const;

function text(row: DmaRow): string {
	if ('pool' in row) {
		const {name, blocksInUse, blocks, sizeBytes, pages} = row.pool;
		const left = `${markSign(row.mark)} ${row.device} ${name} ${signed(row.change)}`;
		return `${left} ${blocksInUse} ${blocks} ${sizeBytes} ${pages} ${bytes(row.idleBytes)} idle`;
	}
	if (!('mapping' in row)) return '';
	const {busAddress, lengthBytes, direction, physicalAddress, driver, device} = row.mapping;
	const left = `${markSign(row.mark)} ${typeText(row)} ${address(busAddress)} ${bytes(lengthBytes)}`;
	return `${left} ${direction} ${directions[direction]} ${address(physicalAddress)} ${driver} ${device}`;
}

/** The frames that a mapping covers. */
function mappingRun({mapping: {physicalAddress, lengthBytes}}: MappingRow): Run {
	const pfn = Math.floor(physicalAddress / pageBytes);
	return {pfn, frames: Math.floor((physicalAddress + Math.max(1, lengthBytes) - 1) / pageBytes) - pfn + 1};
}

function framesOf(row: DmaRow): readonly Run[] {
	if ('pool' in row) return row.frames;
	return 'mapping' in row ? [mappingRun(row)] : [];
}

const rows = kept(({pools, mappings}: DmaModel): readonly DmaRow[] =>
	mappings.length === 0 ? pools : [...pools, heading, ...mappings],
);

function derive({tree, state, at, culprits, older}: Derivation<DmaModel>): Loaded<DmaModel> {
	const pools = state.processes.devices.flatMap(device => {
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
}

export const dmaPane: PaneDefinition<'dma'> = {
	id: 'dma',
	name: 'dma',
	about,
	paths: ({state}) => [path.dmaDump, path.swiotlb, ...state.processes.devices.map(path.pools)],
	derive,
	rows: model => rows(model),
	meaning: {
		fields,
		text,
		touchedBy: (row, {byPfn, byAddress}) =>
			('mapping' in row ? byAddress.get(row.mapping.busAddress) : undefined) ?? byPfn.get(framesOf(row)[0]?.pfn ?? -1),
		isLit: (row, {runs}) => framesOf(row).some(run => touches(runs, run)),
	},
	margins: () => ({head: 1, foot: 1}),
	tails: false,
	cause: rowCause('dma', ({mappings, pools}, id) => {
		const [mapping, pool] = [rowById(mappings, id), rowById(pools, id)];
		return mapping ? mappingCause(mapping) : pool && poolCause(pool);
	}),
	frames: ({pools, mappings}, id) => [...pools, ...mappings].filter(row => row.id === id).flatMap(framesOf),
	// Its selected row may be a pool, and pools may be lit by what is selected elsewhere.
	litPaths: ({picture}, isSource, pfn) =>
		isSource || (pfn !== undefined && picture.panes.includes('dma')) ? [path.dmaPools] : [],
};
