/** Whether a task is done: what the machine shows, and what was answered. */
import {type InjectionRecord, isOver, parseInject} from '../../formats/debugfs/lab/inject.ts';
import {fieldOf, parseField} from '../../formats/field.ts';
import {files} from '../../formats/files.ts';
import {parserFor} from '../../formats/parserFor.ts';
import {parseQuantity} from '../../formats/quantity.ts';
import type {FilePlace} from '../../formats/steps.ts';
import {checkOf, filled, type Names} from '../../lab/calls/value.ts';
import {passes, type Seen, show, wanted} from '../../lab/experiment.ts';
import {asTargetError} from '../../target/sentence.ts';
import type {Target} from '../../target/target.ts';
import {readText} from '../injection.ts';
import type {SheetAnswer, SheetCheck, SheetTask} from './schema.ts';

/** What a check came to. */
export type Judged = {
	readonly says: string;
	readonly held: boolean;
	readonly expected: string;
	readonly seen: string;
	readonly file: string | null;
	readonly field: string | null;
};

const processPattern = /\{pid of ([\w.-]{1,15})\}/g;

/** A check has constants and numbers, and no names. */
const noNames: Names = new Map();

/** @returns undefined for a process that is not there */
async function pidOf(target: Target, comm: string): Promise<string | undefined> {
	for (const name of await target.list('/proc')) {
		const pid = /^(\d+)\/$/.exec(name)?.[1];
		if (pid === undefined) continue;
		const read = await target.read(`/proc/${pid}/comm`).catch(() => '');
		if (typeof read === 'string' && read.trim() === comm) return pid;
	}
	return undefined;
}

/** The path with the processes that it names. */
async function pathFor(target: Target, file: string): Promise<string> {
	let path = file;
	for (const [whole, comm = ''] of file.matchAll(processPattern))
		path = path.replace(whole, (await pidOf(target, comm)) ?? `no-process-${comm}`);
	return filled(path, noNames);
}

type SeenField = {readonly path: string; readonly value: Seen; readonly reason?: string};

/** What a field of a file shows. One that cannot be read shows nothing, and says why. */
async function seenIn(target: Target, {file, field}: FilePlace): Promise<SeenField> {
	const path = await pathFor(target, file);
	try {
		const record = parserFor(path)?.(await target.read(path));
		return {path, value: fieldOf(record, parseField(filled(field, noNames)))};
	} catch (error) {
		return {path, value: undefined, reason: asTargetError(error).message};
	}
}

/** The injections of the machine that are kept. */
export const injectionsOf = async (target: Target): Promise<readonly InjectionRecord[]> =>
	parseInject(await readText(target, files.inject.path)).injections;

type ExperimentCheck = Extract<SheetCheck, {experiment: string}>;

/** The last run of an experiment in this task decides. */
function judgedRun(check: ExperimentCheck, runs: readonly InjectionRecord[]): Judged {
	const {experiment, observed, given = {}, says} = check;
	const words = Object.entries(given).map(([name, value]) => `${name}=${value}`);
	const asGiven = ({name, parameters}: InjectionRecord) =>
		name === experiment && words.every(pair => parameters.some(each => `${each.name}=${each.value}` === pair));
	const run = runs.findLast(asGiven);
	const told = {says, file: files.inject.path, field: null};
	const line = [experiment, ...words].join(' ');
	if (!run) return {...told, held: false, expected: `a run of ${line}`, seen: 'none in this task'};
	if (!isOver(run)) return {...told, held: false, expected: `the end of ${line}`, seen: 'it still runs'};
	if (observed === undefined)
		return {...told, held: run.status === 'done', expected: 'all observations hold', seen: run.result ?? run.status};
	const found = run.observations.find(each => each.sentence.startsWith(observed));
	if (!found) return {...told, held: false, expected: observed, seen: run.result ?? 'it was not observed'};
	const {sentence, state, file, field, expected, seen} = found;
	return {says, held: state === 'held', expected: expected ?? sentence, seen: seen ?? sentence, file, field};
}

async function judgedField(target: Target, check: Exclude<SheetCheck, ExperimentCheck>): Promise<Judged> {
	const {says, field, unit} = check;
	const wish = checkOf(check, noNames, unit, true);
	const {path, value, reason} = await seenIn(target, check);
	return {
		says,
		held: reason === undefined && passes(value, wish),
		expected: wanted(wish),
		seen: reason ?? show(value),
		file: path,
		field,
	};
}

/**
 * @param sinceId injections after this one belong to the task
 * @throws TargetError of a target that is lost
 */
export async function judge(
	target: Target,
	task: Pick<SheetTask, 'checks'>,
	sinceId: number,
): Promise<readonly Judged[]> {
	const {checks = []} = task;
	const runs = checks.some(each => 'experiment' in each) ? await injectionsOf(target) : [];
	const judged: Judged[] = [];
	for (const check of checks) {
		judged.push(
			'experiment' in check
				? judgedRun(
						check,
						runs.filter(({id}) => id > sinceId),
					)
				: await judgedField(target, check),
		);
	}
	return judged;
}

/** @returns undefined for what is not even of the right kind, in which case it does not count as a try */
export async function isRight(target: Target, answer: SheetAnswer, text: string): Promise<boolean | undefined> {
	const said = text.trim();
	if ('choices' in answer) {
		const number = /^[1-9]$/.test(said) ? Number(said) : Number.NaN;
		return number <= answer.choices.length ? number === answer.right : undefined;
	}
	if ('words' in answer) return answer.words.some(each => each.toLowerCase() === said.toLowerCase());

	const number = parseQuantity(said, answer.unit);
	if ('number' in answer) {
		const right = quantity(answer.number, answer.unit);
		return number === undefined ? undefined : Math.abs(number - right) <= quantity(answer.within ?? 0, answer.unit);
	}
	const {value} = await seenIn(target, answer);
	if (value === undefined || value === null) return false;
	if (typeof value !== 'number') return String(value).toLowerCase() === said.toLowerCase();
	return number === undefined ? undefined : number === value;
}

const quantity = (value: number | string, unit: string | undefined): number =>
	typeof value === 'number' ? value : (parseQuantity(value, unit) ?? Number.NaN);

/** What would be right, as it is typed. */
export async function rightAnswer(target: Target, answer: SheetAnswer): Promise<string> {
	if ('choices' in answer) return String(answer.right);
	if ('words' in answer) return answer.words[0] ?? '';
	if ('number' in answer) return String(answer.number);
	return String((await seenIn(target, answer)).value ?? '');
}
