/** dma_map_sg() vectors: how many entries are mapped, and what each becomes. */
import {PAGE_SIZE, type Pfn, pfn} from '../../source/hardware/address.ts';
import {dma_set_mask} from '../../source/kernel/dma/masks.ts';
import {
	dma_map_sg,
	dma_map_sgtable,
	dma_unmap_sg,
	sg_alloc_table,
	sg_dma_address,
	sg_dma_len,
	sg_phys,
	sg_set_page,
} from '../../source/kernel/dma/scatterlist.ts';
import {DMA_BIT_MASK} from '../../source/kernel/drivers/device.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {forgetDevice, freshDevice, questionOf, relateLeaves} from './dmaDevice.ts';
import {machinesByRun, offsetOf, physicalHex, relation, withPages, type ZoneName, zoneOf} from './dmaMachines.ts';
import {directionNamed} from './dmaStreaming.ts';
import {type Vector, vectorTopic} from './topic.ts';

const questionPath = /^(run|topic|mask_bits|case|case_desc|nents|dir)$/;
export const isSgAnswer = (path: string): boolean => !questionPath.test(path);

type Piece = {readonly zone: ZoneName; readonly offset: number; readonly length: number};

/** The six lists of the recording program. */
const cases: readonly (readonly Piece[])[] = [
	[{zone: 'Normal', offset: 0, length: PAGE_SIZE}],
	[0, 1, 2, 3].map(i => ({zone: 'Normal', offset: 100 * i, length: 512 + i})),
	Array.from({length: 8}, (_, i) => ({zone: i % 2 === 0 ? 'Normal' : 'HighMem', offset: 0, length: PAGE_SIZE})),
	[0, 1, 2, 3].map(() => ({zone: 'Normal', offset: 0, length: PAGE_SIZE})),
	(['DMA', 'Normal', 'HighMem'] as const).map(zone => ({zone, offset: 8, length: 64})),
	Array.from({length: 16}, () => ({zone: 'HighMem', offset: 0, length: PAGE_SIZE})),
];
/** Its pages are taken as one block, so that they lie side by side. */
const contiguous = 3;

/** Takes pages for the pieces, one after the other. */
function withPieces<T>(
	k: Kernel,
	pieces: readonly Piece[],
	use: (pages: readonly Pfn[]) => T,
	pages: readonly Pfn[] = [],
): T {
	const next = pieces[pages.length];
	if (!next) return use(pages);
	return withPages(k, next.zone, PAGE_SIZE, page => withPieces(k, pieces, use, [...pages, page]));
}

function map(k: Kernel, vector: Vector, pieces: readonly Piece[], pages: readonly Pfn[]): Vector {
	const dev = freshDevice(k, '0000:00:04.0', 'truth');
	dma_set_mask(k, dev, DMA_BIT_MASK(Number(vector.mask_bits)));
	const direction = directionNamed(vector.dir);
	const list = sg_alloc_table(pieces.length);
	list.forEach((sg, i) => {
		sg_set_page(sg, pages[i]!, pieces[i]!.length, pieces[i]!.offset);
	});
	const ret = dma_map_sg(k, dev, list, list.length, direction);
	const entries = list.map(sg => ({
		zone: zoneOf(k, sg.page),
		phys: physicalHex(sg_phys(sg)),
		length: sg.length,
		dma_address: physicalHex(sg_dma_address(sg)),
		dma_len: sg_dma_len(sg),
		bounced: ret === 0 ? null : Number(sg_dma_address(sg)) !== Number(sg_phys(sg)),
	}));
	if (ret > 0) dma_unmap_sg(k, dev, list, list.length, direction);
	const after = ret > 0 ? {after_unmap_first_dma_address: physicalHex(sg_dma_address(list[0]!))} : {};
	const table = {sgl: list, orig_nents: list.length, nents: list.length};
	const dma_map_sgtable_ret = dma_map_sgtable(k, dev, table, direction);
	if (dma_map_sgtable_ret === 0) dma_unmap_sg(k, dev, list, list.length, direction);
	forgetDevice(k, dev);
	return {...vector, ret, entries, ...after, dma_map_sgtable_ret, sgtable_nents_after: table.nents};
}

function answer(k: Kernel, vector: Vector): Vector {
	const number = Number(vector.case);
	const pieces = cases[number];
	if (!pieces) throw new Error(`no such list: ${vector.case_desc}`);
	if (number !== contiguous) return withPieces(k, pieces, pages => map(k, vector, pieces, pages));
	return withPages(k, 'Normal', 4 * PAGE_SIZE, first =>
		map(
			k,
			vector,
			pieces,
			[0, 1, 2, 3].map(i => pfn(first + i)),
		),
	);
}

export const dmaSg = vectorTopic({
	name: 'dma_sg',
	accepts: document => document.file === 'dma_sg.json',
	isAnswer: isSgAnswer,
	relate: relateLeaves((path, leaf, vector) => {
		const entries = vector.entries as readonly {readonly phys: string; readonly dma_address: string}[];
		const number = Number(/^entries\.(\d+)\.(?:phys|dma_address)$/.exec(path)?.[1]);
		if (path.endsWith('.phys')) return offsetOf(leaf);
		if (path === 'after_unmap_first_dma_address') return relation(leaf, entries[0]!.dma_address, 'the first');
		return path.endsWith('.dma_address') && leaf !== '0x0' ? relation(leaf, entries[number]!.phys, 'phys') : leaf;
	}),
	nameOf: vector => `${vector.run} ${vector.mask_bits} bits, ${vector.case_desc}, ${vector.dir}`,
	prepare: () => {
		const kernelOf = machinesByRun();
		return vector => answer(kernelOf(vector), questionOf(vector, questionPath));
	},
});
