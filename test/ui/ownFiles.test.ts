/** The key i: the prompt for a file of this host, what Tab and the arrows do in it, and how calls are shown. */

import {expect, test} from 'vitest';
import {straceLine} from '../../source/model/explain/call.ts';
import {initialState, type Message, type State, type TargetFacts} from '../../source/ui/state/state.ts';
import {update} from '../../source/ui/update/update.ts';

const mine: TargetFacts = {name: 'lab', kind: 'embedded', writable: true};

/** What a person does: keys; or a message. */
function after(facts: TargetFacts, ...acts: readonly (string | Message)[]) {
	let state: State = initialState(facts, 120, 40);
	const effects: unknown[] = [];
	for (const act of acts) {
		const result = update(state, typeof act === 'string' ? {type: 'key', key: act, nowMs: 0} : act);
		state = result.state;
		effects.push(...result.effects);
	}
	const {overlay, notice} = state;
	return {state, effects, prompt: overlay?.kind === 'own' ? overlay : undefined, notice: notice?.text};
}

const remember = {type: 'own', request: {kind: 'remember'}};
const completed = (text: string, ...paths: readonly string[]): Message => ({type: 'completed', text, paths, nowMs: 0});

test('what is typed is started, with the words behind it', () => {
	const {effects, state} = after(mine, 'i', ...'./a.ko', 'space', 'n', '=', '1', 'enter');
	expect(effects).toEqual([remember, {type: 'own', request: {kind: 'start', line: './a.ko n=1'}}]);
	expect(state.overlay).toBeUndefined();
	expect(state.injections.awaits).toBe(true);
});

test('a machine that is only read says so, and nothing is asked', () => {
	const {effects, prompt, notice} = after({...mine, kind: 'socket', writable: false}, 'i');
	expect(notice).toBe('lab is read-only: nothing can be loaded or run there');
	expect(prompt).toBeUndefined();
	expect(effects).toEqual([]);
});

test('Enter on nothing says what is missing; Esc closes; a refusal is a sentence', () => {
	expect(after(mine, 'i', 'enter').notice).toMatch(/^type the path of a module or of a program/);
	expect(after(mine, 'i', 'x', 'escape').prompt).toBeUndefined();
	const refused: Message = {type: 'refused', what: './a', reason: 'there is no file ./a', nowMs: 0};
	expect(after(mine, 'i', 'a', 'enter', refused).notice).toBe('./a: there is no file ./a');
});

test('Tab completes the path as far as it is clear, and keeps the words behind it', () => {
	const asked = after(mine, 'i', 'd', 'tab');
	expect(asked.effects.at(-1)).toEqual({type: 'own', request: {kind: 'complete', text: 'd'}});
	expect(after(mine, 'i', 'd', completed('d', 'dir/')).prompt).toMatchObject({text: 'dir/', matches: []});
	const two = after(mine, 'i', 'd', 'space', 'x', completed('d', 'driver.ko', 'driver.o', 'drive/')).prompt;
	expect(two).toMatchObject({text: 'drive x', matches: ['driver.ko', 'driver.o', 'drive/']});
	const many = Array.from({length: 60}, (_, index) => `d${index < 55 ? 'a' : 'b'}${index}`);
	const cut = after(mine, 'i', 'd', completed('d', ...many)).prompt;
	expect(cut).toMatchObject({text: 'd', matches: many.slice(0, 50)});
	expect(after(mine, 'i', 'd', completed('d')).notice).toBe('no file begins with d');
	expect(after(mine, 'i', 'd', 'e', completed('d', 'dir/')).prompt?.text, 'typed meanwhile').toBe('de');
	expect(after(mine, completed('', 'dir/')).state.overlay, 'closed meanwhile').toBeUndefined();
});

test('the arrows go through lines of before, and back to what was typed', () => {
	const lines: Message = {type: 'remembered', lines: ['./new 1', './old']};
	const text = (...keys: readonly string[]) => after(mine, 'i', lines, ...keys).prompt?.text;
	expect(text('up')).toBe('./new 1');
	expect(text('up', 'up')).toBe('./old');
	expect(text('up', 'up', 'up')).toBe('./old');
	expect(text('up', 'up', 'down')).toBe('./new 1');
	expect(text('up', 'down')).toBe('');
	expect(text('x', 'up', 'up', 'down', 'down')).toBe('x');
	expect(text('x', 'up', 'y', 'up', 'down')).toBe('./new 1y');
	expect(text('up', 'backspace', '2')).toBe('./new 2');
	expect(text('up', 'ctrl+u')).toBe('');
});

test('pasted text goes into the prompt, which takes no more than the longest path has', () => {
	const pasted = (text: string) => after(mine, 'i', 'a', {type: 'pasted', text, nowMs: 0}).prompt?.text;
	expect(pasted('/b c')).toBe('a/b c');
	for (const length of [4095, 4096]) expect(pasted('b'.repeat(length))).toHaveLength(4096);
});

test('a call is shown as strace prints it', () => {
	const open = 'filename: "/dev/simple", flags: 2';
	expect(straceLine('sys_open', open, '0x3')).toBe('open("/dev/simple", O_RDWR) = 3');
	expect(straceLine('sys_open', open, undefined)).toBe('open("/dev/simple", O_RDWR)');
	expect(straceLine('sys_open', open, '0xfffffffe')).toMatch(/^open\("\/dev\/simple", O_RDWR\) = -1 ENOENT \(.+\)$/);
	expect(straceLine('sys_read', 'fd: 3, buf: bfffe000, count: 1000', '0x1000')).toBe(
		'read(3, 0xbfffe000, 4096) = 4096',
	);
	expect(straceLine('sys_read', 'fd: 3', '0x200000')).toBe('read(3) = 2097152');
	expect(straceLine('sys_brk', 'brk: 0', '0x200000')).toBe('brk(0) = 0x200000');
	expect(straceLine('sys_getpid', '', '0x83')).toBe('getpid() = 131');
});
