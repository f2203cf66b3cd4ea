/** What came of a sheet: as JSON, as JUnit XML, and in a line. */

import {show} from '../../lab/experiment.ts';
import {attributes, seconds} from '../junit.ts';
import type {Judged} from './judge.ts';

type TaskVerdict = 'held' | 'did not hold' | 'skipped';

export type TaskResult = {
	/** From 1 on. */
	readonly task: number;
	readonly question: string;
	readonly points: number;
	readonly of: number;
	readonly verdict: TaskVerdict;
	/** As it was typed; null where none was given. */
	readonly answer: string | null;
	/** Null where nothing was asked or answered. */
	readonly right: boolean | null;
	readonly tries: number;
	/** Hints that were asked for. */
	readonly hints: number;
	/** Time of the machine, in microseconds: when it was asked, and when it was left. */
	readonly beganUs: number;
	readonly endedUs: number;
	readonly wallMs: number;
	readonly checks: readonly Judged[];
};

export type SheetResult = {
	readonly sheet: string;
	/** Tells which text of the sheet it was. */
	readonly digest: string;
	readonly file: string;
	readonly student: string;
	readonly points: number;
	readonly of: number;
	/** Whether every task was held, failed or skipped. */
	readonly complete: boolean;
	/** Wall time in UTC. */
	readonly began: string;
	readonly ended: string;
	readonly wallMs: number;
	/** Time of the machine in microseconds, over all tasks. */
	readonly virtualUs: number;
	/** Its name; null for one of the sheet's own. */
	readonly target: string | null;
	readonly tasks: readonly TaskResult[];
	/** The text of a session file, which "mmtop sheet replay" does again; null where others have the machine. */
	readonly session: string | null;
};

/** A check in a line: ✓ or ✗, and what was seen. */
export function checkLine({held, says, file, field, expected, seen}: Judged): string {
	const place = file === null ? '' : `${field === null ? file : `${file} ${field}`}: `;
	return `${held ? '✓' : '✗'} ${says} (${place}${seen}${held ? '' : `, not ${expected}`})`;
}

/** What the machine keeps of it: a line of JSON in lab/results. */
export const resultLine = ({tasks, session, ...rest}: SheetResult): string =>
	JSON.stringify({
		...rest,
		tasks: tasks.map(({task, points, of, verdict, tries, hints}) => ({task, points, of, verdict, tries, hints})),
	});

function whyNot({verdict, answer, right, checks}: TaskResult): string {
	if (verdict === 'skipped') return 'it was left out';
	const wrong = right === false ? [`the answer ${show(answer)} is not right`] : [];
	return [...wrong, ...checks.filter(({held}) => !held).map(checkLine)].join('; ') || 'nothing was answered';
}

/** A suite is the sheet, a case a task; times are wall time, for what a person does. */
export function junitOfSheet({sheet, student, points, of, wallMs, tasks}: SheetResult): string {
	const count = (verdict: TaskVerdict) => tasks.filter(each => each.verdict === verdict).length;
	const head = attributes({
		name: sheet,
		tests: tasks.length,
		failures: count('did not hold'),
		skipped: count('skipped'),
		time: seconds(wallMs * 1000),
	});
	const properties = Object.entries({student, points, of}).map(
		([name, value]) => `\t\t\t<property${attributes({name, value})}/>`,
	);
	const cases = tasks.map(each => {
		const name = `${each.task}. ${each.question.replace(/\s+/g, ' ').trim()}`;
		const open = `\t\t<testcase${attributes({classname: sheet, name, time: seconds(each.wallMs * 1000)})}`;
		if (each.verdict === 'held') return `${open}/>`;
		const kind = each.verdict === 'skipped' ? 'skipped' : 'failure';
		return `${open}><${kind}${attributes({message: whyNot(each)})}/></testcase>`;
	});
	return [
		'<?xml version="1.0" encoding="UTF-8"?>',
		'<testsuites name="mmtop">',
		`\t<testsuite${head}>`,
		'\t\t<properties>',
		...properties,
		'\t\t</properties>',
		...cases,
		'\t</testsuite>',
		'</testsuites>',
		'',
	].join('\n');
}
