/** Does a sheet's own solution: every check has to fail before it, and to hold after it. */
import {systemClock} from '../../target/wallClock.ts';
import type {Flags} from '../flags.ts';
import {ownBench, refusalOf, type SheetBench} from './bench.ts';
import {rightAnswer} from './judge.ts';
import type {ReadSheet, SheetProblem} from './read.ts';
import {checkLine} from './result.ts';
import type {Sheet} from './schema.ts';
import {TaskAtHand} from './sitting.ts';

type Told = {readonly path: readonly (string | number)[]; readonly says: string};

/**
 * @returns what does not hold with the solution, or holds without it
 * @throws Failure where the machine cannot be had
 */
export async function solve(
	{placeOf}: Pick<ReadSheet, 'placeOf'>,
	sheet: Sheet,
	flags: Flags,
): Promise<readonly SheetProblem[]> {
	const bench = await ownBench(sheet, flags, 'solution');
	const problems: SheetProblem[] = [];
	try {
		for (const index of sheet.tasks.keys()) {
			for await (const {path, says} of wrongWith(sheet, bench, index))
				problems.push({...placeOf(['tasks', index, ...path]), says});
		}
	} finally {
		await bench.target.close();
	}
	return problems;
}

async function* wrongWith(sheet: Sheet, bench: SheetBench, index: number): AsyncGenerator<Told> {
	const task = await TaskAtHand.begin({sheet, bench, nowMs: systemClock.nowMs}, index + 1);
	const {solution, answer, checks = []} = task.task;
	if (!solution && checks.length > 0) {
		yield {path: [], says: `task ${index + 1} has no solution`};
		return;
	}
	for (const [at, {held}] of (await task.look()).entries())
		if (held) yield {path: ['checks', at], says: 'it holds without the solution, too'};
	try {
		for (const each of solution?.acts ?? []) await task.act(each);
		const said = solution?.answer ?? (answer && (await rightAnswer(bench.target, answer)));
		const {right, checks: judged} = await task.try(said === undefined ? null : String(said));
		if (right === false || right === undefined)
			yield {path: ['solution'], says: `its answer ${JSON.stringify(said)} is not right`};
		for (const [at, each] of judged.entries())
			if (!each.held) yield {path: ['checks', at], says: `it does not hold with the solution: ${checkLine(each)}`};
	} catch (error) {
		yield {path: ['solution'], says: refusalOf(error)};
	}
}
