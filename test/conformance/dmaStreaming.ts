/** dma_map_page() and dma_map_single() vectors: address, bounced or not, or failed. */
import {type BusAddress, kernelAddress, PAGE_SIZE, type Pfn} from '../../source/hardware/address.ts';
import {
	DIRECTION_NAMES,
	DMA_BIDIRECTIONAL,
	DMA_FROM_DEVICE,
	DMA_NONE,
	DMA_TO_DEVICE,
	type dma_data_direction,
} from '../../source/kernel/dma/direction.ts';
import {
	dma_map_page,
	dma_map_single,
	dma_mapping_error,
	dma_max_mapping_size,
	dma_unmap_page,
	dma_unmap_single,
} from '../../source/kernel/dma/mapping.ts';
import {dma_set_mask} from '../../source/kernel/dma/masks.ts';
import {DMA_MAPPING_ERROR} from '../../source/kernel/dma/reach.ts';
import {DMA_BIT_MASK, type device} from '../../source/kernel/drivers/device.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {PAGE_OFFSET} from '../../source/kernel/mm/page.ts';
import {forgetDevice, freshDevice, questionOf, relateLeaves} from './dmaDevice.ts';
import {logicalOf, machinesByRun, offsetOf, physicalHex, relation, withPages, type ZoneName} from './dmaMachines.ts';
import {type Vector, vectorTopic} from './topic.ts';

const questionPath = /^(run|topic|what|mask_bits|page_zone|offset|len|dir|va)$/;
export const isStreamingAnswer = (path: string): boolean => !questionPath.test(path);

export const directionNamed = (name: unknown): dma_data_direction =>
	DIRECTION_NAMES.indexOf(name as (typeof DIRECTION_NAMES)[number]) as dma_data_direction;

const busHex = (k: Kernel, address: BusAddress) =>
	`0x${BigInt.asUintN(k.hw.paging.mode === 'pae' ? 64 : 32, BigInt(address)).toString(16)}`;

function mapPage(k: Kernel, dev: device, vector: Vector, page: Pfn): Vector {
	const [offset, len, direction] = [Number(vector.offset), Number(vector.len), directionNamed(vector.dir)];
	const phys = page * PAGE_SIZE + offset;
	const dma = dma_map_page(k, dev, page, offset, len, direction);
	const head = {...vector, phys: physicalHex(phys)};
	if (dma_mapping_error(k, dev, dma) !== 0) return {...head, error: true, raw: busHex(k, dma)};
	dma_unmap_page(k, dev, dma, len, direction);
	return {
		...head,
		error: false,
		dma: busHex(k, dma),
		bounced: Number(dma) !== phys,
		dma_low12: dma % PAGE_SIZE,
		phys_low12: phys % PAGE_SIZE,
		dma_align2k: dma % 2048 === 0,
	};
}

function limits(k: Kernel, dev: device, vector: Vector): Vector {
	const most = physicalHex(dma_max_mapping_size(k, dev));
	return {
		...vector,
		dma_set_mask: dma_set_mask(k, dev, DMA_BIT_MASK(Number(vector.mask_bits))),
		dma_max_mapping_size: physicalHex(dma_max_mapping_size(k, dev)),
		dma_opt_mapping_size: most,
		merge_boundary: '0x0',
		cache_alignment: 1,
		dma_need_sync: 0,
	};
}

/** Kernel addresses of several kinds, or one of them twice. */
function mapSingle(k: Kernel, dev: device, vector: Vector): Vector {
	const what = String(vector.what);
	return withPages(k, 'Normal', PAGE_SIZE, page => {
		const at = /kmalloc\+3/.test(what) ? 3 : 0;
		const vmalloc = /vmalloc|module/.test(what);
		const address = kernelAddress(vmalloc ? k.layout.VMALLOC_START + 0x120 : logicalOf(page) + 0x400 + at);
		const dma = dma_map_single(k, dev, address, 64, DMA_TO_DEVICE);
		const error = dma_mapping_error(k, dev, dma);
		if (/twice/.test(what)) {
			const dma2 = dma_map_single(k, dev, address, 64, DMA_TO_DEVICE);
			for (const each of [dma, dma2]) dma_unmap_single(k, dev, each, 64, DMA_TO_DEVICE);
			return {...vector, dma1: busHex(k, dma), dma2: busHex(k, dma2), phys: physicalHex(address - PAGE_OFFSET)};
		}
		if (error !== 0) return {...vector, dma: busHex(k, dma), error};
		dma_unmap_single(k, dev, dma, 64, DMA_TO_DEVICE);
		return {...vector, phys: physicalHex(address - PAGE_OFFSET), dma: busHex(k, dma), error};
	});
}

function constants(k: Kernel, dev: device, vector: Vector): Vector {
	return {
		...vector,
		DMA_MAPPING_ERROR: busHex(k, DMA_MAPPING_ERROR),
		DMA_BIDIRECTIONAL,
		DMA_TO_DEVICE,
		DMA_FROM_DEVICE,
		DMA_NONE,
		sizeof_dma_addr_t: k.hw.paging.mode === 'pae' ? 8 : 4,
		dma_mapping_error_of_0: dma_mapping_error(k, dev, 0 as BusAddress),
		dma_mapping_error_of_minus1: dma_mapping_error(k, dev, DMA_MAPPING_ERROR),
	};
}

function answer(k: Kernel, vector: Vector): Vector {
	const dev = freshDevice(k, '0000:00:04.0', 'truth');
	try {
		if (vector.mask_bits !== undefined) dma_set_mask(k, dev, DMA_BIT_MASK(Number(vector.mask_bits)));
		switch (vector.topic) {
			case 'dma_map_page': {
				const bytes = Number(vector.offset) + Number(vector.len);
				return withPages(k, vector.page_zone as ZoneName, bytes, page => mapPage(k, dev, vector, page));
			}
			case 'dma_limits':
				return limits(k, dev, vector);
			case 'dma_map_single':
				return mapSingle(k, dev, vector);
		}
		return constants(k, dev, vector);
	} finally {
		forgetDevice(k, dev);
	}
}

/** A failed mapping's address is the same everywhere; others are compared by where they stand to the buffer's. */
function shapeOfAddress(path: string, leaf: string, vector: Vector) {
	// What kmalloc gave is known up to its alignment only.
	if (path === 'phys') return vector.topic === 'dma_map_single' ? Number(offsetOf(leaf)) % 4 : offsetOf(leaf);
	if (path === 'dma2') return relation(leaf, vector.dma1, 'dma1');
	const failed = vector.error === -12 || vector.phys === undefined;
	return failed ? leaf : relation(leaf, vector.phys, 'phys');
}

export const dmaStreaming = vectorTopic({
	name: 'streaming',
	accepts: document => document.file === 'streaming.json',
	isAnswer: isStreamingAnswer,
	leftOut: [
		{
			path: /^dma_low12$/,
			reason: 'which of the two slots of a page the pool gives depends on the mapping before',
			when: vector => vector.bounced === true && Number(vector.len) < PAGE_SIZE,
		},
	],
	relate: relateLeaves((path, leaf, vector) =>
		typeof leaf === 'string' && /^(phys|dma[12]?)$/.test(path) ? shapeOfAddress(path, leaf, vector) : leaf,
	),
	nameOf: vector => {
		const fields = ['run', 'topic', 'what', 'mask_bits', 'page_zone', 'offset', 'len', 'dir'];
		return fields.map(field => vector[field] ?? '').join(' ');
	},
	prepare: () => {
		const kernelOf = machinesByRun();
		return vector => answer(kernelOf(vector), questionOf(vector, questionPath));
	},
});
