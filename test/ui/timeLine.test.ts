/** The time line: what it marks, where its keys go, and what it says where they cannot. */
import {expect, test} from 'vitest';
import {formatFindings} from '../../source/formats/debugfs/lab/findings.ts';
import {formatInject} from '../../source/formats/debugfs/lab/inject.ts';
import {formatSession} from '../../source/formats/debugfs/lab/session.ts';
import {path} from '../../source/model/paths.ts';
import type {Playback, TargetKind} from '../../source/target/target.ts';
import {timeLineRows} from '../../source/ui/overlays/timeLine.ts';
import type {Effect, Message, State} from '../../source/ui/state/state.ts';
import {update} from '../../source/ui/update/update.ts';
import {createFakeTarget} from './support/fakeTarget.ts';
import {oops, pinned} from './support/foundRecords.ts';
import {injection, injectOf} from './support/records.ts';
import {startWatcher, type Watcher} from './support/watcher.ts';

const write = (timeNs: number, file: string, text: string) => ({timeNs, seq: 1, by: 'anna', path: file, text});

/** A machine of 20 s: injected at 12 s with a step, found at 12.3 and 13 s, paused at 15 s. */
async function watched({
	kind = 'embedded' as TargetKind,
	writable = true,
	columns = 80,
	playback = undefined as Playback | undefined,
} = {}) {
	const target = createFakeTarget({kind, writable});
	const sample = target.sample.bind(target);
	if (playback) target.sample = async request => ({...(await sample(request)), playback});
	target.timeNs = 20e9;
	const states = [{timeUs: 12_100_000, state: 'area grown'}];
	target.files.set(path.inject, formatInject(injectOf([injection(1, {status: 'done', states})])));
	const findings = [pinned, {...oops, sinceUs: 13_000_000}];
	target.files.set(path.findings, formatFindings({olderUs: 1e7, dropped: 0, findings}));
	const watcher = await startWatcher(target, columns, 24);
	const session = formatSession({
		timeNs: 20e9,
		events: 9,
		machine: '--machine lab',
		writes: [
			write(1e9, path.load, 'busy'),
			write(12e9, path.inject, 'mremap-growth'),
			write(15e9, path.clock, 'pause'),
			write(15e9, path.clock, 'step'),
			write(15e9, path.clock, 'run'),
			write(16e9, path.clock, 'rate 2'),
		],
	});
	watcher.press('T');
	watcher.tell({type: 'answered', path: path.session, text: session});
	return {target, ...watcher};
}

const rowsOf = (state: State) =>
	state.overlay?.kind === 'timeLine'
		? timeLineRows(state, state.overlay).map(row => ('text' in row ? row.text : ''))
		: [];
const says = (state: State) => rowsOf(state).find(text => /\d s/.test(text)) ?? '';
const cursor = ({overlay}: State) => (overlay?.kind === 'timeLine' ? overlay.atNs : 'closed');
const effectsOf = ({state}: Watcher, key: string): readonly Effect[] =>
	update(state(), {type: 'key', key, nowMs: 0}).effects;
const clockWords = (watcher: Watcher, key: string) =>
	effectsOf(watcher, key).flatMap(effect =>
		effect.type === 'write' ? effect.text : effect.type === 'play' ? effect.words : [],
	);

test('it marks what was written, injected, shown, found and paused, in the order of time', async () => {
	const {state} = await watched({columns: 120});
	const {overlay} = state();
	if (overlay?.kind !== 'timeLine') throw new Error('it is not open');
	const seen: string[] = [];
	const at: (number | undefined)[] = [];
	let now = state();
	for (;;) {
		const next = update(now, {type: 'key', key: 'up', nowMs: 0}).state;
		const isFirst = cursor(next) === cursor(now);
		now = next;
		if (isFirst) break;
		at.unshift(cursor(now) as number);
		const row = timeLineRows(now, now.overlay as typeof overlay).find(each => each.kind === 'mark' && each.isAtCursor);
		if (row?.kind === 'mark') seen.unshift(`${row.mark?.kind} ${row.text}`);
	}
	expect(now.notice?.text).toBe('nothing is marked before this');
	expect(seen).toEqual([
		`write anna wrote busy to ${path.load}`,
		'injection mremap-growth is injected by monitor (done)',
		'step mremap-growth, step 1: area grown',
		'warning finding 1: page frames 0x7c00, 0x7c01 are held by a pin alone',
		'error finding 2: Unable to handle kernel NULL pointer dereference',
		'pause anna paused the machine',
	]);
	// Within the microsecond that a file names, everything of it has happened.
	expect(at).toEqual([1e9, 12e9 + 999, 12.1e9 + 999, 12_345_678_999, 13e9 + 999, 15e9]);
});

