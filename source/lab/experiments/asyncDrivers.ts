import {PAGE_SIZE} from '../../hardware/address.ts';
import {in_interrupt} from '../../kernel/cpu.ts';
import {bio_add_page, bio_alloc} from '../../kernel/fs/bio.ts';
import {submit_bio} from '../../kernel/fs/block.ts';
import {kmemset} from '../../kernel/mm/access.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {alloc_pages, put_page} from '../../kernel/mm/page_alloc.ts';
import {kfree, kmalloc} from '../../kernel/mm/slab.ts';
import type {Sleeps} from '../../kernel/time.ts';
import {type Bench, CouldNotRun, type Experiment} from '../experiment.ts';
import {aioLessons} from '../lessons/aio.ts';
import {choice, got, waitFor} from './steps.ts';

/** The least that Ethernet sends. */
const frameBytes = 60;

export const asyncDrivers: Experiment = {
	name: 'async-drivers',
	title: 'Block and network drivers are asynchronous already',
	claim:
		'submit_bio() and hard_start_xmit() return before the device is done: the end comes by interrupt. ' +
		'Only character drivers need aio_read for that.',
	source: 'LDD3 page 437; drivers/block/ll_rw_blk.c submit_bio()',
	rows: [29],
	parameters: [choice('wait', '1 waits for the devices before it looks', 0)],
	declares: ['read submitted', 'frame given to the card', 'both done'],
	control: {set: {wait: 1}, fails: 'submit_bio() returned before'},
	comm: 'asyncdrv',
	lesson: {
		chapter: 'io',
		background: aioLessons.asyncDrivers,
		setup:
			'The kernel asks the disk for a page with submit_bio(), and gives a frame to the network card with ' +
			'hard_start_xmit(). When each call returns, it looks whether the device is done (with wait=1: a little later).',
		question: {
			ask: 'Is the disk done when submit_bio() returns?',
			answers: [
				{text: 'No: the call only puts the request into the queue.', when: {'submit_bio() returned before': true}},
				{text: 'Yes: the page has the data.', when: {'submit_bio() returned before': false}},
			],
		},
		corrections: [
			'“Only char drivers are candidates”: files and disks have asynchronous I/O too. With O_DIRECT the kernel does it.',
		],
		looks: [
			{pane: 'trace', says: 'block_bio_queue by this process; block_rq_complete in the disk’s interrupt'},
			{pane: 'dma', says: 'the mappings of sd and e100 while the devices work'},
		],
	},
	*run(x) {
		const {k} = x;
		const isLate = x.value('wait') === 1;
		const page = got(yield* alloc_pages(k, GFP_KERNEL, 0), 'no page was free');
		const disk = {ended: false, inInterrupt: false, error: 0};
		const bio = bio_alloc(k, {
			bi_bdev: x.board.drivers.sd.bdev,
			bi_sector: 0,
			bi_rw: 'READ',
			bi_end_io: (_k, _bio, error) => {
				disk.ended = true;
				disk.inInterrupt = in_interrupt(k);
				disk.error = error;
				put_page(k, page);
			},
		});
		bio_add_page(bio, page, PAGE_SIZE, 0);
		yield* submit_bio(k, bio);
		const diskDone = () => waitFor(k, () => disk.ended, 'the disk did not end the request');
		if (isLate) yield* diskDone();
		const wasDone = disk.ended;
		x.observe('submit_bio() returned before the disk was done', wasDone, {equals: false});
		yield* x.show('read submitted');
		yield* diskDone();
		x.observe('the disk ended the request without an error', disk.error, {equals: 0});
		x.observe('its end came in an interrupt', disk.inInterrupt, {equals: true});
		const wasSent = yield* sendFrame(x, isLate);
		x.observe('hard_start_xmit() returned before the frame was sent', wasSent, {equals: false});
		yield* x.show('both done');
		return wasDone
			? 'the disk was done when it was looked at'
			: 'the disk had not ended the request when submit_bio() returned';
	},
};

/** Sends a frame that no one answers. @returns whether it had been sent when it was looked at */
function* sendFrame(x: Bench, isLate: boolean): Sleeps<boolean> {
	const {k, board} = x;
	yield* waitFor(k, () => board.drivers.e100 !== undefined, 'the driver e100 did not start');
	const {netdev} = board.drivers.e100!;
	const data = got(yield* kmalloc(k, frameBytes, GFP_KERNEL), 'no memory for a frame');
	kmemset(k, data, 0, frameBytes);
	const sentBefore = netdev.stats.tx_packets;
	if (!netdev.hard_start_xmit(k, {data, truesize: frameBytes, len: frameBytes})) {
		kfree(k, data);
		throw new CouldNotRun('the network card has no room for a frame');
	}
	const isSent = () => netdev.stats.tx_packets > sentBefore;
	const sent = () => waitFor(k, isSent, 'the network card did not send the frame');
	if (isLate) yield* sent();
	const wasSent = isSent();
	yield* x.show('frame given to the card');
	yield* sent();
	return wasSent;
}
