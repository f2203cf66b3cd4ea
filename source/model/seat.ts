/** What the files of a student's machine say to a teacher who looks at many of them. */

import {type ClassRecord, parseClass} from '../formats/debugfs/lab/class.ts';
import {type Clock, parseClock} from '../formats/debugfs/lab/clock.ts';
import {parseExperiments} from '../formats/debugfs/lab/experiments.ts';
import {parseFindings} from '../formats/debugfs/lab/findings.ts';
import {couldNotMark, type InjectionRecord, isOver, parseInject} from '../formats/debugfs/lab/inject.ts';
import {path} from './paths.ts';
import {storySteps} from './story.ts';
import {recordIn, type SampledTree} from './tree.ts';

/** How many steps each experiment has, by its name. */
export type StepCounts = ReadonlyMap<string, number>;

type Verdict = {readonly sign: '✓' | '✗' | typeof couldNotMark; readonly name: string};

export type Seat = {
	/** Undefined where the machine is not of a class. */
	readonly classRecord: ClassRecord | undefined;
	readonly clock: Clock | undefined;
	/** What is under way; undefined for nothing. */
	readonly now:
		| {
				/** As it is typed, with its parameters. */
				readonly called: string;
				readonly step: number;
				/** Undefined where the number of its steps is not known. */
				readonly of: number | undefined;
		  }
		| undefined;
	/** What came of the last ones, the newest first. */
	readonly verdicts: readonly Verdict[];
	/** How many there were, with those that the machine does not remember. */
	readonly injected: number;
	readonly findings: number;
	/** Time of the machine at which something was injected last; undefined for never. */
	readonly injectedUs: number | undefined;
};

const mostVerdicts = 12;

const signs = {done: '✓', failed: '✗', 'could-not-run': couldNotMark} as const;

function verdictOf({status, name}: InjectionRecord): readonly Verdict[] {
	return status === 'waiting' || status === 'running' ? [] : [{sign: signs[status], name}];
}

const calledWith = ({name, parameters}: InjectionRecord): string =>
	[name, ...parameters.map(each => `${each.name}=${each.value}`)].join(' ');

/** What is read of each machine. The experiments are a long file, and the same for all: one answer is enough. */
export const seatPaths = (counts: StepCounts): readonly string[] => [
	path.class,
	path.clock,
	path.inject,
	path.findings,
	...(counts.size === 0 ? [path.experiments] : []),
];

/** The steps of experiments, where a machine was asked for them. */
export const stepCountsIn = (tree: SampledTree): StepCounts =>
	new Map(
		recordIn(tree, path.experiments, parseExperiments)?.experiments.map(({name, visible}) => [name, visible.length]),
	);

export function seatOf(tree: SampledTree, counts: StepCounts): Seat {
	const inject = recordIn(tree, path.inject, parseInject);
	const injections = inject?.injections ?? [];
	const newest = injections.at(-1);
	const open = injections.findLast(each => !isOver(each));
	return {
		classRecord: recordIn(tree, path.class, parseClass),
		clock: recordIn(tree, path.clock, parseClock),
		now: open && {called: calledWith(open), step: storySteps(open).at(-1)!.number, of: counts.get(open.name)},
		verdicts: injections.toReversed().flatMap(verdictOf).slice(0, mostVerdicts),
		injected: newest?.id ?? 0,
		findings: recordIn(tree, path.findings, parseFindings)?.findings.length ?? 0,
		injectedUs: newest?.timeUs,
	};
}
