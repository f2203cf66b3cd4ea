/** What stays for longer than it should: looked for once a second. */
import {formatCauseObject} from '../../formats/debugfs/cause.ts';
import {prefixedHex} from '../../formats/text.ts';
import {countOf} from '../../formats/words.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {directionName} from '../../kernel/dma/direction.ts';
import type {dma_pool} from '../../kernel/dma/dmapool.ts';
import {type dma_debug_entry, eachMapping} from '../../kernel/dma/entries.ts';
import type {device} from '../../kernel/drivers/device.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {PAGE_OFFSET} from '../../kernel/mm/page.ts';
import type {Made} from '../../kernel/watch.ts';
import type {Found} from './findings.ts';
import {unnamed} from './named.ts';
import {age, clock, framesOf, listed, mostObjects, whoOf} from './words.ts';

/** One thing that is old. */
type Old = {
	readonly made: Made;
	readonly name: string;
	readonly object: string;
	readonly frames: readonly number[];
};

/** Those of one maker stand together. @param group what they have in common, part of their key */
function grouped<T extends Old>(items: readonly T[], group: (item: T) => string): ReadonlyMap<string, readonly T[]> {
	const groups = new Map<string, T[]>();
	for (const item of items) {
		const key = group(item);
		const known = groups.get(key);
		if (known) known.push(item);
		else groups.set(key, [item]);
	}
	return groups;
}

/** The finding of a group, the oldest of which it dates from. */
function foundOf(
	kind: 'mapping-old' | 'block-old' | 'kmap-old' | 'iocb-old',
	key: string,
	items: readonly Old[],
	driver: string | null,
	says: (names: string) => string,
): Found {
	const oldest = items.reduce((a, b) => (b.made.timeNs < a.made.timeNs ? b : a));
	const {timeNs, comm, pid, record, module} = oldest.made;
	const names = listed(items.map(({name}) => name));
	const first = items.length === 1 ? 'made' : 'the first was made';
	return {
		key: `${kind}:${key}`,
		kind,
		severity: 'note',
		sinceNs: timeNs,
		comm,
		pid,
		driver: module ?? driver,
		record,
		says: `${says(names)}; ${first} by ${whoOf(oldest.made)} at ${clock(timeNs)}`,
		frames: [...new Set(items.flatMap(({frames}) => frames))],
		objects: [...new Set(items.map(({object}) => object))].slice(0, mostObjects),
	};
}

type OldMapping = Old & {readonly entry: dma_debug_entry; readonly start: number; readonly sizeBytes: number};

export const mappingObject = ({dev, dev_addr}: dma_debug_entry): string =>
	formatCauseObject({kind: 'mapping', device: dev.bus_id, address: dev_addr});

/** What drivers have left behind: that is lost, however old. */
export type Lost = {readonly entries: ReadonlySet<dma_debug_entry>; readonly pools: ReadonlySet<dma_pool>};

/** Streaming mappings: coherent ones stay as long as their driver. */
function oldMappings(k: Kernel, oldest: number, lost: Lost): readonly OldMapping[] {
	return eachMapping(k.dma.mappings)
		.filter(
			entry =>
				entry.type !== 'coherent' &&
				entry.type !== 'resource' &&
				entry.made.timeNs <= oldest &&
				entry.driver === entry.dev.driver &&
				!lost.entries.has(entry),
		)
		.map(entry => ({
			entry,
			made: entry.made,
			start: entry.dev_addr,
			sizeBytes: entry.size,
			name: `${prefixedHex(entry.dev_addr)} (${entry.size} bytes, ${directionName(entry.direction)})`,
			object: mappingObject(entry),
			frames: framesOf(entry.paddr, entry.size, k.mem_map.frames),
		}));
}

type OldBlock = Old & {readonly pool: string; readonly dev: device; readonly start: number; readonly sizeBytes: number};

function oldBlocks(k: Kernel, oldest: number, lost: Lost): readonly OldBlock[] {
	return [...k.dma.devices.values()].flatMap(dev =>
		dev.dma_pools
			.filter(pool => !lost.pools.has(pool))
			.flatMap(({name, size, out}) =>
				[...out]
					.filter(([, {made}]) => made.timeNs <= oldest)
					.map(([vaddr, {dma, made}]) => ({
						made,
						pool: name,
						dev,
						start: dma,
						sizeBytes: size,
						name: prefixedHex(dma),
						object: formatCauseObject({kind: 'pool', device: dev.bus_id, name}),
						frames: framesOf(vaddr - PAGE_OFFSET, size, k.mem_map.frames),
					})),
			),
	);
}

