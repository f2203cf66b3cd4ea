import {kernel_thread} from '../../kernel/fork.ts';
import type {Experiment} from '../experiment.ts';
import {areaLessons} from '../lessons/areas.ts';
import {User} from '../userland.ts';
import {maps, status} from '../views.ts';
import {choice, reap, startChild, waitFor, waitUntil} from './steps.ts';

export const kernelThread: Experiment = {
	name: 'kernel-thread',
	title: 'Kernel threads have no mm',
	claim: 'A kernel thread has no address space of its own: its status has no line of memory, its maps is empty.',
	source: 'LDD3 page 420; kernel/fork.c kernel_thread()',
	rows: [49],
	parameters: [choice('process', '1 looks at a process instead', 0)],
	declares: ['thread alive'],
	control: {set: {process: 1}, fails: 'status has no VmSize'},
	comm: 'kthreader',
	lesson: {
		chapter: 'mmap',
		background: areaLessons.kernelThread,
		setup:
			'A kernel thread is started (with process=1: a process is forked), and its files in /proc are read ' +
			'while it lives.',
		question: {
			ask: 'What is in its /proc/<pid>/maps?',
			answers: [
				{text: 'Nothing.', when: {'maps has no line': true}},
				{text: 'Its areas, a line each.', when: {'maps has no line': false}},
			],
		},
		looks: [{pane: 'maps', says: 'p lists the processes: labd has neither VmSize nor VmRSS; Enter shows its maps'}],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		let alive = false;
		let seen = false;
		x.later(() => {
			seen = true;
		});
		function* body() {
			alive = true;
			yield* waitUntil(k, () => seen);
			alive = false;
			return 0;
		}
		const pid = x.value('process') === 1 ? yield* startChild(u, {body}) : kernel_thread(k, 'labd', body).pid;
		yield* waitFor(k, () => alive, 'what is looked at did not start');
		x.expect('status has no VmSize', status(pid), ({VmSize}) => VmSize, {equals: undefined});
		x.expect('maps has no line', maps(pid), ({areas}) => areas.length, {equals: 0});
		yield* x.show('thread alive');
		seen = true;
		yield* waitUntil(k, () => !alive);
		if (x.value('process') === 1) yield* reap(u, pid);
		return `pid ${pid} was looked at`;
	},
};
