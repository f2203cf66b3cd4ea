/** Reads a sheet, and says what is wrong with it: line, column and a sentence. */
import {isNode, type Node} from 'yaml';
import {refusedPair} from '../../formats/debugfs/lab/experiments.ts';
import {didYouMean} from '../../formats/nearest.ts';
import {parseQuantity} from '../../formats/quantity.ts';
import {problemsOf, type SchemaProblem, type ValuePath} from '../../formats/schema.ts';
import {placeProblems, stepsProblems, wantedProblems} from '../../lab/calls/check.ts';
import {experimentRecord} from '../../lab/experimentRecord.ts';
import {experiments} from '../../lab/experiments/list.ts';
import {refusedWait} from './bench.ts';
import {type Act, type Sheet, type SheetAnswer, type SheetCheck, type SheetTask, sheetSchema} from './schema.ts';
import {contentOf, parseShort, readShort, type YamlFault} from './yaml.ts';

/** Problems behind these are not listed. */
const mostProblems = 20;

/** Something that is wrong, with its place; lines and columns are counted from 1. */
export type SheetProblem = {readonly line: number; readonly column: number; readonly says: string};

export type ReadSheet = {
	readonly text: string;
	/** Undefined where there are problems. */
	readonly sheet: Sheet | undefined;
	readonly problems: readonly SheetProblem[];
	/** Where a value begins in the text. */
	readonly placeOf: (path: ValuePath) => Omit<SheetProblem, 'says'>;
};

/** @throws Failure with exit code 3 for a file that cannot be read */
export const readSheetFile = async (path: string): Promise<ReadSheet> => readSheet(await readShort(path, 'sheet'));

/** @throws nothing: whatever the text is, what is wrong is listed */
export function readSheet(text: string): ReadSheet {
	const lineStarts = [0, ...Array.from(text.matchAll(/\n/g), ({index}) => index + 1)];
	const placeAt = (offset: number) => {
		const line = Math.max(1, lineStarts.findLastIndex(start => start <= offset) + 1);
		return {line, column: Math.max(1, offset - (lineStarts[line - 1] ?? 0) + 1)};
	};
	const parsed = parseShort(text);
	const root = 'document' in parsed ? parsed.document.contents : null;
	const placeOf = (path: ValuePath) => placeAt(offsetOf(root, path, false));
	const refused = (faults: readonly YamlFault[]): ReadSheet => ({
		text,
		sheet: undefined,
		problems: faults.slice(0, mostProblems).map(({offset, says}) => ({...placeAt(offset), says})),
		placeOf,
	});
	if ('faults' in parsed) return refused(parsed.faults);
	let value: unknown;
	try {
		value = contentOf(parsed.document);
	} catch (error) {
		return refused([{offset: 0, says: error instanceof Error ? error.message : String(error)}]);
	}
	const firstOf = (problems: Iterable<SchemaProblem>): YamlFault[] => {
		const faults: YamlFault[] = [];
		for (const {path, says, isKey} of problems) {
			faults.push({offset: offsetOf(root, path, isKey === true), says});
			if (faults.length === mostProblems) break;
		}
		return faults;
	};
	const wrong = firstOf(problemsOf(value, sheetSchema));
	if (wrong.length > 0) return refused(wrong);
	const sheet = value as Sheet;
	const problems = firstOf(sheetProblems(sheet));
	return problems.length > 0 ? refused(problems) : {text, sheet, problems: [], placeOf};
}

/** Where a value begins, or its key; where that is not there, the nearest that is around it. */
function offsetOf(root: Node | null, path: ValuePath, isKey: boolean): number {
	let node: unknown = root;
	let offset = root?.range?.[0] ?? 0;
	for (const [index, step] of path.entries()) {
		const items: readonly unknown[] = (node as {items?: unknown[]} | null)?.items ?? [];
		let next: unknown;
		if (typeof step === 'number') next = items[step];
		else {
			const pair = items.find(each => String((each as {key?: unknown}).key) === step) as
				| {key: unknown; value: unknown}
				| undefined;
			if (pair && isNode(pair.key) && (isKey ? index === path.length - 1 : !isNode(pair.value)))
				return pair.key.range?.[0] ?? offset;
			next = pair?.value;
		}
		if (!isNode(next)) return offset;
		node = next;
		offset = next.range?.[0] ?? offset;
	}
	return offset;
}

type Problems = Generator<SchemaProblem>;

function* below(path: ValuePath, problems: Iterable<SchemaProblem>): Problems {
	for (const each of problems) yield {...each, path: [...path, ...each.path]};
}

