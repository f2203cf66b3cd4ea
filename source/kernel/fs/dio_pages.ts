/**
 * Models the pages of a direct transfer (fs/direct-io.c, fs/bio.c: bio_set_pages_dirty, bio_check_pages_dirty): pinned
 * while a bio refers to them, and marked dirty after a read, which only a task may do.
 */
import type {Pfn} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {page_cache_release} from '../mm/gup.ts';
import {PageDirty} from '../mm/page.ts';
import {set_page_dirty_lock} from '../mm/page-writeback.ts';
import type {Sleeps} from '../time.ts';
import {schedule_work} from '../workqueue.ts';
import type {kiocb} from './kiocb.ts';

/** A user page that a transfer has pinned, and how many of its bios (and the submitter) still need it. */
export type PinnedPage = {readonly frame: Pfn; holds: number};

/** The frames that a transfer holds pinned; its control block shows them. */
export type Pins = Set<Pfn>;

export function pinsFor(iocb: kiocb): Pins {
	const pins: Pins = new Set();
	iocb.pinned = pins;
	return pins;
}

/** Takes over a page from get_user_pages; the submitter holds it. */
export function pin(pins: Pins, frame: Pfn): PinnedPage {
	pins.add(frame);
	return {frame, holds: 1};
}

/** One holder less; the last one lets the page go. Any context. */
export function unpin(k: Kernel, pins: Pins, page: PinnedPage): void {
	if (--page.holds > 0) return;
	pins.delete(page.frame);
	page_cache_release(k, page.frame);
}

/** Marks pages dirty before the device writes to them, so that at the end there is mostly nothing to do. May sleep. */
export function* bio_set_pages_dirty(k: Kernel, pages: readonly PinnedPage[]): Sleeps<void> {
	for (const page of pages) yield* set_page_dirty_lock(k, page.frame);
}

/**
 * The device has written to the pages of an asynchronous read; any context. Those that are still dirty are let go;
 * those that write-back has cleaned meanwhile are marked again, by a task, since that may sleep.
 */
export function bio_check_pages_dirty(k: Kernel, pins: Pins, pages: readonly PinnedPage[]): void {
	const cleaned = pages.filter(page => !PageDirty(k, page.frame));
	for (const page of pages) if (!cleaned.includes(page)) unpin(k, pins, page);
	if (cleaned.length > 0) schedule_work(k, () => dirtyAndRelease(k, pins, cleaned));
}

/** Marks the pages of a finished read dirty and lets them go; may sleep. */
export function* dirtyAndRelease(k: Kernel, pins: Pins, pages: readonly PinnedPage[]): Sleeps<void> {
	for (const page of pages) {
		yield* set_page_dirty_lock(k, page.frame);
		unpin(k, pins, page);
	}
}
