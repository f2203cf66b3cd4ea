import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Experiment} from '../experiment.ts';
import {areaLessons} from '../lessons/areas.ts';
import {User} from '../userland.ts';
import {vma} from '../views.ts';
import {anonymous, choice, reap, startChild, waitFor, waitUntil} from './steps.ts';

export const threadsShareMm: Experiment = {
	name: 'threads-share-mm',
	title: 'Threads share one address space',
	claim: 'A thread works in the mm_struct of its creator: mm_users counts both, and one sees what the other writes.',
	source: 'LDD3 page 423; kernel/fork.c copy_mm()',
	rows: [13, 14],
	parameters: [choice('thread', '0 forks a process instead', 1)],
	declares: ['both alive', 'one left'],
	control: {set: {thread: 0}, fails: 'mm_users counts both'},
	comm: 'threader',
	lesson: {
		chapter: 'mmap',
		background: areaLessons.threadsShareMm,
		setup:
			'A process has written 1 into a page and creates a thread (with thread=0: forks a child) that ' +
			'writes 2 to the same address.',
		question: {
			ask: 'What does the first one read there afterwards?',
			answers: [
				{text: '2: both have one mm_struct.', when: {'what the other wrote': true, 'mm_users counts': true}},
				{text: '1: each has its own memory.', when: {'what the other wrote': false}},
				{
					text: '2, though each has an mm_struct of its own.',
					when: {'what the other wrote': true, 'mm_users counts': false},
				},
			],
		},
		looks: [{pane: 'maps', says: 'the last line: mm_users while both live, and after one has gone'}],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const page = yield* anonymous(u, 1);
		yield* u.poke8(page, 1);
		const file = vma(k.cpu.current.pid);
		const thread = x.value('thread') === 1;
		let wrote = false;
		let seen = false;
		x.later(() => {
			seen = true;
		});
		const pid = yield* startChild(u, {
			comm: thread ? 'thread' : 'child',
			cloneVm: thread,
			*body() {
				yield* u.poke8(page, 2);
				wrote = true;
				yield* waitUntil(k, () => seen);
				return 0;
			},
		});
		yield* waitFor(k, () => wrote, 'the other one did not write');
		x.expect('mm_users counts both', file, ({mmUsers}) => mmUsers, {equals: 2});
		yield* x.show('both alive');
		x.observe('what the other wrote is read here', yield* u.peek8(page), {equals: 2});
		seen = true;
		yield* reap(u, pid);
		x.expect('mm_users is 1 again', file, ({mmUsers}) => mmUsers, {equals: 1});
		yield* x.show('one left');
		yield* u.munmap(page, PAGE_SIZE);
		return thread ? 'two tasks shared one mm_struct' : 'a forked child has an mm_struct of its own';
	},
};
