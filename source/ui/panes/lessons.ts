/** What stands beside an injection for whoever learns: where to look, and what became of a prediction. */

import type {ExperimentRecord} from '../../formats/debugfs/lab/experiments.ts';
import {couldNotMark} from '../../formats/debugfs/lab/inject.ts';
import type {TraceEntry} from '../../model/trace.ts';
import {comparison} from './comparison.ts';
import type {LessonRow} from './pane.ts';

export function lessonsOf(
	entry: TraceEntry,
	experiments: readonly ExperimentRecord[],
	predictions: ReadonlyMap<number, number>,
): readonly LessonRow[] {
	if (entry.kind !== 'started' && entry.kind !== 'ended') return [];
	const experiment = experiments.find(({name}) => name === entry.of.name);
	if (!experiment) return [];
	const {injection} = entry;
	const predicted = predictions.get(injection);
	const answer = (number: number): string => `${number}. ${experiment.answers[number - 1] ?? ''}`;
	let count = 0;
	const lesson = (kind: LessonRow['kind'], text: string, more: Partial<LessonRow> = {}): LessonRow => ({
		id: `${entry.id} lesson ${count++}`,
		injection,
		kind,
		pane: '',
		question: '',
		text,
		...more,
	});
	if (entry.kind === 'started') {
		const looks = experiment.looks.map(({pane, says}) => lesson('look', says, {pane}));
		if (predicted === undefined) return looks;
		return [...looks, lesson('predicted', answer(predicted), {question: experiment.question ?? ''})];
	}
	if (predicted === undefined) return [];
	const {sign, text} = comparison(experiment, entry.of, predicted);
	return [lesson(({'✓': 'right', '✗': 'wrong', [couldNotMark]: 'undecided'} as const)[sign], text)];
}
