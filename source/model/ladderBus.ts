/** The rungs of devices: the bus addresses of a page, one for each mapping. */

import type {MachineRecord} from '../formats/debugfs/lab/machine.ts';
import type {PageBusMapping, PageInfo} from '../formats/debugfs/page.ts';
import {pageBytes} from '../formats/pageBytes.ts';
import {address} from '../formats/text.ts';
import {type LadderFacts, missing, type Rung} from './rung.ts';

const directionSays: Readonly<Record<PageBusMapping['direction'], string>> = {
	DMA_BIDIRECTIONAL: 'both ways',
	DMA_TO_DEVICE: 'to the device',
	DMA_FROM_DEVICE: 'from the device',
	DMA_NONE: 'no way',
};

/** How the bus address comes from the physical one. */
function busOffsetSays(bus: number, {pfn, physicalAddress}: PageInfo, machine: MachineRecord | undefined): string {
	if (machine?.iommu) return `the IOMMU leads it to the frame at ${address(physicalAddress)}`;
	if (Math.floor(bus / pageBytes) === pfn) return 'no IOMMU here: the bus address is the physical address';
	return `not ${address(physicalAddress)}: a bounce buffer of swiotlb stands in for the frame`;
}

const isCoherent = (type: string): boolean => /coherent/.test(type);

const ownerSays = ({type, owner}: PageBusMapping): string =>
	isCoherent(type)
		? 'the processor and the device both see it, all the time'
		: owner === 'cpu'
			? 'synced for the processor: the device waits'
			: 'the device owns it: the processor keeps off';

export function busRungs({page, machine}: LadderFacts): readonly Rung[] {
	if (!page) return [];
	const {bus, physicalAddress: physical} = page;
	if (bus.length === 0) {
		const would = machine?.iommu
			? 'the IOMMU lets no device reach it'
			: `a bus address here is the physical address, and would be ${address(physical)}`;
		return [missing('bus', 'bus', `no driver has mapped it for a device; ${would}`)];
	}
	return bus.map((each, index) => ({
		id: `bus ${index}`,
		label: index === 0 ? 'bus' : '',
		kind: 'address',
		value: address(each.address),
		text: `${each.device}, ${each.driver}`,
		says: [
			`${isCoherent(each.type) ? '' : 'streaming, '}${each.type}, ${each.bytes} bytes ${directionSays[each.direction]}`,
			ownerSays(each),
			busOffsetSays(each.address, page, machine),
		],
	}));
}
