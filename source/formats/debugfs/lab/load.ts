/** /sys/kernel/debug/lab/load (ours), as it is read: how much goes on at the machine by itself. Lines `key: value`. */

import {oneOf, sentence} from '../../cells.ts';
import {document, one} from '../../table.ts';
import {joinLines, Lines} from '../../text.ts';

/** From the least to the most. */
export const loadNames = ['quiet', 'calm', 'busy'] as const;
export type LoadName = (typeof loadNames)[number];

export const isLoadName = (text: string): text is LoadName => loadNames.some(name => name === text);

/** `none`: a machine without programs, whose load cannot be changed. */
export type LoadRecord = {
	readonly load: LoadName | 'none';
	/** What that is, in a sentence. */
	readonly means: string;
};

const load = document<LoadRecord>({
	load: one('load', oneOf(...loadNames, 'none')),
	means: one('means', sentence),
});

export function formatLoad(record: LoadRecord): string {
	return joinLines(load.write(record));
}

/** @throws FormatError */
export function parseLoad(text: string): LoadRecord {
	return load.read(new Lines('lab/load', text));
}
