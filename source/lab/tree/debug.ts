/** The files of /sys/kernel/debug, Linux's and ours. */
import {formatBooleanFile, formatDecimalFile, formatNameFile} from '../../formats/scalars.ts';
import {num_free_entries} from '../../kernel/dma/debug.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {tracing_set} from '../../kernel/trace.ts';
import {LabError} from '../errors.ts';
import type {LabState} from '../lab.ts';
import {aioFile} from './aio.ts';
import {areaWindow} from './areas.ts';
import {causeFile} from './cause.ts';
import {dmaApiDump, dmaPoolsFile, swiotlbFile} from './dma.ts';
import {kmapAtomicFile, pkmapFile} from './kmap.ts';
import {pageFile} from './page.ts';
import {pageMap, pageMapWindow} from './pageMap.ts';
import {directory, type Route} from './route.ts';
import {spellAddress, spellDecimal, spellFrame, spellNumber, spellObject, spellRange} from './spelling.ts';
import {traceFile, traceWindow} from './trace.ts';
import {translateFile} from './translate.ts';
import {vmaFile} from './vma.ts';
import {vmaFrames} from './vmaFrames.ts';
import {wholeNumber} from './wholeNumber.ts';

const decimal = (path: string, value: (k: Kernel) => number): Route => ({
	path,
	read: ({k}) => formatDecimalFile({value: value(k)}),
});

const withMemory = ({k}: LabState) => [...k.sched.tasks.values()].filter(task => task.mm).map(task => String(task.pid));

const window = {start: spellFrame, frames: spellNumber, cells: spellNumber};

/** debugfs_create_u32(), and what is compared with 0 only. */
const mostU32 = 0xffff_ffff;

const dmaApiRoutes: readonly Route[] = [
	{path: 'dma-api/dump', read: ({k}) => dmaApiDump(k)},
	{path: 'dma-api/disabled', read: ({k}) => formatBooleanFile({value: k.dma.debug.disabled})},
	{path: 'dma-api/driver_filter', read: ({k}) => formatNameFile({value: k.dma.debug.driver_filter || null})},
	decimal('dma-api/error_count', k => k.dma.debug.error_count),
	{
		...decimal('dma-api/all_errors', k => k.dma.debug.all_errors),
		write({k}, _args, text) {
			k.dma.debug.all_errors = wholeNumber('all_errors', text, mostU32);
			return '';
		},
	},
	{
		...decimal('dma-api/num_errors', k => k.dma.debug.num_errors),
		write({k}, _args, text) {
			k.dma.debug.num_errors = wholeNumber('num_errors', text, mostU32);
			return '';
		},
	},
	decimal('dma-api/num_free_entries', num_free_entries),
	decimal('dma-api/min_free_entries', k => k.dma.debug.min_free_entries),
	decimal('dma-api/nr_total_entries', k => k.dma.debug.nr_total_entries),
];

const tracingRoutes: readonly Route[] = [
	{path: 'tracing/trace', read: ({k}) => traceFile(k)},
	{
		path: 'tracing/trace/:lines',
		spelling: {lines: spellDecimal},
		read: ({k}, args) => traceWindow(k, args.lines!),
	},
	// Linux's blocks, and takes what it gives; here a reader takes nothing, and the server makes a stream of it.
	{path: 'tracing/trace_pipe', read: ({k}) => traceFile(k).replace(/^#.*\n/gm, '')},
	{
		path: 'tracing/tracing_on',
		read: ({k}) => formatDecimalFile({value: k.trace.on ? 1 : 0}),
		write({k}, _args, text) {
			tracing_set(k, wholeNumber('tracing_on', text, mostU32) !== 0);
			return '';
		},
	},
	{
		path: 'tracing/current_tracer',
		read: ({k}) => formatNameFile({value: k.trace.tracer}),
		write({k}, _args, text) {
			const wanted = text.trim();
			if (wanted !== 'nop' && wanted !== 'function')
				throw new LabError('EINVAL', `current_tracer must be nop or function, got "${wanted}"`);
			k.trace.tracer = wanted;
			return '';
		},
	},
];

export const debugRoutes: readonly Route[] = directory('/sys/kernel/debug', [
	{path: 'kmap_atomic', read: ({k}) => kmapAtomicFile(k)},
	{path: 'pkmap', read: ({k}) => pkmapFile(k)},
	{path: 'aio', read: ({k}) => aioFile(k)},
	{path: 'page_map', read: ({k}) => pageMap(k)},
	{path: 'page_map/:start/:frames/:cells', spelling: window, read: ({k}, args) => pageMapWindow(k, args)},
	{
		path: 'page_map/:start/:frames/:cells/:letters',
		spelling: window,
		read: ({k}, args) => pageMapWindow(k, args),
	},
	{path: 'page/:pfn', spelling: {pfn: spellFrame}, read: ({k}, args) => pageFile(k, args.pfn!)},
	{path: 'cause/:object', spelling: {object: spellObject}, read: (state, args) => causeFile(state, args.object!)},
	{
		path: 'translate/:address',
		spelling: {address: spellAddress},
		read: ({k}, args) => translateFile(k, args.address!),
	},
	{
		path: 'vma/:pid',
		names: {pid: withMemory},
		read: ({k}, args) => vmaFile(k, k.sched.tasks.get(Number(args.pid))!.mm!),
	},
	{
		path: 'vma/:pid/:first/:areas',
		names: {pid: withMemory},
		spelling: {first: spellDecimal, areas: spellDecimal},
		read: ({k}, args) => vmaFile(k, k.sched.tasks.get(Number(args.pid))!.mm!, areaWindow(args.first!, args.areas!)),
	},
	{
		path: 'vma/:pid/:range',
		names: {pid: withMemory},
		spelling: {range: spellRange},
		read: ({k}, args) => vmaFrames(k, k.sched.tasks.get(Number(args.pid))!, args.range!),
	},
	{path: 'swiotlb', read: ({k}) => swiotlbFile(k)},
	{path: 'dma_pools', read: ({k}) => dmaPoolsFile(k)},
	...dmaApiRoutes,
	...tracingRoutes,
]);
