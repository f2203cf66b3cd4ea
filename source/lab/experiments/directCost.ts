import {PAGE_SIZE} from '../../hardware/address.ts';
import {O_DIRECT, O_RDONLY} from '../../kernel/fs/file.ts';
import type {Experiment} from '../experiment.ts';
import {bigLog} from '../files.ts';
import {pageLessons} from '../lessons/io.ts';
import {User} from '../userland.ts';
import {meminfo} from '../views.ts';
import {anonymous, choice, must} from './steps.ts';

export const directCost: Experiment = {
	name: 'direct-cost',
	title: 'What the page cache saves',
	claim: 'A direct read goes to the disk every time; the second buffered read of the same place costs a copy only.',
	source: 'LDD3 page 435; mm/filemap.c',
	rows: [28],
	parameters: [
		{name: 'page', about: 'of the file', least: 0, most: 16_000, usual: 15_000, unit: ''},
		choice('direct', '1 makes the second read direct as well', 0),
	],
	declares: ['read twice'],
	control: {set: {direct: 1}, fails: 'the second read'},
	comm: 'costs',
	lesson: {
		chapter: 'io',
		background: pageLessons.directCost,
		setup:
			'A program reads one page of a file past the page cache with O_DIRECT, then twice through it (with ' +
			'direct=1 the second of these is direct too), and once more directly.',
		question: {
			ask: 'How long does the second of the two take, beside the last direct read?',
			answers: [
				{text: 'Less than half.', when: {'the second read': true}},
				{text: 'About as long: the disk has to answer.', when: {'the second read': false}},
			],
		},
		looks: [
			{pane: 'trace', says: 'block_rq_issue: the direct reads and the first buffered one have it, the second has none'},
			{pane: 'frames', says: 'a page more in the page cache'},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const direct = must(yield* u.open(bigLog.path, O_RDONLY | O_DIRECT), 'open');
		const buffered = must(yield* u.open(bigLog.path, O_RDONLY), 'open');
		const buffer = yield* anonymous(u, 1);
		yield* u.poke8(buffer, 0);
		function* timed(fd: number) {
			const start = k.hw.timeline.nowNs;
			must(yield* u.pread(fd, buffer, PAGE_SIZE, x.value('page') * PAGE_SIZE), 'read');
			return k.hw.timeline.nowNs - start;
		}
		const fromDisk = yield* timed(direct);
		const first = yield* timed(buffered);
		const second = yield* timed(x.value('direct') === 1 ? direct : buffered);
		const again = yield* timed(direct);
		x.say(`direct ${fromDisk} ns, buffered ${first} ns, then ${second} ns, direct again ${again} ns`);
		x.observe('the second read takes less than half of one more direct read', second, {atMost: again / 2});
		x.expect('the page cache holds pages', meminfo, ({Cached}) => Cached, {atLeast: 4});
		yield* x.show('read twice');
		yield* u.munmap(buffer, PAGE_SIZE);
		yield* u.close(direct);
		yield* u.close(buffered);
		return `${again} ns direct, ${second} ns for the second read`;
	},
};
