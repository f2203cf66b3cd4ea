import {prefixedHex} from '../../formats/text.ts';
import {countOf} from '../../formats/words.ts';
import type {Pfn} from '../../hardware/address.ts';
import {IS_ERR} from '../../kernel/errno.ts';
import {fget, fput, O_RDONLY} from '../../kernel/fs/file.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {kread8, kwrite8} from '../../kernel/mm/access.ts';
import {read_cache_page} from '../../kernel/mm/filemap.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {kmap, kunmap} from '../../kernel/mm/highmem.ts';
import {ClearPageReserved, SetPageReserved} from '../../kernel/mm/page.ts';
import {__free_pages, alloc_pages, put_page} from '../../kernel/mm/page_alloc.ts';
import {zone_reclaim} from '../../kernel/mm/vmscan.ts';
import {dieIfKilled} from '../../kernel/signal.ts';
import type {Sleeps} from '../../kernel/time.ts';
import {type Bench, CouldNotRun, type Experiment} from '../experiment.ts';
import {bigLog} from '../files.ts';
import {pageLessons} from '../lessons/io.ts';
import {User} from '../userland.ts';
import {page} from '../views.ts';
import {choice, got, must} from './steps.ts';

const written = 0x5a;

export const reservedPage: Experiment = {
	name: 'reserved-page',
	title: 'A reserved page is not reclaimed',
	claim:
		'A driver that has written to a page of its own, marked PG_reserved, need not call set_page_dirty(): no list of ' +
		'reclaim has the page.',
	source: 'LDD3 page 437; mm/vmscan.c',
	rows: [21, 27],
	parameters: [choice('cached', '1 writes to a page of a file in the page cache instead', 0)],
	declares: ['page written', 'memory reclaimed'],
	control: {set: {cached: 1}, fails: 'the page has what the driver wrote'},
	comm: 'reserver',
	lesson: {
		chapter: 'io',
		background: pageLessons.reservedPage,
		setup:
			'A driver has a page of its own and marks it PG_reserved (with cached=1: it takes a page of a file from the ' +
			'page cache). It writes 0x5a there and, as the book has it for reserved pages, does not call ' +
			'set_page_dirty(). After that all memory that can be reclaimed is reclaimed.',
		question: {
			ask: 'Does the page have 0x5a still?',
			answers: [
				{text: 'Yes.', when: {'the page has what the driver wrote': true}},
				{text: 'No: what the driver wrote is lost.', when: {'the page has what the driver wrote': false}},
			],
		},
		corrections: [
			'“Reserved pages are the only ones that can be mapped to user space”: a fault method maps any page (scullp-fault).',
			'“PG_reserved keeps reclaim away”: mm/vmscan.c never asks for it. It goes through its lists, and what a driver ' +
				'allocates is on none.',
		],
		looks: [
			{pane: 'page', says: 'f on the frame: PG_reserved among its flags, and no PG_lru'},
			{pane: 'zones', says: 'free pages rise while the page cache is reclaimed'},
		],
	},
	*run(x) {
		const {k} = x;
		const {frame, look} = yield* x.value('cached') === 1 ? pageOfFile(x) : pageOfDriver(x);
		x.say(`pfn ${prefixedHex(frame)} holds ${prefixedHex(written)}`);
		x.expect('no list of reclaim has the page', page(frame), ({flags}) => flags.includes('PG_lru'), {equals: false});
		yield* x.show('page written');
		const free = () => k.pages.zones.reduce((sum, zone) => sum + zone.free_pages, 0);
		const before = free();
		for (const zone of k.pages.zones) {
			yield* zone_reclaim(k, zone, () => false);
			dieIfKilled(k);
		}
		const freed = Math.max(0, free() - before);
		yield* x.show('memory reclaimed');
		const seen = yield* look();
		x.observe('the page has what the driver wrote', seen, {equals: written});
		return `reclaim freed ${countOf(freed, 'page')}; the page has ${prefixedHex(seen)}`;
	},
};

/** Where the driver wrote, and what looks there again. */
type Written = {readonly frame: Pfn; readonly look: () => Sleeps<number>};

function* pageOfDriver({k, later}: Bench): Sleeps<Written> {
	const frame = got(yield* alloc_pages(k, GFP_KERNEL, 0), 'no page was free');
	SetPageReserved(k, frame);
	later(() => {
		ClearPageReserved(k, frame);
		__free_pages(k, frame, 0);
	});
	yield* writeByte(k, frame, written);
	return {frame, look: () => readByte(k, frame)};
}

function* pageOfFile(x: Bench): Sleeps<Written> {
	const {k, later} = x;
	const u = new User(k);
	const fd = must(yield* u.open(bigLog.path, O_RDONLY), bigLog.path);
	const file = got(fget(k, fd), bigLog.path);
	later(() => fput(k, file));
	function* withPage<T>(body: (frame: Pfn) => Sleeps<T>): Sleeps<T> {
		const frame = yield* read_cache_page(k, file.inode.i_mapping, bigLog.pages - 1);
		if (IS_ERR(frame)) throw new CouldNotRun(`${bigLog.path} cannot be read`);
		try {
			return yield* body(frame);
		} finally {
			put_page(k, frame);
		}
	}
	const original = yield* withPage(frame => readByte(k, frame));
	later(() => withPage(frame => writeByte(k, frame, original)));
	return yield* withPage(function* (frame) {
		yield* writeByte(k, frame, written);
		return {frame, look: () => withPage(again => readByte(k, again))};
	});
}

function* readByte(k: Kernel, frame: Pfn): Sleeps<number> {
	const byte = kread8(k, yield* kmap(k, frame));
	kunmap(k, frame);
	return byte;
}

function* writeByte(k: Kernel, frame: Pfn, byte: number): Sleeps<void> {
	kwrite8(k, yield* kmap(k, frame), byte);
	kunmap(k, frame);
}
