/** The monitor as a whole, over a target of the test. Long, because each key and each message has its scene here. */

import {afterEach, expect, test} from 'vitest';
import {formatKmapAtomic} from '../../source/formats/debugfs/kmapAtomic.ts';
import {formatClock} from '../../source/formats/debugfs/lab/clock.ts';
import {formatInject} from '../../source/formats/debugfs/lab/inject.ts';
import {formatLoad, type LoadName} from '../../source/formats/debugfs/lab/load.ts';
import {formatTrace} from '../../source/formats/debugfs/tracing/trace.ts';
import {formatVma} from '../../source/formats/debugfs/vma.ts';
import {formatMaps} from '../../source/formats/proc/maps.ts';
import {path} from '../../source/model/paths.ts';
import {TargetError} from '../../source/target/target.ts';
import {createFakeTarget} from './support/fakeTarget.ts';
import {
	area,
	clock,
	injection,
	injectOf,
	kmapAtomic,
	mapperMaps,
	observation,
	traceOf,
	vmaOf,
} from './support/records.ts';
import {type Session, startSession} from './support/session.ts';

let session: Session | undefined;

function start(...options: Parameters<typeof startSession>): Session {
	session = startSession(...options);
	return session;
}

afterEach(() => {
	session?.stop();
	expect(session?.crashes).toEqual([]);
	session = undefined;
});

test('the five panes fill from the target', async () => {
	const {waitFor} = start(createFakeTarget());
	const screen = await waitFor(now => now.includes('ehci_qtd') && now.includes('112 mapper'));
	expect(screen).toContain('dbwriter PREAD');
	expect(screen).toContain('HighMem');
});

test('only files that visible panes need are asked for', async () => {
	const target = createFakeTarget();
	const {waitForText, press, monitor} = start(target, {columns: 80, rows: 24});
	await waitForText('40000000-40004000');
	expect(target.asked.at(-1)).not.toContain(path.aio);
	press('5');
	await waitForText('dbwriter');
	expect(target.asked.at(-1)).toContain(path.aio);
	expect(monitor.state().focus).toBe('iocbs');
});

test('a key that injects writes the name that the target gives it, and the notice says so', async () => {
	const target = createFakeTarget();
	const {waitForText, press} = start(target);
	await waitForText('m mremap');
	press('m');
	await waitForText('mremap-growth is injected as number 1');
	expect(target.written).toEqual([`${path.inject} mremap-growth`]);
});

test('a grown area is marked in words, in the colour of the injection whose process did it', async () => {
	const target = createFakeTarget();
	const {waitForText, press, terminal} = start(target);
	await waitForText('m mremap');
	target.addProcess(131, 'mremap', mapperMaps);
	target.files.set(path.inject, formatInject(injectOf([injection(1)])));
	press('m');
	await waitForText('131 mremap');
	const grown = {
		areas: mapperMaps.areas.map(each =>
			each.start === 0x40000000 ? area(0x40000000, 0x40008000, 'rw-s', '/dev/simple1', 812) : each,
		),
	};
	target.files.set(path.maps(131), formatMaps(grown));
	target.files.set(path.vma(131), formatVma(vmaOf(grown)));
	const screen = await waitForText('40000000-40008000');
	expect(screen).toMatch(/\+ 40000000-40008000 rw-s .* \+16k/);
	const row = screen.split('\n').findIndex(line => line.includes('40000000-40008000'));
	const narration = screen.split('\n').findIndex(line => line.includes('│ mremap(0x40000000'));
	const colour = (cell: string | undefined) => cell?.split('|').slice(1).join('|');
	expect(colour(terminal.cells()[row]?.[4])).toBe(colour(terminal.cells()[narration]?.[4]));
});

test('narration and observations of the followed injection appear in the trace, other lines leave it', async () => {
	const target = createFakeTarget();
	const {waitForText, press} = start(target);
	await waitForText('mm_page_alloc: pfn=0x2af4');
	target.files.set(
		path.inject,
		formatInject(
			injectOf([
				injection(1, {
					status: 'done',
					result: 'the area is 8 pages long',
					observations: [observation('held')],
				}),
			]),
		),
	);
	target.files.set(
		path.trace,
		formatTrace(
			traceOf([
				{pid: 5, text: 'pfn=0x2af4 order=0', timeUs: 12_000_050},
				{pid: 131, text: 'pfn=0x3333 order=0', timeUs: 12_000_200},
			]),
		),
	);
	press('m');
	const screen = await waitForText('✓ page 5 reads as zeros');
	expect(screen).toContain('mm_page_alloc: pfn=0x3333');
	expect(screen).not.toContain('pfn=0x2af4');
	expect(screen).toContain('following: mremap-growth');
	expect(screen).toContain('mremap-growth done: the area is 8 pages long');
	press('escape');
	await waitForText('pfn=0x2af4');
});

