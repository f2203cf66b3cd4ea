import type {DmaMapping} from '../formats/debugfs/dmaApiDump.ts';
import type {TextFile} from '../formats/fileRow.ts';
import {files} from '../formats/files.ts';
import {zoneName} from '../formats/proc/zoneinfo.ts';
import {mmtopVersion} from '../lab/version.ts';
import {fromSampled} from '../target/content.ts';
import type {Sample} from '../target/target.ts';
import {type CommandFunction, print} from './context.ts';
import {UsageError} from './errors.ts';
import {onChosen} from './machine.ts';

/** `mmtop metrics`: numbers of one instant as OpenMetrics text, for Prometheus and its textfile collector. */
export const metrics: CommandFunction = async context => {
	const {args, stdout} = context;
	if (args.length > 0) throw new UsageError('metrics takes no words; --target names a machine');

	return onChosen(context, async target => {
		await print(stdout, metricsText(target.name, await target.sample({paths: readPaths})));
		return 0;
	});
};

/** Labels and a value. */
type Point = readonly [labels: Readonly<Record<string, string | number>>, value: number];

type Reader = <T>(row: TextFile<T>) => T | undefined;

type Family = {
	readonly name: string;
	readonly help: string;
	/** Files that it needs. */
	readonly rows: readonly TextFile<unknown>[];
	/** None where the target lacks a file. */
	readonly points: (read: Reader) => readonly Point[];
};

/** How many there are of each label, and what they come to. */
function grouped<T>(
	things: readonly T[],
	labelsOf: (thing: T) => Point[0],
	amountOf: (thing: T) => number,
): readonly Point[] {
	const groups = new Map<string, Point>();
	for (const thing of things) {
		const labels = labelsOf(thing);
		const key = JSON.stringify(labels);
		groups.set(key, [labels, (groups.get(key)?.[1] ?? 0) + amountOf(thing)]);
	}
	return [...groups.values()];
}

const mappingLabels = ({device, driver, type, direction}: DmaMapping): Point[0] => ({device, driver, type, direction});

/** Of zoneinfo's pages, those that a zone is held against. */
const marks = ['min', 'low', 'high', 'present', 'managed'] as const;

/** All are gauges: the text is then the same in Prometheus' own format and in OpenMetrics. */
const families: readonly Family[] = [
	{
		name: 'mmtop_memory_bytes',
		help: 'A row of /proc/meminfo.',
		rows: [files.meminfo],
		points: read =>
			Object.entries(read(files.meminfo) ?? {}).flatMap(([name, value]): Point[] =>
				typeof value === 'number' && !name.startsWith('HugePages_') ? [[{name}, value * 1024]] : [],
			),
	},
	{
		name: 'mmtop_vmstat',
		help: 'A counter of /proc/vmstat, in its own unit.',
		rows: [files.vmstat],
		points: read => Object.entries(read(files.vmstat)?.counters ?? {}).map(([name, value]): Point => [{name}, value]),
	},
	{
		name: 'mmtop_zone_free_blocks',
		help: 'Free blocks of 2^order pages, from /proc/buddyinfo.',
		rows: [files.buddyinfo],
		points: read =>
			(read(files.buddyinfo)?.zones ?? []).flatMap(zone =>
				zone.freeBlocks.map((blocks, order): Point => [{zone: zoneName(zone), order}, blocks]),
			),
	},
	{
		name: 'mmtop_zone_free_pages',
		help: 'Free pages of a zone, from /proc/zoneinfo.',
		rows: [files.zoneinfo],
		points: read =>
			(read(files.zoneinfo)?.zones ?? []).flatMap((zone): Point[] =>
				zone.pages.free === undefined ? [] : [[{zone: zoneName(zone)}, zone.pages.free]],
			),
	},
	{
		name: 'mmtop_zone_mark_pages',
		help: 'Watermarks and size of a zone, from /proc/zoneinfo.',
		rows: [files.zoneinfo],
		points: read =>
			(read(files.zoneinfo)?.zones ?? []).flatMap(zone =>
				marks.flatMap((mark): Point[] =>
					zone.pages[mark] === undefined ? [] : [[{zone: zoneName(zone), mark}, zone.pages[mark]]],
				),
			),
	},
	{
		name: 'mmtop_dma_mappings',
		help: 'Mappings that dma-debug knows.',
		rows: [files.dmaDump],
		points: read => grouped(read(files.dmaDump)?.mappings ?? [], mappingLabels, () => 1),
	},
	{
		name: 'mmtop_dma_mapped_bytes',
		help: 'Bytes of the mappings that dma-debug knows.',
		rows: [files.dmaDump],
		points: read => grouped(read(files.dmaDump)?.mappings ?? [], mappingLabels, ({lengthBytes}) => lengthBytes),
	},
	{
		name: 'mmtop_swiotlb_slots',
		help: 'Slots of the bounce buffer.',
		rows: [files.swiotlb],
		points(read) {
			const swiotlb = read(files.swiotlb);
			return swiotlb
				? [
						[{state: 'used'}, swiotlb.used],
						[{state: 'all'}, swiotlb.slots],
					]
				: [];
		},
	},
	{
		name: 'mmtop_aio_requests',
		help: 'Asynchronous requests that io_setup() has made room for, and the most that it may.',
		rows: [files.aioNr, files.aioMaxNr],
		points: read =>
			(
				[
					['room', files.aioNr],
					['most', files.aioMaxNr],
				] as const
			).flatMap(([state, row]): Point[] => {
				const value = read(row)?.value;
				return value === undefined ? [] : [[{state}, value]];
			}),
	},
	{
		name: 'mmtop_findings',
		help: 'What mmtop found wrong on its machine, open and over.',
		rows: [files.findings],
		points: read =>
			grouped(
				read(files.findings)?.findings ?? [],
				({kind, severity, untilUs}) => ({kind, severity, state: untilUs === null ? 'open' : 'over'}),
				() => 1,
			),
	},
	{
		name: 'mmtop_machine_info',
		help: 'What the simulated machine is.',
		rows: [files.machine],
		points(read) {
			const machine = read(files.machine);
			if (machine === undefined) return [];
			const {preset, era, seed, cpus} = machine;
			return [[{preset, era, seed, cpus}, 1]];
		},
	},
];

