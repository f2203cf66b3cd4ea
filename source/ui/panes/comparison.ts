/** A prediction beside what came of the injection. */

import type {ExperimentRecord} from '../../formats/debugfs/lab/experiments.ts';
import {couldNotMark, type InjectionRecord} from '../../formats/debugfs/lab/inject.ts';

type Comparison = {readonly sign: '✓' | '✗' | typeof couldNotMark; readonly text: string};

/** Of an injection that is over. What the machine could not do makes no prediction wrong. */
export function comparison(
	{answers}: ExperimentRecord,
	{answer, undecided}: InjectionRecord,
	predicted: number,
): Comparison {
	const text = (number: number): string => `${number}. ${answers[number - 1] ?? ''}`;
	if (undecided !== undefined) {
		return {sign: couldNotMark, text: `you predicted ${text(predicted)} This could not be decided: ${undecided}`};
	}
	if (answer?.number === predicted) return {sign: '✓', text: `your prediction came true: ${text(predicted)}`};
	const came = answer ? text(answer.number) : 'none of the answers';
	return {sign: '✗', text: `you predicted ${text(predicted)} What came is ${came}`};
}
