/**
 * /sys/kernel/debug/dma-api/dump: every mapping that dma-debug knows. kernel/dma/debug.c dump_show() of 5.10 to 6.1;
 * before the file existed, lib/dma-debug.c printed the same entries to the log with `drv dev:` in front and fewer fields.
 */

import type {Dialect} from '../dialect.ts';
import {since} from '../dialect.ts';
import {CellError, hex, joinLines, Lines, remembering} from '../text.ts';
import type {DmaDirection} from './dmaCells.ts';

/** Linux's spelling; `page` up to 5.9, `resource` from 4.11 on. */
export type DmaMappingType = 'single' | 'page' | 'scather-gather' | 'coherent' | 'resource';

/** Whether the driver has asked dma_mapping_error() about the mapping. */
export type DmaMapError = 'check not applicable' | 'not checked' | 'checked';

export type DmaMapping = {
	/** Device as the bus names it: `0000:00:05.0`. */
	readonly device: string;
	readonly driver: string;
	readonly type: DmaMappingType;
	/** Bucket of dma-debug's hash. */
	readonly bucket: number;
	readonly physicalAddress: number;
	/** null in dialects before 5.10, which do not print it. */
	readonly pfn: number | null;
	readonly busAddress: number;
	readonly lengthBytes: number;
	readonly direction: DmaDirection;
	/** null in dialects before 5.10, which do not check it. */
	readonly mapError: DmaMapError | null;
};

export type DmaApiDump = {readonly dialect: Dialect; readonly mappings: readonly DmaMapping[]};

const types = 'single|page|scather-gather|coherent|resource';
const directions = 'DMA_BIDIRECTIONAL|DMA_TO_DEVICE|DMA_FROM_DEVICE|DMA_NONE';
const newLine = new RegExp(
	`^(?<device>\\S+) (?<driver>.+) (?<type>${types}) idx (?<bucket>\\d+) P=(?<physical>[0-9a-f]+) N=(?<pfn>[0-9a-f]+) ` +
		`D=(?<bus>[0-9a-f]+) L=(?<length>[0-9a-f]+) (?<direction>${directions}) ` +
		'dma map error (?<mapError>check not applicable|not checked|checked)$',
);
const oldLine = new RegExp(
	`^(?<driver>.+) (?<device>\\S+): (?<type>${types}) idx (?<bucket>\\d+) P=(?<physical>[0-9a-f]+) ` +
		`D=(?<bus>[0-9a-f]+) L=(?<length>[0-9a-f]+) (?<direction>${directions})$`,
);

function formatMapping(mapping: DmaMapping, dialect: Dialect): string {
	const {device, driver, type, bucket, direction} = mapping;
	const physical = `P=${hex(mapping.physicalAddress)}`;
	const rest = `D=${hex(mapping.busAddress)} L=${hex(mapping.lengthBytes)} ${direction}`;
	if (!since(dialect, '5.10')) return `${driver} ${device}: ${type} idx ${bucket} ${physical} ${rest}`;
	const {pfn, mapError} = mapping;
	if (pfn === null || mapError === null) throw new Error(`a ${dialect} dump prints pfn and map error of every mapping`);
	return `${device} ${driver} ${type} idx ${bucket} ${physical} N=${hex(pfn)} ${rest} dma map error ${mapError}`;
}

/** @throws Error if the dialect prints a field that a mapping does not have */
export function formatDmaApiDump({dialect, mappings}: DmaApiDump): string {
	return joinLines(mappings.map(mapping => formatMapping(mapping, dialect)));
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
			busAddress: fromHex(found.bus!),
			lengthBytes: fromHex(found.length!),
			direction: found.direction as DmaDirection,
			mapError: (found.mapError as DmaMapError | undefined) ?? null,
		};
	});

const readNewLine = lineReader(newLine, 'device driver type idx P= N= D= L= direction, map error');
const readOldLine = lineReader(oldLine, 'driver device: type idx P= D= L= direction');

/** @throws FormatError */
export function parseDmaApiDump(text: string): DmaApiDump {
	const lines = new Lines('dma-api/dump', text);
	const dialect: Dialect = oldLine.test(lines.peek() ?? '') ? '2.6.11' : '5.10';
	const mappings: DmaMapping[] = [];
	while (!lines.done) mappings.push(lines.read(dialect === '5.10' ? readNewLine : readOldLine));
	return {dialect, mappings};
}
