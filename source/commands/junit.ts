import {withoutSteering} from '../formats/steering.ts';
import {Failure} from './errors.ts';
import {type Outcome, observationText, verdictOf} from './injection.ts';
import {codeOf} from './journal.ts';
import {writeWholeFile} from './wholeFile.ts';

/**
 * Runs as JUnit XML, as Jenkins, GitLab and graders of courses read it: a suite is a run, a case is one of its
 * observations. Times are virtual. The shape is that of https://github.com/testmoapp/junitxml
 */

/** @param command the line that does the run again; undefined on a machine that others have */
export type JunitRun = {readonly outcome: Outcome; readonly command: string | undefined};

const entities: Readonly<Record<string, string>> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'};

/** XML 1.0 has no way to write control characters. */
const escaped = (text: string): string =>
	withoutSteering(text, '?')
		.replace(/[\uFFFE\uFFFF]/g, '?')
		.replace(/[&<>"]/g, found => entities[found]!);

/** ` name="value"` for each that is there. */
export function attributes(all: Readonly<Record<string, string | number | undefined>>): string {
	return Object.entries(all)
		.filter(([, value]) => value !== undefined)
		.map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
		.join('');
}

export const seconds = (us: number): string => (us / 1e6).toFixed(6);

const endsOf = ({observations, states, timeUs}: Outcome): number =>
	Math.max(timeUs, ...observations.map(each => each.timeUs), ...states.map(each => each.timeUs));

type Case = {
	readonly name: string;
	readonly timeUs: number;
	readonly kind?: 'failure' | 'skipped';
	readonly says?: string;
};

/** What was observed, and where the run did not come to its end, that. */
function casesOf(outcome: Outcome): readonly Case[] {
	const {name, observations, result, timeUs} = outcome;
	const observed = observations.map(
		(each): Case => ({
			name: each.sentence,
			timeUs: each.timeUs - timeUs,
			...(each.state !== 'held' && {kind: 'failure', says: observationText(each)}),
		}),
	);
	const verdict = verdictOf(outcome);
	if (verdict === 'could not run') return [...observed, {name, timeUs: 0, kind: 'skipped', says: result ?? ''}];

	const isExplained = verdict === 'held' || observed.some(({kind}) => kind === 'failure');
	return isExplained ? observed : [...observed, {name, timeUs: 0, kind: 'failure', says: result ?? ''}];
}

function suiteText({outcome, command}: JunitRun): string {
	const {name, parameters} = outcome;
	const title = [name, ...parameters.map(each => `${each.name}=${each.value}`)].join(' ');
	const cases = casesOf(outcome);
	const count = (kind: Case['kind']) => cases.filter(each => each.kind === kind).length;
	const head = attributes({
		name: title,
		tests: cases.length,
		failures: count('failure'),
		skipped: count('skipped'),
		time: seconds(endsOf(outcome) - outcome.timeUs),
	});
	const property =
		command === undefined
			? []
			: [`\t\t<properties><property${attributes({name: 'command', value: command})}/></properties>`];
	const lines = cases.map(({name: sentence, timeUs, kind, says}) => {
		const open = `\t\t<testcase${attributes({classname: name, name: sentence, time: seconds(timeUs)})}`;
		return kind === undefined ? `${open}/>` : `${open}><${kind}${attributes({message: says})}/></testcase>`;
	});
	return [`\t<testsuite${head}>`, ...property, ...lines, '\t</testsuite>', ''].join('\n');
}

const junitText = (runs: readonly JunitRun[]): string =>
	`<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="mmtop">\n${runs.map(suiteText).join('')}</testsuites>\n`;

/**
 * Runs, and then writes what was kept, also where something went wrong: what was done until ^C is not lost.
 *
 * @param path undefined: nothing is written
 * @throws what the work throws, first of all; Failure where the file cannot be written
 */
export async function thenJunit<T>(
	path: string | undefined,
	kept: readonly JunitRun[],
	work: () => Promise<T>,
): Promise<T> {
	let result: T;
	try {
		result = await work();
	} catch (error) {
		if (path !== undefined) await writeJunit(path, kept).catch(() => {});
		throw error;
	}

	if (path !== undefined) await writeJunit(path, kept);
	return result;
}

/** @throws Failure where the file cannot be written */
export async function writeJunit(path: string, runs: readonly JunitRun[]): Promise<void> {
	try {
		await writeWholeFile(path, junitText(runs));
	} catch (error) {
		throw new Failure([`${codeOf(error)}: the results cannot be written to ${path}`]);
	}
}
