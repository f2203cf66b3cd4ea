/**
 * /sys/kernel/debug/lab/class (ours), as it is read: the class that a machine belongs to. The server has it, and the
 * machine does not: nothing in it changes what the machine does.
 *
 *     # class 0.1
 *     class: os-lab
 *     student: alice
 *     role: student
 *     monitors: 2
 *     message: 2026-11-28T09:00:00Z Look at pane 3
 *     present: ann teacher
 *     frozen: by ann
 *     follow: ann dma pfn:0x7c00
 */
import {type Cell, decimal, name, oneOf, sentence} from '../../cells.ts';
import {document, many, maybe, one} from '../../table.ts';
import {CellError, joinLines, Lines} from '../../text.ts';

/** The role of a client: that of the socket that it came through. */
const classRoles = ['student', 'observer', 'helper', 'teacher'] as const;

export type ClassRole = (typeof classRoles)[number];

export const isTeaching = (role: ClassRole): boolean => role === 'teacher' || role === 'helper';

type ClassMessage = {
	/** Wall time in UTC, as ISO 8601 has it to the second. */
	readonly at: string;
	readonly text: string;
};

type Present = {readonly who: string; readonly role: ClassRole};

/** What all monitors are asked to show. */
type Follow = {
	readonly who: string;
	readonly pane: string;
	/** An object as `cause` names it, or what the pane takes; null: none. */
	readonly selection: string | null;
};

export type ClassRecord = {
	readonly class: string;
	/** Whose machine it is; `demo` for the one that all share. */
	readonly student: string;
	/** Of the client that reads the file. */
	readonly role: ClassRole;
	/** Monitors that look at it now: those of its student and of observers, and of teachers and helpers who came in. */
	readonly monitors: number;
	/** The newest, the oldest of them first. */
	readonly messages: readonly ClassMessage[];
	/** Teachers and helpers who said that they came in. */
	readonly present: readonly Present[];
	/** Who froze it; null: it is not frozen. */
	readonly frozenBy: string | null;
	readonly follow: Follow | null;
};

/** Words of a line, each a name. @throws CellError for another number of them */
function wordsOf(text: string, least: number, most: number, expected: string): readonly string[] {
	const words = text.split(' ').map(word => name.read(word));
	if (words.length < least || words.length > most) throw new CellError(expected);
	return words;
}

const role = oneOf(...classRoles);

const message: Cell<ClassMessage> = {
	align: 'left',
	show: ({at, text}) => `${name.show(at)} ${sentence.show(text)}`,
	read(text) {
		const [, at, said] = /^(\S+) (.*)$/.exec(text) ?? [];
		if (at === undefined || said === undefined) throw new CellError(`a time and a text, not "${text}"`);
		return {at: name.read(at), text: sentence.read(said)};
	},
};

const present: Cell<Present> = {
	align: 'left',
	show: each => `${name.show(each.who)} ${each.role}`,
	read(text) {
		const [who, word] = wordsOf(text, 2, 2, 'WHO ROLE');
		return {who: who!, role: role.read(word!)};
	},
};

const frozen: Cell<string> = {
	align: 'left',
	show: who => `by ${name.show(who)}`,
	read(text) {
		if (!/^by \S+$/.test(text)) throw new CellError(`by WHO, not "${text}"`);
		return name.read(text.slice(3));
	},
};

const follow: Cell<Follow> = {
	align: 'left',
	show: ({who, pane, selection}) =>
		[who, pane, ...(selection === null ? [] : [selection])].map(word => name.show(word)).join(' '),
	read(text) {
		const [who, pane, selection = null] = wordsOf(text, 2, 3, 'WHO PANE [SELECTION]');
		return {who: who!, pane: pane!, selection};
	},
};

const body = document<ClassRecord>({
	class: one('class', name),
	student: one('student', name),
	role: one('role', role),
	monitors: one('monitors', decimal),
	messages: many('message', message),
	present: many('present', present),
	frozenBy: maybe('frozen', frozen),
	follow: maybe('follow', follow),
});
const heading = '# class 0.1';

export const formatClass = (record: ClassRecord): string => joinLines([heading, ...body.write(record)]);

/** @throws FormatError */
export function parseClass(text: string): ClassRecord {
	const lines = new Lines('lab/class', text);
	lines.expect(heading);
	const record = body.read(lines);
	if (!lines.done) lines.fail('the end of the file');
	return record;
}
