import {parseVma} from '../../formats/debugfs/vma.ts';
import {parseComm} from '../../formats/proc/task.ts';
import {load, waiting} from '../../model/loaded.ts';
import {areaBytes, type MapsModel, type MapsRow, mapsModel, withoutNews} from '../../model/maps.ts';
import {path} from '../../model/paths.ts';
import {recordIn} from '../../model/tree.ts';
import {type Content, type Fields, listRows, markSign, markTone} from '../content.ts';
import {address, bar, bytes, count, plural} from '../format.ts';
import {type Line, line, padEnd, type Span, span, truncateStart} from '../lines.ts';
import {areaPaths, readAreas} from '../mapsPage.ts';
import {definePane} from '../pane.ts';
import {shownPid} from '../state.ts';

const pageBytes = 4096;
const barColumns = 4;
const rssColumns = 6 + 1 + barColumns;

const taskNames = (tasks: readonly {readonly comm: string; readonly pid: number}[]): string =>
	tasks.map(({comm, pid}) => `${comm}-${pid}`).join(' ');

const residency = ({vma}: MapsRow): Span[] => {
	if (!vma) {
		return [];
	}
	const share = vma.pagesTotal === 0 ? 0 : vma.pagesPresent / vma.pagesTotal;
	return [
		span(bytes(vma.pagesPresent * pageBytes).padStart(6), 'number'),
		span(' '),
		span(bar(share, barColumns), 'bar.full'),
	];
};

/** The size can be told from the addresses: the first column to go where there is little room. */
const sizeOf = ({area}: MapsRow, columns: number): string => (columns < 86 ? '' : bytes(areaBytes(area)).padStart(7));

/** Device and inode go next, then the offset: the name says more. */
const hasDevice = (columns: number): boolean => columns >= 74;
const hasOffset = (columns: number): boolean => columns >= 58;

const middleOf = ({area}: MapsRow, inodeColumns: number, columns: number): string => {
	const device = `${area.major.toString(16).padStart(2, '0')}:${area.minor.toString(16).padStart(2, '0')}`;
	const offset = hasOffset(columns) ? ` ${address(area.offset)}` : '';
	return `${offset}${hasDevice(columns) ? ` ${device} ${String(area.inode).padEnd(inodeColumns)}` : ''} `;
};

const mapsLine = (row: MapsRow, inodeColumns: number, columns: number): Line => {
	const tone = markTone(row.mark);
	const {area} = row;
	const ends = residency(row);
	const left = `${markSign(row.mark)} ${address(area.start)}-${address(area.end)} ${area.perms}${middleOf(row, inodeColumns, columns)}`;
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
};

const holds = ({area}: MapsRow, at: number): boolean => at >= area.start && at < area.end;

const mapsFields = ({area, vma}: MapsRow): Fields => ({
	address: address(area.start),
	perm: area.perms,
	offset: area.offset,
	inode: area.inode,
	name: area.pathname ?? '',
	size: areaBytes(area),
	rss: vma && vma.pagesPresent * pageBytes,
});

const summary = (model: MapsModel, columns: number): Line => {
	if (model.areas === 0) {
		return line(span(' no user memory: a kernel thread, or a process that has ended', 'dim'));
	}
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
		parts.push(`mmap_sem ${mm.mmapSem}${holders}${waiters}`);
	}
	return line(span(` ${parts.join(' · ')}`, 'dim'));
};

const heading = (inodeColumns: number, columns: number, hasVma: boolean): Line => {
	const offset = hasOffset(columns) ? ` ${padEnd('offset', 8)}` : '';
	const left = `  ${padEnd('address', 17)} perm${offset}${hasDevice(columns) ? ` dev   ${'inode'.padEnd(inodeColumns)}` : ''} `;
	const right = `${columns < 86 ? '' : 'size'.padStart(7)}${hasVma ? `${'rss'.padStart(6)} ${' '.repeat(barColumns)}` : ''}`;
	return line(span(`${padEnd(`${left}name`, columns - right.length)}${right}`, 'heading'));
};

const leastInode = 6;

/** There may be very many areas, and content is made anew for every key. */
const knownColumns = new WeakMap<MapsModel, number>();

const inodeColumnsOf = (model: MapsModel): number => {
	let columns = knownColumns.get(model);
	if (columns === undefined) {
		const largest = model.rows.reduce((most, {area}) => Math.max(most, area.inode), 0);
		columns = Math.max(leastInode, String(largest).length);
		knownColumns.set(model, columns);
	}
	return columns;
};

const mapsContent = (model: MapsModel, columns: number, hasEnded: boolean): Content => {
	const inodeColumns = inodeColumnsOf(model);
	return {
		aside: `${model.pid} ${model.comm}${hasEnded ? ' (ended)' : ''}`,
		head: [heading(inodeColumns, columns, model.mm !== undefined)],
		rows: listRows(
			model.rows.map(row => ({
				id: row.id,
				isLit: ({mappers}) => mappers.some(mapper => mapper.pid === model.pid && holds(row, mapper.address)),
				line: () => mapsLine(row, inodeColumns, columns),
				fields: () => mapsFields(row),
			})),
		),
		foot: [summary(model, columns)],
		tails: false,
	};
};

export const mapsPane = definePane<MapsModel>({
	id: 'maps',
	name: 'maps',
	paths(state) {
		const pid = shownPid(state);
		return pid === undefined ? [] : [...areaPaths(state, pid), path.comm(pid)];
	},
	derive({tree, state, at, culprits, older, known}) {
		const pid = shownPid(state);
		if (pid === undefined) {
			return state.pids?.length === 0 ? {state: 'unavailable', reason: 'this target shows no process'} : waiting;
		}
		const read = readAreas(tree, pid);
		// A process that ended leaves its last picture; on its way out it has no areas any more.
		if (read?.isGone && older?.state === 'ready' && older.model.pid === pid && older.model.areas > 0) {
			return older;
		}
		const comm = recordIn(tree, path.comm(pid), parseComm)?.comm ?? '?';
		const vma = read && recordIn(tree, read.vmaPath, parseVma);
		const first = read?.first;
		return load(read?.reading, known, (maps, before) => {
			const model = mapsModel({pid, comm, maps, vma, first}, before, at, culprits);
			return older ? model : withoutNews(model);
		});
	},
	content: (model, state, {columns}) => mapsContent(model, columns, state.processEnded),
	inputs: state => [state.processEnded],
});
