import {parseKmapAtomic} from '../../formats/debugfs/kmapAtomic.ts';
import {parsePkmap} from '../../formats/debugfs/pkmap.ts';
import {type KmapCpu, type KmapModel, kmapModel, type SlotRow} from '../../model/kmap.ts';
import {load} from '../../model/loaded.ts';
import {path} from '../../model/paths.ts';
import {readRecord, recordIn} from '../../model/tree.ts';
import {type Content, type Fields, lineOnce, listRows, markSign, markTone} from '../content.ts';
import {address, bar, count, pfnText, seconds} from '../format.ts';
import {type Line, line, padEnd, type Span, span} from '../lines.ts';
import {definePane} from '../pane.ts';

const labelColumnsOf = ({cpus}: KmapModel): number => Math.max(5, `cpu${cpus.at(-1)?.cpu ?? 0}`.length + 1);

/** Held, used a moment ago, or neither. */
const slotSpan = ({slot, mark}: SlotRow): Span => {
	if (slot.pfn !== null) {
		return span('■', markTone(mark) ?? 'strong');
	}
	return mark ? span('□', markTone(mark)) : span('·', 'dim');
};

const gridLines = (model: KmapModel, columns: number): Line[] => {
	const {cpus, atomic} = model;
	const labelColumns = labelColumnsOf(model);
	const isWide = labelColumns + atomic.slotsPerCpu * 2 + 5 <= columns;
	const gap = isWide ? ' ' : '';
	const numbers = Array.from({length: atomic.slotsPerCpu}, (_, index) => (index % 36).toString(36)).join(gap);
	const row = ({cpu, depth, deepest, slots}: KmapCpu): Line =>
		line(
			span(padEnd(`cpu${cpu}`, labelColumns)),
			...slots.flatMap(slot => [slotSpan(slot), span(gap)]),
			span(` ${depth}/${deepest}`, depth > 0 ? 'strong' : 'dim'),
		);
	return [line(span(`${padEnd('slot', labelColumns)}${numbers}${gap} depth`, 'dim')), ...cpus.map(row)];
};

const slotLine = lineOnce((row: SlotRow, columns) => {
	const {slot, mark} = row;
	const isHeld = slot.pfn !== null;
	const pfn = slot.pfn ?? slot.lastPfn;
	const task = slot.holder ?? slot.lastHolder;
	const tone = markTone(mark) ?? (isHeld ? 'strong' : 'dim');
	const uses = `${row.usesSince > 0 ? `+${row.usesSince} ` : ''}${count(slot.used).padStart(6)}`;
	const left = [
		markSign(mark),
		isHeld ? '■' : ' ',
		`${slot.cpu}.${String(slot.slot).padEnd(2)}`,
		columns < 50 ? '' : address(slot.vaddr),
		(pfn === null ? '-' : pfnText(pfn)).padEnd(7),
		slot.context === null || columns < 58 ? '' : padEnd(slot.context, 7),
		columns < 74 ? '' : padEnd(slot.type, 19),
		task === null ? '-' : `${task.comm}-${task.pid}`,
	].filter((part, index) => part !== '' || index < 2);
	return line(span(padEnd(left.join(' '), columns - uses.length - 1), tone), span(` ${uses}`, 'number'));
});

const slotFields = ({slot}: SlotRow): Fields => {
	const pfn = slot.pfn ?? slot.lastPfn;
	const task = slot.holder ?? slot.lastHolder;
	return {
		slot: `${slot.cpu}.${String(slot.slot).padStart(2, '0')}`,
		vaddr: address(slot.vaddr),
		pfn: pfn === null ? undefined : pfnText(pfn),
		context: slot.context ?? undefined,
		type: slot.type,
		holder: task === null ? undefined : `${task.comm}-${task.pid}`,
		used: slot.used,
	};
};

const pkmapLines = (model: KmapModel, columns: number): Line[] => {
	const {pkmap} = model;
	if (!pkmap) {
		return [line(span('pkmap: no such file on this target', 'dim'))];
	}
	const busy = model.pkmapUsed + model.pkmapStale;
	const numbers = ` ${busy}/${pkmap.lastPkmap}`;
	const flush = pkmap.lastFlushUs === null ? 'never flushed' : `flushed ${seconds(pkmap.lastFlushUs)}`;
	const width = Math.max(4, Math.min(24, columns - 8 - numbers.length));
	const waiting = pkmap.waiters.length === 0 ? '' : ` · ${pkmap.waiters.length} wait`;
	return [
		line(
			span('pkmap ', 'dim'),
			span('│', 'dim'),
			span(bar(busy / pkmap.lastPkmap, width), 'bar.full'),
			span('│', 'dim'),
			span(numbers, 'number'),
		),
		line(span(`${model.pkmapUsed} held, ${model.pkmapStale} stale · ${flush}${waiting}`, 'dim')),
	];
};

const kmapContent = (model: KmapModel, columns: number): Content => {
	const busy = new Set(model.busy.map(({id}) => id));
	const others = model.cpus.flatMap(({slots}) => slots).filter(({id, slot}) => !busy.has(id) && slot.used > 0);
	const rate = model.usedPerSecond === undefined ? '' : ` · ${count(model.usedPerSecond)}/s`;
	return {
		aside: columns < 60 && rate !== '' ? rate.slice(3) : `${count(model.used)} used${rate}`,
		head: gridLines(model, columns),
		rows: listRows(
			[...model.busy, ...others].map(row => ({
				id: row.id,
				pfn: row.pfn,
				line: () => slotLine(row, columns),
				fields: () => slotFields(row),
			})),
		),
		foot: pkmapLines(model, columns),
		tails: false,
	};
};

export const kmapPane = definePane<KmapModel>({
	id: 'kmap',
	name: 'kmap_atomic',
	paths: () => [path.kmapAtomic, path.pkmap],
	derive({tree, at, culprits, older}) {
		const pkmap = recordIn(tree, path.pkmap, parsePkmap);
		const reading = readRecord(tree, path.kmapAtomic, parseKmapAtomic);
		return load(reading, older, (atomic, model) => kmapModel(atomic, pkmap, model, at, culprits));
	},
	content: (model, _state, {columns}) => kmapContent(model, columns),
	inputs: () => [],
});
