/** The sixteen conditions of Jcc, SETcc and CMOVcc: eight, and their opposites. */
import type {Core} from './core.ts';
import type {Execute} from './decoder.ts';

type Condition = (c: Core) => boolean;

const EIGHT: readonly Condition[] = [
	c => c.of !== 0,
	c => c.cf !== 0,
	c => c.res === 0,
	c => c.cf !== 0 || c.res === 0,
	c => c.sf !== 0,
	c => c.pf !== 0,
	c => c.sf !== c.of,
	c => c.res === 0 || c.sf !== c.of,
];

/** @param op the lowest four bits say which */
export function conditionOf(op: number): Condition {
	const holds = EIGHT[(op >> 1) & 7]!;
	return (op & 1) === 0 ? holds : c => !holds(c);
}

/** Jumps by `distance` from the next instruction; the commonest conditions without a call in between. */
export function jumpIf(c: Core, op: number, distance: number): Execute {
	const wanted = (op & 1) === 0;
	switch ((op >> 1) & 7) {
		case 1:
			return () => {
				if ((c.cf !== 0) === wanted) c.next = (c.next + distance) | 0;
			};
		case 2:
			return () => {
				if ((c.res === 0) === wanted) c.next = (c.next + distance) | 0;
			};
		case 3:
			return () => {
				if ((c.cf !== 0 || c.res === 0) === wanted) c.next = (c.next + distance) | 0;
			};
		case 4:
			return () => {
				if ((c.sf !== 0) === wanted) c.next = (c.next + distance) | 0;
			};
		case 6:
			return () => {
				if ((c.sf !== c.of) === wanted) c.next = (c.next + distance) | 0;
			};
		case 7:
			return () => {
				if ((c.res === 0 || c.sf !== c.of) === wanted) c.next = (c.next + distance) | 0;
			};
	}
	const holds = conditionOf(op);
	return () => {
		if (holds(c)) c.next = (c.next + distance) | 0;
	};
}
