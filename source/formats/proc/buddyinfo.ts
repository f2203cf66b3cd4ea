/** /proc/buddyinfo: mm/vmstat.c frag_show() (mm/page_alloc.c in 2.6.11), the same text from 2.6.11 to 6.18. */

import {joinLines, Lines} from '../text.ts';

type BuddyinfoZone = {
	readonly node: number;
	readonly zone: string;
	/** Free blocks of each order, from order 0 on. */
	readonly freeBlocks: readonly number[];
};

export type Buddyinfo = {readonly zones: readonly BuddyinfoZone[]};

export function formatBuddyinfo({zones}: Buddyinfo): string {
	return joinLines(
		zones.map(({node, zone, freeBlocks}) => {
			const counts = freeBlocks.map(count => `${String(count).padStart(6)} `).join('');
			return `Node ${node}, zone ${zone.padStart(8)} ${counts}`;
		}),
	);
}

/** @throws FormatError */
export function parseBuddyinfo(text: string): Buddyinfo {
	const lines = new Lines('buddyinfo', text);
	const zones: BuddyinfoZone[] = [];
	while (!lines.done) {
		const [node, zone, counts] = lines.match(/^Node (\d+), zone +(\S+) ((?: *\d+ )*)$/, 'Node n, zone name counts');
		zones.push({node: Number(node), zone: zone!, freeBlocks: counts!.split(' ').filter(Boolean).map(Number)});
	}
	return {zones};
}
