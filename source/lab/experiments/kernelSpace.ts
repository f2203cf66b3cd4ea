import type {MachineRecord} from '../../formats/debugfs/lab/machine.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Experiment} from '../experiment.ts';
import {addressLessons} from '../lessons/addresses.ts';
import {machine} from '../views.ts';

const mib = (bytes: number) => Math.floor(bytes / 2 ** 20);

export const kernelSpace: Experiment = {
	name: 'kernel-space',
	title: 'What takes most of the kernel’s address space',
	claim:
		'With a gigabyte of RAM or more, most of the kernel’s gigabyte of addresses is the direct mapping of low memory.',
	source: 'LDD3 page 415; docs/sources.md §1',
	rows: [4, 8],
	parameters: [],
	declares: ['address space read'],
	leastRamBytes: 2 ** 30,
	preset: '1g',
	control: {preset: 'lab', fails: 'the direct mapping takes most'},
	comm: 'kspace',
	lesson: {
		chapter: 'addresses',
		background: addressLessons.kernelSpace,
		setup:
			'The last gigabyte of all addresses is the kernel’s. Low memory is mapped there directly; vmalloc, kmap and ' +
			'the fixmap have parts of their own. The machine has 1 GiB of RAM (the usual one has 128 MiB).',
		question: {
			ask: 'Which part is the largest?',
			answers: [
				{text: 'The direct mapping of low memory.', when: {'the direct mapping takes most': 'lowmem'}},
				{text: 'The part of vmalloc() and ioremap().', when: {'the direct mapping takes most': 'vmalloc'}},
				{text: 'The part of kmap().', when: {'the direct mapping takes most': 'pkmap'}},
				{text: 'The fixmap, where kmap_atomic() has its slots.', when: {'the direct mapping takes most': 'fixmap'}},
			],
		},
		corrections: [
			'“Just under 1 GB” is 896 MiB in 2.6.11, and a little less since: the rest is left for vmalloc.',
			'“On almost every system all memory is low memory” is not so on i386: with 1 GiB there is high memory already.',
		],
		looks: [{pane: 'zones', says: 'DMA and Normal together are low memory; the rest is HighMem'}],
	},
	*run(x) {
		const bytesOf = (name: string) => (all: MachineRecord) => {
			const range = all.ranges.find(each => each.name === name);
			return range ? range.end - range.start : 0;
		};
		yield* x.show('address space read');
		const now = x.read(machine);
		x.say(now.ranges.map(({name, start, end}) => `${name} ${mib(end - start)} MiB`).join(', '));
		const largest = ({ranges}: MachineRecord) =>
			[...ranges].sort((a, b) => b.end - b.start - (a.end - a.start))[0]!.name;
		x.expect('the direct mapping takes most of it', machine, largest, {equals: 'lowmem'});
		const low = now.zones.filter(({name}) => name !== 'HighMem');
		x.expect('it maps memory up to the end of zone Normal', machine, bytesOf('lowmem'), {
			equals: Math.max(...low.map(({startPfn, frames}) => startPfn + frames)) * PAGE_SIZE,
		});
		return `low memory takes ${mib(bytesOf('lowmem')(now))} of 1024 MiB`;
	},
};
