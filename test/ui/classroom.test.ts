/** What a student sees on a machine of a class: messages, who is there, who froze it, and where the teacher leads. */
import {expect, test} from 'vitest';
import {type ClassRecord, formatClass} from '../../source/formats/debugfs/lab/class.ts';
import {path} from '../../source/model/paths.ts';
import {wantedPaths} from '../../source/ui/panes/panes.ts';
import {leaderOf, placeWords} from '../../source/ui/state/classroom.ts';
import {visiblePanes} from '../../source/ui/state/layout.ts';
import {initialState, type State} from '../../source/ui/state/state.ts';
import {update} from '../../source/ui/update/update.ts';
import {classRecord} from './support/classroom.ts';
import {createFakeTarget} from './support/fakeTarget.ts';
import {pictureOf} from './support/picture.tsx';

/** A monitor whose samples come when a test says so. */
async function monitor({columns = 80, rows = 24, role = 'student' as ClassRecord['role']} = {}) {
	const target = createFakeTarget();
	let state = initialState(target, columns, rows);
	const sees = async (change: Partial<ClassRecord> | undefined, nowMs: number): Promise<State> => {
		if (change) target.files.set(path.class, formatClass(classRecord('anna', {role, ...change})));
		else target.files.delete(path.class);
		const sample = await target.sample({paths: wantedPaths(state)});
		state = update(state, {type: 'sampled', sample, panes: visiblePanes(state), nowMs}).state;
		return state;
	};
	for (const directory of [path.processes, path.pciDevices]) {
		state = update(state, {type: 'listed', path: directory, names: await target.list(directory)}).state;
	}
	for (let round = 0; round < 3; round++) await sees(undefined, 0);
	return {
		sees,
		state: () => state,
		press: (key: string, nowMs: number): State => {
			state = update(state, {type: 'key', key, nowMs}).state;
			return state;
		},
		screen: () => pictureOf(state).text.join('\n'),
	};
}

const said = (...texts: readonly string[]): Partial<ClassRecord> => ({
	messages: texts.map(text => ({at: '10:00', text})),
});

test('a message stays above the panes until a key; a key that was on its way does not take it', async () => {
	const {sees, press, screen, state} = await monitor();
	const {bannerRows} = state();
	await sees(said('look at pane 3'), 1000);
	expect(screen()).toContain('» message: look at pane 3 · any key');
	expect(state().bannerRows).toBe(bannerRows + 1);
	press('2', 2499);
	expect(screen()).toContain('look at pane 3');
	// The key did what it does, and does so again when it takes the message.
	expect(state().focus).toBe('frames');
	press('3', 2500);
	expect(screen()).not.toContain('look at pane 3');
	expect(state().focus).toBe('kmap');
	await sees(said('look at pane 3'), 3000);
	expect(screen()).not.toContain('look at pane 3');
	await sees(said('look at pane 3', 'and now at 4'), 4000);
	expect(screen()).toContain('and now at 4');
	expect(screen()).not.toContain('look at pane 3');
	// A key with nothing else to do says so only when there was no message to take away.
	press('X', 5500);
	expect(screen()).not.toMatch(/and now at 4|does nothing here/);
	press('X', 5600);
	expect(screen()).toContain('X does nothing here');
});

test('a long message is wrapped and not cut', async () => {
	const {sees, screen} = await monitor({columns: 60});
	await sees(said('one two three four five six seven eight nine ten eleven twelve thirteen last'), 1000);
	expect(screen()).toContain('thirteen last · any key');
});

test('who is there and who froze it stay as long as that is so', async () => {
	const {sees, screen} = await monitor();
	await sees({present: [{who: 'ada', role: 'teacher'}], frozenBy: 'ada'}, 1000);
	expect(screen()).toContain('● teacher ada is here');
	expect(screen()).toContain('‖ frozen by ada: time stands still');
	await sees({}, 2000);
	expect(screen()).not.toContain('ada');
	// What a teacher's own monitor would only repeat is not there.
	const own = await monitor({role: 'teacher'});
	await own.sees({...said('hear'), present: [{who: 'ada', role: 'teacher'}]}, 1000);
	expect(own.screen()).not.toContain('hear');
	expect(own.screen()).not.toContain('is here');
});

