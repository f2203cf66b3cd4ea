/** Asks a sheet line by line: in a terminal, or from what is piped in. */
import {createInterface} from 'node:readline';
import {indented} from '../ask.ts';
import {type CommandContext, print} from '../context.ts';
import {refusalOf, type SheetBench} from './bench.ts';
import type {Judged} from './judge.ts';
import {checkLine, type TaskResult} from './result.ts';
import type {Act, Sheet} from './schema.ts';
import {TaskAtHand, type Tried} from './sitting.ts';

type Asked = {
	readonly context: CommandContext;
	readonly sheet: Sheet;
	readonly bench: SheetBench;
	readonly nowMs: () => number;
	/** What was done in an earlier sitting. */
	readonly done: readonly TaskResult[];
	/** Called after each task. */
	readonly keep: (done: readonly TaskResult[]) => void;
};

/** Words that are no answer: how each is typed, and what it does. */
const words: Readonly<Record<string, readonly [form: string, does: string]>> = {
	check: ['check', 'try without an answer'],
	run: ['run NAME key=value …', 'run an experiment'],
	do: ['do NAME', 'run one of this sheet'],
	cat: ['cat PATH', 'show a file'],
	write: ['write PATH TEXT', 'write to a file'],
	wait: ['wait TIME', 'let time pass, as wait 2s'],
	hint: ['hint', 'what helps'],
	skip: ['skip', 'leave this task out'],
	quit: ['quit', 'leave; the same command goes on later'],
};

const help = [
	'  an answer, as it is asked for (or: answer WORDS)',
	...Object.values(words).map(([form, does]) => `  ${form.padEnd(22)} ${does}`),
	'',
].join('\n');

/** Lines that are typed. */
type Lines = {readonly next: () => Promise<string | undefined>; readonly close: () => void};

function linesOf({stdin}: CommandContext): Lines {
	const reader = createInterface({input: stdin, terminal: false});
	const typed = reader[Symbol.asyncIterator]();
	return {
		next: async () => {
			const {value, done} = await typed.next();
			return done ? undefined : value;
		},
		close: () => reader.close(),
	};
}

/** @returns what was done, in this sitting and before; fewer than there are after quit */
export async function askSheet(asked: Asked): Promise<readonly TaskResult[]> {
	const {sheet, keep} = asked;
	const lines = linesOf(asked.context);
	const done = [...asked.done];
	try {
		while (done.length < sheet.tasks.length) {
			const task = await TaskAtHand.begin(asked, done.length + 1);
			if (!(await askTask(asked, task, done.length + 1, lines))) return done;
			done.push(await task.result());
			keep(done);
		}
	} finally {
		lines.close();
	}
	return done;
}

const say = ({context: {flags, stdout, stderr}}: Asked, text: string): Promise<void> =>
	// With --json nothing but the record may go to stdout.
	print(flags.json ? stderr : stdout, text);

const lined = (rows: readonly string[]) => rows.map(row => `${row}\n`).join('');

/** @returns false after quit */
async function askTask(asked: Asked, task: TaskAtHand, number: number, lines: Lines): Promise<boolean> {
	const {question, do: what, answer, points = 1, hints} = task.task;
	const choices = answer && 'choices' in answer ? answer.choices : [];
	await say(
		asked,
		lined([
			'',
			`Task ${number} of ${asked.sheet.tasks.length} (${points === 1 ? '1 point' : `${points} points`})`,
			...indented(question, '  '),
			...(what === undefined ? [] : ['', ...indented(what, '  ')]),
			...choices.flatMap((choice, index) => indented(choice, '     ', `  ${index + 1}. `)),
			'',
		]),
	);
	const prompt = `${answer ? 'Answer' : 'When it is done, type check'}${hints ? ', or hint' : ''}; ? says what else: `;
	for (;;) {
		await say(asked, prompt);
		const line = (await lines.next())?.trim();
		if (!asked.context.stdin.isTTY) await say(asked, `${line ?? ''}\n`);
		if (line === undefined || line === 'quit') return false;
		if (line === '') continue;
		if (line === 'skip') return true;
		try {
			if (await obey(asked, task, line)) return true;
		} catch (error) {
			await say(asked, `${refusalOf(error)}\n`);
		}
	}
}

/** @returns whether the task is over */
async function obey(asked: Asked, task: TaskAtHand, line: string): Promise<boolean> {
	const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(line) ?? [];
	const doing = actOf(word, rest);
	if (doing !== undefined) {
		await say(asked, await task.act(doing));
		return false;
	}
	if (word === 'cat' && rest !== '') {
		await say(asked, String(await asked.bench.target.read(rest)));
		return false;
	}
	switch (word) {
		case '?':
		case 'help':
			await say(asked, help);
			return false;
		case 'hint':
			await say(asked, lined(indented(task.hint() ?? 'no hint is left', '  ')));
			return false;
		case 'check':
			return judged(asked, task, await task.try(null));
		case 'run':
		case 'do':
		case 'cat':
		case 'write':
		case 'wait':
			await say(asked, `${word} is written "${words[word]![0]}"; to answer with it, type "answer ${line}"\n`);
			return false;
		default:
			return judged(asked, task, await task.try(word === 'answer' ? rest : line));
	}
}

function actOf(word: string, rest: string): Act | undefined {
	if (word === 'run' && rest !== '') return {inject: rest};
	if (word === 'do' && rest !== '') return {do: rest};
	const [, path, text] = /^(\/\S+)\s+(.*)$/s.exec(rest) ?? [];
	if (word === 'write' && path !== undefined && text !== undefined) return {write: path, text};
	return word === 'wait' && /^\d+(?:\.\d+)?(?:us|ms|s)$/.test(rest) ? {wait: rest} : undefined;
}

const checkRows = (checks: readonly Judged[]) => checks.flatMap(each => indented(checkLine(each), '    ', '  '));

/** Says what a try came to. @returns whether the task is over */
async function judged(asked: Asked, task: TaskAtHand, {right, checks}: Tried): Promise<boolean> {
	if (right === undefined) {
		const {answer} = task.task;
		const wanted = answer && 'choices' in answer ? `1..${answer.choices.length}` : 'a number, as 16, 0x10 or 4 pages';
		await say(asked, `the answer is ${wanted}; ? says what else may be typed\n`);
		return false;
	}
	const verdict = right === null ? [] : [right ? '✓ the answer is right' : '✗ the answer is not right'];
	const isOver = task.isHeld || task.triesLeft <= 0;
	const next = isOver ? [] : ['  Try again, or skip.'];
	await say(asked, lined([...verdict.map(each => `  ${each}`), ...checkRows(checks), ...next]));
	return isOver;
}
