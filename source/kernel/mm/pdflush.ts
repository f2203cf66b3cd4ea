/**
 * Models mm/pdflush.c and fs/fs-writeback.c (2.6.11 and later): the thread that writes what has been dirty for long,
 * and the limit at which a writer has to help.
 *
 * Not modelled: more than one thread, one thread a disk (2.6.32) apart from its name, bandwidth estimation (3.2).
 */
import type {Kernel} from '../kernel.ts';
import type {Sleeps} from '../time.ts';
import {schedule_timeout} from '../timer.ts';
import type {address_space} from './mm_types.ts';
import {filemap_fdatawait_range, filemap_fdatawrite_range} from './page-writeback.ts';

/** dirty_writeback_centisecs and dirty_expire_centisecs. */
const WAKE_EVERY_NS = 5_000_000_000;
const DIRTY_EXPIRE_NS = 30_000_000_000;
const BACKGROUND_RATIO = 10;

/** Dirty pages above which the thread writes all it can. */
export const backgroundThreshold = (k: Kernel) => Math.floor((k.mem_map.frames * BACKGROUND_RATIO) / 100);
/** Dirty pages above which whoever dirties more writes first. */
export const dirtyThreshold = (k: Kernel) => Math.floor((k.mem_map.frames * k.era.dirtyRatio) / 100);

/** Body of the thread; runs for ever. Its name is a question for the era: `k.era.writebackThreadName`. */
export function* pdflush(k: Kernel): Sleeps<number> {
	for (;;) {
		k.cpu.current.state = 'TASK_INTERRUPTIBLE';
		k.cpu.current.waitingFor = 'dirty pages';
		yield* schedule_timeout(k, WAKE_EVERY_NS);
		const oldest = k.hw.timeline.nowNs - DIRTY_EXPIRE_NS;
		const all = k.filemap.nr_dirty > backgroundThreshold(k);
		for (const [mapping, sinceNs] of [...k.filemap.dirtyMappings])
			if (all || sinceNs <= oldest) yield* writeAll(k, mapping);
	}
}

/** Called by whoever has dirtied a page; above the limit it writes pages of the same file and waits for them. */
export function* balance_dirty_pages(k: Kernel, mapping: address_space): Sleeps<void> {
	if (k.filemap.nr_dirty <= dirtyThreshold(k)) return;
	yield* writeAll(k, mapping);
	yield* filemap_fdatawait_range(k, mapping, 0, Number.MAX_SAFE_INTEGER);
}

/** Writes every dirty page of every file and waits. @see fs/sync.c */
export function* sys_sync(k: Kernel): Sleeps<number> {
	const mappings = [...k.filemap.dirtyMappings.keys()];
	for (const mapping of mappings) yield* writeAll(k, mapping);
	for (const mapping of mappings) yield* filemap_fdatawait_range(k, mapping, 0, Number.MAX_SAFE_INTEGER);
	return 0;
}

const writeAll = (k: Kernel, mapping: address_space) =>
	filemap_fdatawrite_range(k, mapping, 0, Number.MAX_SAFE_INTEGER);