test.each([
	['left', 20e9 - 20e9 / 75],
	['pageup', 20e9 - 200e9 / 75],
	['home', 0],
	['up', 15e9],
])('%s moves the cursor, and Enter goes back there', async (key, atNs) => {
	const watcher = await watched();
	watcher.press(key);
	expect(cursor(watcher.state())).toBe(Math.round(atNs));
	expect(says(watcher.state())).toMatch(/before now\. Enter goes back there: what was done since/);
	expect(clockWords(watcher, 'enter')).toEqual([`rewind ${Math.round(atNs)}ns`]);
	watcher.press('enter');
	expect(cursor(watcher.state()), 'the cursor is with the picture again').toBe(undefined);
});

test('to the right and at the end it stays with the picture: now is the end', async () => {
	const watcher = await watched();
	for (const key of ['right', 'end', 'pagedown', 'down']) {
		watcher.press('home', 'end', key);
		expect(cursor(watcher.state())).toBe(undefined);
	}
	expect(says(watcher.state())).toBe('20.000 000 s: now. What comes later is not known yet');
	expect(effectsOf(watcher, 'enter')).toEqual([]);
	watcher.press('enter');
	expect(watcher.state().notice?.text).toBe('that is now; what comes later is not known yet');
	watcher.press('home', 'left');
	expect(cursor(watcher.state())).toBe(0);
});

test('on a shared machine all go back together, and a read-only one does not go back', async () => {
	const shared = await watched({kind: 'socket', columns: 120});
	shared.press('home');
	expect(says(shared.state())).toContain('Enter goes back there, for everybody: what was done since is undone');
	const observed = await watched({kind: 'socket', writable: false, columns: 120});
	observed.press('home');
	expect(says(observed.state())).toContain('is read-only: it cannot go back from here');
	expect(effectsOf(observed, 'enter')).toEqual([]);
	observed.press('enter');
	expect(observed.state().notice?.text).toMatch(/is read-only: "rewind 0ns" would change its time/);
});

test('a target without a clock has none, and says what has', async () => {
	const target = createFakeTarget({kind: 'host'});
	target.files.delete(path.clock);
	const {press, state} = await startWatcher(target, 80, 24);
	press('T');
	expect(state().overlay).toBe(undefined);
	expect(state().notice?.text).toMatch(/has no time line: it shows only the present; attach --record/);
});

const asked = {type: 'ask', path: path.session};

test('keys that change time do so in it, and what was written is asked for when a write was accepted', async () => {
	const watcher = await watched();
	for (const [key, words] of [
		['space', 'pause'],
		['P', 'pause'],
		['.', 'step'],
		[',', 'back'],
		['[', 'rewind 19000000000ns'],
		['<', 'rate 0.5'],
		['>', 'rate 2'],
	] as const) {
		expect(clockWords(watcher, key)).toEqual([words]);
		expect(effectsOf(watcher, key)).toHaveLength(1);
	}
	const accepted = {type: 'written', purpose: {kind: 'clock', words: 'back'}, answer: '', nowMs: 0} as const;
	const answer = {type: 'answered', path: path.session, text: 'no session'} as const;
	const told = (...messages: readonly Message[]) => {
		let state = watcher.state();
		return messages.map(message => {
			const next = update(state, message);
			state = next.state;
			return next.effects;
		});
	};
	expect(told(accepted, accepted, accepted, answer, answer, accepted)).toEqual([[asked], [], [], [asked], [], [asked]]);
	const none = {...answer, text: undefined};
	expect(told(accepted, none, accepted), 'no answer ends a question too').toEqual([[asked], [], [asked]]);
	watcher.press('z');
	expect(watcher.state().overlay).toBe(undefined);
});

