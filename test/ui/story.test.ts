import {beforeEach, describe, expect, test} from 'vitest';
import type {InjectionRecord} from '../../source/formats/debugfs/lab/inject.ts';
import {bannerRows, mostRows, wholeStory} from '../../source/ui/overlays/story.ts';
import {litOf} from '../../source/ui/panes/lit.ts';
import {seen} from '../../source/ui/state/injections.ts';
import {layoutOf} from '../../source/ui/state/layout.ts';
import {initialState, type State, type TargetFacts, type Update} from '../../source/ui/state/state.ts';
import {storyOf, storyPanes} from '../../source/ui/state/story.ts';
import {lineText} from '../../source/ui/terminal/lines.ts';
import {update} from '../../source/ui/update/update.ts';
import {chromeOf} from '../../source/ui/view/chrome.ts';
import {clock, experiments, injection, observation} from './support/records.ts';

const own: TargetFacts = {name: 'lab', kind: 'embedded', writable: true};
const shared: TargetFacts = {name: 'lab0', kind: 'socket', writable: true};
const readOnly: TargetFacts = {name: 'lab0', kind: 'socket', writable: false};

const experiment = {
	...experiments.experiments[0]!,
	visible: ['device mapped', 'area grown'],
	looks: [{pane: 'maps', says: 'the row of the device grows'}],
	differences: [{eras: ['3.2'], says: 'mremap() answers EFAULT.'}],
};
const states = [
	{timeUs: 12_000_100, state: 'device mapped'},
	{timeUs: 12_000_200, state: 'area grown'},
];
const mapped = injection(1, {name: experiment.name, observations: [observation('held')], states: states.slice(0, 1)});
const grown = {...mapped, states, narration: [...mapped.narration, {timeUs: 12_000_150, text: 'it grew'}]};
const done: InjectionRecord = {...grown, status: 'done', result: 'the area grew'};

type Look = {readonly facts?: TargetFacts; readonly columns?: number; readonly rows?: number};

/** What a monitor knows that follows an injection. */
function watching(record: InjectionRecord, change: Parameters<typeof clock>[0], look: Look = {}): State {
	const {facts = own, columns = 120, rows = 40} = look;
	const state = initialState(facts, columns, rows);
	const lab = {...state.lab, experiments: [experiment], clock: clock(change), inject: {injections: [record]}};
	const injections = {...state.injections, newest: 1, followed: 1, story: 1};
	return update({...state, lab, injections}, {type: 'resized', columns, rows}).state;
}

const held = {holding: `${experiment.name}: device mapped`};
const press = (state: State, key: string): Update => update(state, {type: 'key', key, nowMs: 0});
const writes = ({effects}: Update): readonly string[] =>
	effects.flatMap(effect => (effect.type === 'write' ? [effect.text] : []));
const text = (state: State): string =>
	bannerRows(state)
		.map(row => [row.text, 'hint' in row ? row.hint : ''].join(' '))
		.join('\n');

describe('a held state', () => {
	let state: State;

	beforeEach(() => {
		state = watching(mapped, held);
	});

	test('the banner says the step, what was told and seen, where to look, and the keys', () => {
		expect(text(state)).toContain(`${experiment.name}, step 1 of 2: device mapped`);
		for (const said of [
			'mremap(0x40000000',
			'page 5 reads as zeros',
			'look at maps: the row',
			'Enter next',
			'Space stay',
		])
			expect(text(state)).toContain(said);
		expect(chromeOf(state).banner.map(lineText).join('\n')).toContain('▌ → look at maps');
	});

	test.each([
		['enter', ['next']],
		['space', ['stay']],
		['escape', ['go']],
		['backspace', []],
		['x', []],
	])('%s writes %j', (key, words) => {
		expect(writes(press(state, key))).toEqual(words);
	});

	test('while a row is chosen Enter explains it and n goes on', () => {
		const views = {...state.views, maps: {...state.views.maps, selected: 'area 8048000'}};
		const choosing = {...state, views};
		expect(text(choosing)).toContain('n next');
		expect(text(choosing)).not.toContain('Esc');
		expect(writes(press(choosing, 'enter'))).toEqual([]);
		expect(writes(press(choosing, 'n'))).toEqual(['next']);
		expect(writes(press(choosing, 'escape'))).toEqual([]);
	});

	test('one that stays says so, and stays', () => {
		const stays = watching(mapped, {...held, stays: true});
		expect(text(stays)).not.toContain('Space');
		expect(writes(press(stays, 'space'))).toEqual([]);
		expect(press(stays, 'space').state.notice?.text).toContain('until you press Enter');
	});

	test('the panes that it speaks of are bright, the others dim, and the focused one as ever', () => {
		expect([...storyPanes(state)!]).toEqual(['maps']);
		const {texts} = chromeOf(state);
		expect(texts.get('maps')!.upper.title).toBe('injection.1');
		expect(texts.get('kmap')!.upper.title).toBe('dim');
		const {texts: elsewhere} = chromeOf(press(state, '3').state);
		expect(elsewhere.get('kmap')!.upper.title).toBe('title.focused');
	});

	test('who cannot write has no keys, and reads all the same', () => {
		const watched = watching(mapped, held, {facts: readOnly});
		expect(text(watched)).toContain('step 1 of 2');
		expect(text(watched)).not.toContain('Enter');
		expect(writes(press(watched, 'enter'))).toEqual([]);
	});
});