/** What a schema cannot say. */
function* sheetProblems(sheet: Sheet): Problems {
	const own = sheet.experiments ?? {};
	for (const [name, {steps}] of Object.entries(own)) {
		if (experiments.some(each => each.name === name))
			yield {path: ['experiments', name], says: `${name} is built in; take another name`, isKey: true};
		yield* below(['experiments', name, 'steps'], stepsProblems(steps));
	}
	yield* actsProblems(['setup'], sheet.setup, own);
	for (const [index, task] of sheet.tasks.entries()) yield* below(['tasks', index], taskProblems(task, own));
}

type Own = NonNullable<Sheet['experiments']>;

function* actsProblems(path: ValuePath, acts: readonly Act[] | undefined, own: Own): Problems {
	for (const [index, act] of (acts ?? []).entries()) {
		for (const [key, says] of [
			['inject', 'inject' in act ? refusedInject(act.inject) : undefined],
			['do', 'do' in act ? unknownOwn(act.do, own) : undefined],
			['wait', 'wait' in act ? refusedWait(act.wait) : undefined],
		] as const)
			if (says !== undefined) yield {path: [...path, index, key], says};
	}
}

function refusedInject(text: string): string | undefined {
	const [name = '', ...pairs] = text.trim().split(/\s+/);
	const experiment = experiments.find(each => each.name === name);
	if (!experiment) return unknownExperiment(name, []);
	const record = experimentRecord(experiment);
	return pairs.map(pair => refusedPair(record, pair)).find(each => each !== undefined);
}

function unknownExperiment(name: string, own: readonly string[]): string {
	const names = [...own, ...experiments.map(each => each.name)];
	return `there is no experiment ${JSON.stringify(name)}${didYouMean(name, names) || '; "mmtop run --list" names them'}`;
}

function unknownOwn(name: string, own: Own): string | undefined {
	const names = Object.keys(own);
	if (Object.hasOwn(own, name)) return undefined;
	const more = didYouMean(name, names) || (names.length > 0 ? `; there are ${names.join(', ')}` : '; it has none');
	return `this sheet has no experiment ${name}${more}`;
}

function* taskProblems(task: SheetTask, own: Own): Problems {
	const {answer, checks, solution} = task;
	if (!answer && !checks) yield {path: [], says: 'a task needs an answer, or checks, or both'};
	if (answer) yield* below(['answer'], answerProblems(answer));
	for (const [index, each] of (checks ?? []).entries()) yield* below(['checks', index], checkProblems(each, own));
	yield* actsProblems(['solution', 'acts'], solution?.acts, own);
	if (solution?.answer !== undefined && !answer) yield {path: ['solution', 'answer'], says: 'nothing is asked here'};
}

/** In a check a name in braces is `pid of COMM`. */
const processPattern = /\{pid of [\w.-]{1,15}\}/g;
const withoutProcesses = (text: string) => text.replace(processPattern, '1');

function* checkProblems(check: SheetCheck, own: Own): Problems {
	if ('experiment' in check) {
		const {experiment: name, given} = check;
		const built = experiments.find(each => each.name === name);
		if (!built && !Object.hasOwn(own, name))
			yield {path: ['experiment'], says: unknownExperiment(name, Object.keys(own))};
		for (const [key, value] of Object.entries(given ?? {})) {
			const refusal = built ? refusedPair(experimentRecord(built), `${key}=${value}`) : `${name} has no parameters`;
			if (refusal !== undefined) yield {path: ['given', key], says: refusal};
		}
		return;
	}
	yield* placeProblems({...check, file: withoutProcesses(check.file)}, new Set());
	yield* wantedProblems(check, new Set(), true);
}

function* answerProblems(answer: SheetAnswer): Problems {
	if ('choices' in answer) {
		const {choices, right} = answer;
		if (right > choices.length)
			yield {
				path: ['right'],
				says: `right is the number of a choice, 1..${choices.length}; got ${right}`,
			};
	} else if ('number' in answer) {
		for (const key of ['number', 'within'] as const) {
			const value = answer[key];
			if (typeof value === 'string' && parseQuantity(value, answer.unit) === undefined)
				yield {path: [key], says: `${key} is a number, as 16, 0x10 or 4 pages; got ${JSON.stringify(value)}`};
		}
	} else if ('file' in answer) {
		yield* placeProblems({...answer, file: withoutProcesses(answer.file)}, new Set());
	}
}
