import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Experiment} from '../experiment.ts';
import {pageLessons} from '../lessons/io.ts';
import {User} from '../userland.ts';
import {page} from '../views.ts';
import {anonymous, choice, pinned} from './steps.ts';

export const pinLeak: Experiment = {
	name: 'pin-leak',
	title: 'A driver that never lets go of a page',
	claim:
		'A page that get_user_pages() took and nobody released outlives its mapping: no message tells, the ' +
		'frame is just never free.',
	source: 'LDD3 page 436; mm/swap.c put_page()',
	rows: [24, 27],
	parameters: [choice('fixed', '1 has the driver release the page', 0)],
	declares: ['page pinned', 'memory unmapped', 'page released'],
	control: {set: {fixed: 1}, fails: 'the pin is still there'},
	comm: 'pinleak',
	lesson: {
		chapter: 'bugs',
		background: pageLessons.pinLeak,
		setup:
			'A driver pins a page of a program with get_user_pages() and forgets it (with fixed=1 it releases ' +
			'it). The program unmaps the page.',
		question: {
			ask: 'What becomes of the frame?',
			answers: [
				{text: 'It is free: nothing maps it.', when: {'the pin is still there': false}},
				{
					text: 'It is never free, and nobody says a word.',
					when: {'the pin is still there': true, 'one user is left': true},
				},
			],
		},
		corrections: [
			'“page_cache_release() frees the page from the page cache”: it gives back one reference; the page stays there.',
		],
		looks: [
			{pane: 'frames', says: 'P: the frame, long after its memory was unmapped'},
			{pane: 'page', says: 'f on the frame: no mapper, one pin, _count 1'},
		],
	},
	*run(x) {
		const u = new User(x.k);
		const fixed = x.value('fixed') === 1;
		const at = yield* anonymous(u, 1);
		yield* u.poke8(at, 1);
		const {frame, putPage} = yield* pinned(x, at);
		x.expect('the page has one pin', page(frame), ({pins}) => pins, {equals: 1});
		x.expect('and two users: its mapping and the driver', page(frame), ({_count}) => _count, {equals: 2});
		yield* x.show('page pinned');
		if (fixed) putPage();
		yield* u.munmap(at, PAGE_SIZE);
		x.say(`the program unmapped pfn ${prefixedHex(frame)}; the driver ${fixed ? 'had let go of it' : 'still has it'}`);
		x.expect('the pin is still there', page(frame), ({pins}) => pins, {equals: 1});
		yield* x.show('memory unmapped');
		if (!fixed) {
			x.expect('nothing maps the page any more', page(frame), ({mappers}) => mappers.length, {equals: 0});
			x.expect('one user is left, so that it is not free', page(frame), ({_count}) => _count, {equals: 1});
			putPage();
			x.expect('released at last, it has no pin', page(frame), ({pins}) => pins, {equals: 0});
			yield* x.show('page released');
		}
		return `pfn ${prefixedHex(frame)} was ${fixed ? 'free with its mapping' : 'kept by its pin alone'}`;
	},
};
