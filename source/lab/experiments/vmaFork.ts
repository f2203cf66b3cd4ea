import {PAGE_SIZE} from '../../hardware/address.ts';
import {MAP_SHARED, PROT_READ} from '../../kernel/mm/mman.ts';
import type {Experiment} from '../experiment.ts';
import {areaLessons} from '../lessons/areas.ts';
import {User} from '../userland.ts';
import {vma, vmaAt} from '../views.ts';
import {choice, must, openDevice, reap, startChild, waitFor, waitWhile} from './steps.ts';

/** The system BIOS: reserved memory that every kernel lets a driver remap. */
const biosPage = 0xf0;

export const vmaFork: Experiment = {
	name: 'vma-fork',
	title: 'open of an area at fork()',
	claim: 'fork() copies the areas of the parent, and a driver’s open is called for the child’s copy of its area.',
	source: 'LDD3 page 421; kernel/fork.c dup_mmap()',
	rows: [15, 17],
	parameters: [choice('before', '1 forks before the mapping is made', 0)],
	declares: ['area mapped', 'forked'],
	control: {set: {before: 1}, fails: 'the child has'},
	comm: 'vmafork',
	lesson: {
		chapter: 'mmap',
		background: areaLessons.vmaFork,
		setup:
			'A program maps a page of /dev/simple0, whose driver has an open method, and forks (with before=1: it forks ' +
			'first and then maps).',
		question: {
			ask: 'Is the driver’s open called for the child?',
			answers: [
				{text: 'Yes: the child has an area of its own now.', when: {'the child has': true, 'open was called': true}},
				{text: 'No: the child does not have the area.', when: {'the child has': false}},
			],
		},
		looks: [
			{pane: 'log', says: '“VMA opened”, once by the driver’s mmap and once by fork()'},
			{pane: 'maps', says: 'the child has the row of /dev/simple0 too'},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const fd = yield* openDevice(u, '/dev/simple0');
		let over = false;
		x.later(() => {
			over = true;
		});
		function* child() {
			yield* waitWhile(k, () => !over);
			return 0;
		}
		const fork = () => startChild(u, {comm: 'forkee', body: child});
		const map = () => u.mmap(0, PAGE_SIZE, PROT_READ, MAP_SHARED, fd, biosPage);
		const early = x.value('before') === 1 ? yield* fork() : undefined;
		const at = must(yield* map(), 'mmap');
		yield* x.show('area mapped');
		const pid = early ?? (yield* fork());
		yield* waitFor(k, () => k.sched.tasks.has(pid), 'the child did not start');
		const mine = vmaAt(at)(x.read(vma(k.cpu.current.pid)));
		x.observe('mmap() itself does not call open', mine?.opens ?? 0, {equals: 0});
		x.expect('the child has the area', vma(pid), all => vmaAt(at)(all)?.vmOps, {equals: 'simple_remap_vm_ops'});
		x.expect('open was called for the child’s area', vma(pid), all => vmaAt(at)(all)?.opens ?? 0, {equals: 1});
		yield* x.show('forked');
		over = true;
		yield* reap(u, pid);
		yield* u.munmap(at, PAGE_SIZE);
		yield* u.close(fd);
		return `the child is ${pid}`;
	},
};
