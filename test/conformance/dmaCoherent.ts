/** dma_alloc_coherent() vectors: which sizes, masks and flags succeed, and what is true of the memory. */
import {get_order, PAGE_SIZE, pfn} from '../../source/hardware/address.ts';
import {dma_free_coherent, try_dma_alloc_coherent} from '../../source/kernel/dma/coherent.ts';
import {DMA_BIT_MASK} from '../../source/kernel/drivers/device.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {kread} from '../../source/kernel/mm/access.ts';
import {GFP_ATOMIC, GFP_DMA, GFP_KERNEL} from '../../source/kernel/mm/gfp.ts';
import {__pa} from '../../source/kernel/mm/page.ts';
import {forgetDevice, freshDevice, questionOf, relateLeaves} from './dmaDevice.ts';
import {alignmentOf, machinesByRun, offsetOf, physicalHex, relation, zoneOf} from './dmaMachines.ts';
import {type Vector, vectorTopic} from './topic.ts';

const questionPath = /^(run|topic|what|coherent_mask_bits|gfp|size)$/;
export const isCoherentAnswer = (path: string): boolean => !questionPath.test(path);
const GFP = {GFP_KERNEL, GFP_ATOMIC, 'GFP_KERNEL|GFP_DMA': GFP_KERNEL | GFP_DMA} as const;

function allocate(k: Kernel, vector: Vector): Vector {
	const dev = freshDevice(k, '0000:00:04.0', 'truth');
	const mask = DMA_BIT_MASK(Number(vector.coherent_mask_bits));
	dev.coherent_dma_mask = mask;
	const size = Number(vector.size);
	const memory = try_dma_alloc_coherent(k, dev, size, GFP[vector.gfp as keyof typeof GFP]);
	forgetDevice(k, dev);
	if (!memory) return {...vector, ok: false};
	const {cpu_addr, dma_handle} = memory;
	const physical = __pa(cpu_addr);
	const answer = {
		...vector,
		ok: true,
		va: physicalHex(cpu_addr),
		dma: physicalHex(dma_handle),
		phys: physicalHex(physical),
		zone: zoneOf(k, pfn(physical / PAGE_SIZE)),
		dma_align: physicalHex(dma_handle & -dma_handle),
		aligned_to_order: dma_handle % (PAGE_SIZE << get_order(size)) === 0,
		end_le_mask: BigInt(dma_handle + size - 1) <= mask,
		nonzero_bytes: kread(k, cpu_addr, size).filter(byte => byte !== 0).length,
		is_lowmem: cpu_addr < k.layout.high_memory,
	};
	dma_free_coherent(k, dev, size, cpu_addr, dma_handle);
	return answer;
}

function granularity(k: Kernel, vector: Vector): Vector {
	const dev = freshDevice(k, '0000:00:04.0', 'truth');
	const [first, second] = [
		try_dma_alloc_coherent(k, dev, 1, GFP_KERNEL)!,
		try_dma_alloc_coherent(k, dev, 1, GFP_KERNEL)!,
	];
	for (const {cpu_addr, dma_handle} of [first, second]) dma_free_coherent(k, dev, 1, cpu_addr, dma_handle);
	forgetDevice(k, dev);
	const [dma1, dma2] = [first.dma_handle, second.dma_handle];
	const same_page = Math.floor(dma1 / PAGE_SIZE) === Math.floor(dma2 / PAGE_SIZE);
	return {...vector, dma1: physicalHex(dma1), dma2: physicalHex(dma2), same_page};
}

export const dmaCoherent = vectorTopic({
	name: 'dma_coherent',
	accepts: document => document.file === 'dma_coherent.json',
	isAnswer: isCoherentAnswer,
	leftOut: [
		{
			path: /^zone$/,
			reason: 'with 26 bits, zone Normal serves only where a page below 64 MiB happens to be first in its list',
			when: vector => vector.coherent_mask_bits === 26,
		},
	],
	classes: [
		{
			name: 'mask below 24 bits on 5.10',
			reason:
				'zone DMA of that kernel reaches below 1 MiB; whether its next page lies there depends on what ran before',
			holds: vector => Number(vector.coherent_mask_bits) < 24 && vector.run === 'G',
		},
	],
	relate: relateLeaves((path, leaf, vector) => {
		if (typeof leaf !== 'string') return leaf;
		if (path === 'va' || path === 'phys') return relation(leaf, vector.dma, 'dma');
		if (path === 'dma_align') return alignmentOf(leaf, vector.dma);
		return /^dma[12]?$/.test(path) ? offsetOf(leaf) : leaf;
	}),
	nameOf: vector =>
		`${vector.run} ${vector.what ?? `${vector.size} bytes, ${vector.coherent_mask_bits} bits, ${vector.gfp}`}`,
	prepare: () => {
		const kernelOf = machinesByRun();
		return recorded => {
			const vector = questionOf(recorded, questionPath);
			const answer = vector.topic === 'dma_alloc_coherent' ? allocate : granularity;
			return answer(kernelOf(vector), vector);
		};
	},
});
