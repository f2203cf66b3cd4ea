/** One sitting at a sheet: tasks are asked, answered, judged and counted; it can be left and gone on with. */
import {createHash} from 'node:crypto';
import {act, type SheetBench, virtualNs} from './bench.ts';
import {injectionsOf, isRight, type Judged, judge} from './judge.ts';
import type {SheetResult, TaskResult} from './result.ts';
import type {Act, Sheet, SheetTask} from './schema.ts';

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** What a try came to. */
export type Tried = {
	/** Null where nothing is asked; undefined for an answer that is not of the kind that is asked for. */
	readonly right: boolean | null | undefined;
	readonly checks: readonly Judged[];
};

/** A task that is being done. */
export class TaskAtHand {
	readonly task: SheetTask;
	readonly #number: number;
	readonly #bench: SheetBench;
	readonly #sheet: Sheet;
	readonly #nowMs: () => number;
	readonly #beganMs: number;
	readonly #sinceId: number;
	readonly #beganUs: number;
	#tries = 0;
	#hints = 0;
	#answer: string | null = null;
	#last: Tried = {right: null, checks: []};

	private constructor(
		{sheet, bench, nowMs}: {sheet: Sheet; bench: SheetBench; nowMs: () => number},
		number: number,
		sinceId: number,
		beganUs: number,
	) {
		this.task = sheet.tasks[number - 1]!;
		this.#sheet = sheet;
		this.#bench = bench;
		this.#nowMs = nowMs;
		this.#number = number;
		this.#beganMs = nowMs();
		this.#sinceId = sinceId;
		this.#beganUs = beganUs;
	}

	/** @param number of the task, from 1 on */
	static async begin(at: {sheet: Sheet; bench: SheetBench; nowMs: () => number}, number: number): Promise<TaskAtHand> {
		const {target} = at.bench;
		const sinceId = (await injectionsOf(target)).at(-1)?.id ?? 0;
		return new TaskAtHand(at, number, sinceId, Math.floor((await virtualNs(target)) / 1e3));
	}

	/** @returns the next hint; undefined when there is none left */
	hint(): string | undefined {
		const hint = this.task.hints?.[this.#hints];
		if (hint !== undefined) this.#hints++;
		return hint;
	}

	/** @returns what came of it, as text @throws TargetError, Failure */
	act(what: Act): Promise<string> {
		return act(this.#bench, this.#sheet, what);
	}

	/** Whether the checks hold now; no try. */
	look(): Promise<readonly Judged[]> {
		return judge(this.#bench.target, this.task, this.#sinceId);
	}

	/** @param said the answer as it was typed; null: none */
	async try(said: string | null): Promise<Tried> {
		const {answer} = this.task;
		const asked = answer && said !== null ? await isRight(this.#bench.target, answer, said) : answer ? false : null;
		const tried: Tried = {right: asked, checks: asked === undefined ? [] : await this.look()};
		if (asked === undefined) return tried;
		this.#tries++;
		this.#answer = said;
		this.#last = tried;
		return tried;
	}

	get isHeld(): boolean {
		const {right, checks} = this.#last;
		return this.#tries > 0 && right !== false && checks.every(({held}) => held);
	}

	/** How often one may still try. */
	get triesLeft(): number {
		return (this.task.tries ?? Number.POSITIVE_INFINITY) - this.#tries;
	}

	async result(): Promise<TaskResult> {
		const {question, points: of = 1} = this.task;
		const {right, checks} = this.#last;
		return {
			task: this.#number,
			question,
			points: this.isHeld ? of : 0,
			of,
			verdict: this.isHeld ? 'held' : this.#tries > 0 ? 'did not hold' : 'skipped',
			answer: this.#answer,
			right: this.#answer === null ? null : (right ?? null),
			tries: this.#tries,
			hints: this.#hints,
			beganUs: this.#beganUs,
			endedUs: Math.floor((await virtualNs(this.#bench.target)) / 1e3),
			wallMs: Math.round(this.#nowMs() - this.#beganMs),
			checks,
		};
	}
}

/** All that is known when a sheet is left or done. */
export function resultOf(
	sheet: Sheet,
	tasks: readonly TaskResult[],
	about: Pick<SheetResult, 'digest' | 'file' | 'student' | 'began' | 'ended' | 'target' | 'session'>,
): SheetResult {
	const sum = (of: (each: TaskResult) => number) => tasks.reduce((total, each) => total + of(each), 0);
	return {
		sheet: sheet.title,
		...about,
		points: sum(({points}) => points),
		of: sheet.tasks.reduce((total, {points = 1}) => total + points, 0),
		complete: tasks.length === sheet.tasks.length,
		wallMs: sum(({wallMs}) => wallMs),
		virtualUs: sum(({beganUs, endedUs}) => endedUs - beganUs),
		tasks,
	};
}
