/** page/<pfn>: everything about one frame. */
import {formatPageInfo} from '../../formats/debugfs/page.ts';
import {pageMapMeanings} from '../../formats/debugfs/pageMap.ts';
import {micros} from '../../formats/text.ts';
import {PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import {bounceSlotsOfFrame} from '../../kernel/dma/swiotlb.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {pageStructAddress} from '../../kernel/mm/layout.ts';
import {PageAnon, PageBuddy, page_count, page_mapcount_raw, page_mapping} from '../../kernel/mm/page.ts';
import {page_zone} from '../../kernel/mm/zone.ts';
import {atomicOf, busAddressIn, dmaMappingsOf, kmapOf, logicalOf, mappersOfFrame, vmallocOf} from './addresses.ts';
import {poolPages} from './dma.ts';
import {frameLetter} from './frames.ts';
import {flagNames} from './kpage.ts';
import {mapsArea} from './maps.ts';
import {frameNumber} from './pageMap.ts';

const directions = ['DMA_BIDIRECTIONAL', 'DMA_TO_DEVICE', 'DMA_FROM_DEVICE', 'DMA_NONE'] as const;

/** @throws LabError EINVAL for a frame that does not exist */
export function pageFile(k: Kernel, text: string): string {
	const frame = frameNumber(k, text) as Pfn;
	const mapping = page_mapping(k, frame);
	const owned = mapping !== undefined || PageAnon(k, frame);
	const pins = k.mm.pins.get(frame) ?? [];
	const index = k.mem_map.index[frame]!;
	return formatPageInfo({
		pfn: frame,
		zone: page_zone(k, frame).name,
		structPage: pageStructAddress(k, frame),
		physicalAddress: frame * PAGE_SIZE,
		kind: pageMapMeanings[frameLetter(k, frame)],
		flags: flagNames(k, frame),
		_count: page_count(k, frame),
		_mapcount: page_mapcount_raw(k, frame),
		order: PageBuddy(k, frame) ? k.mem_map.private[frame]! : null,
		mapping: mapping ? {file: nameOfMapping(k, mapping.id), offsetBytes: index * PAGE_SIZE} : null,
		index: owned ? index : null,
		logical: logicalOf(k, frame),
		kmap: kmapOf(k, frame),
		vmalloc: vmallocOf(k, frame),
		kmapAtomic: atomicOf(k, frame).map(({cpu, index: slot, type, address, holder}) => ({
			cpu,
			slot,
			type,
			address,
			holder: holder ?? null,
		})),
		mappers: mappersOfFrame(k, frame).map(({task: {pid, comm, mm}, vma, address}) => {
			const {perms, pathname} = mapsArea(k, mm!, vma);
			return {pid, comm, address, perms, file: pathname};
		}),
		bus: dmaMappingsOf(k, frame).map(entry => ({
			device: entry.dev.bus_id,
			driver: entry.driver ?? entry.dev.bus,
			type: k.era.dmaDebugTypeName(entry.type),
			bytes: entry.size,
			address: busAddressIn(entry, frame),
			direction: directions[entry.direction]!,
			owner: entry.owner === 'cpu' ? ('cpu' as const) : ('device' as const),
		})),
		pools: poolPages(k).filter(({run}) => run.pfn <= frame && frame < run.pfn + run.frames),
		pins: pins.length,
		pinned: pins.map(({made, address, write}) => ({
			pid: made.pid,
			comm: made.comm,
			address,
			sinceUs: micros(made.timeNs),
			write,
		})),
		bounceSlots: k.dma.swiotlb ? bounceSlotsOfFrame(k.dma.swiotlb, frame).map(slots => slots.index) : [],
	});
}

/** Path of the file that an address_space belongs to, or what kind of object it is. */
function nameOfMapping(k: Kernel, id: number): string {
	const inode = k.mappings.get(id)!.host;
	for (const [path, node] of k.vfs.nodes) if (node === inode) return path;
	return `${inode.kind}:${inode.i_ino}`;
}
