import {formatSpaceAddress} from '../../../formats/debugfs/translate.ts';
import {prefixedHex} from '../../../formats/text.ts';
import type {Rung} from '../../../model/rung.ts';
import {ladderColumns} from '../../panes/page.ts';
import type {LadderRow} from '../../panes/pane.ts';
import {tellingFrame} from '../../panes/telling.ts';
import type {State} from '../../state/state.ts';
import {type Line, line, padEnd, type Span, span} from '../../terminal/lines.ts';
import type {Tone} from '../../terminal/theme.ts';
import type {PaneLook} from '../look.ts';

const signs: Readonly<Record<Rung['kind'], string>> = {address: '●', frame: '●', step: '├', note: '│', missing: '○'};

const valueTones: Readonly<Record<Rung['kind'], Tone>> = {
	address: 'number',
	frame: 'strong',
	step: 'plain',
	note: 'plain',
	missing: 'dim',
};

/** The line that joins the rungs, and their names. */
function leftSpans({rung: {kind, label}, part, goesOn, isChanged}: LadderRow): readonly Span[] {
	if (part !== 'head') return [span(` ${goesOn ? '│' : ' '}`.padEnd(ladderColumns), 'frame')];
	const tone = isChanged ? 'mark.changed' : undefined;
	const sign = span(` ${signs[kind]} `, tone ?? (kind === 'missing' || kind === 'note' ? 'dim' : 'number'));
	return [sign, span(padEnd(label, ladderColumns - 3), tone ?? (kind === 'missing' ? 'dim' : undefined))];
}

function rungLine(row: LadderRow): Line {
	const {rung, part, text, isChanged} = row;
	const left = leftSpans(row);
	if (part === 'says') return line(...left, span(text, 'dim'));
	const {value} = rung;
	const isMissing = rung.kind === 'missing';
	const tone = isChanged ? 'mark.changed' : isMissing ? 'dim' : undefined;
	if (part === 'more' || value === '' || !text.startsWith(value)) return line(...left, span(text, tone));
	return line(...left, span(value, isChanged ? tone : valueTones[rung.kind]), span(text.slice(value.length), tone));
}

function asideOf({following, focus}: State, pfn: number | undefined, says: string): string {
	if (following.address) return `${formatSpaceAddress(following.address)}, followed`;
	if (pfn === undefined) return 'no frame';
	if (pfn === following.pfn) return `frame ${prefixedHex(pfn)}, followed`;
	return focus === 'frames' && says !== '' ? `frame ${prefixedHex(pfn)}, ${says}` : `frame ${prefixedHex(pfn)}`;
}

export const pageLook: PaneLook<'page'> = {
	inputs: state => [state.following, state.focus, tellingFrame(state)?.says],
	content: ({page}, {state}) => ({
		aside: asideOf(state, page?.pfn, tellingFrame(state)?.says ?? ''),
		head: [],
		line: rungLine,
		foot: [],
	}),
};