test('an injection of another monitor is offered, and followed when asked; an earlier one is not', async () => {
	const target = createFakeTarget();
	target.files.set(path.inject, formatInject(injectOf([injection(1, {name: 'old', status: 'done'})])));
	const {waitForText, press} = start(target);
	expect(await waitForText('112 mapper')).toContain('everything');
	target.files.set(
		path.inject,
		formatInject(injectOf([injection(1, {name: 'old', status: 'done'}), injection(2, {by: 'teacher'})])),
	);
	expect(await waitForText('teacher: mremap-growth, step 1 of 1 · V watch')).toContain('everything');
	press('V');
	expect(await waitForText('following: mremap-growth')).toContain('injection 2 by teacher');
});

test('an occupied slot is drawn with its frame and holder while the clock is held', async () => {
	const target = createFakeTarget();
	const {waitFor} = start(target);
	target.files.set(
		path.kmapAtomic,
		formatKmapAtomic(kmapAtomic({'1.11': {pfn: 0x6b02, context: 'task', holder: {comm: 'kmaps', pid: 140}, used: 9}})),
	);
	target.files.set(path.clock, formatClock(clock({holding: 'atomic-kmaps: slot_held'})));
	const screen = await waitFor(now => now.includes('0x6b02') && now.includes('holding:'));
	expect(screen).toMatch(/■ 1\.11 0x6b02 +kmaps-140/);
	expect(screen).toContain('holding: atomic-kmaps: slot_held');
	expect(screen).toContain('cpu1 · · · · · · · · · · · ■ ·  1/3');
});

test('a refused write says why on screen', async () => {
	const target = createFakeTarget();
	target.onWrite = () => {
		throw new TargetError('EPERM', 'direct-read cannot run here: the machine has no disk');
	};
	const {waitForText, press} = start(target);
	await waitForText('d direct');
	press('d');
	await waitForText('EPERM: direct-read cannot run here: the machine has no disk');
});

test('a read-only target says so before a key is pressed, and again when one would write', async () => {
	const target = createFakeTarget({writable: false});
	const {waitForText, press} = start(target);
	const screen = await waitForText('112 mapper');
	expect(screen).toContain('read-only');
	expect(screen).not.toContain('m mremap');
	press('m');
	await waitForText('lab is read-only: mremap-growth cannot be injected');
	expect(target.written).toEqual([]);
});

test('of a process with very many areas a window is read and shown, and keys at its ends move it', async () => {
	const target = createFakeTarget();
	const areas = Array.from({length: 3000}, (_, index) =>
		area(0x10000000 + index * 8192, 0x10001000 + index * 8192, 'rw-p', null),
	);
	target.addProcess(200, 'crowd', {areas}, 12_000);
	const {waitForText, press} = start(target);
	await waitForText('areas 1-1,024 of 3,000');
	press('end');
	await waitForText('areas 2,049-3,000 of 3,000');
	press('home');
	await waitForText('areas 1-1,024 of 3,000');
	press('up');
	press('end', 'down');
	const screen = await waitForText('areas 2,049-3,000 of 3,000');
	expect(screen).toContain((0x10000000 + 2048 * 8192).toString(16));
	const read = target.asked.filter(paths => paths.includes(path.maps(200)));
	expect(read.length).toBe(1);
});

test('space pauses the time of a machine of one’s own', async () => {
	const target = createFakeTarget({kind: 'embedded'});
	const {waitForText, press} = start(target);
	await waitForText('112 mapper');
	target.onWrite = () => {
		target.files.set(path.clock, formatClock(clock({state: 'paused'})));
		return '';
	};
	press('space');
	await waitForText('PAUSED');
	expect(target.written).toEqual([`${path.clock} pause`]);
});

test('space on an attached machine freezes the picture and writes nothing; selection still moves', async () => {
	const target = createFakeTarget();
	const {waitForText, press, monitor} = start(target);
	await waitForText('112 mapper');
	press('space');
	await waitForText('FROZEN');
	const asked = target.asked.length;
	press('down', 'down');
	expect(monitor.state().views.maps.selected).toBe('area 112.2');
	expect(target.written).toEqual([]);
	press('space');
	await waitForText('▶');
	expect(target.asked.length).toBeGreaterThanOrEqual(asked);
});

