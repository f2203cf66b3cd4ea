import type {ExplainedAddress} from '../../formats/debugfs/explained.ts';
import {type PageInfo, parsePageInfo} from '../../formats/debugfs/page.ts';
import {parseTranslate} from '../../formats/debugfs/translate.ts';
import {address} from '../../formats/text.ts';
import {framesCause} from '../../model/cause.ts';
import {type Loaded, load} from '../../model/loaded.ts';
import {type PageModel, pageModel} from '../../model/page.ts';
import {path} from '../../model/paths.ts';
import {readRecord, recordIn} from '../../model/tree.ts';
import {say} from '../state/answer.ts';
import {type About, type Derivation, type FactRow, kept, note, type PaneDefinition} from './pane.ts';

const about: About = {
	shows:
		'One page frame through every kind of address at once, with its flags, counts and users: the followed ' +
		'one, else the first behind what is selected.',
	columns: [],
	signs: [
		note('_count', 'who holds the frame; 0: free'),
		note('_mapcount', 'page-table entries that map it, less one'),
		note('pins', 'references that get_user_pages took'),
	],
};

const explained = (value: ExplainedAddress): string =>
	'address' in value ? address(value.address) : `- ${value.reason}`;

const order = ({order: of}: PageInfo): string => (of === null ? '' : `, free block of order ${of}`);

/** What is said of a frame, by the key whose change marks it. */
const facts: readonly (readonly [keyof PageInfo, string, (page: PageInfo) => readonly string[]])[] = [
	['kind', 'kind', page => [`${page.kind}, zone ${page.zone}${order(page)}`]],
	['flags', 'flags', ({flags}) => [flags.join(' ') || '-']],
	['_count', 'counts', ({_count, _mapcount, pins}) => [`_count ${_count}, _mapcount ${_mapcount}, pins ${pins}`]],
	['mappers', 'user', ({mappers}) => mappers.map(({pid, comm, address: at}) => `${address(at)} ${comm}-${pid}`)],
	['physicalAddress', 'physical', ({physicalAddress}) => [address(physicalAddress)]],
	[
		'bus',
		'bus',
		({bus}) =>
			bus.map(
				({device, address: at, direction, owner}) => `${address(at)} ${device} ${direction}, owned by the ${owner}`,
			),
	],
	['logical', 'logical', ({logical}) => [explained(logical)]],
	['kmap', 'kmap', ({kmap}) => [explained(kmap)]],
	[
		'kmapAtomic',
		'atomic',
		({kmapAtomic}) => kmapAtomic.map(({cpu, slot, address: at}) => `${address(at)} cpu ${cpu} slot ${slot}`),
	],
	['vmalloc', 'vmalloc', ({vmalloc}) => [explained(vmalloc)]],
	['mapping', 'file', ({mapping}) => (mapping ? [`${mapping.file} at ${mapping.offsetBytes.toString(16)}`] : [])],
	['bounceSlots', 'bounce', ({bounceSlots}) => bounceSlots.map(slot => `swiotlb slot ${slot}`)],
];

const rows = kept(({page, translate, changed}: PageModel): readonly FactRow[] => [
	...facts.flatMap(([key, label, say]) => {
		const values = say(page);
		return (values.length === 0 ? ['-'] : values).map((text, index) => ({
			id: `${key} ${index}`,
			pfn: page.pfn,
			label: index === 0 ? label : '',
			text,
			isChanged: changed.has(key),
			isFact: true,
		}));
	}),
	...(translate?.walk ?? []).map(({level, index, entry, meaning}) => ({
		id: `walk ${level}`,
		pfn: page.pfn,
		label: level,
		text: `[${index}] ${entry} ${meaning}`,
		isChanged: false,
		isFact: false,
	})),
]);

const nothingToShow: Loaded<never> = {
	state: 'unavailable',
	reason: 'shows one page frame: select a row or a cell that stands for one, and press f to stay with it',
};

function derive({tree, lit: {pfn}, older}: Derivation<PageModel>): Loaded<PageModel> {
	if (pfn === undefined) return nothingToShow;
	const translate = recordIn(tree, path.translate(pfn), parseTranslate);
	const reading = readRecord(tree, path.page(pfn), parsePageInfo);
	return load(reading, older, (page, model) => pageModel(page, translate, model));
}

export const pagePane: PaneDefinition<'page'> = {
	id: 'page',
	name: 'page',
	about,
	paths: ({lit: {pfn}}) => (pfn === undefined ? [] : [path.page(pfn), path.translate(pfn)]),
	derive,
	rows: model => rows(model),
	// All of it is about that frame: no row lights up.
	meaning: {text: ({label, text}) => `${label} ${text}`, isLit: () => false},
	margins: () => ({head: 0, foot: 0}),
	tails: false,
	cause: (_, {pfn}) => (pfn === undefined ? 'select or follow a page frame first' : framesCause(pfn, 1)),
	commands: {filter: (state, nowMs) => say(state, 'page has no rows to filter', nowMs)},
};
