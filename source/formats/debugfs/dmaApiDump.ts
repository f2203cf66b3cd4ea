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
	`^(\\S+) (.+) (${types}) idx (\\d+) P=([0-9a-f]+) N=([0-9a-f]+) D=([0-9a-f]+) L=([0-9a-f]+) (${directions}) dma map error (check not applicable|not checked|checked)$`,
);
const oldLine = new RegExp(
	`^(.+) (\\S+): (${types}) idx (\\d+) P=([0-9a-f]+) D=([0-9a-f]+) L=([0-9a-f]+) (${directions})$`,
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

const fromHex = (digits: string | undefined) => Number(`0x${digits}`);

const readNewLine = remembering((line: string): DmaMapping => {
	const groups = newLine.exec(line);
	if (groups === null) throw new CellError('device driver type idx P= N= D= L= direction, map error');
	return {
		device: groups[1]!,
		driver: groups[2]!,
		type: groups[3] as DmaMappingType,
		bucket: Number(groups[4]),
		physicalAddress: fromHex(groups[5]),
		pfn: fromHex(groups[6]),
		busAddress: fromHex(groups[7]),
		lengthBytes: fromHex(groups[8]),
		direction: groups[9] as DmaDirection,
		mapError: groups[10] as DmaMapError,
	};
});

const readOldLine = remembering((line: string): DmaMapping => {
	const groups = oldLine.exec(line);
	if (groups === null) throw new CellError('driver device: type idx P= D= L= direction');
	return {
		device: groups[2]!,
		driver: groups[1]!,
		type: groups[3] as DmaMappingType,
		bucket: Number(groups[4]),
		physicalAddress: fromHex(groups[5]),
		pfn: null,
		busAddress: fromHex(groups[6]),
		lengthBytes: fromHex(groups[7]),
		direction: groups[8] as DmaDirection,
		mapError: null,
	};
});

/** @throws FormatError */
export function parseDmaApiDump(text: string): DmaApiDump {
	const lines = new Lines('dma-api/dump', text);
	const dialect: Dialect = oldLine.test(lines.peek() ?? '') ? '2.6.11' : '5.10';
	const mappings: DmaMapping[] = [];
	while (!lines.done) mappings.push(lines.read(dialect === '5.10' ? readNewLine : readOldLine));
	return {dialect, mappings};
}
