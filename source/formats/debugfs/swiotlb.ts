/**
 * /sys/kernel/debug/swiotlb (ours): bounce buffers in use, one row a mapping.
 *
 *     # swiotlb 0.1: slots=32768 used=4 slot_bytes=2048 start=02000000
 *     # index nslots device           orig     bounce   size direction       owner
 *          12      2 0000:00:05.0     06a31000 02006000 4096 DMA_FROM_DEVICE device
 */

import {addressCell, decimal, name, optional} from '../cells.ts';
import {column, one, pairs, table} from '../table.ts';
import {joinLines, Lines} from '../text.ts';
import {type DmaDirection, type DmaOwner, dmaDirection, dmaOwner} from './dmaCells.ts';

type SwiotlbMapping = {
	/** First slot. */
	readonly index: number;
	readonly nslots: number;
	readonly device: string;
	/** Physical addresses of the driver's buffer and of its copy. */
	readonly origAddress: number;
	readonly bounceAddress: number;
	readonly sizeBytes: number;
	readonly direction: DmaDirection;
	readonly owner: DmaOwner;
};

export type Swiotlb = {
	/** 0 on a machine without swiotlb. */
	readonly slots: number;
	readonly used: number;
	readonly slotBytes: number;
	/** Physical address of the first slot; null without swiotlb. */
	readonly start: number | null;
	readonly mappings: readonly SwiotlbMapping[];
};

const header = one(
	'# swiotlb 0.1',
	pairs<Omit<Swiotlb, 'mappings'>>({
		slots: ['slots', decimal],
		used: ['used', decimal],
		slotBytes: ['slot_bytes', decimal],
		start: ['start', optional(addressCell)],
	}),
);
const rows = table<SwiotlbMapping>({
	index: column('# index', 7, decimal),
	nslots: column('nslots', 6, decimal),
	device: column('device', 16, name),
	origAddress: column('orig', 8, addressCell),
	bounceAddress: column('bounce', 8, addressCell),
	sizeBytes: column('size', 6, decimal),
	direction: column('direction', 17, dmaDirection),
	owner: column('owner', 6, dmaOwner),
});

export function formatSwiotlb(record: Swiotlb): string {
	return joinLines([...header.write(record), rows.heading, ...record.mappings.map(rows.show)]);
}

/** @throws FormatError */
export function parseSwiotlb(text: string): Swiotlb {
	const lines = new Lines('swiotlb', text);
	const head = header.read(lines);
	lines.expect(rows.heading);
	const mappings: SwiotlbMapping[] = [];
	while (!lines.done) mappings.push(lines.read(rows.read));
	return {...head, mappings};
}
