/** What a row stands for when one asks what made it. */

import {type CauseObject, formatCauseObject} from '../formats/debugfs/cause.ts';
import {pathOf} from '../formats/fileRow.ts';
import {files} from '../formats/files.ts';
import type {MappingRow, PoolRow} from './dma.ts';
import type {FindingRow} from './findings.ts';
import type {KiocbRow} from './iocbs.ts';
import type {SlotRow} from './kmap.ts';
import type {LogRow} from './log.ts';
import type {MapsModel, MapsRow} from './maps.ts';
import type {TraceEntry} from './trace.ts';
import type {ZoneRow} from './zones.ts';

export const framesCause = (pfn: number, frames: number): CauseObject => ({kind: 'pfn', pfn, frames});

export const areaCause = ({pid}: MapsModel, {area}: MapsRow): CauseObject => ({kind: 'vma', pid, address: area.start});

export const slotCause = ({slot: {cpu, slot}}: SlotRow): CauseObject => ({kind: 'slot', cpu, slot});

export const mappingCause = ({mapping: {device, busAddress}}: MappingRow): CauseObject => ({
	kind: 'mapping',
	device,
	address: busAddress,
});

export const poolCause = ({device, pool: {name}}: PoolRow): CauseObject => ({kind: 'pool', device, name});

export const kiocbCause = ({kiocb: {id}}: KiocbRow): CauseObject => ({kind: 'iocb', id});

export const zoneCause = ({zone}: ZoneRow): CauseObject => ({kind: 'zone', name: zone});

export const findingCause = ({finding: {id}}: FindingRow): CauseObject => ({kind: 'finding', id});

/** Where the message was printed. */
export const logCause = ({line: {timeUs}}: LogRow): CauseObject => ({kind: 'event', timeUs, name: 'console'});

const linePattern = / (\d+)\.(\d{6}): (\w+)/;

/** What a line of the trace itself happened within; undefined for what is not an event. */
export function traceCause(entry: TraceEntry): CauseObject | undefined {
	const found = entry.kind === 'line' ? linePattern.exec(entry.text) : undefined;
	return found ? {kind: 'event', timeUs: Number(found[1]) * 1e6 + Number(found[2]), name: found[3]!} : undefined;
}

export const causePath = (object: CauseObject): string => pathOf(files.cause, {object: formatCauseObject(object)});
