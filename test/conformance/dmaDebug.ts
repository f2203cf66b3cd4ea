/**
 * truth/debug dma_debug.json and dma_pool_debug.json: what a kernel with all its checkers says to each deliberate
 * mistake, and how dma-debug's counters and table change.
 */

import {formatDmaApiDump} from '../../source/formats/debugfs/dmaApiDump.ts';
import {physicalAddress} from '../../source/hardware/address.ts';
import {TaskKilled} from '../../source/kernel/bug.ts';
import {num_free_entries} from '../../source/kernel/dma/debug.ts';
import {directionName} from '../../source/kernel/dma/direction.ts';
import {eachMapping, hash_fn} from '../../source/kernel/dma/entries.ts';
import {driver_bind, driver_unbind} from '../../source/kernel/drivers/dd.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {ioremap} from '../../source/kernel/mm/ioremap.ts';
import {run} from '../kernel/support.ts';
import {isReportFrame, pageFaultLine} from './callTraces.ts';
import {Driver, dmaDebugCases} from './dmaDebugCases.ts';
import {freshDevice, questionOf, withoutAddresses} from './dmaDevice.ts';
import {dmaPoolDebugCases} from './dmaPoolDebugCases.ts';
import {runMachine} from './machines.ts';
import {type Vector, vectorTopic} from './topic.ts';

/**
 * `did` tells the calls, `dmesg` repeats the headlines between registers and call traces, `loglevels` belongs to
 * `dmesg`.
 */
const questionPath = /^(run|case|source|did|dmesg|loglevels|unbind|dmesg_at_rebind)(\.|$)/;
export const isDmaDebugAnswer = (path: string): boolean => !questionPath.test(path);
const cases = {...dmaDebugCases, ...dmaPoolDebugCases};

type ApiFiles = Readonly<Record<string, unknown>>;

/** The dma-api directory, and of its dump the lines of the device. */
function apiFiles({k, D}: Driver): ApiFiles {
	const {debug, mappings} = k.dma;
	const lines = eachMapping(mappings).filter(entry => entry.dev === D);
	const dump = formatDmaApiDump({
		dialect: '6.1',
		mappings: lines.map(entry => ({
			device: D.bus_id,
			driver: D.driver ?? D.bus,
			type: entry.type,
			bucket: hash_fn(mappings, entry.dev_addr),
			physicalAddress: entry.paddr,
			pfn: Math.floor(entry.paddr / 4096),
			busAddress: entry.dev_addr,
			lengthBytes: entry.size,
			direction: directionName(entry.direction),
			mapError: entry.map_err_type,
		})),
	});
	return {
		all_errors: debug.all_errors,
		disabled: debug.disabled ? 'Y' : 'N',
		driver_filter: debug.driver_filter,
		error_count: debug.error_count,
		min_free_entries: debug.min_free_entries,
		nr_total_entries: debug.nr_total_entries,
		num_errors: debug.num_errors,
		num_free_entries: num_free_entries(k),
		dump_this_device: dump.split('\n').filter(line => line !== ''),
	};
}

function newDriver(): Driver {
	const k = runMachine('debug');
	k.dma.debug.all_errors = 1;
	const dev = freshDevice(k, '0000:00:05.0', 'misdrv');
	return new Driver(k, dev, ioremap(k, physicalAddress(0xfe90_0000), 0x1000, 'misdrv_probe')!);
}

/** Lines that carry the meaning: not the frame around a warning, and not a hex dump. */
const isHeadline = (line: string) => !isReportFrame(line) && !/^[0-9a-f]{8}: |^DMA-API: Mapped at:$/.test(line);

const textOf = (k: Kernel, from: number) => k.log.lines.slice(from).map(line => line.text);

