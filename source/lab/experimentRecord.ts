/** An experiment as `lab/experiments` shows it. */
import type {ExperimentRecord} from '../formats/debugfs/lab/experiments.ts';
import {chapters} from './chapters.ts';
import type {Control, Experiment} from './experiment.ts';

export function experimentRecord(experiment: Experiment): ExperimentRecord {
	const {name, key, title, claim, source, lesson, control, eras, preset, parameters, declares} = experiment;
	const {background} = lesson;
	return {
		name,
		key: key ?? null,
		title,
		chapter: chapters[lesson.chapter].title,
		level: background.level,
		minutes: background.minutes,
		claim,
		source,
		setup: lesson.setup,
		question: lesson.question.ask,
		answers: lesson.question.answers.map(({text}) => text),
		looks: lesson.looks,
		why: background.why,
		next: {run: background.next.run, says: background.next.ask},
		differences: lesson.differences ?? [],
		control: control === undefined ? null : controlWords(control),
		eras: eras ?? [],
		machine: preset ?? null,
		parameters: parameters.map(({name, about, least, most, usual, unit}) => ({
			name,
			about,
			type: 'int',
			range: {min: least, max: most},
			choices: [],
			default: String(usual),
			unit: unit === '' ? null : unit,
		})),
		visible: declares,
	};
}

/** As they are typed behind `mmtop run NAME`. */
function controlWords({era, preset, set = {}}: Control): string {
	return [
		...(era === undefined ? [] : [`--era ${era}`]),
		...(preset === undefined ? [] : [`--machine ${preset}`]),
		...Object.entries(set).map(([name, value]) => `${name}=${value}`),
	].join(' ');
}
