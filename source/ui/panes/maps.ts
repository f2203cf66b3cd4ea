import {parseVma} from '../../formats/debugfs/vma.ts';
import {pageBytes} from '../../formats/pageBytes.ts';
import {parseComm} from '../../formats/proc/task.ts';
import {address} from '../../formats/text.ts';
import {areaCause} from '../../model/cause.ts';
import {type Loaded, load, waiting} from '../../model/loaded.ts';
import {areaBytes, type MapsModel, type MapsRow, mapsModel, withoutNews} from '../../model/maps.ts';
import {path} from '../../model/paths.ts';
import {recordIn} from '../../model/tree.ts';
import {quiet} from '../state/answer.ts';
import {follow} from '../state/following.ts';
import type {AddressRange} from '../state/frames.ts';
import type {Fields} from '../state/list.ts';
import type {Lit} from '../state/lit.ts';
import {modelIn} from '../state/panes.ts';
import {readAreas, shownPid} from '../state/processes.ts';
import type {State, Update} from '../state/state.ts';
import {rowCause} from './causes.ts';
import {bytes} from './format.ts';
import {areaPaths, moveWindow} from './mapsWindow.ts';
import {type About, type Derivation, note, type PaneDefinition, rowById} from './pane.ts';

const about: About = {
	shows:
		'The address space of one process: each row is an area (vm_area_struct) of virtual addresses that behave alike.',
	columns: [
		note('address', 'first and last-plus-one virtual address, in hexadecimal'),
		note('perm', 'read, write, execute; p: writes stay private (copy on write), s: shared'),
		note('offset', 'where in the file the area begins, in bytes, hexadecimal'),
		note('inode', 'number of the mapped file on its device; 0: no file'),
		note('name', 'the file, [heap], [stack], or nothing for anonymous memory'),
		note('size', 'how much address space it spans'),
		note('rss', 'how much of it has a page frame behind it now; the bar shows the share'),
	],
	signs: [
		note('selected', 'its page frames light up in the map of pane 2, pane 8 shows the first'),
		note('mmap_sem', 'mmap_lock since 5.8: who holds the lock of the address space, and who waits for it'),
	],
};

const fields = ({area, vma}: MapsRow): Fields => ({
	address: address(area.start),
	perm: area.perms,
	offset: area.offset,
	inode: area.inode,
	name: area.pathname ?? '',
	size: areaBytes(area),
	rss: vma && vma.pagesPresent * pageBytes,
});

export const deviceText = ({area: {major, minor}}: MapsRow): string =>
	`${major.toString(16).padStart(2, '0')}:${minor.toString(16).padStart(2, '0')}`;

export const rangeText = ({area: {start, end}}: MapsRow): string => `${address(start)}-${address(end)}`;

function text(row: MapsRow): string {
	const {area, vma, note: what} = row;
	const resident = vma ? bytes(vma.pagesPresent * pageBytes) : '';
	const size = bytes(areaBytes(area));
	const left = `${rangeText(row)} ${area.perms} ${address(area.offset)} ${deviceText(row)} ${area.inode}`;
	return `${left} ${area.pathname ?? ''} ${what} ${size} ${resident}`;
}

const holds = ({area}: MapsRow, at: number): boolean => at >= area.start && at < area.end;

function areaOf({pid, rows}: MapsModel, id: string): AddressRange | undefined {
	const row = rowById(rows, id);
	return row && {pid, start: row.area.start, end: row.area.end};
}

function derive({tree, state, at, culprits, older, known}: Derivation<MapsModel>): Loaded<MapsModel> {
	const pid = shownPid(state);
	if (pid === undefined) {
		const hasNone = state.processes.pids?.length === 0;
		return hasNone ? {state: 'unavailable', reason: 'this target shows no process'} : waiting;
	}
	const read = readAreas(tree, pid);
	// A process that ended leaves its last picture; on its way out it has no areas any more.
	if (read?.isGone && older?.state === 'ready' && older.model.pid === pid && older.model.areas > 0) return older;
	const comm = recordIn(tree, path.comm(pid), parseComm)?.comm ?? '?';
	const vma = read && recordIn(tree, read.vmaPath, parseVma);
	const first = read?.first;
	return load(read?.reading, known, (maps, before) => {
		const model = mapsModel({pid, comm, maps, vma, first}, before, at, culprits);
		return older ? model : withoutNews(model);
	});
}

/** Follows the first frame behind the selected area; the target is asked for it where it is not lit yet. */
function followArea(state: State, nowMs: number, {runs}: Lit): Update | undefined {
	const model = modelIn(state, 'maps');
	const {selected} = state.views.maps;
	const row = model && selected !== undefined ? rowById(model.rows, selected) : undefined;
	const pid = shownPid(state);
	if (!row || pid === undefined) return undefined;
	const first = runs.find(({pfn}) => pfn !== state.following.pfn);
	return first
		? quiet(follow(state, first.pfn, nowMs))
		: {state, effects: [{type: 'translate', path: path.translateUser(pid, row.area.start)}]};
}

export const mapsPane: PaneDefinition<'maps'> = {
	id: 'maps',
	name: 'maps',
	about,
	paths({state}) {
		const pid = shownPid(state);
		return pid === undefined ? [] : [...areaPaths(state, pid), path.comm(pid)];
	},
	derive,
	rows: ({rows}) => rows,
	meaning: {
		fields,
		text,
		touchedBy: ({area: {start}}, {byPid, byAddress}, {pid}) =>
			byPid.get(pid) === byAddress.get(start) ? byPid.get(pid) : undefined,
		isLit: (row, {mappers}, {pid}) => mappers.some(mapper => mapper.pid === pid && holds(row, mapper.address)),
	},
	margins: () => ({head: 1, foot: 1}),
	tails: false,
	cause: rowCause('maps', (model, id) => {
		const row = rowById(model.rows, id);
		return row && areaCause(model, row);
	}),
	area: areaOf,
	commands: {follow: followArea},
	pastEnd: moveWindow,
};
