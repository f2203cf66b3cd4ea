import {kmap_atomic, kunmap_atomic} from '../../kernel/mm/kmap_atomic.ts';
import {spend} from '../../kernel/time.ts';
import {msleep} from '../../kernel/timer.ts';
import type {Experiment} from '../experiment.ts';
import {addressLessons} from '../lessons/addresses.ts';
import {kmsg, linesWith} from '../views.ts';
import {choice, highPage, needsHighmem, nowUs} from './steps.ts';

export const atomicSleep: Experiment = {
	name: 'atomic-sleep',
	title: 'Sleeping while a slot is held',
	claim: 'A task that sleeps between kmap_atomic() and kunmap_atomic() is caught: scheduling while atomic.',
	source: 'LDD3 page 418; kernel/sched.c schedule()',
	rows: [11],
	parameters: [choice('sleep', '0 only computes meanwhile', 1)],
	declares: ['slot held', 'slept'],
	disposable: true,
	unfit: needsHighmem,
	control: {set: {sleep: 0}, fails: 'the kernel says'},
	comm: 'kmsleeper',
	lesson: {
		chapter: 'addresses',
		background: addressLessons.atomicSleep,
		setup:
			'A task takes an atomic kmap and calls msleep() before it gives the slot back (with sleep=0 it ' +
			'computes for as long).',
		question: {
			ask: 'What does the kernel say to that?',
			answers: [
				{text: '“scheduling while atomic”, and whose fault it is.', when: {'the kernel says': true}},
				{text: 'Nothing: the slot is the task’s until kunmap_atomic().', when: {'the kernel says': false}},
			],
		},
		looks: [
			{pane: 'log', says: 'the BUG, with the name of the task'},
			{pane: 'kmap', says: 'the slot, held while another task has the CPU'},
		],
	},
	*run(x) {
		const {k} = x;
		const frame = yield* highPage(x);
		const since = nowUs(k);
		const address = kmap_atomic(k, frame);
		const unmap = x.later(() => kunmap_atomic(k, address));
		yield* x.show('slot held');
		if (x.value('sleep') === 1) yield* msleep(k, 1);
		else yield* spend(1_000_000);
		x.expect(
			'the kernel says “scheduling while atomic” and who it was',
			kmsg,
			linesWith('scheduling while atomic: kmsleeper', since),
			{atLeast: 1},
		);
		unmap();
		yield* x.show('slept');
		return `the slot was held across a ${x.value('sleep') === 1 ? 'sleep' : 'computation'}`;
	},
};
