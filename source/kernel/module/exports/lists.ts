/** Models include/linux/list.h (2.6.11 and later) for lists that lie in the driver's memory. */
import type {Kernel} from '../../kernel.ts';
import {setWord, word} from './gate.ts';

const next = (k: Kernel, at: number) => word(k, 'list_head', at, 'next');
const prev = (k: Kernel, at: number) => word(k, 'list_head', at, 'prev');

function join(k: Kernel, before: number, after: number): void {
	setWord(k, 'list_head', before, 'next', after);
	setWord(k, 'list_head', after, 'prev', before);
}

export const makeEmpty = (k: Kernel, head: number): void => join(k, head, head);
export const isEmpty = (k: Kernel, head: number): boolean => next(k, head) === head;

export function list_add(k: Kernel, entry: number, head: number): void {
	const first = next(k, head);
	join(k, entry, first);
	join(k, head, entry);
}

export function list_add_tail(k: Kernel, entry: number, head: number): void {
	const last = prev(k, head);
	join(k, last, entry);
	join(k, entry, head);
}

/** What the two words of an entry are that is in no list. @see include/linux/list.h LIST_POISON1 (2.6.11) */
const LIST_POISON1 = 0x0010_0100;
const LIST_POISON2 = 0x0020_0200;

export function list_del(k: Kernel, entry: number): void {
	join(k, prev(k, entry), next(k, entry));
	setWord(k, 'list_head', entry, 'next', LIST_POISON1);
	setWord(k, 'list_head', entry, 'prev', LIST_POISON2);
}

export function list_del_init(k: Kernel, entry: number): void {
	join(k, prev(k, entry), next(k, entry));
	makeEmpty(k, entry);
}
