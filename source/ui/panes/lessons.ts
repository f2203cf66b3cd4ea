/** What stands beside an injection for whoever learns: where to look, and what became of a prediction. */

import type {Experiment} from '../../formats/debugfs/lab/experiments.ts';
import type {TraceEntry} from '../../model/trace.ts';
import type {LessonRow} from './pane.ts';

export function lessonsOf(
	entry: TraceEntry,
	experiments: readonly Experiment[],
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
	const came = entry.of.answer?.number;
	if (came === predicted) return [lesson('right', `your prediction came true: ${answer(came)}`)];
	const instead = came === undefined ? 'none of the answers' : answer(came);
	return [lesson('wrong', `you predicted ${answer(predicted)} What came is ${instead}`)];
}
