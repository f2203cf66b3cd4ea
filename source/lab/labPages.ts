/** docs/labs: the experiments as a course, a page for each. */
import {ERA_NAMES} from '../kernel/era/behaviour.ts';
import {chapters} from './chapters.ts';
import type {Chapter, Experiment, Parameter} from './experiment.ts';
import {experimentRecord} from './experimentRecord.ts';
import type {Background} from './lessons/background.ts';
import {type CodePlace, quote} from './lessons/code.ts';
import {diagram} from './lessons/diagrams.ts';

/** What is in a file of the checkout. @param file from its root */
type TextOf = (file: string) => string;

/** What a run on a fresh machine of the experiment's own printed, and which answer it made the right one. */
type LabRun = {readonly printed: string; readonly answer: number; readonly because: readonly string[]};

const chapterNames = Object.keys(chapters) as Chapter[];

/** What Markdown takes for markup, and a table for the end of a cell. */
const plain = (text: string): string => text.replace(/[\\`*<>|[\]]/g, '\\$&');

const section = (title: string, ...lines: readonly string[]): string[] => [`## ${title}`, '', ...lines, ''];

const shell = (...lines: readonly string[]): string[] => ['```sh', ...lines, '```'];

const list = (lines: readonly string[]): string[] => lines.map(line => `- ${line}`);

const numbered = (lines: readonly string[]): string[] => lines.map((line, index) => `${index + 1}. ${line}`);

/** The flags with which a machine is the one that the claim is about. */
function machineFlags({preset, eras}: Experiment): string {
	const era = eras && !eras.includes('ldd3') ? eras[0] : undefined;
	return [
		...(preset === undefined ? [] : [`--machine ${preset}`]),
		...(era === undefined ? [] : [`--era ${era}`]),
	].join(' ');
}

function parameterTable(parameters: readonly Parameter[]): string[] {
	if (parameters.length === 0) return ['It has no parameters.'];
	const row = ({name, about, least, most, usual, unit}: Parameter) =>
		`| \`${name}\` | ${plain(about)} | ${least} to ${most}${unit === '' ? '' : ` ${unit}`} | ${usual} |`;
	return ['| parameter | what | from, to | usual |', '|---|---|---|---|', ...parameters.map(row)];
}

function howToRun(lab: Experiment): string[] {
	const {name, key, disposable} = lab;
	const flags = machineFlags(lab);
	return [
		...shell(
			`mmtop run --ask ${name}`,
			`mmtop${flags && ` ${flags}`}        # the monitor: ${key === undefined ? `: ${name} Enter` : key}`,
		),
		'',
		...(flags === '' ? [] : [`It is about a machine of its own, \`${flags}\`; \`mmtop run\` takes it by itself.`, '']),
		...(disposable ? ['Its damage stays: it runs on a machine on which nothing else was injected yet.', ''] : []),
		...parameterTable(lab.parameters),
	];
}

function otherKernels({eras, lesson}: Experiment): string[] {
	const differences = lesson.differences ?? [];
	if (differences.length === 0) return [`The same in ${(eras ?? ERA_NAMES).join(', ')}.`];
	return list(differences.map(each => `**${each.eras.join(', ')}**: ${plain(each.says)}`));
}

function whereItFails(experiment: Experiment): string[] {
	const {name, control} = experiment;
	if (!control) return ['Nowhere that this machine could show.'];
	const parameters = experimentRecord(experiment).control;
	return [
		...shell(`mmtop run --ask ${name} ${parameters}`),
		'',
		`With \`${parameters}\` the claim must fail: try it. The observation that begins “${plain(control.fails)}” does ` +
			'not hold, and another answer is right.',
	];
}

/** Lines of ours, as they are in this checkout. @throws where they are not to be had */
function quotedCode(place: CodePlace, textOf: TextOf): string[] {
	const lines = quote(place, textOf(place.file));
	if (typeof lines === 'string') throw new Error(`${place.file}: ${lines}`);
	return [`\`${place.name}\` in [${place.file}](../../${place.file}):`, '', '```ts', ...lines, '```', ''];
}

/** Why it came so: in words, as a picture, and the lines that do it. */
const mechanism = ({why, code, diagram: picture}: Background, textOf: TextOf): string[] => [
	'### Why',
	'',
	plain(why),
	'',
	...(picture === undefined ? [] : ['```', ...diagram(picture), '```', '']),
	'### The lines that do it',
	'',
	...code.flatMap(place => quotedCode(place, textOf)),
];

const effort = ({level, minutes}: Background): string => `level ${level} of 3 · ${minutes} minutes`;

/** The page of one experiment. What comes of it, and why, is folded away, so that one can predict first. */
export function labPage(lab: Experiment, {printed, answer, because}: LabRun, textOf: TextOf): string {
	const {name, title, claim, source, lesson} = lab;
	const {chapter, background, setup, question, looks, corrections = []} = lesson;
	return [
		`# ${name}`,
		'',
		`[${chapters[chapter].title}](README.md#${anchor(chapter)}) · ${plain(source)} · ${effort(background)}`,
		'',
		...section('What is there', plain(setup)),
		...section('Predict', `**${plain(question.ask)}**`, '', ...numbered(question.answers.map(({text}) => plain(text)))),
		...section('Run', ...howToRun(lab)),
		...section('Look at', ...list(looks.map(({pane, says}) => `**${pane}**: ${plain(says)}`))),
		...section(
			'What comes',
			'<details>',
			'<summary>Only after you have predicted</summary>',
			'',
			`**${plain(title)}.** ${plain(claim)}`,
			'',
			'```',
			...printed.trimEnd().split('\n'),
			'```',
			'',
			`Answer ${answer}: ${plain(question.answers[answer - 1]!.text)} What decides it:`,
			'',
			...list(because.map(plain)),
			'',
			...(corrections.length === 0
				? []
				: ['What the book or notes from it say otherwise:', '', ...list(corrections.map(plain)), '']),
			...mechanism(background, textOf),
			'</details>',
		),
		...section('Where the claim must not hold', ...whereItFails(lab)),
		...section('Other kernels', ...otherKernels(lab)),
		...section('Read', ...list(background.read.map(plain))),
		...section('Next', plain(background.next.ask), '', ...shell(`mmtop run --ask ${background.next.run}`)),
	]
		.join('\n')
		.trimEnd()
		.concat('\n');
}

/** As GitHub makes it of a heading. */
const anchor = (chapter: Chapter): string =>
	chapters[chapter].title
		.toLowerCase()
		.replace(/[^a-z -]/g, '')
		.replaceAll(' ', '-');

/** The index, chapter by chapter. @param scripts names of the scripts in fixtures/scripts, and what each shows */
export function labIndex(
	labs: readonly Experiment[],
	scripts: readonly (readonly [name: string, says: string])[],
): string {
	const chapterSection = (chapter: Chapter): string[] =>
		section(
			chapters[chapter].title,
			plain(chapters[chapter].about),
			'',
			'| experiment | question | level | minutes |',
			'|---|---|---|---|',
			...labs
				.filter(({lesson}) => lesson.chapter === chapter)
				.map(({name, lesson: {question, background}}) => {
					const {level, minutes} = background;
					return `| [${name}](${name}.md) | ${plain(question.ask)} | ${level} | ${minutes} |`;
				}),
		);
	return [
		'# Labs',
		'',
		`${labs.length} experiments, each a claim about Linux that can turn out false. A page says what is ` +
			`there, asks what will`,
		'come, and says how to run it and where to look. What comes, and why, is folded away: predict first.',
		'',
		'Level 1 needs the page of the book that is named, level 2 the chapter up to there, level 3 a look into the ' +
			'source of the kernel, or a second machine beside the first. The minutes are for predicting, two runs and ' +
			'looking.',
		'',
		...shell(
			'mmtop run --ask fork-pin     # asks, runs, compares',
			'mmtop                        # then : and some letters; Ctrl-P predicts first there too',
			'mmtop story fork-pin --html fork-pin.html    # its steps as a page with pictures, for a browser',
		),
		'',
		'The pages are made from the experiments in `source/lab/experiments` by `npm run docs`, and what they ' +
			'show was printed by',
		'a run: a fresh machine with the same seed prints it again, byte for byte. A test keeps them in step.',
		'',
		...chapterNames.flatMap(chapterSection),
		...section(
			'Experiments of your own',
			'A shell is enough. These scripts act with `mmtop write`, look with `mmtop cat` and `grep`, and let ' +
				'time pass event',
			'by event on a machine that `mmtop serve` runs. Each takes the name of the machine.',
			'',
			'| script | what it shows |',
			'|---|---|',
			...scripts.map(([name, says]) => `| [${name}](../../fixtures/scripts/${name}) | ${plain(says)} |`),
			'',
			...shell('mmtop serve --name lab0 &', `sh fixtures/scripts/${scripts[0]?.[0] ?? ''} lab0`),
		),
	]
		.join('\n')
		.trimEnd()
		.concat('\n');
}
