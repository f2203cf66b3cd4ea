/** What a class has to say on a student's screen, above the panes: messages, who is here, who froze it, who leads. */

import {leaderOf, leads, unreadMessages} from '../state/classroom.ts';
import type {State} from '../state/state.ts';
import {wrapText} from '../terminal/text.ts';

export type ClassRow = {readonly kind: 'message' | 'present' | 'frozen' | 'led'; readonly text: string};

/** Rows that messages may take; the last ones are the newest. */
const mostMessageRows = 4;

/** Columns before the text. */
export const classIndent = 3;

export function classRows(state: State): readonly ClassRow[] {
	const {classRecord: record} = state.lab;
	if (!record) return [];
	const columns = Math.max(10, state.columns - classIndent - 1);
	const wrapped = (kind: ClassRow['kind'], text: string): readonly ClassRow[] =>
		wrapText(text, columns).map(each => ({kind, text: each}));
	const unread = unreadMessages(state);
	const said = unread.flatMap(({text}, index) =>
		wrapped('message', `message: ${text}${index === unread.length - 1 ? ' · any key' : ''}`),
	);
	const leader = leaderOf(state);
	const here = leads(state) ? [] : record.present.map(({who, role}) => `${role} ${who} is here`);
	return [
		...said.slice(-mostMessageRows),
		...(here.length > 0 ? wrapped('present', here.join(' · ')) : []),
		...(record.frozenBy === null
			? []
			: wrapped('frozen', `frozen by ${record.frozenBy}: time stands still, and nothing can be injected`)),
		...(leader === undefined ? [] : wrapped('led', `you follow ${leader} · Esc lets go`)),
	];
}
