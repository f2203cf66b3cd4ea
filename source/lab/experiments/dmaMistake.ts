import {countOf} from '../../formats/words.ts';
import {DMA_TO_DEVICE} from '../../kernel/dma/direction.ts';
import {dma_unmap_single} from '../../kernel/dma/mapping.ts';
import {erasFrom} from '../../kernel/era/behaviour.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {__get_free_pages, free_pages} from '../../kernel/mm/page_alloc.ts';
import {ZONE_NORMAL} from '../../kernel/mm/zone.ts';
import type {Experiment} from '../experiment.ts';
import {bugLessons} from '../lessons/bugs.ts';
import {dmaDump, dmaErrors, kmsg, linesWith} from '../views.ts';
import {withDmaDebug, withoutDmaDebug} from './dadBug.ts';
import {bytes, type Culprit, dmaMistakes, lend} from './dmaMistakes.ts';
import {ownDevice} from './labDevice.ts';
import {freePages} from './room.ts';
import {choice, got, needsDmaDebug, nowUs} from './steps.ts';

/** Most pages that one mistake takes. */
const pages = 2;

export const dmaMistake: Experiment = {
	name: 'dma-mistake',
	title: 'What dma-debug tells of a driver’s mistakes',
	claim: 'Each of fifteen ways to misuse a DMA mapping is told in the log when it happens.',
	source: 'docs/sources.md §6; lib/dma-debug.c',
	rows: [36, 38, 39, 41],
	parameters: [
		{
			name: 'class',
			about:
				`the mistake, 1 to ${dmaMistakes.length} in the order of the lab page; 0 makes them all, ` +
				`one after the other`,
			least: 0,
			most: dmaMistakes.length,
			usual: 0,
			unit: '',
		},
		choice('fixed', '1 has the driver map and unmap as it should', 0),
	],
	declares: ['mistakes made'],
	eras: withDmaDebug,
	unfit: needsDmaDebug,
	control: {set: {class: 3, fixed: 1}, fails: 'class 3'},
	comm: 'dmamistake',
	lesson: {
		chapter: 'bugs',
		background: bugLessons.dmaMistake,
		setup:
			'A driver misuses DMA mappings in fifteen ways, one after the other (with class=N in one of them; ' +
			'with fixed=1 in none). dma-debug is on.',
		question: {
			ask: 'How many of the mistakes does dma-debug tell?',
			answers: [
				{text: 'None: on a PC nothing comes of them.', when: {'class ': false}},
				{text: 'Each of them.', when: {'class ': true}},
			],
		},
		looks: [
			{pane: 'log', says: 'a warning for each: driver, device, and what was wrong'},
			{pane: 'trace', says: 'the story says which mistake comes next'},
		],
		differences: [
			withoutDmaDebug,
			{
				eras: erasFrom('3.2'),
				says: 'Each, but a sync of more than was mapped is told in the words for a sync of what is not mapped.',
			},
		],
	},
	*run(x) {
		const {k} = x;
		const {debug} = k.dma;
		const culprit: Culprit = {
			k,
			dev: ownDevice(x),
			buffer: got(yield* __get_free_pages(k, GFP_KERNEL, 0), 'no page was free'),
		};
		x.later(() => free_pages(k, culprit.buffer, 0));
		// Some of the mistakes take a page or two more, all in one instant.
		yield* freePages(x, ZONE_NORMAL, pages);
		const wanted = x.value('class');
		const since = nowUs(k);
		const errors = x.read(dmaErrors).value;
		const allErrors = debug.all_errors;
		x.later(() => {
			debug.all_errors = allErrors;
		});
		debug.all_errors = 1;
		const made = dmaMistakes
			.map((mistake, i) => ({...mistake, number: i + 1}))
			.filter(({number}) => wanted === 0 || number === wanted);
		for (const {number, does, make} of made) {
			x.say(`class ${number}: the driver ${x.value('fixed') === 1 ? 'does it right' : does}`);
			if (x.value('fixed') === 0) make(culprit);
			else dma_unmap_single(k, culprit.dev, lend(culprit, DMA_TO_DEVICE), bytes, DMA_TO_DEVICE);
		}
		yield* x.show('mistakes made');
		for (const {number, says} of made)
			x.expect(`class ${number}: dma-debug says “${says(k)}”`, kmsg, linesWith(`device driver ${says(k)}`, since), {
				// Kernels tell two of them in the same words.
				atLeast: made.filter(other => other.says(k) === says(k)).length,
			});
		if (x.value('fixed') === 0)
			x.expect('error_count has grown by one each at least', dmaErrors, ({value}) => value - errors, {
				atLeast: made.length,
			});
		const {bus_id} = culprit.dev;
		x.expect('no mapping is left', dmaDump, all => all.mappings.some(({device}) => device === bus_id), {
			equals: false,
		});
		return `${countOf(made.length, 'mistake')}, ${countOf(x.read(dmaErrors).value - errors, 'error')}`;
	},
};
