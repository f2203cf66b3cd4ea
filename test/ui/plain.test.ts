import {expect, onTestFinished, test} from 'vitest';
import {formatClock} from '../../source/formats/debugfs/lab/clock.ts';
import {formatInject} from '../../source/formats/debugfs/lab/inject.ts';
import {formatKmsg} from '../../source/formats/proc/kmsg.ts';
import {formatMaps} from '../../source/formats/proc/maps.ts';
import {path} from '../../source/model/paths.ts';
import {startPlain} from '../../source/ui/plain/plain.ts';
import {spoken} from '../../source/ui/plain/words.ts';
import {createFakeTarget, type FakeTarget} from './support/fakeTarget.ts';
import {oops, pinned, put} from './support/foundRecords.ts';
import {area, clock, injection, injectOf, mapperMaps, observation} from './support/records.ts';

type Listener = {
	readonly press: (...keys: readonly string[]) => void;
	/** Resolves with what was heard since the last call, once it holds a text. */
	readonly hear: (text: string) => Promise<string>;
	/** What was heard while the target was sampled a few times more. */
	readonly listen: () => Promise<string>;
};

function start(target: FakeTarget): Listener {
	let nowMs = 0;
	let heard = '';
	const crashes: unknown[] = [];
	const plain = startPlain({
		target,
		write(text, taken) {
			heard += text;
			taken();
		},
		// A clock on which every turn is late, so that the next follows at once.
		nowMs: () => {
			nowMs += 200;
			return nowMs;
		},
		refresh: 10,
		onQuit() {},
		onSuspend() {},
		onCrash: error => crashes.push(error),
	});
	onTestFinished(() => {
		plain.stop();
		expect(crashes).toEqual([]);
	});
	const take = (): string => {
		const text = heard;
		heard = '';
		return text;
	};
	return {
		press(...keys) {
			for (const key of keys) {
				plain.press(key);
			}
		},
		async hear(text) {
			const asked = target.asked.length;
			while (!heard.includes(text)) {
				if (target.asked.length > asked + 50) throw new Error(`waited in vain for ${text}; heard:\n${heard}`);
				await new Promise(resolve => setImmediate(resolve));
			}
			return take();
		},
		async listen() {
			const asked = target.asked.length;
			while (target.asked.length < asked + 4) {
				await new Promise(resolve => setImmediate(resolve));
			}
			return take();
		},
	};
}

async function started(): Promise<Listener & {readonly target: FakeTarget}> {
	const target = createFakeTarget();
	const listener = start(target);
	await listener.hear('6 rows.');
	return {...listener, target};
}

/** Something changed on the machine. */
function tick(target: FakeTarget): void {
	target.seq++;
	target.timeNs += 1e6;
}

test('it begins with what one is connected to, how to get help, and the pane in a breath', async () => {
	const listener = start(createFakeTarget());
	expect(await listener.hear('6 rows.')).toBe(
		[
			'mmtop lab: a simulated machine, 128 megabytes, era ldd3. Question mark says the keys, q leaves.',
			'1 maps. 112 mapper. 6 areas, 276k mapped, 144k resident, mm_users 1, mmap_sem free. 6 rows.',
			'',
		].join('\n'),
	);
});

test('while nothing happens there is silence, though time goes on', async () => {
	const {target, listen} = await started();
	tick(target);
	expect(await listen()).toBe('');
});

test('an area that grew is said once, in a sentence', async () => {
	const {target, hear, listen} = await started();
	const grown = {
		areas: mapperMaps.areas.map(each =>
			each.start === 0x40000000 ? area(0x40000000, 0x40008000, 'rw-s', '/dev/simple1', 812) : each,
		),
	};
	target.files.set(path.maps(112), formatMaps(grown));
	tick(target);
	expect(await hear('grew')).toBe('area 40000000 to 40008000 rw-s /dev/simple1 grew by 16k\n');
	expect(await listen()).toBe('');
});

test('many areas at once are counted', async () => {
	const {target, hear} = await started();
	target.files.set(path.maps(112), formatMaps({areas: mapperMaps.areas.slice(0, 1)}));
	tick(target);
	expect(await hear('changed')).toBe('5 areas of process 112 changed: 5 gone\n');
});

