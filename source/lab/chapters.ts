/** The chapters of the course, in its order. */
import type {Chapter} from './experiment.ts';

export const chapters: Readonly<Record<Chapter, {readonly title: string; readonly about: string}>> = {
	addresses: {
		title: 'Addresses and high memory',
		about:
			'Which kinds of address there are, what leads from one to another, and what the kernel does about ' +
			'memory that it has no address for. LDD3 pages 413 to 419.',
	},
	mmap: {
		title: 'Areas and mmap',
		about:
			'The areas of a process, and how a driver puts its own pages into them: all at once with ' +
			'remap_pfn_range(), or one by one with a fault method. LDD3 pages 419 to 434.',
	},
	io: {
		title: 'Direct and asynchronous I/O',
		about:
			'User pages that are pinned while a device works on them, and requests that are answered later. ' +
			'LDD3 pages 435 to 440.',
	},
	dma: {
		title: 'Direct memory access',
		about:
			'Bus addresses, masks, bounce buffers, who owns a buffer when, pools, scatterlists, and the channels ' +
			'of ISA. LDD3 pages 440 to 460.',
	},
	bugs: {
		title: 'Drivers with a mistake',
		about:
			'Drivers that do one thing wrong. Some of it Linux catches and puts into the log; the rest is in the ' +
			'bytes. They are for those who write one.',
	},
};
