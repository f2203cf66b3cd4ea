import {PAGE_SIZE} from '../../hardware/address.ts';
import {erasFrom} from '../../kernel/era/behaviour.ts';
import {mmap_read_lock, mmap_read_unlock} from '../../kernel/mm/mmap_lock.ts';
import type {Experiment} from '../experiment.ts';
import {areaLessons} from '../lessons/areas.ts';
import {User} from '../userland.ts';
import {vma} from '../views.ts';
import {anonymous, choice, reap, startChild, waitFor, waitUntil} from './steps.ts';

export const mmapSem: Experiment = {
	name: 'mmap-sem',
	title: 'mmap_sem',
	claim: 'While one thread holds mmap_sem for reading, as around get_user_pages(), another thread’s mmap() waits.',
	source: 'LDD3 page 436; mm/mmap.c',
	rows: [13, 25],
	parameters: [choice('hold', '0 does not take the semaphore', 1)],
	declares: ['writer waits', 'writer through'],
	control: {set: {hold: 0}, fails: 'the other thread waits'},
	comm: 'semholder',
	lesson: {
		chapter: 'mmap',
		background: areaLessons.mmapSem,
		setup:
			'A process has two threads. One holds mmap_sem for reading, as callers of get_user_pages() do (with ' +
			'hold=0 it does not). The other calls mmap().',
		question: {
			ask: 'What does that mmap() do meanwhile?',
			answers: [
				{
					text: 'It goes on: a reader disturbs nobody.',
					when: {'the other thread waits': false, 'its mmap() has not': false},
				},
				{
					text: 'It waits until the reader lets go.',
					when: {'the other thread waits': true, 'its mmap() has not': true},
				},
			],
		},
		looks: [
			{pane: 'maps', says: 'the last line: who holds mmap_sem, and who waits for it'},
			{
				pane: 'trace',
				says: 'mmap_lock_start_locking of the second thread, and how much later mmap_lock_acquire_returned',
			},
		],
		differences: [{eras: erasFrom('5.10'), says: 'The same, under the name of mmap_lock: since 5.8.'}],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const mm = k.cpu.current.mm!;
		const file = vma(k.cpu.current.pid);
		const hold = x.value('hold') === 1;
		let ready = false;
		let calling = false;
		let through = false;
		const pid = yield* startChild(u, {
			comm: 'mapper',
			cloneVm: true,
			*body() {
				yield* waitUntil(k, () => ready);
				calling = true;
				const at = yield* anonymous(u, 1);
				through = true;
				yield* u.munmap(at, PAGE_SIZE);
				return 0;
			},
		});
		if (hold) yield* mmap_read_lock(k, mm);
		const unlock = x.later(() => (hold ? mmap_read_unlock(k, mm) : undefined));
		ready = true;
		yield* waitFor(k, () => calling, 'the other thread did not call mmap()');
		yield* waitUntil(k, () => through || x.read(file).mmapSemWaiters.length > 0);
		x.expect(`the other thread waits for ${k.era.mmapLockName}`, file, ({mmapSemWaiters}) => mmapSemWaiters.length, {
			equals: 1,
		});
		x.expect('which is held for reading', file, all => all.mmapSem, {equals: 'read'});
		x.observe('its mmap() has not returned: returned', through, {equals: false});
		yield* x.show('writer waits');
		yield* unlock() ?? [];
		yield* reap(u, pid);
		x.observe('once the semaphore was free, mmap() returned', through, {equals: true});
		yield* x.show('writer through');
		return hold ? 'a writer waited for a reader' : 'nobody waited';
	},
};
