import {parseKmapAtomic} from '../../formats/debugfs/kmapAtomic.ts';
import {parsePkmap} from '../../formats/debugfs/pkmap.ts';
import {address, prefixedHex} from '../../formats/text.ts';
import {slotCause} from '../../model/cause.ts';
import {type KmapModel, kmapModel, type SlotRow} from '../../model/kmap.ts';
import {load} from '../../model/loaded.ts';
import {path} from '../../model/paths.ts';
import {readRecord, recordIn} from '../../model/tree.ts';
import type {Fields} from '../state/list.ts';
import {oneFrame} from '../state/lit.ts';
import {rowCause} from './causes.ts';
import {count, markSign} from './format.ts';
import {type About, kept, note, type PaneDefinition, rowById} from './pane.ts';

const about: About = {
	shows:
		'Windows through which the kernel reaches high memory for a moment. The grid has a row for each CPU ' +
		'and a column for each slot; the list tells who has, or last had, each slot.',
	columns: [
		note('slot', 'CPU and index of the slot'),
		note('vaddr', 'its fixed virtual address'),
		note('pfn', 'the page frame that is, or last was, mapped there'),
		note('context', 'task, softirq or hardirq'),
		note('type', 'what the slot is for (KM_USER0, …), on kernels that had types'),
		note('holder', 'the task that has, or last had, it'),
		note('used', 'times that it was taken since boot'),
	],
	signs: [
		note('■', 'held now'),
		note('□', 'taken and given back since the last sample'),
		note('·', 'free'),
		note('depth', 'slots held now / most ever held at once'),
	],
};

/** Who has a slot, or had it last, and what is or was mapped there. */
export const usersOf = ({slot}: SlotRow) => ({
	pfn: slot.pfn ?? slot.lastPfn ?? undefined,
	task: slot.holder ?? slot.lastHolder ?? undefined,
});

function fields(row: SlotRow): Fields {
	const {slot} = row;
	const {pfn, task} = usersOf(row);
	return {
		slot: `${slot.cpu}.${String(slot.slot).padStart(2, '0')}`,
		vaddr: address(slot.vaddr),
		pfn: pfn === undefined ? undefined : prefixedHex(pfn),
		context: slot.context ?? undefined,
		type: slot.type,
		holder: task && `${task.comm}-${task.pid}`,
		used: slot.used,
	};
}

function text(row: SlotRow): string {
	const {slot, mark, usesSince} = row;
	const {vaddr, pfn = '-', context = '', type, holder = '-'} = fields(row);
	const held = slot.pfn === null ? ' ' : '■';
	const uses = `${usesSince > 0 ? `+${usesSince} ` : ''}${count(slot.used)}`;
	return `${markSign(mark)} ${held} ${slot.cpu}.${slot.slot} ${vaddr} ${pfn} ${context} ${type} ${holder} ${uses}`;
}

const slotsOf = ({cpus}: KmapModel): readonly SlotRow[] => cpus.flatMap(({slots}) => slots);

const rows = kept((model: KmapModel): readonly SlotRow[] => {
	const busy = new Set(model.busy.map(({id}) => id));
	return [...model.busy, ...slotsOf(model).filter(({id, slot}) => !busy.has(id) && slot.used > 0)];
});

export const kmapPane: PaneDefinition<'kmap'> = {
	id: 'kmap',
	name: 'kmap_atomic',
	about,
	paths: () => [path.kmapAtomic, path.pkmap],
	derive({tree, at, culprits, older}) {
		const pkmap = recordIn(tree, path.pkmap, parsePkmap);
		const reading = readRecord(tree, path.kmapAtomic, parseKmapAtomic);
		return load(reading, older, (atomic, model) => kmapModel(atomic, pkmap, model, at, culprits));
	},
	rows: model => rows(model),
	meaning: {fields, text},
	margins: ({cpus, pkmap}) => ({head: 1 + cpus.length, foot: pkmap ? 2 : 1}),
	tails: false,
	cause: rowCause('kmap', (model, id) => {
		const row = rowById(slotsOf(model), id);
		return row && slotCause(row);
	}),
	frames: (model, id) =>
		slotsOf(model).flatMap(row => (row.id === id && row.pfn !== undefined ? [oneFrame(row.pfn)] : [])),
};