/** What a device can still come to is in use. */
function forgotten<B extends OldMapping | OldBlock>(k: Kernel, buffers: readonly B[], devOf: (buffer: B) => device) {
	const devices = new Set(buffers.map(devOf));
	return [...devices].flatMap(dev =>
		unnamed(
			k,
			dev,
			buffers.filter(buffer => devOf(buffer) === dev),
		),
	);
}

const driverName = ({driver}: device) => driver ?? 'no driver';

function mappingsFound(k: Kernel, oldest: number, older: string, lost: Lost): readonly Found[] {
	const old = forgotten(k, oldMappings(k, oldest, lost), ({entry}) => entry.dev);
	return [...grouped(old, ({entry, made}) => `${entry.dev.bus_id}:${made.pid}:${entry.direction}`)].map(
		([key, items]) => {
			const {dev} = items[0]!.entry;
			const what = `${countOf(items.length, 'streaming DMA mapping')} of ${driverName(dev)} (${dev.bus_id})`;
			return foundOf(
				'mapping-old',
				key,
				items,
				dev.driver,
				names => `${what} older than ${older}, which no descriptor of the device names: ${names}`,
			);
		},
	);
}

function blocksFound(k: Kernel, oldest: number, older: string, lost: Lost): readonly Found[] {
	const old = forgotten(k, oldBlocks(k, oldest, lost), ({dev}) => dev);
	return [...grouped(old, ({dev, pool, made}) => `${dev.bus_id}:${pool}:${made.pid}`)].map(([key, items]) => {
		const {dev, pool} = items[0]!;
		const what = `${countOf(items.length, 'block')} of the DMA pool ${pool} of ${driverName(dev)} (${dev.bus_id})`;
		return foundOf(
			'block-old',
			key,
			items,
			dev.driver,
			names => `${what} out for longer than ${older}, which no descriptor of the device names: ${names}`,
		);
	});
}

function kmapsFound({highmem, layout}: Kernel, oldest: number, older: string): readonly Found[] {
	const old: Old[] = [];
	for (const [slot, made] of highmem.pkmap_made.entries()) {
		if (!made || made.timeNs > oldest || highmem.pkmap_count[slot]! < 2) continue;
		const frame = highmem.pkmap_pfn[slot]!;
		old.push({
			made,
			name: `${prefixedHex(layout.PKMAP_BASE + slot * PAGE_SIZE)} (frame ${prefixedHex(frame)})`,
			object: formatCauseObject({kind: 'pfn', pfn: frame, frames: 1}),
			frames: [frame],
		});
	}
	return [...grouped(old, ({made}) => String(made.pid))].map(([key, items]) =>
		foundOf(
			'kmap-old',
			key,
			items,
			null,
			names => `${countOf(items.length, 'entry', 'entries')} of kmap's table held for longer than ${older}: ${names}`,
		),
	);
}

function kiocbsFound({aio}: Kernel, oldest: number, older: string): readonly Found[] {
	const old = [...aio.kiocbs]
		.filter(({submittedNs}) => submittedNs <= oldest)
		.map(({id, task, submittedNs, record, state, ki_filp, pinned}) => ({
			made: {timeNs: submittedNs, comm: task.comm, pid: task.pid, module: undefined, record},
			name: `kiocb ${id} on ${ki_filp.path} (${state})`,
			object: formatCauseObject({kind: 'iocb', id}),
			frames: [...pinned],
		}));
	return [...grouped(old, ({made}) => String(made.pid))].map(([key, items]) =>
		foundOf(
			'iocb-old',
			key,
			items,
			null,
			names => `${countOf(items.length, 'I/O request')} not completed for longer than ${older}: ${names}`,
		),
	);
}

/** @returns everything that is old at this instant, by the first word of its key */
export function oldThings(k: Kernel, olderNs: number, lost: Lost): Readonly<Record<string, readonly Found[]>> {
	const oldest = k.hw.timeline.nowNs - olderNs;
	const older = age(olderNs);
	return {
		'mapping-old': mappingsFound(k, oldest, older, lost),
		'block-old': blocksFound(k, oldest, older, lost),
		'kmap-old': kmapsFound(k, oldest, older),
		'iocb-old': kiocbsFound(k, oldest, older),
	};
}
