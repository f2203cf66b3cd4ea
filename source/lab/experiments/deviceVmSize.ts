import {PAGE_SIZE} from '../../hardware/address.ts';
import {erasBefore, erasFrom} from '../../kernel/era/behaviour.ts';
import {MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, PROT_READ} from '../../kernel/mm/mman.ts';
import type {Experiment} from '../experiment.ts';
import {faultLessons} from '../lessons/faults.ts';
import {User} from '../userland.ts';
import {smaps, smapsAt, status} from '../views.ts';
import {choice, must, openDevice} from './steps.ts';

/** Pages of the firmware’s area, 0xf0000 to 0xfffff. */
const pages = 16;

export const deviceVmSize: Experiment = {
	name: 'device-vmsize',
	title: 'Device mappings do not count as size',
	claim: 'A mapping of a device does not grow VmSize, in the kernels that take VM_IO and VM_RESERVED areas out of it.',
	source: 'docs/sources.md §8; fs/proc/task_mmu.c task_mem()',
	rows: [12, 16],
	parameters: [choice('memory', '1 maps ordinary memory instead', 0)],
	declares: ['area mapped'],
	eras: erasBefore('5.10'),
	control: {set: {memory: 1}, fails: 'VmSize is what it was'},
	comm: 'vmsize',
	lesson: {
		chapter: 'mmap',
		background: faultLessons.deviceVmSize,
		setup:
			'A program maps 64 kB of a device (with memory=1: of ordinary memory) and looks at the VmSize in ' +
			'its status before and after.',
		question: {
			ask: 'By how much does VmSize grow?',
			answers: [
				{text: 'By 64 kB.', when: {'VmSize is what it was': false}},
				{text: 'Not at all.', when: {'VmSize is what it was': true}},
			],
		},
		looks: [{pane: 'maps', says: 'the row of /dev/simple0 is 64k; p shows the VmSize of vmsize'}],
		differences: [{eras: erasFrom('5.10'), says: 'VmSize counts every area, those of devices too.'}],
	},
	*run(x) {
		const u = new User(x.k);
		const {pid} = x.k.cpu.current;
		const fd = yield* openDevice(u, '/dev/simple0');
		const before = x.read(status(pid)).VmSize ?? 0;
		const length = pages * PAGE_SIZE;
		const at = must(
			x.value('memory') === 1
				? yield* u.mmap(0, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1)
				: yield* u.mmap(0, length, PROT_READ, MAP_SHARED, fd, 0xf0),
			'mmap',
		);
		x.expect('VmSize is what it was', status(pid), ({VmSize}) => VmSize, {equals: before});
		x.expect('smaps gives the area its size', smaps(pid), all => smapsAt(at)(all)?.Size, {equals: length / 1024});
		yield* x.show('area mapped');
		yield* u.munmap(at, length);
		yield* u.close(fd);
		return `${length / 1024} kB were mapped; VmSize had been ${before} kB`;
	},
};
