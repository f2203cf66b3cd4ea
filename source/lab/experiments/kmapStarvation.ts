import {prefixedHex} from '../../formats/text.ts';
import {countOf} from '../../formats/words.ts';
import type {Pfn} from '../../hardware/address.ts';
import {kmap, kunmap, try_kmap} from '../../kernel/mm/highmem.ts';
import {ZONE_HIGHMEM} from '../../kernel/mm/zone.ts';
import {MUST_SLEEP} from '../../kernel/time.ts';
import type {Experiment} from '../experiment.ts';
import {addressLessons} from '../lessons/addresses.ts';
import {User} from '../userland.ts';
import {pkmap, status} from '../views.ts';
import {own} from './labDevice.ts';
import {freePages} from './room.ts';
import {forgottenHighPage, highPage, needsHighmem, reap, startChild, waitFor, waitUntil} from './steps.ts';

export const kmapStarvation: Experiment = {
	name: 'kmap-starvation',
	title: 'The table of kmap runs full',
	claim:
		'When every entry of kmap’s table is in use, the next kmap() sleeps, in state D, until somebody calls kunmap().',
	source: 'LDD3 page 417; mm/highmem.c map_new_virtual()',
	rows: [10],
	parameters: [{name: 'entries', about: 'to hold at most', least: 1, most: 1_024, usual: 1_024, unit: 'pages'}],
	declares: ['table full', 'one more waits', 'entries freed'],
	unfit: needsHighmem,
	control: {set: {entries: 100}, fails: 'the next caller'},
	comm: 'kmaphog',
	lesson: {
		chapter: 'addresses',
		background: addressLessons.kmapStarvation,
		setup:
			'The table of kmap() has 1024 entries. One task takes all of them (parameter entries) and keeps ' +
			'them. Another task then calls kmap() for one page more.',
		question: {
			ask: 'What does this kmap() do?',
			answers: [
				{text: 'It returns NULL.', when: {'the next caller': false, 'it has no address': true}},
				{
					text: 'It returns an address: there is an entry for it.',
					when: {'the next caller': false, 'it has no address': false},
				},
				{text: 'It sleeps until somebody calls kunmap().', when: {'the next caller': true, 'it has no address': true}},
			],
		},
		looks: [
			{pane: 'kmap', says: 'pkmap fills up, and its line says that one waits'},
			{pane: 'maps', says: 'p lists the processes: kmapwait is in state D'},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		// Who holds the table holds all of it.
		yield* own(k, k.layout);
		const most = Math.min(x.value('entries'), k.layout.LAST_PKMAP);
		yield* freePages(x, ZONE_HIGHMEM, most + 1);
		const extra = yield* forgottenHighPage(x);
		const held: Pfn[] = [];
		const unmapAll = x.later(() => {
			for (const frame of held) kunmap(k, frame);
		});
		while (held.length < most) {
			const frame = yield* highPage(x);
			if (try_kmap(k, frame) === MUST_SLEEP) break;
			held.push(frame);
		}
		x.say(`${countOf(held.length, 'page')} mapped by one task`);
		yield* x.show('table full');
		let called = false;
		let mapped = false;
		const pid = yield* startChild(u, {
			comm: 'kmapwait',
			*body() {
				called = true;
				const address = yield* kmap(k, extra);
				mapped = true;
				x.say(`the waiter got ${prefixedHex(address)}`);
				kunmap(k, extra);
				return 0;
			},
		});
		yield* waitFor(k, () => called, 'the other task did not call kmap()');
		yield* waitUntil(k, () => mapped || x.read(pkmap).waiters.some(each => each.pid === pid));
		x.expect(
			'the next caller is a waiter on pkmap_map_wait',
			pkmap,
			({waiters}) => waiters.some(each => each.pid === pid),
			{equals: true},
		);
		x.observe('it has no address yet: kmap() returned', mapped, {equals: false});
		yield* x.show('one more waits');
		if (k.sched.tasks.get(pid)?.state === 'TASK_UNINTERRUPTIBLE')
			x.expect('its state is D', status(pid), ({State}) => State, {contains: 'D ('});
		unmapAll();
		yield* x.show('entries freed');
		yield* reap(u, pid);
		x.observe('kunmap() woke it: kmap() returned', mapped, {equals: true});
		return `${held.length} of ${k.layout.LAST_PKMAP} entries were held by one task`;
	},
};
