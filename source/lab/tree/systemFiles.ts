/**
 * What top, vmstat and their like read of the whole machine:
 * /proc/{stat,cpuinfo,loadavg,modules,filesystems,mounts,cmdline}.
 *
 * Not modelled: options of mounts.
 */

import {formatCpuinfo} from '../../formats/proc/cpuinfo.ts';
import {formatLoadavg} from '../../formats/proc/loadavg.ts';
import {formatModules} from '../../formats/proc/modules.ts';
import {formatFilesystems, formatMounts} from '../../formats/proc/mounts.ts';
import {formatStat} from '../../formats/proc/stat.ts';
import {CPUID_LEVEL, FAMILY, FEATURES, MODEL, MODEL_NAME, STEPPING, VENDOR} from '../../hardware/cpu/identity.ts';
import type {CpuStat} from '../../kernel/cpu.ts';
import {nr_iowait, nr_running} from '../../kernel/cputime.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {loadedModules} from '../../kernel/module/loader.ts';
import {BOOT_TIME_S} from '../../kernel/timekeeping.ts';
import {directory, type Route} from './route.ts';
import {clockTicks} from './taskFiles.ts';

function stat(k: Kernel): string {
	const times = (of: CpuStat) => {
		const {user, system, idle, iowait, irq, softirq} = of;
		const inTicks = {user, nice: 0, system, idle, iowait, irq, softirq, steal: 0};
		return Object.fromEntries(
			Object.entries(inTicks).map(([kind, ticks]) => [kind, clockTicks(k, ticks)]),
		) as typeof inTicks;
	};
	const total: CpuStat = {user: 0, system: 0, idle: 0, iowait: 0, irq: 0, softirq: 0};
	for (const {stat: own} of k.sched.cpus)
		for (const kind of Object.keys(total) as (keyof CpuStat)[]) total[kind] += own[kind];
	return formatStat(k.era.dialect, {
		total: times(total),
		cpus: k.sched.cpus.map(cpu => ({cpu: cpu.id, times: times(cpu.stat)})),
		interrupts: interruptCounts(k),
		ctxt: k.sched.contextSwitches,
		btime: BOOT_TIME_S,
		processes: k.sched.forks,
		procs_running: nr_running(k),
		procs_blocked: nr_iowait(k),
	});
}

function interruptCounts(k: Kernel): number[] {
	const counts = new Array<number>(k.hw.interrupts.lines).fill(0);
	for (const [line, {counts: each}] of k.irq.lines) counts[line] = each.reduce((sum, count) => sum + count, 0);
	if (k.era.dialect === '2.6.11') counts[0] = k.sched.cpus[0]!.timerTicks;
	return counts;
}

/** Averages are rounded to hundredths. @see LOAD_INT(), LOAD_FRAC() */
function loadavg(k: Kernel): string {
	const hundredths = k.sched.avenrun.map(load => Math.floor(((load + 2048 / 200) * 100) / 2048));
	return formatLoadavg({
		hundredths: hundredths as [number, number, number],
		running: nr_running(k),
		threads: k.sched.tasks.size,
		lastPid: k.sched.last_pid,
	});
}

const filesystems = [
	{name: 'sysfs', needsDevice: false},
	{name: 'tmpfs', needsDevice: false},
	{name: 'proc', needsDevice: false},
	{name: 'debugfs', needsDevice: false},
	{name: 'labfs', needsDevice: true},
];

/** Disks' filesystems, and what Linux shows its own files in. */
const mounts = (k: Kernel) =>
	formatMounts({
		mounts: [
			...k.vfs.mounts.map(({path, s_dev}) => {
				const disk = [...k.block.disks.values()].find(each => each.major === s_dev.major && each.minor === s_dev.minor);
				const device = disk ? `/dev/${disk.name}` : 'none';
				return {device, directory: path, type: disk ? 'labfs' : 'tmpfs', options: 'rw'};
			}),
			{device: 'proc', directory: '/proc', type: 'proc', options: 'rw'},
			{device: 'sysfs', directory: '/sys', type: 'sysfs', options: 'rw'},
			{device: 'debugfs', directory: '/sys/kernel/debug', type: 'debugfs', options: 'rw'},
		],
	});

/**
 * What CPUID says. Not modelled: speed, caches, bugs. @see arch/i386/kernel/cpu/proc.c show_cpuinfo(), intel.c
 */
const cpuinfo = (k: Kernel) =>
	formatCpuinfo({
		processors: k.sched.cpus.map(({id}) => ({
			processor: String(id),
			vendor_id: VENDOR,
			'cpu family': String(FAMILY),
			model: String(MODEL),
			'model name': MODEL_NAME,
			stepping: String(STEPPING),
			fpu: 'no',
			fpu_exception: 'no',
			'cpuid level': String(CPUID_LEVEL),
			wp: 'yes',
			flags: FEATURES.map(([, name]) => name).join(' '),
		})),
	});

/** The options that the boot loader of such a machine would hand over. */
function cmdline({config}: Kernel): string {
	const {highmemBytes, swiotlb} = config;
	const size = (bytes: number) => (bytes % 2 ** 20 === 0 ? `${bytes / 2 ** 20}M` : `${bytes / 2 ** 10}K`);
	const highmem = highmemBytes === undefined ? [] : [`highmem=${size(highmemBytes)}`];
	return `${['root=/dev/sda', 'rw', ...highmem, ...(swiotlb === 'force' ? ['swiotlb=force'] : [])].join(' ')}\n`;
}

export const systemRoutes: readonly Route[] = directory('/proc', [
	{path: 'stat', read: ({k}) => stat(k)},
	{path: 'cpuinfo', read: ({k}) => cpuinfo(k)},
	{path: 'loadavg', read: ({k}) => loadavg(k)},
	{path: 'modules', read: ({k}) => formatModules({modules: loadedModules(k)})},
	{path: 'filesystems', read: () => formatFilesystems({filesystems: filesystems})},
	{path: 'mounts', read: ({k}) => mounts(k)},
	{path: 'cmdline', read: ({k}) => cmdline(k)},
]);
