import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createLine} from '../../source/ui/terminal/line.ts';
import {createLineSpeed} from '../../source/ui/terminal/lineSpeed.ts';
import {createScreen} from '../../source/ui/terminal/screen.ts';
import {createTheme} from '../../source/ui/terminal/theme.ts';
import {createVirtualClock, createVirtualLine, type LineShape} from './support/virtualLine.ts';

const columns = 80;
const rows = 24;

/** 64 kbit/s, and a tenth of a second each way. */
const slow = {bytesPerMs: 8, delayMs: 100, answers: () => true} as const;

/** A screen behind a line, on a clock that stands still until it is told. */
function start(shape: Omit<LineShape, 'onAnswer'>) {
	const clock = createVirtualClock();
	const virtual = createVirtualLine(clock, {...shape, onAnswer: () => line.answered()});
	const line = createLine({write: virtual.write, nowMs: clock.nowMs, after: clock.after});
	const screen = createScreen(line.sink, createTheme('mono', true), columns, rows, line.mostBytes);
	let busyRows = '';
	let keys = '';

	/** What happens by itself: `length` characters of the screen are others than before. */
	const sample = (n: number, length: number): void => {
		busyRows = String.fromCharCode(97 + (n % 26)).repeat(length);
		show(false);
	};
	/** Ten samples a second. */
	const sampleUntil = (fromMs: number, toMs: number, length: number): void => {
		for (let ms = fromMs; ms < toMs; ms += 100) {
			clock.after(ms - clock.nowMs(), () => sample(ms / 100, length));
		}
	};
	const show = (isUrgent: boolean): void => {
		const lines = Array.from({length: rows - 1}, (_, row) => busyRows.slice(row * columns, (row + 1) * columns));
		screen.frame([keys, ...lines].join('\n'));
		screen.flush(isUrgent);
	};
	/** A key is pressed at the far end; what it does stands in the first row when it gets here. */
	const press = (atMs: number, key: string): void => {
		clock.after(atMs + shape.delayMs - clock.nowMs(), () => {
			keys = key;
			show(true);
		});
	};
	return {clock, virtual, line, sample, sampleUntil, press};
}

test('at most one frame waits behind the one that goes out, and the newest state wins', () => {
	const {clock, virtual, sampleUntil, press} = start(slow);
	sampleUntil(0, 10_000, 1000);
	for (let ms = 1000; ms < 9000; ms += 130) {
		press(ms, String(ms));
	}
	clock.runUntil(12_000);
	expect(virtual.mostWaiting()).toBeLessThanOrEqual(1);
	// Each frame ends with a question. Samples were dropped, and the last one was not.
	expect(virtual.arrived.filter(({bytes}) => bytes.includes('\u001B[5n')).length).toBeLessThan(90);
	expect(virtual.arrived.at(-1)!.bytes).toContain(String.fromCharCode(97 + (99 % 26)));
});

test('a key’s effect is in the first frame that goes out after it', () => {
	const {clock, virtual, sampleUntil, press} = start(slow);
	sampleUntil(0, 6000, 600);
	press(3000, '#key#');
	clock.runUntil(6000);
	expect(virtual.sent.find(({atMs}) => atMs >= 3000 + slow.delayMs)!.bytes).toContain('#key#');
});

test('a key is answered within the round trip and 50 ms, whatever else is to be shown', () => {
	const {clock, virtual, sampleUntil, press} = start(slow);
	sampleUntil(0, 20_000, 1200);
	const pressed = Array.from({length: 20}, (_, n) => ({
		atMs: 4000 + n * 737,
		key: String.fromCharCode(65 + n).repeat(3),
	}));
	for (const {atMs, key} of pressed) {
		press(atMs, key);
	}
	clock.runUntil(20_000);
	const latencies = pressed.map(({atMs, key}) => virtual.arrived.find(({bytes}) => bytes.includes(key))!.atMs - atMs);
	expect(Math.max(...latencies)).toBeLessThanOrEqual(2 * slow.delayMs + 50);
});

test('on a slow line every row is sent in its turn, though all of them change all the time', () => {
	const {clock, virtual, sampleUntil} = start({bytesPerMs: 1, delayMs: 10, answers: () => true});
	sampleUntil(0, 30_000, (rows - 1) * columns);
	clock.runUntil(30_000);
	const late = virtual.arrived
		.filter(({atMs}) => atMs > 15_000)
		.map(({bytes}) => bytes)
		.join('');
	const rowsSent = Array.from({length: rows - 1}, (_, row) => row + 2).filter(row => late.includes(`\u001B[${row}H`));
	expect(rowsSent.length).toBeGreaterThan(rows - 4);
	expect(virtual.mostWaiting()).toBeLessThanOrEqual(1);
});

