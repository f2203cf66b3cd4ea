import {parsePageInfo} from '../../formats/debugfs/page.ts';
import {formatSpaceAddress, parseTranslate} from '../../formats/debugfs/translate.ts';
import {framesCause} from '../../model/cause.ts';
import {type Loaded, waiting} from '../../model/loaded.ts';
import {type PageModel, pageModel} from '../../model/page.ts';
import {path} from '../../model/paths.ts';
import type {Rung} from '../../model/rung.ts';
import {readRecord} from '../../model/tree.ts';
import {quiet} from '../state/answer.ts';
import type {Command} from '../state/commands.ts';
import {wrapText} from '../terminal/text.ts';
import {ladderPlace, stepMapper} from './ladderPlace.ts';
import {type About, type Derivation, kept, type LadderRow, note, type PaneDefinition} from './pane.ts';

const about: About = {
	shows:
		'One page of memory through every kind of address, from the one that a process uses down to the page ' +
		'frame, and on to those of devices and of the kernel. A rung that is missing says why. It is the followed ' +
		'page, or the first behind what is selected; with neither, the newest that the story touched.',
	columns: [],
	signs: [
		note('● ○', 'the page has such an address; it has none'),
		note('pgd pte', 'the entries of the page tables that lead there (with PAE a pmd between them)'),
		note('_count', 'who holds the frame; 0: free'),
		note('← →', 'another of the user addresses that the page has'),
		note('/', 'goes to a frame (6a31), or follows an address: b7fe1000 of the process in pane 1 or of the kernel,'),
		note('', 'user 8 b7fe1000, phys 6a31000, bus 0000:00:05.0 1f000'),
	],
};

const keys: readonly Command[] = [
	{id: 'left', keys: ['left', 'h'], group: 'lists', title: 'the user address before, of several that the page has'},
	{id: 'right', keys: ['right', 'l'], group: 'lists', title: 'the next of its user addresses', footer: 'next user'},
];

/** Columns before what a rung says: its sign and its label. */
export const ladderColumns = 13;

/** Narrower panes wrap to this. */
const leastColumns = 16;

/** The lines of a rung: what it is, wrapped, and below it a sentence each. */
function rungRows(
	rung: Rung,
	columns: number,
	pfn: number | undefined,
	isChanged: boolean,
	goesOn: boolean,
): LadderRow[] {
	const room = Math.max(leastColumns, columns - ladderColumns);
	const row = (part: LadderRow['part'], text: string, index: number): LadderRow => ({
		id: `${rung.id} ${part} ${index}`,
		pfn,
		rung,
		part,
		text,
		goesOn,
		isChanged,
	});
	return [
		...wrapText(`${rung.value} ${rung.text}`.trim(), room).map((text, index) =>
			row(index === 0 ? 'head' : 'more', text, index),
		),
		...rung.says.flatMap(text => wrapText(text, room)).map((text, index) => row('says', text, index)),
	];
}

const rows = kept(({rungs, page, changed}: PageModel, columns: number): readonly LadderRow[] =>
	rungs.flatMap((rung, index) => rungRows(rung, columns, page?.pfn, changed.has(rung.id), index < rungs.length - 1)),
);

const nothingToShow: Loaded<never> = {
	state: 'unavailable',
	reason:
		'shows one page in every kind of address: select a row or a cell, f to stay with it; or press / here and type ' +
		'an address',
};

function derive({tree, state, lit, older}: Derivation<PageModel>): Loaded<PageModel> {
	const place = ladderPlace(state, lit);
	if (!place) return nothingToShow;
	const {pfn} = lit;
	const page = pfn === undefined ? undefined : readRecord(tree, path.page(pfn), parsePageInfo);
	const translate = readRecord(tree, path.translate(place), parseTranslate);
	const record = page && 'record' in page ? page.record : undefined;
	if (!record && !translate) return page && 'error' in page ? {state: 'unavailable', reason: page.error} : waiting;
	if (!record && translate && 'error' in translate) return {state: 'unavailable', reason: translate.error};
	const before = older?.state === 'ready' ? older.model : undefined;
	const answer = translate && 'record' in translate ? translate.record : undefined;
	const model = pageModel({subject: place, page: record, translate: answer, machine: state.lab.machine}, before);
	return older?.state === 'ready' && model === before ? older : {state: 'ready', model};
}

export const pagePane: PaneDefinition<'page'> = {
	id: 'page',
	name: 'page',
	about,
	paths({state, lit}) {
		const place = ladderPlace(state, lit);
		return [...(lit.pfn === undefined ? [] : [path.page(lit.pfn)]), ...(place ? [path.translate(place)] : [])];
	},
	derive,
	rows: (model, {room}) => rows(model, room.columns),
	// All of it is about that page: no row lights up.
	meaning: {text: ({rung, text}) => `${rung.label} ${text}`, isLit: () => false},
	margins: () => ({head: 0, foot: 0}),
	tails: false,
	cause(state, lit) {
		if (lit.pfn !== undefined) return framesCause(lit.pfn, 1);
		const place = ladderPlace(state, lit);
		return place
			? `${formatSpaceAddress(place)} has no page frame: nothing made it yet`
			: 'select or follow a page frame first';
	},
	keys,
	commands: {
		left: (state, nowMs, lit) => stepMapper(state, -1, nowMs, lit),
		right: (state, nowMs, lit) => stepMapper(state, 1, nowMs, lit),
		filter: state => quiet({...state, overlay: {kind: 'jump', text: ''}}),
	},
};
