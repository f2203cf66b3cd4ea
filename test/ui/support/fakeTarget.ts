import {formatAio} from '../../../source/formats/debugfs/aio.ts';
import {formatDmaApiDump} from '../../../source/formats/debugfs/dmaApiDump.ts';
import {formatDmaPools} from '../../../source/formats/debugfs/dmaPools.ts';
import {formatKmapAtomic} from '../../../source/formats/debugfs/kmapAtomic.ts';
import {formatClock} from '../../../source/formats/debugfs/lab/clock.ts';
import {formatExperiments} from '../../../source/formats/debugfs/lab/experiments.ts';
import {formatInject} from '../../../source/formats/debugfs/lab/inject.ts';
import {formatMachine} from '../../../source/formats/debugfs/lab/machine.ts';
import {formatPageInfo} from '../../../source/formats/debugfs/page.ts';
import {formatPageMap} from '../../../source/formats/debugfs/pageMap.ts';
import {formatPkmap} from '../../../source/formats/debugfs/pkmap.ts';
import {formatTrace} from '../../../source/formats/debugfs/tracing/trace.ts';
import {formatTranslate} from '../../../source/formats/debugfs/translate.ts';
import {formatVma, parseVma} from '../../../source/formats/debugfs/vma.ts';
import {formatVmaFrames} from '../../../source/formats/debugfs/vmaFrames.ts';
import {formatBuddyinfo} from '../../../source/formats/proc/buddyinfo.ts';
import {formatKmsg} from '../../../source/formats/proc/kmsg.ts';
import {formatMaps, type Maps, parseMaps} from '../../../source/formats/proc/maps.ts';
import {formatMeminfo} from '../../../source/formats/proc/meminfo.ts';
import {formatStatus} from '../../../source/formats/proc/status.ts';
import {formatVmstat} from '../../../source/formats/proc/vmstat.ts';
import {formatZoneinfo} from '../../../source/formats/proc/zoneinfo.ts';
import {formatPools} from '../../../source/formats/sys/pools.ts';
import {path} from '../../../source/model/paths.ts';
import {type Sample, type SampledFile, type Target, TargetError} from '../../../source/target/target.ts';
import {pageInfo, translateUser} from './pageRecords.ts';
import * as records from './records.ts';

export type FakeTarget = Target & {
	/** What the next sample shows; a file that is absent is ENOENT. */
	readonly files: Map<string, string>;
	/** What was written, in order. */
	readonly written: string[];
	/** Paths of every sample that was asked for. */
	readonly asked: (readonly string[])[];
	timeNs: number;
	seq: number;
	/** While set, everything rejects with this sentence. */
	lost: string | undefined;
	/** Answers a write; throws to refuse it. */
	onWrite: (path: string, text: string) => string;
	addProcess(pid: number, comm: string, maps: Maps, vmSizeKb?: number): void;
	removeProcess(pid: number): void;
};

const windowPattern = /^\/sys\/kernel\/debug\/page_map\/(\d+)\/(\d+)\/(\d+)(?:\/.+)?$/;
const areasPattern = /^(\/proc\/\d+\/maps|\/sys\/kernel\/debug\/vma\/\d+)\/(\d+)\/(\d+)$/;
const userPattern = /\/translate\/user:(\d+):0x([\da-f]{8})$/;
const pagePattern = /^\/sys\/kernel\/debug\/page\/(\d+)$/;

/** Parses a text that is the last one again only once: very many areas take long. */
function keeping<T>(parse: (text: string) => T): (text: string) => T {
	let last: {readonly text: string; readonly record: T} | undefined;
	return text => {
		if (last?.text !== text) {
			last = {text, record: parse(text)};
		}
		return last.record;
	};
}

const initialFiles = (): [string, string][] => [
	[path.machine, formatMachine(records.machine)],
	[path.clock, formatClock(records.clock())],
	[path.experiments, formatExperiments(records.experiments)],
	[path.inject, formatInject(records.injectOf())],
	[
		path.kmapAtomic,
		formatKmapAtomic(
			records.kmapAtomic({'0.3': {used: 1204, lastPfn: 0x6a31, lastHolder: {comm: 'mapper', pid: 112}}}),
		),
	],
	[path.pkmap, formatPkmap(records.pkmap)],
	[path.aio, formatAio(records.aio())],
	[path.aioNr, '128\n'],
	[path.aioMaxNr, '65536\n'],
	[path.dmaDump, formatDmaApiDump(records.dmaDump)],
	[path.pools('0000:00:1d.7'), formatPools(records.pools)],
	[path.dmaPools, formatDmaPools(records.dmaPools)],
	[path.pageMap, formatPageMap(records.pageMap())],
	[
		path.trace,
		formatTrace(
			records.traceOf([
				{pid: 5, text: 'pfn=0x2af3 order=0', timeUs: 11_999_000},
				{pid: 5, text: 'pfn=0x2af4 order=0', timeUs: 12_000_050},
			]),
		),
	],
	[
		path.meminfo,
		formatMeminfo({dialect: '2.6.32', MemTotal: 131072, MemFree: 65536, HighTotal: 65536, HighFree: 30000}),
	],
	[path.vmstat, formatVmstat({counters: {pgalloc_dma: 10, pgalloc_normal: 200, pgfault: 1000}})],
	[path.zoneinfo, formatZoneinfo(records.zoneinfo)],
	[path.buddyinfo, formatBuddyinfo({zones: [{node: 0, zone: 'DMA', freeBlocks: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]}]})],
	[
		path.kmsg,
		formatKmsg({
			lines: [
				{level: 6, timeUs: 1000, text: '64MB HIGHMEM available.'},
				{level: 3, timeUs: 9_000_000, text: 'BUG: scheduling while atomic: mapper/112/0x00000001'},
			],
		}),
	],
];

