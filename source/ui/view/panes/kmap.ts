import {address, prefixedHex, seconds} from '../../../formats/text.ts';
import type {KmapCpu, KmapModel, SlotRow} from '../../../model/kmap.ts';
import {bar, count, markSign} from '../../panes/format.ts';
import {usersOf} from '../../panes/kmap.ts';
import {type Line, line, padEnd, type Span, span} from '../../terminal/lines.ts';
import {lineOnce, markTone} from '../content.ts';
import type {PaneLook} from '../look.ts';

const labelColumnsOf = ({cpus}: KmapModel): number => Math.max(5, `cpu${cpus.at(-1)?.cpu ?? 0}`.length + 1);

/** Held, used a moment ago, or neither. */
function slotSpan({slot, mark}: SlotRow): Span {
	if (slot.pfn !== null) return span('■', markTone(mark) ?? 'strong');
	return mark ? span('□', markTone(mark)) : span('·', 'dim');
}

function gridLines(model: KmapModel, columns: number): Line[] {
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
}

const slotLine = lineOnce((row: SlotRow, columns: number) => {
	const {slot, mark} = row;
	const isHeld = slot.pfn !== null;
	const {pfn, task} = usersOf(row);
	const tone = markTone(mark) ?? (isHeld ? 'strong' : 'dim');
	const uses = `${row.usesSince > 0 ? `+${row.usesSince} ` : ''}${count(slot.used).padStart(6)}`;
	const left = [
		markSign(mark),
		isHeld ? '■' : ' ',
		`${slot.cpu}.${String(slot.slot).padEnd(2)}`,
		columns < 50 ? '' : address(slot.vaddr),
		(pfn === undefined ? '-' : prefixedHex(pfn)).padEnd(7),
		slot.context === null || columns < 58 ? '' : padEnd(slot.context, 7),
		columns < 74 ? '' : padEnd(slot.type, 19),
		task === undefined ? '-' : `${task.comm}-${task.pid}`,
	].filter((part, index) => part !== '' || index < 2);
	return line(span(padEnd(left.join(' '), columns - uses.length - 1), tone), span(` ${uses}`, 'number'));
});

function pkmapLines(model: KmapModel, columns: number): Line[] {
	const {pkmap} = model;
	if (!pkmap) return [line(span('pkmap: no such file on this target', 'dim'))];
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
}

export const kmapLook: PaneLook<'kmap'> = {
	content(model, {room: {columns}}) {
		const rate = model.usedPerSecond === undefined ? '' : ` · ${count(model.usedPerSecond)}/s`;
		return {
			aside: columns < 60 && rate !== '' ? rate.slice(3) : `${count(model.used)} used${rate}`,
			head: gridLines(model, columns),
			line: row => slotLine(row, columns),
			foot: pkmapLines(model, columns),
		};
	},
};
