import {pageBytes} from '../../../formats/pageBytes.ts';
import {address} from '../../../formats/text.ts';
import {areaBytes, type MapsModel, type MapsRow} from '../../../model/maps.ts';
import {bar, bytes, count, longest, markSign, plural} from '../../panes/format.ts';
import {deviceText, rangeText} from '../../panes/maps.ts';
import {type Line, line, padEnd, type Span, span, truncateStart} from '../../terminal/lines.ts';
import {lineOnce, markTone} from '../content.ts';
import type {PaneLook} from '../look.ts';

const barColumns = 4;
const rssColumns = 6 + 1 + barColumns;
const leastInode = 6;

const taskNames = (tasks: readonly {readonly comm: string; readonly pid: number}[]): string =>
	tasks.map(({comm, pid}) => `${comm}-${pid}`).join(' ');

function residency({vma}: MapsRow): Span[] {
	if (!vma) return [];
	const share = vma.pagesTotal === 0 ? 0 : vma.pagesPresent / vma.pagesTotal;
	return [
		span(bytes(vma.pagesPresent * pageBytes).padStart(6), 'number'),
		span(' '),
		span(bar(share, barColumns), 'bar.full'),
	];
}

/** The size can be told from the addresses: the first column to go where there is little room. */
const sizeOf = ({area}: MapsRow, columns: number): string => (columns < 86 ? '' : bytes(areaBytes(area)).padStart(7));

/** Device and inode go next, then the offset: the name says more. */
const hasDevice = (columns: number): boolean => columns >= 74;
const hasOffset = (columns: number): boolean => columns >= 58;

function middleOf(row: MapsRow, inodeColumns: number, columns: number): string {
	const {area} = row;
	const offset = hasOffset(columns) ? ` ${address(area.offset)}` : '';
	return `${offset}${hasDevice(columns) ? ` ${deviceText(row)} ${String(area.inode).padEnd(inodeColumns)}` : ''} `;
}

const mapsLine = lineOnce((row: MapsRow, inodeColumns: number, columns: number): Line => {
	const tone = markTone(row.mark);
	const {area} = row;
	const ends = residency(row);
	const left = `${markSign(row.mark)} ${rangeText(row)} ${area.perms}${middleOf(row, inodeColumns, columns)}`;
	const note = row.note === '' ? '' : ` ${row.note}`;
	const size = sizeOf(row, columns);
	const room = columns - left.length - size.length - (ends.length > 0 ? rssColumns : 0);
	const name = truncateStart(area.pathname ?? '', Math.max(0, room - note.length));
	return line(
		span(left, tone),
		span(padEnd(name, room - note.length), tone),
		span(note, tone),
		span(size, tone),
		...ends,
	);
});

function summary(model: MapsModel, columns: number): Line {
	if (model.areas === 0) return line(span(' no user memory: a kernel thread, or a process that has ended', 'dim'));
	const {first} = model;
	const shown = model.rows.filter(({mark}) => mark?.kind !== 'gone').length;
	const areas =
		first === undefined
			? plural(model.areas, 'area')
			: `areas ${count(first + 1)}-${count(first + shown)} of ${count(model.areas)}, sorted and filtered apart`;
	const parts = [areas, `${bytes(model.mappedBytes)} mapped`];
	if (model.residentBytes !== undefined) {
		parts.push(`${bytes(model.residentBytes)} resident`);
	}
	const {mm} = model;
	if (mm) {
		// One user is the usual case: said only where there is room.
		if (mm.mmUsers > 1 || columns >= 72) {
			parts.push(`mm_users ${mm.mmUsers}`);
		}
		const holders = mm.mmapSem === 'free' ? '' : ` ${taskNames(mm.mmapSemHolders)}`;
		const waiters = mm.mmapSemWaiters.length === 0 ? '' : `, waits: ${taskNames(mm.mmapSemWaiters)}`;
		parts.push(`${mm.lockName} ${mm.mmapSem}${holders}${waiters}`);
	}
	return line(span(` ${parts.join(' · ')}`, 'dim'));
}

function heading(inodeColumns: number, columns: number, hasVma: boolean): Line {
	const offset = hasOffset(columns) ? ` ${padEnd('offset', 8)}` : '';
	const device = hasDevice(columns) ? ` dev   ${'inode'.padEnd(inodeColumns)}` : '';
	const left = `  ${padEnd('address', 17)} perm${offset}${device} `;
	const rss = hasVma ? `${'rss'.padStart(6)} ${' '.repeat(barColumns)}` : '';
	const right = `${columns < 86 ? '' : 'size'.padStart(7)}${rss}`;
	return line(span(`${padEnd(`${left}name`, columns - right.length)}${right}`, 'heading'));
}

export const mapsLook: PaneLook<'maps'> = {
	inputs: state => [state.processes.hasEnded],
	content(model, {state, room: {columns}}) {
		const inodeColumns = longest(model.rows, leastInode, ({area}) => String(area.inode));
		return {
			aside: `${model.pid} ${model.comm}${state.processes.hasEnded ? ' (ended)' : ''}`,
			head: [heading(inodeColumns, columns, model.mm !== undefined)],
			line: row => mapsLine(row, inodeColumns, columns),
			foot: [summary(model, columns)],
		};
	},
};