test('a fast line takes every frame and is asked once a second', () => {
	const {clock, virtual, sample} = start({bytesPerMs: 10_000, delayMs: 1, answers: () => true});
	for (let n = 0; n < 100; n++) {
		clock.runUntil(n * 100);
		sample(n, 500);
	}
	clock.runUntil(10_100);
	// The first question goes out before the first frame.
	expect(virtual.arrived).toHaveLength(101);
	const asked = virtual.arrived.filter(({bytes}) => bytes.includes('\u001B[5n')).length;
	expect(asked).toBeGreaterThan(8);
	expect(asked).toBeLessThan(14);
});

test('a terminal that does not answer is not waited for after the first second', () => {
	const {clock, virtual, sample} = start({bytesPerMs: 1000, delayMs: 1, answers: () => false});
	for (let n = 0; n < 50; n++) {
		clock.runUntil(n * 100);
		sample(n, 100);
	}
	clock.runUntil(5100);
	expect(virtual.arrived.length).toBeGreaterThan(38);
});

test('one that stops answering is given up, and taken up when it answers again', () => {
	let answers = true;
	const {clock, virtual, line, sample} = start({
		...slow,
		answers: () => answers,
	});
	let n = 0;
	const runUntil = (ms: number) => {
		for (; n * 100 < ms; n++) {
			clock.runUntil(n * 100);
			sample(n, 300);
		}
	};
	runUntil(3000);
	answers = false;
	runUntil(20_000);
	const given = virtual.arrived.length;
	runUntil(21_000);
	expect(virtual.arrived.length).toBeGreaterThan(given + 5);
	answers = true;
	line.answered();
	runUntil(30_000);
	expect(virtual.mostWaiting()).toBeLessThanOrEqual(20);
	const late = virtual.arrived.filter(({atMs}) => atMs > 27_000);
	expect(late.length).toBeLessThan(20);
	expect(late.length).toBeGreaterThan(5);
});

test('hush resolves when the last answer is there, and nothing is asked after it', async () => {
	const {clock, virtual, line, sample} = start(slow);
	sample(0, 1000);
	let isSilent = false;
	const hushed = line.hush().then(() => {
		isSilent = true;
	});
	clock.runUntil(250);
	await Promise.resolve();
	expect(isSilent).toBe(false);
	clock.runUntil(1000);
	await hushed;
	const asked = () => virtual.arrived.filter(({bytes}) => bytes.includes('\u001B[5n')).length;
	const before = asked();
	for (let n = 1; n < 30; n++) {
		sample(n, 300);
		clock.runUntil(1000 + n * 100);
	}
	expect(asked()).toBe(before);
});

/** A terminal and a program that wait for a CPU, most times not long. */
const waits = fc.oneof(
	{weight: 1, arbitrary: fc.integer({min: 0, max: 15})},
	{weight: 3, arbitrary: fc.integer({min: 15, max: 400})},
);

describe('on a busy CPU', () => {
	test('a fast line is not taken for a slow one: every frame goes out whole', () => {
		for (const late of fc.sample(fc.array(waits, {minLength: 300, maxLength: 300}), {numRuns: 5, seed: 3})) {
			let answers = 0;
			const waitMs = () => late[answers++ % late.length]!;
			const {clock, virtual, sampleUntil} = start({bytesPerMs: 10_000, delayMs: 1, answers: () => true, waitMs});
			sampleUntil(0, 20_000, 1500);
			clock.runUntil(21_000);
			const [, ...frames] = virtual.arrived;
			expect(frames.length).toBeGreaterThan(100);
			// Each sample changes all of its rows.
			expect(frames.filter(({bytes}) => bytes.length < 1500)).toEqual([]);
		}
	});

	test('a slow line is still a slow one', () => {
		const [late] = fc.sample(fc.array(waits, {minLength: 600, maxLength: 600}), {numRuns: 1, seed: 4});
		let answers = 0;
		const {clock, virtual, sampleUntil} = start({...slow, waitMs: () => late![answers++ % late!.length]!});
		sampleUntil(0, 20_000, 1500);
		clock.runUntil(21_000);
		const after5 = virtual.arrived.filter(({atMs}) => atMs > 5000);
		expect(after5.filter(({bytes}) => bytes.length > 1500)).toEqual([]);
	});

	test.each([
		0, 4000, 3_600_000,
	])('a terminal has 10 s to answer, in which this program runs: it stood still for %i ms', stallMs => {
		let isAlive = true;
		const {clock, virtual, sample} = start({bytesPerMs: 1000, delayMs: 1, answers: () => isAlive});
		const frames = () => virtual.sent.filter(({bytes}) => bytes.length > 100).length;
		clock.runUntil(1000);
		isAlive = false;
		sample(0, 500);
		clock.runUntil(5000);
		sample(1, 500);
		clock.stall(stallMs);
		// Nothing goes out while the answer to the first frame is waited for.
		clock.runUntil(stallMs + 9500);
		expect(frames()).toBe(1);
		clock.runUntil(stallMs + 11_500);
		expect(frames()).toBe(2);
	});
});

