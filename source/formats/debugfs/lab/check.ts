/**
 * /sys/kernel/debug/lab/check (ours): the drivers that one can write, and what helps with each. A block an exercise:
 *
 *     # check 0.1
 *     exercise: remap
 *       title: A page at once
 *       source: LDD3 page 424
 *       task: Give a page of the driver to the program, with remap_pfn_range().
 *       machine: bounce
 *       hint: mmap() of one page → The method mmap still answers ENODEV.
 *
 * A hint begins with the first words of the observation that failed. What a check observed is in lab/inject.
 */
import {type Cell, name, optional, sentence} from '../../cells.ts';
import {document, many, one} from '../../table.ts';
import {CellError, joinLines, Lines} from '../../text.ts';

type Hint = {
	/** First words of the observation that failed. */
	readonly at: string;
	readonly says: string;
};

export type ExerciseRecord = {
	readonly name: string;
	readonly title: string;
	/** Page of LDD3, or Linux file. */
	readonly source: string;
	/** What the driver has to do. */
	readonly task: string;
	/** The preset that it needs; null where the usual one does. */
	readonly machine: string | null;
	readonly hints: readonly Hint[];
};

type CheckRecord = {readonly exercises: readonly ExerciseRecord[]};

const arrow = ' → ';
const hint: Cell<Hint> = {
	align: 'left',
	show: ({at, says}) => `${sentence.show(at)}${arrow}${sentence.show(says)}`,
	read(text) {
		const between = text.indexOf(arrow);
		if (between < 0) throw new CellError(`sentence${arrow}hint, not "${text}"`);
		return {at: sentence.read(text.slice(0, between)), says: sentence.read(text.slice(between + arrow.length))};
	},
};
const exercise = document<ExerciseRecord>({
	name: one('exercise', name),
	title: one('  title', sentence),
	source: one('  source', sentence),
	task: one('  task', sentence),
	machine: one('  machine', optional(name)),
	hints: many('  hint', hint),
});
const heading = '# check 0.1';

export const formatCheck = ({exercises}: CheckRecord): string =>
	joinLines([heading, ...exercises.flatMap(exercise.write)]);

/** @throws FormatError */
export function parseCheck(text: string): CheckRecord {
	const lines = new Lines('lab/check', text);
	lines.expect(heading);
	const exercises: ExerciseRecord[] = [];
	while (!lines.done) exercises.push(exercise.read(lines));
	return {exercises};
}
