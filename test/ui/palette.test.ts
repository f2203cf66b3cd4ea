import {describe, expect, test} from 'vitest';
import {parseExperiments} from '../../source/formats/debugfs/lab/experiments.ts';
import type {InjectionRecord} from '../../source/formats/debugfs/lab/inject.ts';
import {bootLab} from '../../source/lab/lab.ts';
import {findExperiments} from '../../source/ui/overlays/find.ts';
import type {Overlay} from '../../source/ui/state/overlay.ts';
import {initialState, type Message, type State} from '../../source/ui/state/state.ts';
import {update} from '../../source/ui/update/update.ts';
import {pictureOf} from './support/picture.tsx';
import {clock, injection, machine} from './support/records.ts';

const text = bootLab({load: 'none'}).read('/sys/kernel/debug/lab/experiments');
const {experiments} = parseExperiments(String(text));
const found = (query: string) => findExperiments(experiments, query).map(({experiment}) => experiment.name);

describe('a few letters find an experiment', () => {
	test.each([
		['fork', 'fork-pin'],
		['mrg', 'mremap-growth'],
		['fp', 'fork-pin'],
		['starv', 'kmap-starvation'],
		['wrap', 'isa-wrap'],
		['aioc', 'aio-capacity'],
		['twice', 'atomic-twice'],
		['dirty', 'lost-dirty'],
		['clear_dma_ff', 'isa-flip-flop'],
	])('%s: %s is first', (query, name) => {
		expect(found(query)[0]).toBe(name);
	});

	test('every name finds itself, whole or by the first letters of its words', () => {
		for (const {name} of experiments) {
			expect(found(name)[0]).toBe(name);
			expect(
				found(
					name
						.split('-')
						.map(word => word[0])
						.join(''),
				).slice(0, 6),
				name,
			).toContain(name);
		}
	});

	test('any word of its chapter, question or claim finds an experiment', () => {
		const pick = ({name, chapter, question, claim}: (typeof experiments)[number]) =>
			[name, [chapter, question, claim].flatMap(text => text!.toLowerCase().match(/[a-z]{4,}/g) ?? [])] as const;
		for (const [name, words] of experiments.map(pick))
			for (const word of [words[0]!, words.at(-1)!]) expect(found(word), word).toContain(name);
	});

	test('nothing typed lists all in their order; nonsense lists none', () => {
		expect(found('')).toEqual(experiments.map(({name}) => name));
		expect(found('qqq')).toEqual([]);
	});
});

const facts = {name: 'lab', kind: 'embedded', writable: true} as const;
const opened: State = {
	...initialState(facts, 80, 24),
	lab: {...initialState(facts, 80, 24).lab, experiments, machine, clock: clock()},
	overlay: {kind: 'palette', text: '', cursor: 0},
};

/** Presses keys, each a character or a name. @returns the state, and what would be written */
function press(state: State, ...keys: readonly string[]): {readonly state: State; readonly written: readonly string[]} {
	const written: string[] = [];
	let now = state;
	for (const key of keys) {
		const message: Message = {type: 'key', key, nowMs: 0};
		const {state: next, effects} = update(now, message);
		written.push(...effects.flatMap(effect => (effect.type === 'write' ? [effect.text] : [])));
		now = next;
	}
	return {state: now, written};
}

const palette = (state: State) => state.overlay as Extract<Overlay, {kind: 'palette'}>;
/** Within the frame of the overlay, on a screen of 80x24. */
function lines(state: State): readonly string[] {
	const {text} = pictureOf({...state, columns: 80, rows: 24});
	const first = text.findIndex(each => each.startsWith('┌ experiments'));
	const last = text.findIndex((each, row) => row > first && each.startsWith('└'));
	return text.slice(first + 1, last).map(each => each.slice(1, -1).trimEnd());
}

describe('parameters', () => {
	test('a blank completes what was found, Tab the names of parameters, and the rest is shown as it will be', () => {
		const {state} = press(opened, ...'mrg', 'space', 'tab', '9');
		expect(palette(state).text).toBe('mremap-growth pages=9');
		expect(lines(state)[0]).toMatch(/^: mremap-growth pages=9 +grow=4 handler=0$/);
		expect(palette(press(state, 'tab', 'tab').state).text).toBe('mremap-growth pages=9 grow=');
	});

	test('what is out of range is said while it is typed, and not injected', () => {
		const {state, written} = press(opened, ...'mremap', 'tab', ...'pages=99', 'enter');
		expect(lines(state)[1]).toContain('pages must be 1..16, got "99"');
		expect(written).toEqual([]);
		expect(state.overlay?.kind).toBe('palette');
		expect(press(state, 'backspace', 'enter').written).toEqual(['mremap-growth pages=9']);
	});

	test('the chosen row stays chosen while its parameters are typed', () => {
		const name = found('pool')[2]!;
		const {state} = press(opened, ...'pool', 'down', 'down', 'tab');
		expect(palette(state).text).toBe(`${name} `);
		expect(press(state, 'enter').written).toEqual([name]);
	});

	test('all rows of a long list can be reached, and the overlay keeps its height', () => {
		const last = press(opened, 'end').state;
		expect(lines(last).join('\n')).toContain(experiments.at(-1)!.name);
		expect(lines(press(last, 'pageup').state).join('\n')).not.toContain(experiments.at(-1)!.name);
		expect(new Set([opened, last, press(opened, ...'xyz').state].map(each => lines(each).length))).toEqual(
			new Set([20]),
		);
	});

	test('a claim about another machine or kernel says so', () => {
		expect(lines(press(opened, ...'bounce-own').state).join('\n')).toContain('the claim is about --machine bounce');
		expect(lines(press(opened, ...'partial-cow').state).join('\n')).toContain('the claim is about kernel 2.6.32');
	});
});