describe('the speed of a line', () => {
	/** Milliseconds until a frame is answered: 10 for the way. */
	const slowMs = (length: number) => 10 + length * 0.125;

	test('is told by five frames, and not by four or by short ones', () => {
		const speed = createLineSpeed();
		speed.learn(0, 10);
		for (let n = 0; n < 20; n++) speed.learn(499, slowMs(499));
		expect(speed.msPerByte()).toBe(undefined);
		for (const length of [500, 2000, 700, 3000]) speed.learn(length, slowMs(length));
		expect(speed.isSlow()).toBe(false);
		speed.learn(1000, slowMs(1000));
		expect(speed.isSlow()).toBe(true);
		expect(speed.msPerByte()).toBeCloseTo(0.125);
	});

	test.each([
		['whole frame', 1000],
		['piece', 64],
	])('a %s that comes sooner than it can on a slow line disproves it', (_, length) => {
		const speed = createLineSpeed();
		speed.learn(0, 10);
		for (let n = 0; n < 30; n++) speed.learn(1000, slowMs(1000));
		expect(speed.isSlow()).toBe(true);
		speed.learn(length, 1);
		expect(speed.isSlow()).toBe(false);
	});

	test('that was fast is slow when each of the last frames is late, and not when one is not', () => {
		const speed = createLineSpeed();
		speed.learn(0, 1);
		const isSlowAfter = (frames: number) => {
			for (let n = 0; n < 40; n++) speed.learn(1000, 2);
			for (let n = 0; n < frames; n++) speed.learn(1000, slowMs(1000));
			return speed.isSlow();
		};
		expect(isSlowAfter(31)).toBe(false);
		expect(isSlowAfter(32)).toBe(true);
	});

	test('of a slow line that becomes slower is told by the last three frames', () => {
		const speed = createLineSpeed();
		speed.learn(0, 10);
		for (let n = 0; n < 30; n++) speed.learn(1000, slowMs(1000));
		for (let n = 0; n < 3; n++) speed.learn(1000, 10 + 1000);
		expect(speed.msPerByte()).toBeCloseTo(1);
	});

	test('on either side of what is slow', () => {
		const isSlow = (msPerByte: number) => {
			const speed = createLineSpeed();
			speed.learn(0, 5);
			for (let n = 0; n < 5; n++) speed.learn(1000, 5 + 1000 * msPerByte);
			return speed.isSlow();
		};
		expect(isSlow(0.019)).toBe(false);
		expect(isSlow(0.021)).toBe(true);
	});
});

describe('the speed of a line', () => {
	const speedAfter = (...frames: readonly (readonly [length: number, ms: number])[]) => {
		const speed = createLineSpeed();
		for (const [length, ms] of frames) speed.learn(length, ms);
		return speed;
	};

	test('is told by what a frame took beyond the soonest one; of equals the last is the soonest', () => {
		expect(speedAfter([100, 10]).msPerByte()).toBeUndefined();
		expect(speedAfter([100, 10], [900, 30]).msPerByte()).toBe(20 / 800);
		expect(speedAfter([100, 10], [400, 10], [900, 30]).msPerByte()).toBe(20 / 500);
		expect(speedAfter([100, 10], [400, 11], [900, 30]).msPerByte()).toBe(20 / 800);
	});

	test('is not told by a frame of fewer than 500 bytes', () => {
		expect(speedAfter([100, 10], [499, 30]).msPerByte()).toBeUndefined();
		expect(speedAfter([100, 10], [500, 30]).msPerByte()).toBe(20 / 400);
	});

	test('is slow when five frames say so and none says otherwise', () => {
		const slow = (n: number) => Array.from({length: n}, () => [1100, 40] as const);
		expect(speedAfter([100, 10], ...slow(4)).isSlow()).toBe(false);
		expect(speedAfter([100, 10], ...slow(5)).isSlow()).toBe(true);
		// 10 ms for 1000 bytes more: a hundredth of a millisecond a byte.
		expect(speedAfter([100, 10], ...slow(5), [1100, 20]).isSlow()).toBe(false);
		// 20 ms more is the limit, and not slow.
		expect(speedAfter([100, 10], ...Array.from({length: 5}, () => [1100, 30] as const)).isSlow()).toBe(false);
	});

	test('forgets what was said 32 frames ago', () => {
		const slow = (n: number) => Array.from({length: n}, () => [1100, 40] as const);
		expect(speedAfter([100, 10], [1100, 20], ...slow(31)).isSlow()).toBe(false);
		expect(speedAfter([100, 10], [1100, 20], ...slow(32)).isSlow()).toBe(true);
	});

	test('of a slow line is what the last three frames say, of a fast one what the fastest did', () => {
		const [mean, slower] = [
			[1100, 40],
			[1100, 60],
		] as const;
		const five = [mean, mean, mean, mean, mean];
		expect(speedAfter([100, 10], ...five, slower, slower).msPerByte()).toBe(0.03);
		expect(speedAfter([100, 10], ...five, slower, slower, slower).msPerByte()).toBe(0.05);
		expect(speedAfter([100, 10], [1100, 20], slower, slower, slower).msPerByte()).toBe(0.01);
	});
});
