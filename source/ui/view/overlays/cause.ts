/** What made this? The newest changes of a thing, each with what it happened within. */

import {type CauseChange, type CauseStep, parseCause} from '../../../formats/debugfs/cause.ts';
import {causePath} from '../../../model/cause.ts';
import {type Reading, readRecord} from '../../../model/tree.ts';
import {blankLine, type Line, line, span, wrapText} from '../../terminal/lines.ts';
import {injectionTone, type Tone} from '../../terminal/theme.ts';
import type {Overlay, State} from '../../update/state.ts';
import {count, seconds} from '../format.ts';

type CauseOverlay = Extract<Overlay, {kind: 'cause'}>;

/** Widest that the overlay becomes. */
export const causeColumns = 100;

const taskName = ({task: {comm, pid}}: CauseStep): string => `${comm}-${pid}`;

const originText = ({origin, events, within}: CauseChange): string => {
	const root = within.at(-1) ?? events[0]!;
	switch (origin) {
		case 'syscall':
			return `a system call of ${taskName(root)}`;
		case 'fault':
			return `a page fault of ${taskName(root)}`;
		case 'interrupt':
			return `an interrupt on cpu${root.cpu}, whatever ran there`;
		case 'signal':
			return `a signal that ended ${taskName(root)}`;
		case 'timer':
			return `a timer of the kernel on cpu${root.cpu}`;
		case 'kthread':
			return `${taskName(root)}, a thread of the kernel`;
		case 'user':
			return `${taskName(root)} itself, outside of a system call`;
		case 'boot':
			return 'the kernel as it booted';
		case 'lost':
			return 'further back than is kept';
		case 'untraced':
			return 'not known: what that belonged to began while tracing was off';
	}
};

/** `name` stands out, what follows it is wrapped under it. */
const stepLines = (step: CauseStep, lead: string, tone: Tone, columns: number): Line[] => {
	const {name, text, result} = step;
	const returned = result === '?' ? ', has not returned' : ` = ${result}`;
	const rest = result === null ? text : `(${text})${returned}`;
	const blanks = ' '.repeat(lead.length);
	const rows = wrapText(`${name} ${rest}`.trimEnd(), Math.max(20, columns - lead.length));
	return rows.map((row, index) =>
		index === 0
			? line(span(lead, 'dim'), span(name, tone), span(row.slice(name.length), 'dim'))
			: line(blanks, span(`  ${row}`, 'dim')),
	);
};

const changeLines = (change: CauseChange, columns: number): Line[] => {
	const {events, more, within, injection} = change;
	const origin = originText(change);
	return [
		...events.flatMap(step => stepLines(step, `${seconds(step.timeUs)}  `, 'strong', columns)),
		...(more > 0 ? [line(span(`           and ${count(more)} before, in the same call`, 'dim'))] : []),
		...within.flatMap((step, depth) => stepLines(step, `${'  '.repeat(depth + 1)}└ in `, 'heading', columns)),
		line(
			span('from ', 'dim'),
			span(origin),
			span(
				injection === null ? '' : ` · injection ${injection.id}, ${injection.name}`,
				injection === null ? undefined : injectionTone(injection.id),
			),
		),
		blankLine,
	];
};

const sentenceLines = (text: string, columns: number, tone: Tone): Line[] =>
	wrapText(text, columns).map(row => line(span(row, tone)));

/** The newest answer: that of the last sample, or the one that was given when a frozen picture was asked. */
const readingOf = ({tree}: State, {object, answer}: CauseOverlay): Reading<ReturnType<typeof parseCause>> | undefined =>
	readRecord(tree, causePath(object), parseCause) ?? (answer === undefined ? undefined : {record: parseCause(answer)});

/** Has the target said what made it, or that it cannot? */
export const isAnswered = (state: State, overlay: CauseOverlay): boolean => readingOf(state, overlay) !== undefined;

export const causeRows = (state: State, overlay: CauseOverlay): readonly Line[] => {
	const columns = Math.min(state.columns, causeColumns) - 3;
	const reading = readingOf(state, overlay);
	if (!reading) {
		return [line(span('asking …', 'dim'))];
	}
	if ('error' in reading) {
		return sentenceLines(reading.error, columns, 'warning');
	}
	const {changes, nothing} = reading.record;
	return [
		...(nothing === null ? [] : sentenceLines(nothing, columns, 'warning')),
		...changes.flatMap(change => changeLines(change, columns)).slice(0, -1),
	];
};