test('a monitor follows to the pane and the selected thing; Esc lets go until a teacher leads anew', async () => {
	const {sees, press, state, screen} = await monitor();
	const follow = {who: 'ada', pane: 'dma', selection: null};
	await sees({follow}, 1000);
	expect(state().focus).toBe('dma');
	expect(screen()).toContain('→ you follow ada · Esc lets go');
	// One may look elsewhere; the next step of who leads takes along again.
	press('1', 2000);
	await sees({follow}, 2100);
	expect(state().focus).toBe('maps');
	await sees({follow: {...follow, pane: 'frames', selection: '6a31'}}, 2200);
	expect(state().focus).toBe('frames');
	expect(state().frames.cursorPfn).toBe(0x6a31);
	press('escape', 3000);
	expect(leaderOf(state())).toBeUndefined();
	expect(state().frames.cursorPfn).toBe(0x6a31);
	await sees({follow: {...follow, pane: 'trace'}}, 3100);
	expect(state().focus).toBe('frames');
	await sees({}, 3200);
	await sees({follow: {...follow, pane: 'trace'}}, 3300);
	expect(state().focus).toBe('trace');
});

test('what is being read above the panes is not moved; an unknown pane is not gone to', async () => {
	const {sees, press, state} = await monitor();
	press('?', 500);
	await sees({follow: {who: 'ada', pane: 'dma', selection: null}}, 1000);
	expect(state().focus).toBe('maps');
	press('escape', 1100);
	// With help closed the leader's Esc is the next one.
	expect(leaderOf(state())).toBe('ada');
	await sees({follow: {who: 'ada', pane: 'dma', selection: null}}, 1200);
	expect(state().focus).toBe('dma');
	await sees({follow: {who: 'ada', pane: 'nonsense', selection: null}}, 1300);
	expect(state().focus).toBe('dma');
});

test('where a teacher is comes back as the same place on another monitor', async () => {
	const teacher = await monitor({role: 'teacher'});
	teacher.press('1', 100);
	const there = teacher.press('down', 100);
	const [pane, selection = null] = placeWords(there).split(' ');
	expect(selection).not.toBeNull();
	const student = await monitor();
	await student.sees({follow: {who: 'ada', pane: pane!, selection}}, 1000);
	expect(placeWords(student.state())).toBe(placeWords(there));
	// Lines of the trace have a number of their own on each monitor.
	teacher.press('6', 200);
	expect(placeWords(teacher.press('down', 200))).toBe('trace');
});

test('a machine of one’s own is not asked for its class, and the keys of a class say what they are for', async () => {
	const own = initialState(createFakeTarget({kind: 'embedded'}), 80, 24);
	expect(wantedPaths(own)).not.toContain(path.class);
	const {sees, press, screen} = await monitor();
	press('W', 100);
	expect(screen()).toContain('this machine is not of a class');
	await sees({}, 200);
	press('F', 300);
	expect(screen()).toContain('only the teacher of the class may do that');
	press('W', 400);
	expect(screen()).toContain('only a teacher or a helper of the class may do that');
});

test.each([
	['teacher', 'F', 'lead'],
	['teacher', 'W', 'wall'],
	['helper', 'W', 'wall'],
	['helper', 'F', undefined],
	['observer', 'W', undefined],
] as const)('a %s who presses %s asks for %s', async (role, key, kind) => {
	const {sees, state} = await monitor({role});
	await sees({}, 100);
	const {effects} = update(state(), {type: 'key', key, nowMs: 200});
	expect(effects).toEqual(kind ? [{type: 'machines', request: {kind}}] : []);
});
