/** One page of the machine of records.ts, and what its page tables say. */

import type {PageInfo} from '../../../source/formats/debugfs/page.ts';
import {type Translate, userPlace} from '../../../source/formats/debugfs/translate.ts';

export const pageInfo = (pfn: number): PageInfo => ({
	pfn,
	zone: 'HighMem',
	structPage: 0xc1000000 + pfn * 32,
	physicalAddress: pfn * 4096,
	kind: 'anonymous',
	flags: ['PG_dirty', 'PG_lru'],
	_count: 2,
	_mapcount: 0,
	order: null,
	mapping: null,
	index: null,
	logical: {reason: 'high memory'},
	kmap: {reason: 'not mapped now'},
	vmalloc: {reason: 'not part of a vmalloc area'},
	kmapAtomic: [{cpu: 0, slot: 3, type: 'KM_USER0', address: 0xfffb4000, holder: 'mapper-112'}],
	mappers: [{pid: 112, comm: 'mapper', address: 0x40002000, perms: 'rw-s', file: '/dev/simple1'}],
	bus: [],
	pools: [],
	pins: 1,
	pinned: [{pid: 112, comm: 'mapper', address: 0x40002000, sinceUs: 12_000_000, write: true}],
	bounceSlots: [],
});

/** What the page tables say of an address of a process, by entries that lead to `pfn`. */
export const translateUser = (pid: number, address: number, pfn: number): Translate => ({
	query: userPlace(pid, address),
	answers: [
		{space: 'phys', owner: null, address: pfn * 4096 + (address % 4096)},
		{space: 'pfn', owner: null, address: pfn},
	],
	walk: [
		{level: 'pgd', index: Math.floor(address / 2 ** 22), entry: '01176067', meaning: 'present'},
		{
			level: 'pte',
			index: Math.floor(address / 4096) % 1024,
			entry: (pfn * 4096 + 0x67).toString(16).padStart(8, '0'),
			meaning: 'present',
		},
	],
});