export function createFakeTarget(change: Partial<Pick<Target, 'name' | 'kind' | 'writable'>> = {}): FakeTarget {
	const files = new Map(initialFiles());
	const names = new Map<number, string>();
	const [mapsOf, vmaOf] = [keeping(parseMaps), keeping(parseVma)];

	const read = (name: string): SampledFile => {
		const text = files.get(name);
		if (text !== undefined) return {text};
		const window = windowPattern.exec(name);
		if (window && files.has(path.pageMap)) {
			const [startPfn, frames, cells] = window.slice(1, 4).map(Number) as [number, number, number];
			return {text: formatPageMap(records.pageMap({startPfn, frames, cells}))};
		}
		if (name === path.traceTail && files.has(path.trace)) return {text: files.get(path.trace)!};
		const [, whole, first, count] = areasPattern.exec(name) ?? [];
		if (whole !== undefined && files.has(whole)) {
			const cut = <T>(areas: readonly T[]): T[] => areas.slice(Number(first), Number(first) + Number(count));
			const text = files.get(whole)!;
			if (whole.endsWith('maps')) return {text: formatMaps({areas: cut(mapsOf(text).areas)})};
			const vma = vmaOf(text);
			return {text: formatVma({...vma, areas: cut(vma.areas)})};
		}
		const page = pagePattern.exec(name);
		if (page) return {text: formatPageInfo(pageInfo(Number(page[1])))};
		const place = userPattern.exec(name);
		if (place) {
			const [pid, at] = [Number(place[1]), Number.parseInt(place[2]!, 16)];
			return {text: formatTranslate(translateUser(pid, at, 0x6a31))};
		}
		return {error: `ENOENT: no such file: ${name}`};
	};

	const check = (): void => {
		if (target.lost !== undefined) throw new TargetError('EDISCONNECTED', target.lost);
	};

	const target: FakeTarget = {
		name: 'lab',
		kind: 'socket',
		writable: true,
		...change,
		files,
		written: [],
		asked: [],
		timeNs: 12_345_655_000,
		seq: 1,
		lost: undefined,
		onWrite: written => (written === path.inject ? '1' : ''),
		addProcess(pid, comm, maps, vmSizeKb = 400) {
			names.set(pid, comm);
			files.set(path.maps(pid), formatMaps(maps));
			files.set(path.comm(pid), `${comm}\n`);
			for (const [index, {start, end}] of maps.areas.slice(0, 20).entries()) {
				const runs = [{address: start, run: {pfn: 0x6a31 + 64 * index, frames: 2}}];
				files.set(path.vmaFrames(pid, start, end), formatVmaFrames({pid, start, end, present: 2, runs}));
			}
			files.set(path.vma(pid), formatVma(records.vmaOf(maps)));
			files.set(
				path.status(pid),
				formatStatus({dialect: '2.6.11', Name: comm, State: 'S (sleeping)', Pid: pid, VmSize: vmSizeKb, VmRSS: 68}),
			);
		},
		removeProcess(pid) {
			names.delete(pid);
			for (const name of [path.maps(pid), path.comm(pid), path.vma(pid), path.status(pid)]) {
				files.delete(name);
			}
		},
		async sample({paths}): Promise<Sample> {
			check();
			target.asked.push(paths);
			return {
				version: 1,
				timeNs: target.timeNs,
				seq: target.seq,
				files: Object.fromEntries(paths.map(name => [name, read(name)])),
			};
		},
		async read(name) {
			check();
			const file = read(name);
			if ('text' in file) return file.text;
			throw new TargetError('ENOENT', `no such file: ${name}`);
		},
		async list(directory) {
			check();
			if (directory === path.processes) return [...[...names.keys()].map(pid => `${pid}/`), 'meminfo'];
			if (directory === path.pciDevices) return ['0000:00:1d.7/'];
			throw new TargetError('ENOENT', `no such directory: ${directory}`);
		},
		async write(name, text) {
			check();
			const answer = target.onWrite(name, text);
			target.written.push(`${name} ${text}`);
			return answer;
		},
		async close() {},
	};
	target.addProcess(112, 'mapper', records.mapperMaps);
	target.addProcess(1, 'init', {areas: records.mapperMaps.areas.slice(0, 2)}, 120);
	return target;
}
