/**
 * Models drop_pagecache() of fs/drop_caches.c (2.6.16 and later), which writing 1 to /proc/sys/vm/drop_caches calls:
 * the clean pages of all files leave the cache. Dirty, locked and mapped pages stay, as do those in use.
 *
 * Not modelled: the file itself, dropping dentries and inodes (2 and 3). The ldd3 kernel has the function too: 2.6.11
 * had invalidate_inode_pages(), which does this for one file.
 */
import type {Kernel} from '../kernel.ts';
import {invalidate_mapping_pages} from '../mm/truncate.ts';

/** Takes no time to sleep. @returns pages dropped */
export function drop_pagecache(k: Kernel): number {
	k.vm_events.drop_pagecache++;
	let dropped = 0;
	for (const mapping of k.mappings.values()) {
		// What is in memory only has nowhere to be read from again.
		if (mapping.host.a_ops?.inMemoryOnly) continue;
		dropped += invalidate_mapping_pages(k, mapping, 0, Number.MAX_SAFE_INTEGER);
	}
	return dropped;
}
