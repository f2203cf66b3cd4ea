/**
 * /sys/kernel/debug/dma-api/dump: every mapping that dma-debug knows. kernel/dma/debug.c dump_show() of 5.10 to 6.1,
 * and of 6.18, which names the driver first, gives the cache line instead of the page, and has other names of types.
 * 6.4 gives both. Before the file existed, lib/dma-debug.c printed the same entries to the log with `drv dev:` in front
 * and fewer fields.
 */

import {type Dialect, since} from '../dialect.ts';
import {CellError, hex, joinLines, Lines, remembering} from '../text.ts';
import type {DmaDirection} from './dmaCells.ts';

/** Linux's spelling; `page` up to 5.9, `resource` from 4.11 on, `phy` for both and `single` in 6.18. */
export type DmaMappingType =
	| 'single'
	| 'page'
	| 'scather-gather'
	| 'scatter-gather'
	| 'coherent'
	| 'noncoherent'
	| 'resource'
	| 'phy';

/** Whether the driver has asked dma_mapping_error() about the mapping. */
type DmaMapError = 'check not applicable' | 'not checked' | 'checked';

export type DmaMapping = {
	/** Device as the bus names it: `0000:00:05.0`. */
	readonly device: string;
	readonly driver: string;
	readonly type: DmaMappingType;
	/** Bucket of dma-debug's hash. */
	readonly bucket: number;
	readonly physicalAddress: number;
	/** null in dialects before 5.10 and in 6.18, which do not print it. */
	readonly pfn: number | null;
	/** Number of the cache line, from 6.4 on. */
	readonly cacheline?: number;
	readonly busAddress: number;
	readonly lengthBytes: number;
	readonly direction: DmaDirection;
	/** null in dialects before 5.10, which do not check it. */
	readonly mapError: DmaMapError | null;
};

export type DmaApiDump = {
	readonly dialect: Dialect;
	/** Bits of a phys_addr_t, where they are not 32; from 6.4 on a cache line has all its digits. */
	readonly physicalBits?: 32 | 64;
	readonly mappings: readonly DmaMapping[];
};

const types = 'single|page|scather-gather|scatter-gather|coherent|noncoherent|resource|phy';
const directions = 'DMA_BIDIRECTIONAL|DMA_TO_DEVICE|DMA_FROM_DEVICE|DMA_NONE';
const newLine = new RegExp(
	`^(?<device>\\S+) (?<driver>.+) (?<type>${types}) idx (?<bucket>\\d+) P=(?<physical>[0-9a-f]+) N=(?<pfn>[0-9a-f]+) ` +
		`D=(?<bus>[0-9a-f]+) L=(?<length>[0-9a-f]+) (?:cln=0x(?<line>[0-9a-f]+) )?(?<direction>${directions}) ` +
		'dma map error (?<mapError>check not applicable|not checked|checked)$',
);
const newestLine = new RegExp(
	`^(?<driver>.+) (?<device>\\S+) (?<type>${types}) idx (?<bucket>\\d+) P=0x(?<physical>[0-9a-f]+) ` +
		`D=(?<bus>[0-9a-f]+) L=(?<length>[0-9a-f]+) cln=0x(?<line>[0-9a-f]+) (?<direction>${directions}) ` +
		'dma map error (?<mapError>check not applicable|not checked|checked)$',
);
const oldLine = new RegExp(
	`^(?<driver>.+) (?<device>\\S+): (?<type>${types}) idx (?<bucket>\\d+) P=(?<physical>[0-9a-f]+) ` +
		`D=(?<bus>[0-9a-f]+) L=(?<length>[0-9a-f]+) (?<direction>${directions})$`,
);

function formatMapping(mapping: DmaMapping, {dialect, physicalBits = 32}: Omit<DmaApiDump, 'mappings'>): string {
	const {device, driver, type, bucket, direction, cacheline} = mapping;
	const physical = `P=${hex(mapping.physicalAddress)}`;
	const line = cacheline === undefined ? '' : ` cln=0x${hex(cacheline, physicalBits / 4)}`;
	const rest = `D=${hex(mapping.busAddress)} L=${hex(mapping.lengthBytes)}${line} ${direction}`;
	if (!since(dialect, '5.10')) return `${driver} ${device}: ${type} idx ${bucket} ${physical} ${rest}`;
	const {pfn, mapError} = mapping;
	if (since(dialect, '6.18')) {
		if (cacheline === undefined || mapError === null)
			throw new Error(`a ${dialect} dump prints cache line and map error of every mapping`);
		const where = `P=0x${hex(mapping.physicalAddress, physicalBits / 4)}`;
		return `${driver} ${device} ${type} idx ${bucket} ${where} ${rest} dma map error ${mapError}`;
	}
	if (pfn === null || mapError === null) throw new Error(`a ${dialect} dump prints pfn and map error of every mapping`);
	return `${device} ${driver} ${type} idx ${bucket} ${physical} N=${hex(pfn)} ${rest} dma map error ${mapError}`;
}

/** @throws Error if the dialect prints a field that a mapping does not have */
export function formatDmaApiDump({mappings, ...form}: DmaApiDump): string {
	return joinLines(mappings.map(mapping => formatMapping(mapping, form)));
}

const fromHex = (digits: string) => Number(`0x${digits}`);

/** A mapping from a line that matches; what the pattern does not name is null. */
const lineReader = (pattern: RegExp, expected: string): ((line: string) => DmaMapping) =>
	remembering(line => {
		const found = pattern.exec(line)?.groups;
		if (found === undefined) throw new CellError(expected);
		return {
			device: found.device!,
			driver: found.driver!,
			type: found.type as DmaMappingType,
			bucket: Number(found.bucket),
			physicalAddress: fromHex(found.physical!),
			pfn: found.pfn === undefined ? null : fromHex(found.pfn),
			...(found.line === undefined ? {} : {cacheline: fromHex(found.line)}),
			busAddress: fromHex(found.bus!),
			lengthBytes: fromHex(found.length!),
			direction: found.direction as DmaDirection,
			mapError: (found.mapError as DmaMapError | undefined) ?? null,
		};
	});

const readNewLine = lineReader(newLine, 'device driver type idx P= N= D= L= direction, map error');
const readNewestLine = lineReader(newestLine, 'driver device type idx P=0x D= L= cln=0x direction, map error');
const readOldLine = lineReader(oldLine, 'driver device: type idx P= D= L= direction');

function dialectOf(line: string): '2.6.11' | '5.10' | '6.18' {
	if (oldLine.test(line)) return '2.6.11';
	return / P=0x/.test(line) ? '6.18' : '5.10';
}

/** @throws FormatError */
export function parseDmaApiDump(text: string): DmaApiDump {
	const lines = new Lines('dma-api/dump', text);
	const dialect = dialectOf(lines.peek() ?? '');
	const read = {'2.6.11': readOldLine, '5.10': readNewLine, '6.18': readNewestLine}[dialect];
	const mappings: DmaMapping[] = [];
	while (!lines.done) mappings.push(lines.read(read));
	return {dialect, ...(/ cln=0x[0-9a-f]{16} /.test(text) ? {physicalBits: 64} : {}), mappings};
}
