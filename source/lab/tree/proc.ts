/** The files of /proc that are about the whole machine. */
import {formatBuddyinfo} from '../../formats/proc/buddyinfo.ts';
import {formatDevices} from '../../formats/proc/devices.ts';
import {formatDma} from '../../formats/proc/dma.ts';
import {formatInterrupts} from '../../formats/proc/interrupts.ts';
import {formatIomem} from '../../formats/proc/iomem.ts';
import {formatIoports} from '../../formats/proc/ioports.ts';
import {formatKmsg} from '../../formats/proc/kmsg.ts';
import {formatUptime} from '../../formats/proc/uptime.ts';
import {formatVersion} from '../../formats/proc/version.ts';
import {formatVmallocinfo} from '../../formats/proc/vmallocinfo.ts';
import {formatDecimalFile} from '../../formats/scalars.ts';
import {micros} from '../../formats/text.ts';
import {dmaChannelsInUse} from '../../kernel/dma/isa.ts';
import {irqActions, irqLine} from '../../kernel/irq.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {kpagecount, kpageflags} from './kpage.ts';
import {meminfo} from './meminfo.ts';
import {iomemResources, ioportResources} from './resources.ts';
import {directory, type Route} from './route.ts';
import {slabinfo} from './slabinfo.ts';
import {vmallocinfo} from './vmalloc.ts';
import {vmstat} from './vmstat.ts';
import {wholeNumber} from './wholeNumber.ts';
import {zoneinfo} from './zoneinfo.ts';

/** An int. */
const mostInt = 0x7fff_ffff;

export const procRoutes: readonly Route[] = directory('/proc', [
	{path: 'meminfo', read: ({k}) => meminfo(k)},
	{path: 'buddyinfo', read: ({k}) => buddyinfo(k)},
	{path: 'zoneinfo', read: ({k}) => zoneinfo(k)},
	{path: 'vmstat', read: ({k}) => vmstat(k)},
	{path: 'slabinfo', read: ({k}) => slabinfo(k)},
	{
		path: 'vmallocinfo',
		read: ({k}) =>
			formatVmallocinfo({
				dialect: k.era.dialect,
				physicalBits: k.hw.paging.mode === 'pae' ? 64 : 32,
				areas: vmallocinfo(k),
			}),
	},
	{path: 'iomem', read: ({k}) => formatIomem({resources: iomemResources(k)})},
	{path: 'ioports', read: ({k}) => formatIoports({resources: ioportResources(k)})},
	{
		path: 'dma',
		read: ({k}) => formatDma({channels: dmaChannelsInUse(k).map(({channel, owner}) => ({channel, device: owner}))}),
	},
	{path: 'devices', read: ({k}) => devices(k)},
	{path: 'interrupts', read: ({k}) => interrupts(k)},
	{path: 'kpagecount', read: ({k}) => kpagecount(k)},
	{path: 'kpageflags', read: ({k}) => kpageflags(k)},
	{
		path: 'kmsg',
		read: ({k}) =>
			formatKmsg({
				lines: k.log.lines.map(({level, timeNs, text}) => ({level, timeUs: micros(timeNs), text})),
			}),
	},
	{path: 'uptime', read: ({k}) => uptime(k)},
	{
		path: 'version',
		read: ({k}) =>
			formatVersion({
				release: k.era.release,
				builder: 'mmtop@lab',
				compiler: 'simulated, no compiler',
				build: `#1${k.sched.cpus.length > 1 ? ' SMP' : ''}`,
			}),
	},
	{path: 'sys/fs/aio-nr', read: ({k}) => formatDecimalFile({value: k.aio.aio_nr})},
	{
		path: 'sys/fs/aio-max-nr',
		read: ({k}) => formatDecimalFile({value: k.aio.aio_max_nr}),
		write({k}, _args, text) {
			k.aio.aio_max_nr = wholeNumber('aio-max-nr', text, mostInt);
			return '';
		},
	},
	{
		path: 'sys/vm/max_map_count',
		read: ({k}) => formatDecimalFile({value: k.mm.max_map_count}),
		write({k}, _args, text) {
			k.mm.max_map_count = wholeNumber('max_map_count', text, mostInt);
			return '';
		},
	},
]);

function buddyinfo(k: Kernel): string {
	const zones = k.pages.zones.filter(zone => zone.present_pages > 0);
	return formatBuddyinfo({zones: zones.map(zone => ({node: 0, zone: zone.name, freeBlocks: [...zone.nr_free]}))});
}

function devices(k: Kernel): string {
	const byMajor = (a: {major: number}, b: {major: number}) => a.major - b.major;
	return formatDevices({
		character: k.vfs.chrdevs.map(({major, name}) => ({major, name})).sort(byMajor),
		block: [...k.vfs.blkdevs].map(([major, name]) => ({major, name})).sort(byMajor),
	});
}

/** What triggers a line, as the era's file says it. */
function flowOf(k: Kernel, line: number): string {
	if (!k.irq.levelTriggered.has(line)) return 'edge';
	return k.era.dialect === '2.6.11' ? 'level' : 'fasteoi';
}

/**
 * The timer's own line ticks for the first CPU in 2.6.11; later the local APICs tick for everybody.
 * @see arch/i386/kernel/irq.c show_interrupts(), arch/x86/kernel/irq.c
 */
function timerLine(k: Kernel) {
	const ticks = k.sched.cpus.map((cpu, at) => (k.era.dialect === '2.6.11' && at === 0 ? cpu.timerTicks : 0));
	return {line: 0, counts: ticks, actions: ['timer']};
}

/** The first timer is wired to the third pin of the IO-APIC, where the ISA bus has its cascade. */
const pinOf = (line: number): number => (line === 0 ? 2 : line);

/** Lines with a handler, and the rows below them that this machine can answer for; nobody sends NMIs here. */
function interrupts(k: Kernel): string {
	const old = k.era.dialect === '2.6.11';
	const handled = [...k.irq.actions.keys()].map(line => ({
		line,
		counts: irqLine(k, line).counts,
		actions: irqActions(k, line).map(({name}) => name),
	}));
	const lines = [timerLine(k), ...handled].sort((a, b) => a.line - b.line);
	const rowOf = (label: string, counts: readonly number[], description: string) => ({
		label,
		counts,
		description: old ? null : description,
	});
	return formatInterrupts({
		dialect: k.era.dialect,
		cpus: k.sched.cpus.map(cpu => cpu.id),
		lines: lines.map(({line, counts, actions}) => ({
			irq: line,
			counts,
			chip: old ? `IO-APIC-${flowOf(k, line)}` : 'IO-APIC',
			hwirq: pinOf(line),
			flow: old ? null : flowOf(k, line),
			actions,
		})),
		summary: [
			rowOf(
				'NMI',
				k.sched.cpus.map(() => 0),
				'Non-maskable interrupts',
			),
			rowOf(
				'LOC',
				k.sched.cpus.map(cpu => cpu.timerTicks),
				'Local timer interrupts',
			),
			{label: 'ERR', counts: [0], description: null},
			{label: 'MIS', counts: [0], description: null},
		],
	});
}

function uptime(k: Kernel): string {
	const nowNs = k.hw.timeline.nowNs;
	const idleNs = k.sched.cpus.reduce((sum, cpu) => sum + Math.max(0, nowNs - cpu.busyNs), 0);
	return formatUptime({upCentiseconds: Math.floor(nowNs / 1e7), idleCentiseconds: Math.floor(idleNs / 1e7)});
}
