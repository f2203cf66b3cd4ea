/** The wall of a class: a tile a machine, keys that go in, say, freeze and lead. */
import {afterEach, expect, test} from 'vitest';
import {formatFindings} from '../../source/formats/debugfs/lab/findings.ts';
import {formatInject} from '../../source/formats/debugfs/lab/inject.ts';
import {path} from '../../source/model/paths.ts';
import {startClassDesk} from '../../source/ui/classDesk.ts';
import {createTheme} from '../../source/ui/terminal/theme.ts';
import type {WallClass} from '../../source/ui/wall/wallClass.ts';
import {type ClassSeat, classroomOf, createSeat} from './support/classroom.ts';
import {pinned} from './support/foundRecords.ts';
import {createHeadlessTerminal} from './support/headlessTerminal.ts';
import * as records from './support/records.ts';

let stop = (): void => {};
afterEach(() => stop());

const students = ['anna', 'bert', 'carl', 'dora', 'emil', 'fritz', 'gerda', 'hugo'];

type Options = {
	readonly seats?: readonly ClassSeat[];
	readonly columns?: number;
	readonly rows?: number;
	readonly role?: WallClass['role'];
	readonly hasMonitor?: boolean;
};

function start({seats = students.map(createSeat), columns = 80, rows = 24, role, hasMonitor = false}: Options = {}) {
	const terminal = createHeadlessTerminal(columns, rows);
	const waiters = new Set<() => void>();
	const happened: string[] = [];
	const crashes: unknown[] = [];
	let nowMs = 0;
	const desk = startClassDesk({
		classroom: classroomOf(seats, role),
		...(hasMonitor && {target: createSeat('demo').machine}),
		periodMs: 5,
		theme: createTheme('mono', true),
		mostBytes: () => Number.POSITIVE_INFINITY,
		sink: (text, done) =>
			void terminal.write(text).then(() => {
				done();
				for (const check of [...waiters]) check();
			}),
		columns,
		rows,
		nowMs: () => ++nowMs,
		onQuit: () => happened.push('quits'),
		onSuspend() {},
		onCrash: error => crashes.push(error),
	});
	stop = () => {
		desk.stop();
		expect(crashes).toEqual([]);
	};
	const until = (holds: (screen: string) => boolean): Promise<string> =>
		new Promise(resolve => {
			const check = () => {
				const screen = terminal.text().join('\n');
				if (!holds(screen)) return;
				waiters.delete(check);
				resolve(screen);
			};
			waiters.add(check);
			check();
		});
	const waitForText = (text: string): Promise<string> => until(screen => screen.includes(text));
	const press = (...keys: readonly string[]) => {
		for (const key of keys) desk.press(key);
	};
	const type = (text: string) => press(...[...text].map(letter => (letter === ' ' ? 'space' : letter)));
	return {desk, press, type, waitForText, until, happened, seats};
}

const injected = records.injectOf([
	records.injection(1, {name: 'direct-read', status: 'failed'}),
	records.injection(2, {name: 'mremap-growth', status: 'running'}),
]);

test('a tile says who, what they run, the step, what came of the last ones, and how many findings', async () => {
	const seats = students.map(createSeat);
	seats[1]!.machine.files.set(path.inject, formatInject(injected));
	seats[1]!.machine.files.set(path.findings, formatFindings({findings: [pinned], olderUs: 10_000_000, dropped: 0}));
	seats[2]!.change({frozenBy: 'ada', present: [{who: 'paul', role: 'helper'}]});
	seats[7]!.lost = 'no server listens there';
	const {until} = start({seats});
	const screen = await until(text => ['mremap-growth', 'no server', 'frozen by'].every(each => text.includes(each)));
	// One that is lost keeps none of the others.
	expect(screen.match(/nothing injected yet/g)).toHaveLength(6);
	expect(screen.split('\n')[0]).toBe(' mmtop class monday  8 machines  1 lost  1 frozen  1 finding');
	const lines = screen.split('\n').map(row => row.slice(40));
	expect(lines[1]).toMatch(/^┌ bert ─+ ▶ ─┐$/);
	expect(lines[2]).toBe('│ mremap-growth pages=4    step 1 of 1 │');
	expect(lines[3]).toContain('✗ direct-read');
	expect(lines[4]).toContain('1 finding');
	expect(screen).toMatch(/carl ─+ frozen by ada/);
	expect(screen).toContain('paul (helper) is here');
	expect(screen).toMatch(/hugo ─+ LOST/);
});

test('Enter looks in, h goes in to help, which the student’s screen says; b comes back', async () => {
	const {press, waitForText, seats} = start();
	await waitForText('▸ anna');
	press('right', 'enter');
	expect(await waitForText('mmtop bert')).toContain('read-only');
	expect(seats[1]!.record().present).toEqual([]);
	press('b');
	await waitForText('▸ bert');
	press('h');
	expect(await waitForText('mmtop bert')).not.toContain('read-only');
	expect(seats[1]!.record().present).toEqual([{who: 'ada', role: 'teacher'}]);
	press('W');
	await waitForText('▸ bert');
	expect(seats[1]!.record().present).toEqual([]);
	expect(seats[1]!.happened.filter(each => each.startsWith('closed'))).toEqual([
		'closed as observer',
		'closed as helper',
	]);
});

