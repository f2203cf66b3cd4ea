/** The page pane: one page in every kind of address at once. */

import {formatSpaceAddress} from '../formats/debugfs/translate.ts';
import {ladderOf} from './ladder.ts';
import type {LadderFacts, Rung} from './rung.ts';

export type PageModel = LadderFacts & {
	readonly rungs: readonly Rung[];
	/** Ids of the rungs that say something else than in the sample before. */
	readonly changed: ReadonlySet<string>;
};

const isSameRung = (a: Rung, b: Rung | undefined): boolean =>
	a.value === b?.value && a.text === b.text && a.says.join() === b.says.join();

const textOf = ({subject}: LadderFacts): string => formatSpaceAddress(subject);

/** The page that an address leads to, or the address that leads to a page, may change; one of the two must not. */
function isComparable(older: PageModel, facts: LadderFacts): boolean {
	const isRead = older.translate !== undefined && facts.translate !== undefined;
	const isSameFrame = older.page !== undefined && older.page.pfn === facts.page?.pfn;
	return isRead && (isSameFrame || textOf(older) === textOf(facts));
}

export function pageModel(facts: LadderFacts, older: PageModel | undefined): PageModel {
	const {page, translate, machine} = facts;
	const isSame = older?.page === page && older?.translate === translate && older?.machine === machine;
	if (older && isSame && textOf(older) === textOf(facts)) return older;
	const rungs = ladderOf(facts);
	const before = new Map(older && isComparable(older, facts) ? older.rungs.map(rung => [rung.id, rung]) : []);
	const changed = before.size === 0 ? [] : rungs.filter(rung => !isSameRung(rung, before.get(rung.id)));
	return {...facts, rungs, changed: new Set(changed.map(({id}) => id))};
}