test('after time went back it asks again what was written', async () => {
	const watcher = await watched();
	const sample = await watcher.target.sample({paths: [path.clock]});
	const told = (timeNs: number) =>
		update(watcher.state(), {type: 'sampled', sample: {...sample, timeNs}, panes: [], nowMs: 0}).effects;
	expect(told(19e9)).toContainEqual({type: 'ask', path: path.session});
	expect(told(20e9)).not.toContainEqual({type: 'ask', path: path.session});
});

test('a session that cannot be read leaves its marks out', async () => {
	const watcher = await watched();
	watcher.tell({type: 'answered', path: path.session, text: 'no session'});
	expect(rowsOf(watcher.state()).some(text => text.includes('paused'))).toBe(false);
	watcher.press('up');
	expect(cursor(watcher.state())).toBe(13e9 + 999);
});

/** Of 10 s of wall time: the machine runs from 11 s, stands still at 13 s for 2 s, and goes back before the end. */
const instants = [
	{wallMs: 0, timeNs: 11e9},
	{wallMs: 1000, timeNs: 12e9},
	{wallMs: 1500, timeNs: 12.2e9},
	{wallMs: 3000, timeNs: 13e9},
	{wallMs: 4000, timeNs: 13e9},
	{wallMs: 5000, timeNs: 13e9},
	{wallMs: 8000, timeNs: 14e9},
	{wallMs: 10_000, timeNs: 13.5e9},
];

async function recorded(change: Partial<Playback> = {}) {
	const states = [{timeUs: 12_100_000, state: 'area grown'}];
	const last = {
		[path.inject]: {text: formatInject(injectOf([injection(1, {timeUs: 9_000_000}), injection(2, {states})]))},
	};
	const playback = {atMs: 4000, endMs: 10_000, paused: false, rate: 1, instants, last, ...change};
	return await watched({kind: 'recording', writable: false, playback});
}

test('a recording has the time in which it was made, and all of it can be reached', async () => {
	const watcher = await recorded();
	const marks = timeLineRows(watcher.state(), {kind: 'timeLine', atNs: undefined, answer: undefined}).flatMap(row =>
		row.kind === 'mark' ? [`${row.mark?.kind} ${row.mark?.atNs} ${row.text}`] : [],
	);
	expect(marks).toEqual([
		'injection 1000000000 mremap-growth is injected by monitor (running)',
		'step 1500000000 mremap-growth, step 1: area grown',
		"pause 3000000000 the machine's time stood still for 2.0 s",
		'back 10000000000 the machine went back to 13.500 s',
	]);
	expect(says(watcher.state())).toBe('4.000 s of 10.000 s: here it plays');
	expect(clockWords(watcher, 'enter')).toEqual(['seek 4000000000ns']);
	watcher.press('down');
	expect(says(watcher.state())).toBe('10.000 s of 10.000 s: Enter goes there, where it stands still');
	expect(clockWords(watcher, 'enter')).toEqual(['seek 10000000000ns']);
	expect(effectsOf(watcher, 'enter').map(({type}) => type)).toEqual(['play']);
	watcher.press('home');
	expect(clockWords(watcher, 'enter')).toEqual(['seek 0ns']);
});

test('in a recording Space and P play on or stand still, and rates are those of the recording', async () => {
	const playing = await recorded();
	const stands = await recorded({paused: true, rate: 4});
	for (const watcher of [playing, stands]) watcher.press('escape');
	for (const key of ['space', 'P']) {
		expect(clockWords(playing, key)).toEqual(['pause']);
		expect(clockWords(stands, key)).toEqual(['run']);
	}
	expect(clockWords(stands, '<')).toEqual(['rate 2']);
	expect(clockWords(stands, '[')).toEqual(['rewind 19000000000ns']);
	stands.press('T');
	expect(says(stands.state())).toBe('4.000 s of 10.000 s: here it stands still: Space plays on');
});