test('a step back goes into the state before, on a machine of one’s own alone', () => {
	expect(writes(press(watching(grown, {holding: `${experiment.name}: area grown`}), 'backspace'))).toEqual([
		'rewind 12000100999ns',
	]);
	const others = press(watching(grown, held, {facts: shared}), 'backspace');
	expect(writes(others)).toEqual([]);
	expect(others.state.notice?.text).toContain('everybody');
});

test('paused in a state Enter lets the machine run', () => {
	const paused = watching(mapped, {state: 'paused'});
	expect(text(paused)).toContain('Enter goes on');
	expect(writes(press(paused, 'enter'))).toEqual(['run']);
	expect(storyOf(watching(mapped, {}))?.stage).toBe('going');
});

test.each(['panic', 'broken'] as const)('on a machine in %s it does not go on, and Backspace leads back', state => {
	const stopped = watching(grown, {state, stopped: 'Kernel panic - not syncing: Fatal exception'});
	expect(text(stopped)).toContain('the machine has stopped · ⌫ back');
	expect(press(stopped, 'enter').state.notice?.text).toContain('only going back');
	expect(writes(press(stopped, 'enter'))).toEqual([]);
	expect(writes(press(stopped, 'backspace'))).toEqual(['rewind 12000100999ns']);
});

describe('a story that is over', () => {
	test('says what came of it and stays until it is closed', () => {
		const over = watching(done, {});
		expect(text(over)).toContain('done, 1 of 1 observation holds');
		expect(text(over)).toContain('The area grew.');
		expect(storyPanes(over)).toBeUndefined();
		for (const key of ['enter', 'escape']) {
			const {state, effects} = press(over, key);
			expect(effects).toEqual([]);
			expect(state.bannerRows).toBe(0);
		}
	});

	test('what this kernel does otherwise is told beside it', () => {
		const over = watching(done, {});
		const machine = {...over.lab, machine: {era: '3.2'} as State['lab']['machine']};
		expect(text({...over, lab: machine})).toContain('As it is in 3.2: mremap() answers EFAULT.');
	});

	test('a prediction is compared', () => {
		const over = watching({...done, answer: {number: 1, by: [1]}}, {});
		const predicted = {...over, injections: {...over.injections, predictions: new Map([[1, 1]])}};
		expect(text(predicted)).toContain('your prediction came true');
	});

	test('what could not run says why', () => {
		const could = watching({...done, status: 'could-not-run', result: 'no page was free'}, {});
		expect(text(could)).toContain('It could not run here: no page was free.');
	});
});

describe('the room of the banner', () => {
	test('grows with a longer step, never shrinks while the story is told, and goes with it', () => {
		const long = Array.from({length: 3}, (_, i) => ({timeUs: 12_000_050 + i, text: 'a sentence of some length'}));
		const first = watching({...mapped, narration: long}, held);
		const tall = first.bannerRows;
		expect(tall).toBe(bannerRows(first).length);
		const lab = {...first.lab, inject: {injections: [grown]}};
		const second = update({...first, lab}, {type: 'resized', columns: 120, rows: 40}).state;
		expect(bannerRows(second).length).toBeLessThan(tall);
		expect(second.bannerRows).toBe(tall);
		expect(chromeOf(second).banner).toHaveLength(tall);
	});

	test.each([
		[80, 24],
		[120, 40],
		[200, 60],
	])('%d x %d keeps its share for the panes, and says what is left out', (columns, rows) => {
		const narration = Array.from({length: 60}, (_, i) => ({timeUs: 12_000_000 + i, text: `sentence ${i}`}));
		const state = watching({...mapped, narration}, held, {columns, rows});
		expect(state.bannerRows).toBe(mostRows(rows));
		expect(bannerRows(state).at(-1)!.text).toContain('more lines: S, Enter');
		const layout = layoutOf(state);
		expect(layout.kind === 'panes' && layout.panes.every(({rect}) => rect.rows >= 3)).toBe(true);
	});

	test('where there is room for two panes, one of the story stands beside the focused one', () => {
		const low = initialState(own, 80, 24);
		const lab = {...low.lab, experiments: [experiment], inject: {injections: [mapped]}};
		const injections = {...low.injections, newest: 1, followed: 1, story: 1};
		const state = update({...low, focus: 'kmap', lab, injections}, {type: 'resized', columns: 80, rows: 24}).state;
		expect(state.companion).toBe('maps');
	});
});