test('P, the step and the rate keys write to the clock', async () => {
	const target = createFakeTarget();
	const {waitForText, press} = start(target);
	await waitForText('112 mapper');
	press('P', '.', '>', '<');
	await waitForText('112 mapper');
	expect(target.written).toEqual(['pause', 'step', 'rate 2', 'rate 0.5'].map(words => `${path.clock} ${words}`));
});

test('L writes the next load and says it; without such a file, or where it must not write, it says so', async () => {
	const target = createFakeTarget();
	const {waitForText, press} = start(target);
	await waitForText('112 mapper');
	press('L');
	await waitForText('this target has no load that could be changed');
	target.onWrite = (_path, text) => {
		target.files.set(path.load, formatLoad({load: text as LoadName, means: 'much'}));
		return '';
	};
	for (const [load, next] of [
		['calm', 'busy'],
		['busy', 'quiet'],
		['quiet', 'calm'],
	] as const) {
		target.files.set(path.load, formatLoad({load, means: 'much'}));
		await waitForText(`load ${load}`);
		press('L');
		await waitForText(`the machine is ${next} now; L has another load`);
	}
	expect(target.written).toEqual(['busy', 'quiet', 'calm'].map(words => `${path.load} ${words}`));
});

test('when the target goes the last picture stays and says so; when it is back it goes on', async () => {
	const target = createFakeTarget();
	const {waitForText, waitFor} = start(target);
	await waitForText('112 mapper');
	target.lost = 'lab is gone: connection reset';
	const screen = await waitForText('DISCONNECTED');
	expect(screen).toContain('40000000-40004000');
	expect(screen).toContain('lab is gone: connection reset');
	target.lost = undefined;
	// The new machine counts from the start.
	target.timeNs = 1_000_000;
	target.seq = 1;
	await waitFor(now => !now.includes('DISCONNECTED') && now.includes('t 0.001 000'));
});

test('the process list chooses whose maps are shown', async () => {
	const {waitForText, press} = start(createFakeTarget());
	await waitForText('112 mapper');
	press('p');
	await waitForText('VmSize');
	press('up', 'enter');
	await waitForText('1 init');
});

test('the last picture of a process that ended stays and says so', async () => {
	const target = createFakeTarget();
	const {waitForText, press} = start(target);
	await waitForText('112 mapper');
	press('p');
	await waitForText('VmSize');
	press('enter');
	target.removeProcess(112);
	const screen = await waitForText('112 mapper (ended)');
	expect(screen).toContain('40000000-40004000');
});

test('f on an area follows its frame: the page pane shows it in every kind of address', async () => {
	const {waitForText, press} = start(createFakeTarget());
	await waitForText('112 mapper');
	press('down', 'f', '8');
	const screen = await waitForText('pte[2]    06a31067 → page at 06a31000');
	expect(screen).toContain('40002000 mapper-112');
	expect(screen).toContain('frame 0x6a31, followed');
});

test('the palette finds by a few letters and takes parameters', async () => {
	const target = createFakeTarget();
	const {waitForText, press} = start(target);
	await waitForText('m mremap');
	press(':', 'm', 'r', 'g');
	const palette = await waitForText('A mapping without a fault handler grows with zeros.');
	expect(palette).toMatch(/│ pages +│ 4 +│ 1 to 1024 pages +│/);
	press('tab', ...'pages=9', 'enter');
	await waitForText('mremap-growth pages=9 is injected as number 1');
	expect(target.written).toEqual([`${path.inject} mremap-growth pages=9`]);
});

test(
	'an injection that is undone is neither followed any more nor predicted: its number may be given ' + 'again',
	async () => {
		const target = createFakeTarget();
		target.onWrite = () => '2';
		target.files.set(path.inject, formatInject(injectOf([injection(1, {status: 'done'})])));
		const {monitor, waitForText, press} = start(target);
		await waitForText('m mremap');
		press(':', 'ctrl+p', 'escape', 'm');
		await waitForText('What does it read in the first new page?');
		press('1');
		await waitForText('is injected as number 2');
		target.files.set(path.inject, formatInject(injectOf([injection(1, {status: 'done'}), injection(2)])));
		target.seq = 3;
		press('6', 'z');
		await waitForText('you predict');
		expect([...monitor.state().injections.predictions.keys()]).toEqual([2]);
		target.files.set(path.inject, formatInject(injectOf([injection(1, {status: 'done'})])));
		target.seq = 2;
		await waitForText('pfn=0x2af3');
		expect(monitor.state().injections.followed).toBeUndefined();
		expect([...monitor.state().injections.predictions.keys()]).toEqual([]);
	},
);

