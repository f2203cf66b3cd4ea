import {countOf} from '../../formats/words.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {O_RDWR} from '../../kernel/fs/file.ts';
import {IOCB_CMD_PWRITE} from '../../kernel/fs/kiocb.ts';
import {CouldNotRun, type Experiment} from '../experiment.ts';
import {faultLessons} from '../lessons/faults.ts';
import {asynctest} from '../programs/asynctest.ts';
import {mapcmp} from '../programs/mapcmp.ts';
import {mapper} from '../programs/mapper.ts';
import {User} from '../userland.ts';
import {giveScullpBack, ownScullp} from './labDevice.ts';
import {anonymous, choice, must, told} from './steps.ts';

const device = '/dev/scullp2';
const pattern = (page: number) => 0xa0 + page;

export const bookPrograms: Experiment = {
	name: 'book-programs',
	title: 'asynctest, mapper and mapcmp on scullp',
	claim:
		'What asynctest writes to scullp asynchronously is what mapper sees through a mapping, and mapcmp ' +
		'finds read() and mapping equal.',
	source: 'LDD3 pages 434 and 440; scullp',
	rows: [15, 29],
	parameters: [
		{name: 'pages', about: 'pages to write', least: 1, most: 16, usual: 4, unit: 'pages'},
		choice('rewrite', '1 writes the first page anew before it is looked at', 0),
	],
	declares: ['device written', 'device compared'],
	control: {set: {rewrite: 1}, fails: 'mapper sees'},
	comm: 'asynctest',
	lesson: {
		chapter: 'mmap',
		background: faultLessons.bookPrograms,
		setup:
			'The book’s asynctest writes four pages to /dev/scullp2 with io_submit(), each with a pattern of ' +
			'its own. mapper then looks at them through mmap(). (With rewrite=1 somebody writes over the first ' +
			'page in between.)',
		question: {
			ask: 'Does mapper see the pages as asynctest wrote them?',
			answers: [
				{text: 'Yes, all of them.', when: {'mapper sees': true}},
				{text: 'No, not all of them.', when: {'mapper sees': false}},
			],
		},
		looks: [
			{pane: 'iocbs', says: 'the PWRITEs, pending for a hundredth of a second each'},
			{pane: 'trace', says: 'sys_io_submit returns long before sys_io_getevents does'},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		yield* ownScullp(x, 2);
		const pages = x.value('pages');
		const written = yield* asynctest(u, device, IOCB_CMD_PWRITE, pages, pattern);
		if (typeof written === 'number') throw new CouldNotRun(`asynctest: ${told(written)}`);
		x.say(
			`asynctest wrote ${countOf(pages, 'page')}; the slowest took ${Math.round(written.longestNs / 1000)} µs to complete`,
		);
		const whole = written.results.filter(result => result === PAGE_SIZE).length;
		x.observe('every request was queued and completed with its 4096 bytes', whole, {equals: pages});
		x.observe('the driver completed them later, not in io_submit()', written.longestNs, {atLeast: 1_000_000});
		yield* x.show('device written');
		if (x.value('rewrite') === 1) {
			const fd = must(yield* u.open(device, O_RDWR), 'open');
			must(yield* u.pwrite(fd, yield* anonymous(u, 1), PAGE_SIZE, 0), 'write');
			yield* u.close(fd);
		}
		const seen = yield* mapper(u, device, 0, pages);
		const sees = 'mapper sees what asynctest wrote: so many bytes are right';
		if (typeof seen === 'number') x.observe(sees, told(seen), {equals: String(pages * PAGE_SIZE)});
		else {
			const right = seen.filter((byte, i) => byte === pattern(Math.floor(i / PAGE_SIZE))).length;
			x.observe(sees, right, {equals: pages * PAGE_SIZE});
		}
		const differing = yield* mapcmp(u, device, pages);
		x.say(`mapcmp: between mapping and read() ${countOf(differing, 'byte')} differ`);
		x.observe('mapcmp finds no difference', differing, {equals: 0});
		yield* x.show('device compared');
		yield* giveScullpBack(x, 2);
		return `${countOf(pages, 'page')} went in asynchronously and came out by mapping and by read()`;
	},
};