const readPaths: readonly string[] = [...new Set(families.flatMap(({rows}) => rows.map(({path}) => path)))];

const escapes: Readonly<Record<string, string>> = {'\\': '\\\\', '"': '\\"', '\n': '\\n'};

/** A label's value, with U+FFFD for what is not a character. */
const quoted = (value: string | number): string =>
	`"${String(value)
		.replace(/\p{Surrogate}/gu, '\uFFFD')
		.replace(/[\\"\n]/g, found => escapes[found]!)}"`;

const labelText = (labels: Point[0]): string =>
	Object.entries(labels)
		.map(([name, value]) => `${name}=${quoted(value)}`)
		.join(',');

/** @param target its name @param sample of `readPaths`; what it lacks, or what is not in its format, has no line */
export function metricsText(target: string, sample: Pick<Sample, 'files' | 'timeNs'>): string {
	const read: Reader = ({path, parse}) => {
		const file = sample.files[path];
		const content = file && fromSampled(file);
		if (typeof content !== 'string') return undefined;
		try {
			return parse(content);
		} catch {
			return undefined;
		}
	};
	const unread = readPaths.filter(path => sample.files[path] === undefined || 'error' in sample.files[path]).length;
	const first: readonly [name: string, help: string, points: readonly Point[]][] = [
		['mmtop_info', 'The version of mmtop and the target that was read.', [[{version: mmtopVersion, target}, 1]]],
		['mmtop_time_seconds', "Time of the machine, or since this computer's start.", [[{}, sample.timeNs / 1e9]]],
		['mmtop_files_lacking', 'Files of these numbers that the target does not have.', [[{}, unread]]],
	];
	const all = [...first, ...families.map(({name, help, points}) => [name, help, points(read)] as const)];
	const lines = all.flatMap(([name, help, points]) =>
		points.length === 0
			? []
			: [
					`# HELP ${name} ${help}`,
					`# TYPE ${name} gauge`,
					...points.map(([labels, value]) => {
						const text = labelText(labels);
						return `${name}${text === '' ? '' : `{${text}}`} ${value}`;
					}),
				],
	);
	return `${[...lines, '# EOF'].join('\n')}\n`;
}