test('a message goes to one or to all, freezing too; what did not arrive is said', async () => {
	const {press, type, waitForText, seats} = start({hasMonitor: false});
	await waitForText('▸ anna');
	press('down', 'm');
	await waitForText('to carl:');
	type('look at pane 3');
	press('enter');
	await waitForText('sent to carl');
	expect(seats.map(({record}) => record().messages.length)).toEqual([0, 0, 1, 0, 0, 0, 0, 0]);
	expect(seats[2]!.record().messages[0]!.text).toBe('look at pane 3');
	seats[7]!.lost = 'no server listens there';
	press('M');
	type('stop');
	press('enter');
	await waitForText('hugo: EDISCONNECTED: no server listens there');
	expect(seats.map(({record}) => record().messages.length)).toEqual([1, 1, 2, 1, 1, 1, 1, 0]);
	seats[7]!.lost = undefined;
	press('z');
	await waitForText('1 frozen');
	press('Z');
	await waitForText('all machines: free again');
	press('Z');
	await waitForText('8 frozen');
});

test('who leads takes everybody to the pane and what is selected there, and lets go with the same key', async () => {
	const {press, waitForText, seats} = start();
	await waitForText('▸ anna');
	press('F');
	await waitForText('all follow you');
	press('enter');
	await waitForText('mmtop anna');
	press('4');
	await waitForText('[4 dma]');
	while (seats.at(-1)!.record().follow?.pane !== 'dma') await new Promise(resolve => setImmediate(resolve));
	expect(seats.map(({record}) => record().follow?.pane)).toEqual(students.map(() => 'dma'));
	press('1');
	await waitForText('40000000-40004000');
	press('down');
	while (!seats[3]!.record().follow?.selection) await new Promise(resolve => setImmediate(resolve));
	expect(seats[3]!.record().follow).toEqual({who: 'ada', pane: 'maps', selection: '8048000'});
	press('F');
	await waitForText('everybody is free again');
	expect(seats.map(({record}) => record().follow)).toEqual(students.map(() => null));
});

test('a machine that stands still hinders neither going in elsewhere nor leading the others', async () => {
	const seats = students.map(createSeat);
	seats[0]!.isStill = true;
	const {press, waitForText} = start({seats});
	await waitForText('▸ anna');
	press('enter', 'F');
	await waitForText('all follow you');
	press('right', 'enter');
	await waitForText('mmtop bert');
	for (const [key, pane] of [
		['4', 'dma'],
		['2', 'frames'],
	] as const) {
		press(key);
		while (seats.at(-1)!.record().follow?.pane !== pane) await new Promise(resolve => setImmediate(resolve));
	}
	press('F');
	await waitForText('everybody is free again');
	expect(seats.map(({record}) => record().follow)).toEqual(students.map(() => null));
});

test('a helper may go in and send messages, and neither freeze nor lead', async () => {
	const {press, waitForText, seats} = start({role: 'helper'});
	expect(await waitForText('▸ anna')).not.toContain('freeze');
	press('z');
	await waitForText('only the teacher of the class may do that');
	press('F');
	press('m');
	await waitForText('to anna:');
	expect(seats[0]!.machine.written).toEqual([]);
});

test.each([
	[40, 10, 1],
	[80, 24, 8],
	[120, 40, 21],
	[200, 60, 55],
])('at %i x %i there are %i tiles at least at once, and the arrows scroll to the others', async (columns, rows, least) => {
	const names = Array.from({length: least + 5}, (_, index) => `student${index}`);
	const {press, waitForText} = start({seats: names.map(createSeat), columns, rows});
	const screen = await waitForText('▸ student0');
	expect(screen.match(/ student\d+ /g)).toHaveLength(least);
	press('end');
	await waitForText(`▸ student${least + 4}`);
});

test('a terminal that is too small says so', async () => {
	const {waitForText} = start({columns: 30, rows: 6});
	await waitForText('the wall needs 40x7');
});

test('from a monitor of the class W opens the wall, and b goes back to that; q leaves', async () => {
	const {press, waitForText, happened} = start({hasMonitor: true});
	await waitForText('mmtop demo');
	press('2');
	await waitForText('[2 frames]');
	press('W');
	await waitForText('▸ anna');
	press('b');
	await waitForText('[2 frames]');
	press('W');
	await waitForText('▸ anna');
	press('enter');
	await waitForText('mmtop anna');
	press('b');
	await waitForText('▸ anna');
	expect(happened).toEqual([]);
	press('q');
	expect(happened).toEqual(['quits']);
});
