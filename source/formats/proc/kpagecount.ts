/** /proc/kpagecount: fs/proc/page.c, 8 bytes a frame: how many page-table entries map it. From 2.6.25 on. */

import {decodeWords, encodeWords} from '../binary.ts';

type Kpagecount = {
	/** In the order of frames, from the first frame of what was read. */
	readonly counts: readonly number[];
};

export function encodeKpagecount({counts}: Kpagecount): Uint8Array {
	return encodeWords(counts, count => ({low: count >>> 0, high: Math.floor(count / 2 ** 32)}));
}

export function decodeKpagecount(bytes: Uint8Array): Kpagecount {
	return {counts: decodeWords(bytes, ({low, high}) => high * 2 ** 32 + low)};
}
