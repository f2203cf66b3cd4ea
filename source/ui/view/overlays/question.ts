/** What is asked before an injection, when somebody predicts first. */

import type {ExperimentRecord} from '../../../formats/debugfs/lab/experiments.ts';
import {blankLine, type Line, line, span} from '../../terminal/lines.ts';
import {wrapText} from '../../terminal/text.ts';

const answerLines = (answer: string, number: number, columns: number): readonly Line[] =>
	wrapText(answer, columns - 4).map((text, row) => line(span(row === 0 ? ` ${number}  ` : '    ', 'key'), text));

/** @param text what will be injected */
export const questionLines = (
	{setup, question, answers}: ExperimentRecord,
	text: string,
	columns: number,
): readonly Line[] => [
	line(span(text, 'strong')),
	blankLine,
	...wrapText(setup ?? '', columns).map(row => line(row)),
	blankLine,
	...wrapText(question ?? '', columns).map(row => line(span(row, 'heading'))),
	blankLine,
	...answers.flatMap((answer, index) => answerLines(answer, index + 1, columns)),
];
