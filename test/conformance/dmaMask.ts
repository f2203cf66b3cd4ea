/** dma_set_mask() and dma_set_coherent_mask() vectors. */

import {try_dma_alloc_coherent} from '../../source/kernel/dma/coherent.ts';
import {DMA_TO_DEVICE} from '../../source/kernel/dma/direction.ts';
import {dma_map_single, dma_mapping_error} from '../../source/kernel/dma/mapping.ts';
import {
	dma_get_required_mask,
	dma_set_coherent_mask,
	dma_set_mask,
	dma_set_mask_and_coherent,
} from '../../source/kernel/dma/masks.ts';
import {DMA_BIT_MASK, device_add} from '../../source/kernel/drivers/device.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {GFP_KERNEL} from '../../source/kernel/mm/gfp.ts';
import {forgetDevice, freshDevice, hexOf, questionOf} from './dmaDevice.ts';
import {logicalOf, machinesByRun, withPages} from './dmaMachines.ts';
import {type Vector, vectorTopic} from './topic.ts';

const questionPath = /^(run|topic|dev|bits|mask|what|prior_mask)$/;
export const isMaskAnswer = (path: string): boolean => !questionPath.test(path);

function setMasks(k: Kernel, vector: Vector): Vector {
	const dev = freshDevice(k, '0000:00:04.0', 'truth');
	const mask = BigInt(String(vector.mask));
	const answer: Record<string, unknown> = {
		...vector,
		dma_set_mask: dma_set_mask(k, dev, mask),
		mask_after: hexOf(dev.dma_mask!),
	};
	// Odd masks were tried on the streaming mask only.
	if (vector.bits !== null) {
		answer.dma_set_coherent_mask = dma_set_coherent_mask(k, dev, mask);
		answer.coherent_after = hexOf(dev.coherent_dma_mask);
		answer.dma_set_mask_and_coherent = dma_set_mask_and_coherent(k, dev, mask);
	}
	forgetDevice(k, dev);
	return answer;
}

function initial(k: Kernel, vector: Vector): Vector {
	const dev = freshDevice(k, '0000:00:04.0', 'truth');
	forgetDevice(k, dev);
	return {
		...vector,
		dma_mask: hexOf(dev.dma_mask!),
		coherent: hexOf(dev.coherent_dma_mask),
		required_mask: hexOf(dma_get_required_mask(k)),
		max_pfn_limit: hexOf(k.layout.max_pfn * 4096),
	};
}

function withoutMask(k: Kernel, vector: Vector): Vector {
	const dev = device_add(k, 'truth.0', 'platform');
	try {
		if (/fresh platform/.test(String(vector.what))) {
			const masks = {dma_mask: hexOf(dev.dma_mask!), coherent: hexOf(dev.coherent_dma_mask)};
			return {
				...vector,
				dma_mask_ptr_null: dev.dma_mask === null ? 1 : 0,
				...masks,
				set_mask_32: dma_set_mask(k, dev, DMA_BIT_MASK(32)),
			};
		}
		dev.dma_mask = null;
		const set = dma_set_mask(k, dev, DMA_BIT_MASK(32));
		const error = withPages(k, 'Normal', 4096, page =>
			dma_mapping_error(k, dev, dma_map_single(k, dev, logicalOf(page), 64, DMA_TO_DEVICE)),
		);
		dev.coherent_dma_mask = 0n;
		const coherent = try_dma_alloc_coherent(k, dev, 4096, GFP_KERNEL);
		return {...vector, dma_set_mask_32: set, dma_map_single_error: error, coherent_mask_0_alloc_ok: coherent ? 1 : 0};
	} finally {
		forgetDevice(k, dev);
	}
}

export const dmaMask = vectorTopic({
	name: 'dma_mask',
	accepts: document => document.file === 'dma_mask.json',
	isAnswer: isMaskAnswer,
	nameOf: vector => `${vector.run} ${vector.topic} ${vector.mask ?? vector.what ?? ''}`,
	prepare: () => {
		const kernelOf = machinesByRun();
		return recorded => {
			const k = kernelOf(recorded);
			const vector = questionOf(recorded, questionPath);
			if (vector.topic === 'dma_set_mask') return setMasks(k, vector);
			return vector.topic === 'dma_mask_initial' ? initial(k, vector) : withoutMask(k, vector);
		};
	},
});