test('a prediction is compared with what came, at the end of the story', async () => {
	const target = createFakeTarget();
	const {waitForText, press} = start(target);
	await waitForText('m mremap');
	press(':', 'ctrl+p', ...'mrg', 'enter');
	const asked = await waitForText('What does it read in the first new page?');
	expect(asked).not.toContain('grows with zeros');
	press('1');
	await waitForText('mremap-growth is injected as number 1');
	target.files.set(path.inject, formatInject(injectOf([injection(1, {status: 'done', answer: {number: 2, by: [1]}})])));
	press('6', 'z');
	await waitForText('look at maps: the row of the device becomes longer');
	await waitForText('you predicted 1. The next register of the device. What came is 2. Zeros.');
});

const noMemory = 'no page of high memory was free';

test('a prediction that the machine could not decide is not called wrong: it says why', async () => {
	const target = createFakeTarget();
	const {waitForText, press} = start(target);
	await waitForText('m mremap');
	press(':', 'ctrl+p', ...'mrg', 'enter');
	await waitForText('What does it read in the first new page?');
	press('1');
	await waitForText('mremap-growth is injected as number 1');
	const change = {status: 'could-not-run', result: noMemory, undecided: noMemory, observations: []} as const;
	target.files.set(path.inject, formatInject(injectOf([injection(1, change)])));
	press('6', 'z');
	const screen = await waitForText('This could not be decided:');
	expect(screen).toContain(`■ mremap-growth ⊘ could not run: ${noMemory}`);
	expect(screen).toContain(
		`⊘ you predicted 1. The next register of the device. This could not be decided: ${noMemory}`,
	);
	expect(screen).not.toMatch(/[✓✗]/);
});

test('nor is one wrong of what the machine refuses', async () => {
	const target = createFakeTarget();
	target.onWrite = () => {
		throw new TargetError('EPERM', 'mremap-growth cannot run here: this machine has no device');
	};
	const {waitForText, press} = start(target);
	await waitForText('m mremap');
	press(':', 'ctrl+p', ...'mrg', 'enter');
	await waitForText('What does it read in the first new page?');
	press('1');
	await waitForText(
		'⊘ your prediction could not be decided: mremap-growth cannot run here: this machine has no device',
	);
});

test('a filter leaves the rows that contain it; escape brings the others back', async () => {
	const {waitFor, waitForText, press} = start(createFakeTarget());
	await waitForText('112 mapper');
	press('/', ...'simple');
	await waitFor(now => now.includes('/simple') && !now.includes('libc.so'));
	press('escape');
	await waitForText('libc.so');
});

test('a key that means nothing says so', async () => {
	const {waitForText, press} = start(createFakeTarget());
	await waitForText('112 mapper');
	press('X');
	await waitForText('X does nothing here');
	press('+');
	await waitForText('+ is for frames');
});

test('q and ctrl+c quit, also from an overlay', async () => {
	const {waitForText, press, hasQuit} = start(createFakeTarget());
	await waitForText('112 mapper');
	press('?');
	await waitForText('any other key closes');
	press('ctrl+c');
	expect(hasQuit()).toBe(true);
});

test('the screen is too small: one line says what is missing', async () => {
	const {waitForText, resize} = start(createFakeTarget());
	await waitForText('112 mapper');
	resize(35, 8);
	const screen = await waitForText('mmtop needs 5 columns and 2 rows');
	expect(screen.trim().split('\n')).toHaveLength(1);
	resize(120, 40);
	await waitForText('112 mapper');
});

test('nothing is sent while nothing changes', async () => {
	const target = createFakeTarget();
	const samples = (count: number) => {
		const goal = target.asked.length + count;
		return new Promise<void>(resolve => {
			const {sample} = target;
			target.sample = async request => {
				if (target.asked.length >= goal) {
					resolve();
				}
				return sample(request);
			};
		});
	};
	const {waitForText, sent} = start(target);
	await waitForText('112 mapper');
	// The free-memory line in the status grows until it is full.
	await samples(14);
	sent();
	await samples(4);
	expect(sent()).toBe('');
});
