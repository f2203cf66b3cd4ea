/**
 * Every experiment, on every machine, in every era, at several times, with its parameters as usual, at their least and
 * at their most. Nothing of it may leave the simulator as an exception, and nothing may break: a kernel may panic where
 * Linux would.
 */
import {ERA_NAMES, type EraName} from '../../source/kernel/era/behaviour.ts';
import type {Experiment, Parameter} from '../../source/lab/experiment.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {bootLab, type Lab} from '../../source/lab/lab.ts';
import {presets} from '../../source/lab/presets.ts';
import {clockPath, hasEnded, injections, injectPath, mostEvents} from './support.ts';

const allLevels = ['usual', 'least', 'most'] as const;
type Level = (typeof allLevels)[number];

export type Case = {
	readonly experiment: Experiment;
	readonly preset: string;
	readonly era: EraName;
	/** When it is injected into a fresh machine, in virtual seconds. */
	readonly atSeconds: number;
	readonly level: Level;
};

const presetNames = Object.keys(presets);

type Wanted = {
	readonly eras?: readonly EraName[];
	readonly levels?: readonly Level[];
	readonly atSeconds: readonly number[];
};

/** All cases; without parameters every level is the usual one. */
export function grid({eras = ERA_NAMES, levels = allLevels, atSeconds}: Wanted): readonly Case[] {
	return eras.flatMap(era =>
		atSeconds.flatMap(at =>
			presetNames.flatMap(preset =>
				experiments.flatMap(experiment =>
					levels
						.filter(level => level === 'usual' || experiment.parameters.length > 0)
						.map(level => ({experiment, preset, era, atSeconds: at, level})),
				),
			),
		),
	);
}

/** What an experiment sleeps shows nothing that a second does not. */
const mostMs = 1_000;

function valueAt(level: Level, {least, most, usual, unit}: Parameter): number {
	if (level === 'usual') return usual;
	return level === 'least' ? least : unit === 'ms' ? Math.min(most, mostMs) : most;
}

const lineOf = ({experiment: {name, parameters}, level}: Case): string =>
	[name, ...parameters.map(each => `${each.name}=${valueAt(level, each)}`)].join(' ');

export const nameOf = (each: Case): string => `${each.era} ${each.preset} ${each.atSeconds}s ${lineOf(each)}`;

/** An experiment that takes longer hangs. */
const longestNs = 60e9;
/** What an experiment has set going may come to its end later. */
const afterwardsNs = 150e6;

/** @returns what is wrong, in sentences; `refused` where the machine does not take the experiment */
export function tryOut(each: Case): readonly string[] | 'refused' {
	const lab = bootLab({era: each.era, preset: each.preset, load: 'busy'});
	lab.write(clockPath, 'watch off', 'test');
	lab.run(each.atSeconds * 1e9, mostEvents);
	const injectedNs = lab.timeNs();
	try {
		lab.write(injectPath, lineOf(each), 'test');
	} catch (error) {
		if (/^EPERM: /.test((error as Error).message)) return 'refused';
		throw error;
	}
	const ended = () => injections(lab).every(hasEnded);
	while (!ended() && lab.timeNs() < injectedNs + longestNs && !lab.stopped()) lab.run(lab.timeNs() + 20e6, mostEvents);
	lab.run(lab.timeNs() + afterwardsNs, mostEvents);
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
	lab.write(clockPath, `rewind ${injectedNs}ns`, 'test');
	while (lab.run(0, mostEvents) === 'budget') {}
	return lab.stopped() || lab.timeNs() !== injectedNs ? [...wrong, 'one cannot go back'] : wrong;
}