describe('what others inject', () => {
	const sampled = (facts: TargetFacts): State => {
		const state = initialState(facts, 120, 40);
		const lab = {...state.lab, experiments: [experiment], inject: {injections: [{...mapped, by: 'anna'}]}};
		return {...state, lab, injections: {...state.injections, newest: 1, offered: 1}};
	};

	test('is offered in the footer, and watched with V', () => {
		const state = sampled(shared);
		expect(chromeOf(state).footer.offer).toBe(`anna: ${experiment.name}, step 1 of 2 ·`);
		expect(storyOf(state)).toBeUndefined();
		const watched = press(state, 'V').state;
		expect(storyOf(watched)?.injection.by).toBe('anna');
		expect(chromeOf(watched).footer.offer).toBe('');
		expect(press(watched, 'V').state.notice?.text).toContain('already');
	});

	test('what is injected here is followed before the target has answered, unless it refuses', () => {
		const state = sampled(shared);
		const lab = {...state.lab, experiments: [{...experiment, key: 'm'}]};
		const asked = press({...state, lab}, 'm').state;
		expect(asked.injections.awaits).toBe(true);
		const newer = {injections: [mapped, {...mapped, id: 2}]};
		expect(seen(asked.injections, newer, 0, true)).toMatchObject({followed: 2, story: 2, awaits: false});
		const refused = update(asked, {type: 'refused', what: 'it', reason: 'EPERM', nowMs: 0}).state;
		expect(seen(refused.injections, newer, 0, true)).toMatchObject({followed: undefined, offered: 2});
	});

	test('who cannot write watches anyway', () => {
		expect(initialState(readOnly, 80, 24).injections.watchesOthers).toBe(true);
		expect(initialState(shared, 80, 24).injections.watchesOthers).toBe(false);
	});
});

describe('the list of stories', () => {
	test('reads one, does it again, and goes back to the list', () => {
		const state = press(watching(done, {}), 'S').state;
		expect(state.overlay).toMatchObject({kind: 'stories', cursor: 0});
		const read = press(state, 'enter').state;
		expect(read.overlay).toMatchObject({kind: 'story', id: 1});
		expect(press(read, 'backspace').state.overlay).toMatchObject({kind: 'stories'});
		expect(press(read, 'x').state.overlay).toBeUndefined();
		expect(writes(press(state, 'r'))).toEqual([`${experiment.name} pages=4`]);
		expect(writes(press(read, 'r'))).toEqual([`${experiment.name} pages=4`]);
	});

	const told = {
		...experiment,
		why: 'mremap() tells the driver nothing.',
		next: {run: 'direct-read', says: 'How does a device reach the page?'},
		source: 'LDD3 page 429',
	};
	const read = (record: InjectionRecord, known = told) => {
		const state = watching(record, {});
		return wholeStory({...state, lab: {...state.lab, experiments: [known]}}, 1).map(row => row.text);
	};

	test('one that is over says why it came so, what to read and what to run next', () => {
		expect(read(done).slice(-7)).toEqual([
			'',
			'why',
			'mremap() tells the driver nothing.',
			'',
			'what next: direct-read',
			'How does a device reach the page?',
			'To read: LDD3 page 429.',
		]);
	});

	test('one that is under way does not, since it still asks, and neither does one without a lesson', () => {
		for (const rows of [read(grown), read(done, {...told, why: null, next: null} as unknown as typeof told)]) {
			expect(rows.filter(row => /^(why|what next|To read)/.test(row))).toEqual([]);
		}
	});

	test('is not opened where there is none', () => {
		const state = press(initialState(own, 80, 24), 'S').state;
		expect(state.overlay).toBeUndefined();
		expect(state.notice?.text).toBe('nothing was injected yet');
	});
});

test('pane 8 shows the newest frame that the story touched, until somebody selects another', () => {
	const state = watching(mapped, held);
	const touched = new Map([
		[0x2af5, 1],
		[0x2af6, 1],
		[0x2af7, 2],
	]);
	const culprits = {...state.injections.culprits, byPfn: touched};
	const following = {...state, injections: {...state.injections, culprits}};
	expect(litOf(following).pfn).toBe(0x2af6);
	expect(litOf(following).runs, 'nothing lights up for it').toEqual([]);
	expect(litOf({...following, following: {...following.following, pfn: 0x6a31}}).pfn).toBe(0x6a31);
	expect(litOf({...following, injections: {...following.injections, story: undefined}}).pfn).toBe(undefined);
	expect(litOf({...following, injections: {...following.injections, story: 3}}).pfn).toBe(undefined);
});