test('an injection is told as it goes: its beginning, its steps, what it found, its end', async () => {
	const {target, hear, listen} = await started();
	const put = (change: Parameters<typeof injection>[1]) => {
		target.files.set(path.inject, formatInject(injectOf([injection(1, {pids: [], ...change})])));
		tick(target);
	};
	put({});
	expect(await hear('begins')).toBe(
		'mremap-growth begins, by monitor\nmremap(0x40000000, 16384, 32768, MREMAP_MAYMOVE)\n',
	);
	put({observations: [observation('held')]});
	expect(await hear('zeros')).toBe('holds: page 5 reads as zeros\n');
	put({status: 'done', result: 'the area is 8 pages long', observations: [observation('held')]});
	expect(await hear('done')).toBe('mremap-growth done: the area is 8 pages long\n');
	expect(await listen()).toBe('');
});

test.each([
	[{status: 'done', answer: {number: 1, by: [1]}}, 'your prediction came true: 1. The next register of the device.'],
	[
		{status: 'failed', answer: {number: 2, by: [1]}},
		'you predicted 1. The next register of the device. What came is 2. Zeros.',
	],
	[
		{status: 'could-not-run', undecided: 'no page was free'},
		'you predicted 1. The next register of the device. This could not be decided: no page was free',
	],
] as const)('what became of a prediction is told at the end, once: %j', async (change, sentence) => {
	const {target, press, hear, listen} = await started();
	press(':', 'ctrl+p', ...'mrg', 'enter');
	await hear('Zeros.');
	press('1');
	await listen();
	const put = (more: Parameters<typeof injection>[1]) => {
		target.files.set(path.inject, formatInject(injectOf([injection(1, {pids: [], ...more})])));
		tick(target);
	};
	put({});
	await hear('begins');
	put({...change, result: 'it is over'});
	const words = change.status.replaceAll('-', ' ');
	expect(await hear('predict')).toBe(`mremap-growth ${words}: it is over\n${sentence}\n`);
	expect(await listen()).toBe('');
});

test('new lines of the log are read, a flood of them is cut short', async () => {
	const {target, hear} = await started();
	const line = (n: number, level = 6) => ({level, timeUs: 10_000_000 + n, text: `line ${n}`});
	target.files.set(path.kmsg, formatKmsg({lines: [line(1, 3)]}));
	tick(target);
	expect(await hear('line 1')).toBe('log, bad: line 1\n');
	target.files.set(path.kmsg, formatKmsg({lines: [line(1, 3), ...Array.from({length: 40}, (_, n) => line(n + 2))]}));
	tick(target);
	const heard = await hear('line 41');
	expect(heard).toContain('40 lines in the log, the last:\n');
	expect(heard.split('\n')).toHaveLength(6);
});

test('a number goes to a pane and says it; the same number says it again', async () => {
	const {press, hear} = await started();
	press('5');
	const once = await hear('iocbs');
	expect(once).toMatch(/^5 iocbs\. .*4 rows\.\n$/);
	press('5');
	expect(await hear('iocbs')).toBe(once);
});

test('the arrows read rows with their place, Enter explains one, z reads all, as Enter does without one', async () => {
	const {press, hear, listen} = await started();
	press('enter');
	expect(await hear('mapped')).toContain('08048000-0804a000');
	press('down');
	expect(await hear('1 of 6')).toMatch(/^08048000-0804a000 r-xp .*, 1 of 6\n$/);
	press('enter');
	const explained = await hear('Escape goes on.');
	expect(explained).toMatch(/^area 08048000 of mapper-112\nname +\/bin\/mapper\n/);
	expect(explained).toContain('VM_READ: its pages may be read');
	press('x');
	await listen();
	press('z');
	const lines = (await hear('mapped')).trimEnd().split('\n');
	expect(lines).toHaveLength(1 + 6 + 1);
});

test('Enter on a finding reads all of it', async () => {
	const {target, press, hear} = await started();
	put(target, [pinned, oops]);
	tick(target);
	press('0');
	await hear('2 rows.');
	press('down', 'enter');
	const whole = await hear('Escape goes on.');
	expect(whole).toContain('finding 2');
	expect(whole).toContain('error, oops, 12.345678 to 13.000000, 3 times');
	expect(whole).toContain('leaky_write');
	expect(whole.match(/leaky_write/g)).toHaveLength(1);
	// Once more, when the answer is there already.
	press('escape', 'enter');
	expect(await hear('Escape goes on.')).toContain('leaky_write');
});

