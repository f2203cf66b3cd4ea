/** What a pane has to show: a model, or why there is none. */

import type {Reading} from './tree.ts';

export type Loaded<M> =
	| {readonly state: 'waiting'}
	| {readonly state: 'unavailable'; readonly reason: string}
	| {readonly state: 'ready'; readonly model: M};

export const waiting: Loaded<never> = {state: 'waiting'};

/** From the file that a pane cannot do without. Keeps the older answer where it would say the same. */
export function load<T, M>(
	reading: Reading<T> | undefined,
	older: Loaded<M> | undefined,
	derive: (record: T, olderModel: M | undefined) => M,
): Loaded<M> {
	if (reading === undefined) return waiting;
	if ('error' in reading) {
		return older?.state === 'unavailable' && older.reason === reading.error
			? older
			: {state: 'unavailable', reason: reading.error};
	}
	const olderModel = older?.state === 'ready' ? older.model : undefined;
	const model = derive(reading.record, olderModel);
	return older?.state === 'ready' && model === olderModel ? older : {state: 'ready', model};
}
