/** What made this? The newest changes of a thing, each with what it happened within, row by row. */

import {type CauseChange, type CauseStep, parseCause} from '../../formats/debugfs/cause.ts';
import {seconds} from '../../formats/text.ts';
import {causePath} from '../../model/cause.ts';
import {decodedArguments, decodedResult} from '../../model/explain/call.ts';
import {type Reading, readRecord} from '../../model/tree.ts';
import {count} from '../panes/format.ts';
import type {OverlayOf} from '../state/overlay.ts';
import type {State} from '../state/state.ts';
import {wrapText} from '../terminal/text.ts';

/** What was asked, and what came of it. */
type CauseOverlay = Pick<OverlayOf<'cause'>, 'object' | 'answer'>;

export type CauseRow =
	| {readonly kind: 'quiet' | 'warning'; readonly text: string}
	/** A step that stands at the head of a change, or that this happened within. */
	| {
			readonly kind: 'event' | 'within';
			readonly lead: string;
			readonly name: string;
			readonly text: string;
	  }
	/** What goes on below a step. */
	| {readonly kind: 'rest'; readonly lead: string; readonly text: string}
	| {readonly kind: 'origin'; readonly text: string; readonly injection: CauseChange['injection']};

/** Widest that the overlay becomes. */
export const causeColumns = 100;

const taskName = ({task: {comm, pid}}: CauseStep): string => `${comm}-${pid}`;

function originText({origin, events, within}: CauseChange): string {
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
}

/** The name of a step stands out, what follows it is wrapped under it. */
function stepRows(step: CauseStep, lead: string, kind: 'event' | 'within', columns: number): readonly CauseRow[] {
	const {name, text, result} = step;
	const returned = result === '?' ? ', has not returned' : ` = ${decodedResult(result ?? '')}`;
	const said = result === null ? text : `(${decodedArguments(name, text)})${returned}`;
	return wrapText(`${name} ${said}`.trimEnd(), Math.max(20, columns - lead.length)).map((row, index) =>
		index === 0
			? {kind, lead, name, text: row.slice(name.length)}
			: {kind: 'rest', lead: ' '.repeat(lead.length), text: `  ${row}`},
	);
}

const blank: CauseRow = {kind: 'quiet', text: ''};

export function changeRows(change: CauseChange, columns: number): readonly CauseRow[] {
	const {events, more, within, injection} = change;
	return [
		...events.flatMap(step => stepRows(step, `${seconds(step.timeUs)}  `, 'event', columns)),
		...(more > 0 ? [{kind: 'quiet', text: `           and ${count(more)} before, in the same call`} as const] : []),
		...within.flatMap((step, depth) => stepRows(step, `${'  '.repeat(depth + 1)}└ in `, 'within', columns)),
		{kind: 'origin', text: originText(change), injection},
		blank,
	];
}

const warnings = (text: string, columns: number): readonly CauseRow[] =>
	wrapText(text, columns).map(row => ({kind: 'warning', text: row}));

/** The newest answer: that of the last sample, or the one that was given when a frozen picture was asked. */
const readingOf = (
	{picture: {tree}}: State,
	{object, answer}: CauseOverlay,
): Reading<ReturnType<typeof parseCause>> | undefined =>
	readRecord(tree, causePath(object), parseCause) ?? (answer === undefined ? undefined : {record: parseCause(answer)});

/** Has the target said what made it, or that it cannot? */
export const isAnswered = (state: State, overlay: CauseOverlay): boolean => readingOf(state, overlay) !== undefined;

/** @param columns that the rows may have */
export function causeRows(
	state: State,
	overlay: CauseOverlay,
	columns = Math.min(state.columns, causeColumns) - 3,
): readonly CauseRow[] {
	const reading = readingOf(state, overlay);
	if (!reading) return [{kind: 'quiet', text: 'asking …'}];
	if ('error' in reading) return warnings(reading.error, columns);
	const {changes, nothing} = reading.record;
	return [
		...(nothing === null ? [] : warnings(nothing, columns)),
		...changes.flatMap(change => changeRows(change, columns)).slice(0, -1),
	];
}