test('Enter on a story reads all of it', async () => {
	const {target, press, hear} = await started();
	target.files.set(path.inject, formatInject(injectOf([injection(1)])));
	tick(target);
	await hear('mremap');
	press('S', 'enter');
	expect(await hear('Escape goes on.')).toContain(injection(1).narration[0]!.text);
});

test('what cannot be done says why', async () => {
	const {press, hear} = await started();
	press('X');
	expect(await hear('X')).toBe('X does nothing here; ? shows the keys\n');
});

test('the palette is a prompt that echoes, and nothing is told into it', async () => {
	const {target, press, hear, listen} = await started();
	press(':', 'p', 'o', 'o', 'l', 'x', 'backspace');
	expect(await hear('pool')).toMatch(/^experiment.*: poolx\n.*: pool$/);
	target.files.set(path.clock, formatClock(clock({state: 'paused'})));
	tick(target);
	expect(await listen()).toBe('');
	press('enter');
	expect(await hear('paused')).toMatch(/^\n(.*\n)*time is paused at 12\.34\d 655 s\n/);
	await listen();
	expect(target.written).toEqual([`${path.inject} pool-work`]);
});

test('a machine that stops says why, once, and going back says where it is', async () => {
	const {target, hear, listen} = await started();
	const stopped = 'kernel panic at 12.345655s: Fatal exception in interrupt';
	const put = (change: Parameters<typeof clock>[0]) => {
		target.files.set(path.clock, formatClock(clock(change)));
		tick(target);
	};
	put({state: 'panic', stopped});
	expect(await hear('panic')).toBe(`${stopped}\n`);
	tick(target);
	expect(await listen()).toBe('');
	put({state: 'rewinding', rewoundNs: 1e9, rewindToNs: 2e9, stopped});
	expect(await hear('rewinding')).toBe('time is rewinding\n');
	put({state: 'paused'});
	expect(await hear('paused')).toMatch(/^time is paused at /);
});

test('a target that goes and comes back is told once each', async () => {
	const {target, hear, listen} = await started();
	target.lost = 'the server has gone';
	expect(await hear('gone')).toBe('disconnected: EDISCONNECTED: the server has gone; trying again\n');
	target.lost = undefined;
	expect(await hear('again')).toBe('connected again\n');
	expect(await listen()).toBe('');
});

test('nothing that is drawn is said', async () => {
	const {press, hear} = await started();
	const heard: string[] = [];
	for (const pane of ['2', '3', '4', '5', '6', '7', '8', '9']) {
		press(pane);
		heard.push(await hear(`${pane} `));
		press('enter');
		heard.push(await hear('\n'));
	}
	expect(heard.join('')).not.toMatch(/[─-◿⠀-⣿✓✗⊘…·]/u);
	expect(spoken('8 areas · 32k ▕███  ▏ ✓ it reads · ')).toBe('8 areas, 32k holds: it reads');
	expect(spoken('■ mapper ⊘ could not run: no page')).toBe('mapper could not run: no page');
});

test('what made a row is told when the answer has come, once', async () => {
	const {target, press, hear, listen} = await started();
	press('down', 'w');
	expect(await hear('Escape goes on.')).toContain('cause/vma:112:');
	tick(target);
	expect(await listen()).toBe('');
});

test('the cell of the frame map that the arrow keys go to is told', async () => {
	const {press, hear} = await started();
	press('2');
	await hear('frames a cell');
	press('right');
	expect(await hear('DMA: ')).toContain('pfn 0x0');
});

test('the frame map is told as its legend: which letter is which kind, and how many there are', async () => {
	const {press, hear} = await started();
	press('2');
	expect(await hear('free')).toMatch(
		/^2 frames\. \d+ frames a cell\. R reserved 8,192; K kernel 6,144; .*; \. free 6,144\.\n$/,
	);
	press('enter');
	const lines = (await hear('\n. free')).trimEnd().split('\n');
	expect(lines.slice(0, 4)).toEqual([
		'DMA: 4,096 frames from 0x0, 280k free',
		'Normal: 12,288 frames from 0x1000, 35.2M free',
		'HighMem: 16,384 frames from 0x4000, 29.3M free',
		'R reserved 8,192',
	]);
	expect(lines.at(-1)).toBe('. free 6,144');
});

test('time that went back is told', async () => {
	const {target, hear} = await started();
	target.timeNs = 1_000_000_000;
	target.seq--;
	expect(await hear('went back')).toContain('time went back to 1.000 000 s');
});