describe('chapters', () => {
	const chapters = [...new Set(experiments.map(({chapter}) => chapter!))];
	/** All that is seen while the cursor goes down the list. */
	const allLines = (state: State): ReadonlySet<string> => {
		const seen = new Set<string>();
		for (let now = state, left = experiments.length; left > 0; left--, now = press(now, 'down').state)
			for (const each of lines(now)) seen.add(each);
		return seen;
	};

	test('each has one heading above its experiments, in the order of the course', () => {
		const headings = [...allLines(opened)].filter(each => chapters.includes(each.slice(1)));
		expect(headings.map(each => each.slice(1))).toEqual(chapters);
		const [first, second] = lines(opened).slice(3);
		expect([first, second]).toEqual([` ${chapters[0]}`, expect.stringContaining(experiments[0]!.name)]);
	});

	test('a heading is not selected: down goes from the last of a chapter to the first of the next', () => {
		const last = experiments.findLastIndex(({chapter}) => chapter === chapters[0]);
		const {state} = press({...opened, overlay: {kind: 'palette', text: '', cursor: last}}, 'down', 'enter');
		expect(state.overlay).toBeUndefined();
		expect(press({...opened, overlay: {kind: 'palette', text: '', cursor: last}}, 'down', 'enter').written).toEqual([
			experiments[last + 1]!.name,
		]);
	});

	test('what was found has none, and each row has its level', () => {
		const shown = lines(press(opened, ...'vma-').state);
		expect(shown.filter(each => chapters.includes(each.slice(1)))).toEqual([]);
		expect(shown.find(each => each.includes('vma-fork'))).toMatch(/vma-fork +2 open of an area/);
	});

	test('the place of the chosen one in the course, and what it takes, stand above the list', () => {
		expect(lines(press(opened, ...'vma-fork').state)[1]).toContain('Areas and mmap, level 2 of 3, 5 minutes');
	});
});

describe('marks in front of a name', () => {
	/** @param statuses of what was injected of it, oldest first */
	const listed = (name: string, ...statuses: readonly InjectionRecord['status'][]): string => {
		const injections = statuses.map((status, index) => injection(index + 1, {name, status}));
		const state = {...opened, lab: {...opened.lab, inject: {injections}}};
		return lines(press(state, ...name).state).find(each => each.includes(name) && !each.startsWith(':')) ?? '';
	};

	test.each([
		['mremap-growth', [], ' '],
		['mremap-growth', ['done'], '✓'],
		['mremap-growth', ['done', 'failed'], '✗'],
		['mremap-growth', ['failed', 'could-not-run'], '⊘'],
		['mremap-growth', ['running'], ' '],
		['bounce-ownership', [], '≠'],
		['bounce-ownership', ['done'], '✓'],
	] as const)('%s after %j has %j', (name, statuses, mark) => {
		expect(listed(name, ...statuses)[1]).toBe(mark);
	});
});

test('the question stands before the claim', () => {
	const shown = lines(press(opened, ...'mremap-g').state);
	const {question, claim} = experiments.find(({name}) => name === 'mremap-growth')!;
	const row = (text: string) => shown.findIndex(each => each.includes(text.slice(0, 30)));
	expect(row(question!)).toBeGreaterThan(0);
	expect(row(claim)).toBeGreaterThan(row(question!));
});

test('that it asks first is said while the palette is closed', () => {
	const {state} = press(opened, 'ctrl+p', 'escape');
	expect(pictureOf({...state, columns: 120, rows: 40}).text[0]).toContain('predict first');
	expect(pictureOf({...opened, overlay: undefined, columns: 120, rows: 40}).text[0]).not.toContain('predict');
});

describe('predict first', () => {
	const asking = press(opened, 'ctrl+p').state;

	test('the palette shows what is asked instead of what comes', () => {
		const shown = lines(press(asking, ...'fork-p').state).join('\n');
		expect(shown).toContain('Who reads 0x99?');
		expect(shown).not.toMatch(/child’s page|while a page is pinned/);
	});

	test('a digit predicts and injects; what is not an answer does not; Enter injects without', () => {
		const {state, written} = press(asking, ...'fork-p', 'enter');
		expect([state.overlay?.kind, written]).toEqual(['question', []]);
		const wrong = press(state, '4');
		expect([wrong.state.overlay?.kind, wrong.state.notice?.text, wrong.written]).toEqual([
			'question',
			expect.stringContaining('1 to 3'),
			[],
		]);
		expect(press(state, '2').written).toEqual(['fork-pin']);
		expect(press(state, 'enter').written).toEqual(['fork-pin']);
		expect(press(state, 'escape')).toMatchObject({state: {overlay: undefined}, written: []});
	});

	test('the key of an experiment asks too, and Ctrl-P again asks no more', () => {
		const closed = press(asking, 'escape').state;
		expect(press(closed, 'm').state.overlay).toMatchObject({kind: 'question', text: 'mremap-growth'});
		expect(press(closed, ':', 'ctrl+p', 'escape', 'm').written).toEqual(['mremap-growth']);
	});
});
