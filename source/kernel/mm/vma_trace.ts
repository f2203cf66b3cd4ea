/** Tracepoints of changes to areas and to what their entries hold, under the names of the functions that make them. */
import {hex8} from '../hex.ts';
import type {Kernel} from '../kernel.ts';
import {trace} from '../trace.ts';
import type {mm_struct} from './mm_types.ts';

/**
 * An area of `mm` changed.
 * @param frames whose count of entries changed with it
 */
export function traceArea(
	k: Kernel,
	name: string,
	mm: mm_struct,
	start: number,
	end: number,
	frames?: readonly number[],
): void {
	const {id, owner} = mm;
	trace(
		k,
		name,
		() => `mm=${id} ${hex8(start)}-${hex8(end)}${frames ? ` pages=${frames.length}` : ''}`,
		frames ? {owner, areas: [{start, end}], frames} : {owner, areas: [{start, end}]},
	);
}

/** Entries moved from one area to another; their frames stayed where they are. */
export function traceMove(
	k: Kernel,
	mm: mm_struct,
	from: number,
	to: number,
	len: number,
	frames: readonly number[],
): void {
	const {id, owner} = mm;
	const areas = [
		{start: from, end: from + len},
		{start: to, end: to + len},
	];
	const fields = () => `mm=${id} from=${hex8(from)} to=${hex8(to)} len=${hex8(len)} pages=${frames.length}`;
	trace(k, 'move_page_tables', fields, {owner, areas, frames});
}
