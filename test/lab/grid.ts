/**
 * Every experiment, on every machine, in every era, at several times, with its parameters as usual, at their least and
 * at their most. Nothing of it may leave the simulator as an exception, and nothing may break: a kernel may panic where
 * Linux would.
 */
import {ERA_NAMES, type EraName} from '../../source/kernel/era/behaviour.ts';
import type {Experiment, Parameter} from '../../source/lab/experiment.ts';
import {EXPERIMENTS} from '../../source/lab/experiments/list.ts';
import {bootLab, type Lab} from '../../source/lab/lab.ts';
import {PRESETS} from '../../source/lab/presets.ts';
import {CLOCK, EVENTS, hasEnded, INJECT, injections} from './support.ts';

const LEVELS = ['usual', 'least', 'most'] as const;
type Level = (typeof LEVELS)[number];

export type Case = {
	readonly experiment: Experiment;
	readonly preset: string;
	readonly era: EraName;
	/** When it is injected into a fresh machine, in virtual seconds. */
	readonly atSeconds: number;
	readonly level: Level;
};

const PRESET_NAMES = Object.keys(PRESETS);

type Wanted = {
	readonly eras?: readonly EraName[];
	readonly levels?: readonly Level[];
	readonly atSeconds: readonly number[];
};

/** All cases; without parameters every level is the usual one. */
export function grid({eras = ERA_NAMES, levels = LEVELS, atSeconds}: Wanted): readonly Case[] {
	return eras.flatMap(era =>
		atSeconds.flatMap(at =>
			PRESET_NAMES.flatMap(preset =>
				EXPERIMENTS.flatMap(experiment =>
					levels
						.filter(level => level === 'usual' || experiment.parameters.length > 0)
						.map(level => ({experiment, preset, era, atSeconds: at, level})),
				),
			),
		),
	);
}

/** What an experiment sleeps shows nothing that a second does not. */
const MOST_MS = 1_000;

function valueAt(level: Level, {least, most, usual, unit}: Parameter): number {
	if (level === 'usual') return usual;
	return level === 'least' ? least : unit === 'ms' ? Math.min(most, MOST_MS) : most;
}

const lineOf = ({experiment: {name, parameters}, level}: Case): string =>
	[name, ...parameters.map(each => `${each.name}=${valueAt(level, each)}`)].join(' ');

export const nameOf = (each: Case): string => `${each.era} ${each.preset} ${each.atSeconds}s ${lineOf(each)}`;

/** An experiment that takes longer hangs. */
const LONGEST_NS = 60e9;
/** What an experiment has set going may come to its end later. */
const AFTERWARDS_NS = 150e6;

/** @returns what is wrong, in sentences; `refused` where the machine does not take the experiment */
export function tryOut(each: Case): readonly string[] | 'refused' {
	const lab = bootLab({era: each.era, preset: each.preset});
	lab.write(CLOCK, 'watch off', 'test');
	lab.run(each.atSeconds * 1e9, EVENTS);
	const injectedNs = lab.timeNs();
	try {
		lab.write(INJECT, lineOf(each), 'test');
	} catch (error) {
		if (/^EPERM: /.test((error as Error).message)) return 'refused';
		throw error;
	}
	const ended = () => injections(lab).every(hasEnded);
	while (!ended() && lab.timeNs() < injectedNs + LONGEST_NS && !lab.stopped()) lab.run(lab.timeNs() + 20e6, EVENTS);
	lab.run(lab.timeNs() + AFTERWARDS_NS, EVENTS);
	const stopped = lab.stopped();
	return [
		...(ended() ? [] : ['it does not end']),
		...(stopped?.state === 'broken' ? [`${stopped.sentence} ${(stopped.cause as Error).stack}`] : []),
		...wrongAfterFault(lab, injectedNs),
	];
}

/** Whether one can look and go back where a device met a fault, or the machine stopped. */
function wrongAfterFault(lab: Lab, injectedNs: number): readonly string[] {
	if (!lab.stopped()) return [];
	const wrong = String(lab.read('/proc/kmsg')).includes('Kernel panic') ? [] : ['the log does not say why it stopped'];
	lab.write(CLOCK, `rewind ${injectedNs}ns`, 'test');
	while (lab.run(0, EVENTS) === 'budget') {}
	return lab.stopped() || lab.timeNs() !== injectedNs ? [...wrong, 'one cannot go back'] : wrong;
}
