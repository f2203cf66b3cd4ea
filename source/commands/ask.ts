import {createInterface} from 'node:readline';
import {type ExperimentRecord, refusedPair} from '../formats/debugfs/lab/experiments.ts';
import {couldNotMark} from '../formats/debugfs/lab/inject.ts';
import {wrapText} from '../ui/terminal/text.ts';
import {type CommandContext, print} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {type Outcome, observationText} from './injection.ts';

/** Predict first: `mmtop run --ask` says what is there, takes an answer, and compares it with what the run showed. */

/** What somebody said would come, and what came; numbers count the answers from 1. */
type Prediction = {
	readonly question: string;
	readonly answers: readonly string[];
	readonly predicted: number;
	/** Null where the run showed none of the answers, or could not be made. */
	readonly came: number | null;
	/** Why none could be decided: the machine could not run it, or not to the end. Then the prediction is not wrong. */
	readonly undecided: string | null;
	/** Observations that decided it. */
	readonly because: readonly string[];
};

const widest = 78;

/**
 * Asks until there is an answer; without a terminal, once.
 *
 * @returns the number of the answer
 * @throws UsageError for a bad parameter, and without a terminal for a line that is not an answer; Failure where
 * nothing is asked
 */
export async function askBefore(
	context: CommandContext,
	experiment: ExperimentRecord,
	pairs: readonly string[],
): Promise<number> {
	const {setup, question, answers, name} = experiment;
	if (question === null) throw new Failure([`${name} asks nothing; run it without --ask`]);

	const refusal = pairs.map(pair => refusedPair(experiment, pair)).find(reason => reason !== undefined);
	if (refusal !== undefined) throw new UsageError(refusal);

	const {stdin, flags, stdout, stderr} = context;
	// With --json nothing but the record may go to stdout.
	const screen = flags.json ? stderr : stdout;
	const told = [
		[name, ...pairs].join(' '),
		...(setup === null ? [] : indented(setup, '  ')),
		'',
		...indented(question, '  '),
		...answers.flatMap((answer, index) => indented(answer, '     ', `  ${index + 1}. `)),
		'',
	];
	await print(screen, told.map(line => `${line}\n`).join(''));
	const lines = createInterface({input: stdin, terminal: false});
	const typed = lines[Symbol.asyncIterator]();
	try {
		for (;;) {
			await print(screen, `Which one, 1 to ${answers.length}? `);
			const {value, done} = await typed.next();
			const said = value?.trim() ?? '';
			if (/^[1-9]$/.test(said) && Number(said) <= answers.length) {
				await print(screen, stdin.isTTY ? '\n' : `${said}\n\n`);
				return Number(said);
			}

			const reason = `the answer must be 1..${answers.length}, got ${done ? 'none' : JSON.stringify(said)}`;
			if (done || !stdin.isTTY) {
				await print(screen, '\n');
				throw new UsageError(reason);
			}

			await print(screen, `${reason}\n`);
		}
	} finally {
		lines.close();
	}
}

/** The prediction beside what the run showed. */
export function compare({question, answers}: ExperimentRecord, predicted: number, injection: Outcome): Prediction {
	const {answer, undecided, observations} = injection;
	return {
		question: question ?? '',
		answers,
		predicted,
		came: answer?.number ?? null,
		undecided: undecided ?? null,
		because: answer?.by.map(number => observationText(observations[number - 1]!)) ?? [],
	};
}

/** Whether the prediction came true and what decided it. */
export async function printVerdict(
	stdout: NodeJS.WriteStream,
	{answers, predicted, came, undecided, because}: Prediction,
): Promise<void> {
	const answer = (number: number) => indented(answers[number - 1]!, '                  ', `${number}. `).join('\n');
	const isRight = came === predicted;
	const mark = undecided === null ? (isRight ? '✓' : '✗') : couldNotMark;
	const open =
		undecided === null
			? 'none of the answers'
			: indented(`this could not be decided: ${undecided}`, '                 ', '').join('\n');
	const lines = [
		'',
		`${mark} predicted      ${answer(predicted)}`,
		...(isRight ? [] : [`  what came      ${came === null ? open : answer(came)}`]),
		...because.map((text, index) => `${index === 0 ? '  decided by   ' : '               '}  ${text}`),
	];
	await print(stdout, lines.map(line => `${line}\n`).join(''));
}

/** A text in lines that fit a terminal. @param first what its first line begins with */
export const indented = (text: string, indent: string, first = indent): string[] =>
	wrapText(text, widest - indent.length).map((row, index) => `${index === 0 ? first : indent}${row}`);
