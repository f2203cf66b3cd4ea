import {PAGE_SIZE, physicalAddress, physToPfn} from '../../hardware/address.ts';
import {dma_free_coherent, try_dma_alloc_coherent} from '../../kernel/dma/coherent.ts';
import {kread8} from '../../kernel/mm/access.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {msleep} from '../../kernel/sched.ts';
import {type Experiment, ExperimentFailed} from '../experiment.ts';
import {labDevice} from './labDevice.ts';

export const coherentAllocation: Experiment = {
	name: 'coherent-allocation',
	title: 'Coherent DMA allocation',
	key: 'c',
	claim:
		'dma_alloc_coherent() gives whole, zeroed, physically contiguous pages of low memory, however little is asked for.',
	source: 'mission row 36; LDD3 page 446; arch/i386/kernel/pci-dma.c',
	rows: [32, 36],
	parameters: [
		{name: 'bytes', about: 'size of the buffer', least: 1, most: 262_144, usual: 5_000, unit: 'bytes'},
		{name: 'hold', about: 'how long the driver keeps it', least: 1, most: 60_000, usual: 400, unit: 'ms'},
	],
	declares: ['buffer allocated', 'buffer freed'],
	comm: 'dadctl',
	*run(x) {
		const {k} = x;
		const dev = labDevice(k);
		const bytes = x.value('bytes');
		const memory = try_dma_alloc_coherent(k, dev, bytes, GFP_KERNEL);
		if (!memory) throw new ExperimentFailed(`no ${bytes} contiguous bytes were free: memory is in pieces`);
		const {cpu_addr, dma_handle} = memory;
		const first = physToPfn(physicalAddress(dma_handle));
		const pages = Math.ceil(bytes / PAGE_SIZE);
		x.say(
			`dma_alloc_coherent(${dev.bus_id}, ${bytes}) = 0x${cpu_addr.toString(16)}, bus address 0x${dma_handle.toString(16)}`,
		);
		yield* x.show('buffer allocated');
		x.observe('the buffer begins on a page boundary', dma_handle % PAGE_SIZE === 0);
		x.observe('the buffer lies in low memory', first + pages <= k.layout.max_low_pfn);
		x.observe(
			'its first and last byte are zero',
			kread8(k, cpu_addr) === 0 && kread8(k, (cpu_addr + bytes - 1) as never) === 0,
		);
		yield* msleep(k, x.value('hold'));
		dma_free_coherent(k, dev, bytes, cpu_addr, dma_handle);
		yield* x.show('buffer freed');
		return `${bytes} bytes took ${pages} ${pages === 1 ? 'page' : 'pages'} from pfn 0x${first.toString(16)} on`;
	},
};
