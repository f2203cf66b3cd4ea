/**
 * Models lib/dma-debug.c's err_printk() and dump_entry_trace(), and what the warnings of the DMA code have in common.
 *
 * Of “Mapped at:” there are the functions of the DMA API that the era has and those callers that name themselves to it,
 * without their addresses, and without offsets and sizes: these belong to compiled code.
 */
import {WARN} from '../bug.ts';
import {dev_label, type device} from '../drivers/device.ts';
import type {Kernel} from '../kernel.ts';
import {printk} from '../printk.ts';
import {inReport} from '../watch.ts';
import type {dma_debug_entry} from './entries.ts';

/** Where a warning stands in the source: the line is 6.1.176's. */
type WarnPlace = {readonly file: string; readonly line: number; readonly function: string};

/** `file:line function`, as far as the era's lines are known. */
const whereOf = (k: Kernel, {file, line, function: name}: WarnPlace): string =>
	`${k.era.dmaWarningsNameLines ? `${file}:${line}` : file} ${name}`;

/** A warning that the kernel gives once per boot and place. */
export function WARN_ONCE(k: Kernel, place: WarnPlace, message?: string): void {
	const {warned} = k.dma.debug;
	const key = `${place.function}:${place.line}`;
	if (warned.has(key)) return;
	warned.add(key);
	WARN(k, whereOf(k, place), message);
}

/** `driver_filter` of the debugfs directory: an empty one lets everything through. */
const driverFilterPasses = (k: Kernel, dev: device) =>
	k.dma.debug.driver_filter === '' || k.dma.debug.driver_filter === dev.driver;

/**
 * Reports an error of a driver: counted always, printed as long as num_errors lasts or all_errors is set.
 * @param place of the check in dma-debug's source
 * @param entry whose mapping it is about, if there is one
 */
export function err_printk(
	k: Kernel,
	dev: device,
	place: Omit<WarnPlace, 'file'>,
	text: string,
	entry?: dma_debug_entry,
): void {
	const {debug} = k.dma;
	debug.error_count++;
	if (driverFilterPasses(k, dev) && (debug.all_errors !== 0 || debug.num_errors > 0)) {
		const says = k.era.dmaDebugLine(dev_label(k, dev), text);
		const say = () => {
			WARN(k, whereOf(k, {file: k.era.dmaDebugFile, ...place}), says);
			if (entry) dump_entry_trace(k, entry);
		};
		inReport(k, 'dma-debug', say, {says: says.split('\n')[0]!, dev, mapping: entry});
	}
	if (debug.all_errors === 0 && debug.num_errors > 0) debug.num_errors--;
}

/** Frames that an entry keeps. */
const DMA_DEBUG_STACKTRACE_ENTRIES = 5;

/** Which calls made a mapping. */
function dump_entry_trace(k: Kernel, {type, callers}: dma_debug_entry): void {
	printk(k, 4, k.era.dmaDebugMappedAt);
	const frames = [...k.era.dmaDebugFrames(type), ...callers];
	for (const name of frames.slice(0, DMA_DEBUG_STACKTRACE_ENTRIES)) printk(k, 4, ` ${name}`);
}

/** A pointer as `%p` prints it on i386 (before 4.15, or with no_hash_pointers). */
export const formatPointer = (address: number): string => address.toString(16).padStart(8, '0');

/** A bus address as `%pad` prints it: as wide as a dma_addr_t. */
export function formatDmaAddress(k: Kernel, address: number): string {
	const bits = k.hw.paging.mode === 'pae' ? 64 : 32;
	return `0x${BigInt.asUintN(bits, BigInt(address))
		.toString(16)
		.padStart(bits / 4, '0')}`;
}

/** A bus address as the era's messages about pools print it. */
export const formatBusAddress = (k: Kernel, address: number): string =>
	k.era.busAddressInMessages === '%pad' ? formatDmaAddress(k, address) : address.toString(16);
