/** Several machines on one terminal, one at a time. */
import {afterEach, expect, test} from 'vitest';
import {formatExperiments} from '../../source/formats/debugfs/lab/experiments.ts';
import {path} from '../../source/model/paths.ts';
import {startDesk} from '../../source/ui/desk.ts';
import {createTheme} from '../../source/ui/terminal/theme.ts';
import {createFakeTarget, type FakeTarget} from './support/fakeTarget.ts';
import {createHeadlessTerminal} from './support/headlessTerminal.ts';
import {experiments} from './support/records.ts';

let stop = (): void => {};
afterEach(() => stop());

/** A machine of which one experiment, with the key m, is about another preset, and one, with d, about another era. */
function machineNamed(name: string): FakeTarget {
	const target = createFakeTarget();
	const [first, second, ...others] = experiments.experiments;
	const about = [{...first!, machine: '1g'}, {...second!, eras: ['6.1', '6.18']}, ...others];
	target.files.set(path.experiments, formatExperiments({experiments: about}));
	return Object.assign(target, {name});
}

/** Waits until a target was asked so often. */
async function sampled({asked}: FakeTarget, times: number): Promise<void> {
	while (asked.length < times) await new Promise(resolve => setImmediate(resolve));
}

function start({mayOpen = true, mostBytes = Number.POSITIVE_INFINITY, isSlow = (): boolean => false} = {}) {
	const [columns, rows] = [100, 30];
	const terminal = createHeadlessTerminal(columns, rows);
	const waiters = new Set<() => void>();
	const happened: string[] = [];
	const opened: FakeTarget[] = [];
	const crashes: unknown[] = [];
	/** Pieces that the terminal has and that were not answered for yet. */
	const waiting: (() => void)[] = [];
	let nowMs = 0;
	const first = machineNamed('lab');
	const desk = startDesk({
		target: first,
		rest: isResting => happened.push(isResting ? 'lab rests' : 'lab goes on'),
		async open({preset, era}, name) {
			if (!mayOpen) throw new Error('EINVAL: no memory is left');
			happened.push(`opens ${preset} ${era}`);
			const target = machineNamed(name);
			opened.push(target);
			return {
				target,
				rest: isResting => happened.push(isResting ? `${name} rests` : `${name} goes on`),
				end: () => happened.push(`${name} ends`),
			};
		},
		theme: createTheme('mono', true),
		mostBytes: () => mostBytes,
		sink: (text, done) =>
			void terminal.write(text).then(() => {
				if (isSlow()) waiting.push(done);
				else done();
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
	const waitForText = (text: string): Promise<string> =>
		new Promise(resolve => {
			const check = () => {
				const screen = terminal.text().join('\n');
				if (!screen.includes(text)) return;
				waiters.delete(check);
				resolve(screen);
			};
			waiters.add(check);
			check();
		});
	const press = (...keys: readonly string[]) => {
		for (const key of keys) desk.press(key);
	};
	return {desk, press, waitForText, happened, opened, first, terminal, waiting};
}

test('an experiment about another machine is offered there, and injected there; b comes back', async () => {
	const {press, waitForText, happened, opened, desk} = start();
	await waitForText('40000000-40004000');
	press('5', 'm');
	const offer = await waitForText('another machine');
	expect(offer).toContain('the claim is about --machine 1g, this is lab');
	expect(offer).toContain('preset 1g with the kernel ldd3');
	press('enter');
	await waitForText('mmtop 1g-ldd3 2/2');
	await waitForText('is injected as number');
	expect(opened[0]!.written).toEqual([`${path.inject} mremap-growth`]);
	expect(happened).toEqual(['opens 1g ldd3', 'lab rests']);
	// The first machine is as it was left.
	press('b');
	expect(await waitForText('mmtop lab 1/2')).toContain('[5 iocbs]');
	expect(happened.slice(2)).toEqual(['1g-ldd3 rests', 'lab goes on']);
	// From a pane that one came to it goes back to the pane before first.
	press('6', 'b');
	await waitForText('[5 iocbs]');
	expect(desk.state().target.name).toBe('lab');
});

test('what is behind is not asked for anything', async () => {
	const {press, waitForText, opened, desk, first} = start();
	await waitForText('40000000-40004000');
	press('m', 'enter');
	await waitForText('1g-ldd3 2/2');
	press('b');
	await waitForText('lab 1/2');
	const asked = opened[0]!.asked.length;
	const inFront = first.asked.length;
	await sampled(first, inFront + 5);
	// At most what was under way when it went behind.
	expect(opened[0]!.asked.length - asked).toBeLessThanOrEqual(1);
	expect(desk.state().target.name).toBe('lab');
});

test('i injects here all the same, Esc does not, and another key says what can be done', async () => {
	const {press, waitForText, happened, desk} = start();
	await waitForText('40000000-40004000');
	press('d');
	const offer = await waitForText('another machine');
	expect(offer).toContain('the claim is about kernel 6.1, 6.18, this is');
	press('k');
	await waitForText('Enter opens that machine, i injects here');
	press('escape');
	expect(desk.state().overlay).toBeUndefined();
	press('d', 'i');
	await waitForText('direct-read is injected as number');
	expect(happened).toEqual([]);
});

test('the list has all machines, goes to one by number, and ends those that were opened here', async () => {
	const {press, waitForText, happened, desk} = start();
	await waitForText('40000000-40004000');
	press('M');
	expect(await waitForText('machines')).toContain('1 ▶ lab');
	press('x');
	await waitForText('lab was there first');
	press('escape', 'm', 'enter');
	await waitForText('1g-ldd3 2/2');
	press('M', '1');
	await waitForText('lab 1/2');
	press('m', 'enter');
	await waitForText('1g-ldd3-2 3/3');
	press('M');
	await waitForText('3 ▶ 1g-ldd3-2');
	press('up', 'x');
	await waitForText('1g-ldd3-2 2/2');
	expect(happened.at(-1)).toBe('1g-ldd3 ends');
	press('M', 'x');
	await waitForText('mmtop lab ');
	expect(desk.state().machines.all).toHaveLength(1);
	expect(happened.slice(-2)).toEqual(['1g-ldd3-2 ends', 'lab goes on']);
	press('q');
	expect(happened.at(-1)).toBe('quits');
});

test('a machine that cannot be opened is one sentence, and this one stays', async () => {
	const {press, waitForText, happened} = start({mayOpen: false});
	await waitForText('40000000-40004000');
	press('m', 'enter');
	expect(await waitForText('no memory is left')).toContain('mmtop lab');
	expect(happened).toEqual([]);
});

test('a size that changed meanwhile is that of all', async () => {
	const {desk, press, waitForText} = start();
	await waitForText('40000000-40004000');
	press('m', 'enter');
	await waitForText('1g-ldd3 2/2');
	desk.resize(80, 24);
	press('b');
	await waitForText('lab 1/2');
	expect([desk.state().columns, desk.state().rows]).toEqual([80, 24]);
});

test('what is predicted first is predicted there', async () => {
	const {press, waitForText, opened} = start();
	await waitForText('40000000-40004000');
	press(':', 'ctrl+p', ...'mrg', 'enter');
	await waitForText('another machine');
	press('enter');
	await waitForText('What does it read in the first new page?');
	expect(opened[0]!.written).toEqual([]);
	press('2');
	await waitForText('is injected as number');
	expect(opened[0]!.written).toEqual([`${path.inject} mremap-growth`]);
});

test('what a machine behind had still to send does not come over the one in front', async () => {
	let isSlow = false;
	const {press, waitForText, waiting, terminal} = start({mostBytes: 200, isSlow: () => isSlow});
	await waitForText('40000000-40004000');
	press('m', 'enter');
	await waitForText('1g-ldd3 2/2');
	isSlow = true;
	press('z', '5');
	while (waiting.length === 0) await new Promise(resolve => setImmediate(resolve));
	isSlow = false;
	press('M', '1');
	await waitForText('lab 1/2');
	for (const done of waiting.splice(0)) done();
	for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve));
	// The whole frame of the one in front, which has no such pane.
	await waitForText('q quit');
	for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve));
	expect(terminal.text().filter(row => row.includes('5 iocbs ─'))).toEqual([]);
	expect(terminal.text().filter(row => row.includes('40000000-40004000'))).toHaveLength(1);
});
