/**
 * A process of very many areas is read and shown a page at a time: ten thousand areas ten times a second would cost more
 * than everything else. What is sorted and filtered is the page.
 */

import {parseMaps} from '../../formats/proc/maps.ts';
import type {MapsModel} from '../../model/maps.ts';
import {path} from '../../model/paths.ts';
import {pathIn, type Reading, readRecord, type Tree} from '../../model/tree.ts';
import type {State} from './state.ts';

const areasPerPage = 1024;

/** Number of the first area of the page that is shown of a process, counted from 0; undefined when all fit into one. */
const firstOfPage = ({models: {maps}, mapsPage}: State, pid: number): number | undefined => {
	const model = maps.state === 'ready' ? (maps.model as MapsModel) : undefined;
	if (model?.pid !== pid || model.areas <= areasPerPage) {
		return undefined;
	}
	const last = Math.floor((model.areas - 1) / areasPerPage) * areasPerPage;
	return mapsPage.pid === pid ? Math.min(mapsPage.first, last) : 0;
};

/** Files of a process's areas, all of them or the page. */
export const areaPaths = (state: State, pid: number): readonly string[] => {
	const first = firstOfPage(state, pid);
	return first === undefined
		? [path.maps(pid), path.vma(pid)]
		: [path.mapsWindow(pid, first, areasPerPage), path.vmaWindow(pid, first, areasPerPage)];
};

export type AreasRead = {
	readonly reading: Reading<ReturnType<typeof parseMaps>>;
	readonly vmaPath: string;
	readonly first: number | undefined;
	/** The process has no areas any more, or is no more. */
	readonly isGone: boolean;
};

/** What a sample holds of a process's areas; undefined when it was not asked for them. */
export const readAreas = (tree: Tree, pid: number): AreasRead | undefined => {
	const whole = path.maps(pid);
	const found = pathIn(tree, [whole, ...Object.keys(tree).filter(each => each.startsWith(`${whole}/`))]);
	const reading = found === undefined ? undefined : readRecord(tree, found, parseMaps);
	if (found === undefined || reading === undefined) {
		return undefined;
	}
	const first = found === whole ? undefined : Number(found.slice(whole.length + 1).split('/')[0]);
	// A page behind the last area is empty too.
	const isGone = 'error' in reading || (reading.record.areas.length === 0 && (first ?? 0) === 0);
	return {reading, vmaPath: path.vma(pid) + found.slice(whole.length), first, isGone};
};

/**
 * The page that a movement past the end of the list leads to, its rows from the top.
 *
 * @param by rows, Infinity for an end
 * @returns undefined when there is no other page that way
 */
export const turnPage = (state: State, pid: number, by: number): State | undefined => {
	const here = firstOfPage(state, pid);
	const {maps} = state.models;
	if (here === undefined || maps.state !== 'ready') {
		return undefined;
	}
	const last = Math.floor(((maps.model as MapsModel).areas - 1) / areasPerPage) * areasPerPage;
	const aim = Number.isFinite(by) ? here + Math.sign(by) * areasPerPage : by < 0 ? 0 : last;
	if (aim === here || aim < 0 || aim > last) {
		return undefined;
	}
	const view = {...state.views.maps, selected: undefined, offset: 0};
	return {...state, mapsPage: {pid, first: aim}, views: {...state.views, maps: view}};
};