function answer(driver: Driver, vector: Vector): Vector {
	const {k, D} = driver;
	const name = String(vector.case);
	const body = cases[name];
	if (!body) throw new Error(`there is no driver case ${name}`);
	k.dma.debug.warned.clear();
	delete k.sched.lastMightSleepNs;
	const before = apiFiles(driver);
	const from = k.log.lines.length;
	let result = 'write() to the driver returned 0';
	try {
		run(k, () => body(driver), 'rc');
	} catch (error) {
		if (!(error instanceof TaskKilled)) throw error;
		result = `process killed by signal ${error.signal}`;
	}
	const after = apiFiles(driver);
	const leaks = name.startsWith('leak_');
	if (leaks) driver_unbind(k, D);
	const unbound = apiFiles(driver);
	if (leaks) driver_bind(D, 'misdrv');
	const dma_api = leaks ? {before, after_call: after, after_unbind: unbound, after: apiFiles(driver)} : {before, after};
	const dmesg = textOf(k, from);
	return {
		...questionOf(vector, /^(run|case|source)$/),
		result,
		silent: dmesg.length === 0,
		headlines: dmesg.filter(isHeadline),
		dmesg,
		dma_api,
		errors_counted: k.dma.debug.error_count - Number(before.error_count),
	};
}

/** Lines that follow a headline and are not among the recorded ones, or not modelled. */
const beyond = new RegExp(
	[
		'^Preemption disabled at:$',
		'^page dumped because: VM_BUG_ON_PAGE\\(page_ref_count\\(page\\) == 0\\)$',
		pageFaultLine.source,
	].join('|'),
);

const shapeOfLine = (line: string) =>
	withoutAddresses(line)
		.replace(/CPU: \d+ PID: \d+ /, '')
		.replace(/\+ADDRESS\/ADDRESS|\+0x[0-9a-f]+\/0x[0-9a-f]+/, '')
		.replace('.part.0', '')
		.replace(/(dma-mapping.h:332).*/, '$1')
		.replace(/pid: \d+, name: \w+/, 'pid, name')
		.replace(/(One of leaked entries details:).*/, '$1')
		.replace(/(DMA-API: exceeded 7 overlapping mappings of cacheline).*/, '$1');

/**
 * Counters as what a case changed, dump lines without places and in an order of their own, messages without addresses.
 */
function relate(vector: Vector): Vector {
	const {headlines, dma_api, ...rest} = vector as {
		headlines?: string[];
		dma_api?: Record<string, Record<string, unknown>>;
	};
	const before = dma_api?.before;
	if (!headlines || !before) return vector;
	const stages = Object.entries(dma_api).map(([stage, files]) => {
		const {error_count, num_free_entries: free, dump_this_device, dump_other_devices_lines: others, ...same} = files;
		const dump = ((dump_this_device ?? []) as string[])
			.map(line => line.replace(/idx \d+ P=\S+ N=\S+ D=\S+/, ''))
			.sort();
		const change = {
			errors: Number(error_count) - Number(before.error_count),
			used: Number(before.num_free_entries) - Number(free),
			// What other devices have mapped is theirs, but it does not change.
			others: Number(others ?? 0) - Number(before.dump_other_devices_lines ?? 0),
		};
		return [stage, {...same, ...change, dump}];
	});
	const lines = headlines.filter(line => !beyond.test(line)).map(shapeOfLine);
	return {...rest, headlines: lines, dma_api: Object.fromEntries(stages)};
}

export const dmaDebug = vectorTopic({
	name: 'dma_debug',
	accepts: document => /^dma(_pool)?_debug\.json$/.test(String(document.file)),
	isAnswer: isDmaDebugAnswer,
	leftOut: [{path: /min_free_entries$/, reason: 'the low-water mark since boot: it depends on the cases before'}],
	classes: [
		{
			name: 'scatterlist of garbage',
			reason: 'entries are objects here: one that was never set up cannot be handed over',
			holds: vector => vector.case === 'fatal_sg_uninitialised',
		},
		{
			name: 'CONFIG_DEBUG_VM',
			reason: 'freeing a free page is a BUG of kernels with DEBUG_VM only',
			holds: vector => /^fatal_(double_free_coherent|coherent_free_wrong_dma_free_page)$/.test(String(vector.case)),
		},
	],
	relate,
	nameOf: vector => String(vector.case),
	prepare: () => {
		const shared = newDriver();
		return vector => answer(vector.run === 'main' ? shared : newDriver(), vector);
	},
});
