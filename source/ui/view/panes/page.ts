import type {ExplainedAddress} from '../../../formats/debugfs/explained.ts';
import {type PageInfo, parsePageInfo} from '../../../formats/debugfs/page.ts';
import {parseTranslate} from '../../../formats/debugfs/translate.ts';
import {type Loaded, load} from '../../../model/loaded.ts';
import {type PageModel, pageModel} from '../../../model/page.ts';
import {path} from '../../../model/paths.ts';
import {readRecord, recordIn} from '../../../model/tree.ts';
import {type Line, line, padEnd, span} from '../../terminal/lines.ts';
import {shownPfn} from '../../update/lit.ts';
import {type Content, listRows} from '../content.ts';
import {address, pfnText} from '../format.ts';
import {definePane} from '../pane.ts';

const labelColumns = 10;

type Fact = {readonly key: keyof PageInfo; readonly label: string; readonly values: readonly string[]};

const explained = (value: ExplainedAddress): string =>
	'address' in value ? address(value.address) : `- ${value.reason}`;

const facts = (page: PageInfo): readonly Fact[] => [
	{
		key: 'kind',
		label: 'kind',
		values: [`${page.kind}, zone ${page.zone}${page.order === null ? '' : `, free block of order ${page.order}`}`],
	},
	{key: 'flags', label: 'flags', values: [page.flags.join(' ') || '-']},
	{key: '_count', label: 'counts', values: [`_count ${page._count}, _mapcount ${page._mapcount}, pins ${page.pins}`]},
	{
		key: 'mappers',
		label: 'user',
		values: page.mappers.map(({pid, comm, address: at}) => `${address(at)} ${comm}-${pid}`),
	},
	{key: 'physicalAddress', label: 'physical', values: [address(page.physicalAddress)]},
	{
		key: 'bus',
		label: 'bus',
		values: page.bus.map(
			({device, address: at, direction, owner}) => `${address(at)} ${device} ${direction}, owned by the ${owner}`,
		),
	},
	{key: 'logical', label: 'logical', values: [explained(page.logical)]},
	{key: 'kmap', label: 'kmap', values: [explained(page.kmap)]},
	{
		key: 'kmapAtomic',
		label: 'atomic',
		values: page.kmapAtomic.map(({cpu, slot, address: at}) => `${address(at)} cpu ${cpu} slot ${slot}`),
	},
	{key: 'vmalloc', label: 'vmalloc', values: [explained(page.vmalloc)]},
	{
		key: 'mapping',
		label: 'file',
		values: page.mapping ? [`${page.mapping.file} at ${page.mapping.offsetBytes.toString(16)}`] : [],
	},
	{key: 'bounceSlots', label: 'bounce', values: page.bounceSlots.map(slot => `swiotlb slot ${slot}`)},
];

type NamedLine = readonly [id: string, whole: Line];

const factLines = ({label, values, key}: Fact, changed: ReadonlySet<string>): NamedLine[] =>
	(values.length === 0 ? ['-'] : values).map((value, index) => [
		`${key} ${index}`,
		line(
			span(padEnd(index === 0 ? label : '', labelColumns), 'dim'),
			span(value, changed.has(key) ? 'mark.changed' : value.startsWith('-') ? 'dim' : undefined),
		),
	]);

const pageContent = ({page, translate, changed}: PageModel, isFollowed: boolean): Content => {
	const walk = (translate?.walk ?? []).map(
		({level, index, entry, meaning}): NamedLine => [
			`walk ${level}`,
			line(span(padEnd(level, labelColumns), 'dim'), `[${index}] ${entry} ${meaning}`),
		],
	);
	const lines = [...facts(page).flatMap(fact => factLines(fact, changed)), ...walk];
	return {
		aside: `pfn ${pfnText(page.pfn)}${isFollowed ? ', followed' : ''}`,
		head: [],
		rows: listRows(
			lines.map(([id, whole]) => ({
				id,
				pfn: page.pfn,
				// All of it is about that frame.
				isLit: () => false,
				line: () => whole,
			})),
		),
		foot: [],
		tails: false,
	};
};

const nothingFollowed: Loaded<never> = {
	state: 'unavailable',
	reason: 'shows one page frame: select a row or a cell that stands for one, and press f to stay with it',
};

export const pagePane = definePane<PageModel>({
	id: 'page',
	name: 'page',
	paths(state) {
		const pfn = shownPfn(state);
		return pfn === undefined ? [] : [path.page(pfn), path.translate(pfn)];
	},
	derive({tree, state, older}) {
		const pfn = shownPfn(state);
		if (pfn === undefined) {
			return nothingFollowed;
		}
		const translate = recordIn(tree, path.translate(pfn), parseTranslate);
		const reading = readRecord(tree, path.page(pfn), parsePageInfo);
		return load(reading, older, (page, model) => pageModel(page, translate, model));
	},
	content: (model, {followedPfn}) => pageContent(model, model.page.pfn === followedPfn),
	inputs: ({followedPfn}) => [followedPfn],
});
