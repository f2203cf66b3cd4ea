/** Which page the ladder shows, and the address that it begins at. */

import {type PageInfo, parsePageInfo} from '../../formats/debugfs/page.ts';
import {parseTranslate, type SpaceAddress, userPlace} from '../../formats/debugfs/translate.ts';
import {mapperIn} from '../../model/ladder.ts';
import {path} from '../../model/paths.ts';
import type {LadderFacts} from '../../model/rung.ts';
import {recordIn} from '../../model/tree.ts';
import {quiet, say} from '../state/answer.ts';
import type {UserPlace} from '../state/following.ts';
import type {Lit} from '../state/lit.ts';
import {modelIn} from '../state/panes.ts';
import {shownPid} from '../state/processes.ts';
import type {State, Update} from '../state/state.ts';

const isPlace =
	(place: UserPlace | undefined) =>
	({pid, address}: UserPlace): boolean =>
		pid === place?.pid && address === place.address;

/** The user address of the page that is closest to what somebody looks at. */
function mapperFor(state: State, mappers: PageInfo['mappers']): UserPlace | undefined {
	const pid = shownPid(state);
	const {selected} = state.views.maps;
	const area = modelIn(state, 'maps')?.rows.find(({id}) => id === selected)?.area;
	const inArea = ({address}: UserPlace): boolean => area !== undefined && address >= area.start && address < area.end;
	const ofShown = mappers.filter(mapper => mapper.pid === pid);
	return mappers.find(isPlace(state.following.via)) ?? ofShown.find(inArea) ?? ofShown[0] ?? mappers[0];
}

/** Where the kernel sees a page that no process maps. */
function kernelPlace({kmapAtomic, kmap, vmalloc, logical}: PageInfo): SpaceAddress | undefined {
	const address =
		kmapAtomic[0]?.address ?? [kmap, vmalloc, logical].flatMap(each => ('address' in each ? each.address : []))[0];
	return address === undefined ? undefined : {space: 'virt', owner: null, address};
}

/** @returns undefined where nothing is selected that has a page or an address */
export function ladderPlace(state: State, {pfn, untouched}: Lit): SpaceAddress | undefined {
	if (state.following.address) return state.following.address;
	if (pfn === undefined) return untouched;
	const page = recordIn(state.picture.tree, path.page(pfn), parsePageInfo);
	const mapper = page && mapperFor(state, page.mappers);
	if (mapper) return userPlace(mapper.pid, mapper.address);
	return (page && kernelPlace(page)) ?? {space: 'pfn', owner: null, address: pfn};
}

/** What the ladder is made of, as far as it was read; undefined where there is nothing to show. */
export function ladderFacts(state: State, lit: Lit): LadderFacts | undefined {
	const subject = ladderPlace(state, lit);
	if (!subject) return undefined;
	const {tree} = state.picture;
	return {
		subject,
		page: lit.pfn === undefined ? undefined : recordIn(tree, path.page(lit.pfn), parsePageInfo),
		translate: recordIn(tree, path.translate(subject), parseTranslate),
		machine: state.lab.machine,
	};
}

/** Goes on to another of the user addresses that the page has. */
export function stepMapper(state: State, by: 1 | -1, nowMs: number, lit: Lit): Update {
	const {mappers} = lit;
	const place = ladderPlace(state, lit);
	const at = place ? mapperIn(place, mappers) : -1;
	const next = mappers[at < 0 ? 0 : at + by];
	if (mappers.length < 2) return say(state, 'this page has no other user address', nowMs, false);
	if (!next) return say(state, `this is the ${by < 0 ? 'first' : 'last'} of its user addresses`, nowMs, false);
	const {following} = state;
	const address = following.address && userPlace(next.pid, next.address);
	return quiet({...state, following: {...following, address, via: {pid: next.pid, address: next.address}}});
}
