/**
 * What a watcher of the kernel hears at once (ours): whole reports of the log, and states that the kernel has
 * no word for. The kernel does the same whether anybody watches or not.
 */
import type {Pfn} from '../hardware/address.ts';
import type {dma_debug_entry} from './dma/entries.ts';
import type {device} from './drivers/device.ts';
import type {Kernel} from './kernel.ts';
import type {LogLine} from './printk.ts';
import type {Within} from './trace.ts';

/** `message`: a line at the level of a warning or worse that belongs to no longer report. */
export type ReportKind = 'warning' | 'bug' | 'oops' | 'panic' | 'dma-debug' | 'oom' | 'message';

/** What a report is about, as far as who prints it knows. */
type Subject = {
	/** In one line; left out, the first line of the report. */
	readonly says?: string;
	readonly pfn?: Pfn;
	readonly dev?: device | null;
	readonly mapping?: dma_debug_entry | undefined;
	readonly pool?: string;
};

/** Lines of the log that belong together. */
export type Report = {
	readonly kind: ReportKind;
	readonly about: Subject;
	readonly timeNs: number;
	readonly comm: string;
	readonly pid: number;
	/** Module whose code ran, if one did. */
	readonly module: string | undefined;
	/** The trace record of its first line. */
	readonly record: Within;
	readonly lines: LogLine[];
};

/** Who made something that may stay for long, and within what. */
export type Made = {
	readonly timeNs: number;
	readonly comm: string;
	readonly pid: number;
	/** Module whose code ran, if one did. */
	readonly module: string | undefined;
	/** The trace record of it: it is kept as long as what it made, whatever the ring forgets. */
	record: Within;
};

export type Watcher = {
	/** A report is complete. */
	report(report: Report): void;
	/** Somebody else's reference to a pinned frame went. */
	putPinned(frame: Pfn): void;
	/** A pin went. */
	unpinned(frame: Pfn): void;
	/** The current task gives up a CPU on which it holds slots of kmap_atomic(). */
	sleptWithSlots(): void;
	/** A driver has left a device. @param driver its name */
	driverLeft(dev: device, driver: string): void;
	/** A mapping was given back: of equal ones the first, of any driver. */
	unmapped(entry: dma_debug_entry): void;
	/** A pool was destroyed while blocks were out; their pages are lost. */
	poolLost(pool: LostPool): void;
	/** A module was taken out. @param left what it should have taken along */
	moduleLeft(name: string, left: readonly string[]): void;
};

/** A pool that is no more, whose pages still are. */
export type LostPool = {
	readonly name: string;
	readonly dev: device | null;
	/** Frames that stay. */
	readonly frames: readonly {readonly pfn: number; readonly frames: number}[];
	/** Blocks that were out, the first one first. */
	readonly blocks: readonly Made[];
};

/** The module whose code runs: that of the interrupt, where one came on top of a task. */
export const moduleNow = ({modules}: Kernel): string | undefined => modules?.moduleNow();

/** @param record left out: it is not traced yet, and put in then */
export const made = (k: Kernel, record: Within = 'untraced'): Made => ({
	timeNs: k.hw.timeline.nowNs,
	comm: k.cpu.current.comm,
	pid: k.cpu.current.pid,
	module: moduleNow(k),
	record,
});

/**
 * What is printed meanwhile is one report. Within another report it is part of that one.
 * @param say prints it; what it throws passes through
 */
export function inReport<T>(k: Kernel, kind: ReportKind, say: () => T, about: Subject = {}): T {
	const {log} = k;
	if (log.reported) return say();
	const reported: NonNullable<Kernel['log']['reported']> = {lines: [], record: undefined};
	log.reported = reported;
	const {comm, pid} = k.cpu.current;
	const [timeNs, module] = [k.hw.timeline.nowNs, moduleNow(k)];
	try {
		return say();
	} finally {
		log.reported = undefined;
		const {lines, record} = reported;
		if (record !== undefined) k.watcher?.report({kind, about, timeNs, comm, pid, module, record, lines});
	}
}
