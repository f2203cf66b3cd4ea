/**
 * A process of very many areas is read and shown a page at a time: ten thousand areas ten times a second would cost
 * more than everything else. What is sorted and filtered is the page.
 */

import {path} from '../../model/paths.ts';
import {withView} from '../state/arrangement.ts';
import {modelIn} from '../state/panes.ts';
import {shownPid} from '../state/processes.ts';
import type {State} from '../state/state.ts';

const areasPerPage = 1024;

type Page = {readonly pid: number; readonly first: number; readonly last: number};

/** The page that is shown, by the numbers of first areas counted from 0; undefined when all areas fit into one. */
function pageOf(state: State, pid: number | undefined): Page | undefined {
	const model = modelIn(state, 'maps');
	if (pid === undefined || model?.pid !== pid || model.areas <= areasPerPage) return undefined;
	const last = Math.floor((model.areas - 1) / areasPerPage) * areasPerPage;
	const {page} = state.processes;
	return {pid, first: page.pid === pid ? Math.min(page.first, last) : 0, last};
}

/** Files of a process's areas, all of them or the page. */
export function areaPaths(state: State, pid: number): readonly string[] {
	const page = pageOf(state, pid);
	return page === undefined
		? [path.maps(pid), path.vma(pid)]
		: [path.mapsWindow(pid, page.first, areasPerPage), path.vmaWindow(pid, page.first, areasPerPage)];
}

/**
 * The page that a movement past the end of the list leads to, its rows from the top.
 *
 * @param by rows, Infinity for an end
 * @returns undefined when there is no other page that way
 */
export function turnPage(state: State, by: number): State | undefined {
	const page = pageOf(state, shownPid(state));
	if (!page) return undefined;
	const aim = Number.isFinite(by) ? page.first + Math.sign(by) * areasPerPage : by < 0 ? 0 : page.last;
	if (aim === page.first || aim < 0 || aim > page.last) return undefined;
	const turned = {...state, processes: {...state.processes, page: {pid: page.pid, first: aim}}};
	return withView(turned, 'maps', {selected: undefined, offset: 0});
}
