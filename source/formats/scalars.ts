/**
 * Files that hold one value. A number: /proc/sys/fs/{aio-nr,aio-max-nr}, /proc/sys/vm/max_map_count, tracing/tracing_on
 * and the counters of dma-api. Y or N: dma-api/disabled. A name or nothing: dma-api/driver_filter,
 * tracing/current_tracer.
 */

import {Lines} from './text.ts';

export type DecimalFile = {readonly value: number};

export function formatDecimalFile({value}: DecimalFile): string {
	return `${value}\n`;
}

/** @throws FormatError */
export function parseDecimalFile(text: string): DecimalFile {
	return {value: Number(new Lines('decimal file', text).match(/^(-?\d+)$/, 'a decimal number')[0])};
}

export type BooleanFile = {readonly value: boolean};

export function formatBooleanFile({value}: BooleanFile): string {
	return value ? 'Y\n' : 'N\n';
}

/** @throws FormatError */
export function parseBooleanFile(text: string): BooleanFile {
	return {value: new Lines('boolean file', text).match(/^([YN])$/, 'Y or N')[0] === 'Y'};
}

export type NameFile = {
	/** null for an empty file: no name is set. */
	readonly value: string | null;
};

export function formatNameFile({value}: NameFile): string {
	return value === null ? '' : `${value}\n`;
}

/** @throws FormatError */
export function parseNameFile(text: string): NameFile {
	return {value: text === '' ? null : new Lines('name file', text).match(/^(.+)$/, 'a name')[0]!};
}
