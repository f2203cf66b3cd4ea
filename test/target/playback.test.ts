/** How a recording is played: the words of a machine's clock, and what they do to it. */
import {expect, test} from 'vitest';
import {player} from '../../source/target/playback.ts';
import {fakeClock} from './support/fakeClock.ts';

/** Five samples, the third of the same instant as the second; before the last one the machine went back. */
const instants = [
	{wallMs: 1000, timeNs: 10e9},
	{wallMs: 1100, timeNs: 11e9},
	{wallMs: 1200, timeNs: 11e9},
	{wallMs: 1300, timeNs: 12e9},
	{wallMs: 1400, timeNs: 10.5e9},
];

function started() {
	const wall = fakeClock();
	return {wall, ...player(instants, wall)};
}

test('it goes on with the wall clock and stays at its end', () => {
	const {wall, index, state} = started();
	expect([index(), state()]).toEqual([0, {atMs: 0, endMs: 400, paused: false, rate: 1}]);
	wall.advance(99);
	expect(index()).toBe(0);
	wall.advance(1);
	expect(index()).toBe(1);
	wall.advance(1e6);
	expect([index(), state().atMs]).toEqual([4, 400]);
});

test('it stands still and runs on from there, faster or slower', () => {
	const {wall, index, state, play} = started();
	wall.advance(150);
	play('pause');
	wall.advance(1000);
	expect([index(), state().atMs, state().paused]).toEqual([1, 150, true]);
	play('rate 2');
	play('run');
	wall.advance(50);
	expect([state().atMs, state().rate]).toEqual([250, 2]);
	play('rate 0.5');
	wall.advance(50);
	expect(state().atMs).toBe(275);
});

test('steps are samples; it stands still then, and goes neither before the first nor past the last', () => {
	const {index, state, play} = started();
	play('step');
	expect([index(), state().paused]).toEqual([1, true]);
	play('step 2');
	expect(index()).toBe(3);
	play('back');
	expect(index()).toBe(2);
	play('step 9');
	expect(index()).toBe(4);
	play('back 1000000');
	expect(index()).toBe(0);
});

test('back goes through samples of the same time one by one, and they play on together', () => {
	const wall = fakeClock();
	const {index, play} = player(
		[0, 1, 1, 1, 2].map(wallMs => ({wallMs, timeNs: 0})),
		wall,
	);
	play('step 9');
	const seen = Array.from({length: 5}, () => {
		play('back');
		play('pause');
		return index();
	});
	expect(seen).toEqual([3, 2, 1, 0, 0]);
	play('step');
	expect(index()).toBe(1);
	play('run');
	expect(index()).toBe(3);
	play('back 2');
	play('seek 1ms');
	expect(index()).toBe(3);
});

test('a whole nanosecond reaches an instant that is a fraction of one later', () => {
	const {index, play} = player(
		[0.1, 0.3000003, 0.7].map(wallMs => ({wallMs, timeNs: 0})),
		fakeClock(),
	);
	play('seek 200000ns');
	expect(index()).toBe(1);
	play('seek 199999ns');
	expect(index()).toBe(0);
});

test('rewind goes by the time of the machine, to the last sample of it before this one', () => {
	const {index, play} = started();
	play('step 9');
	play('rewind 10400ms');
	expect(index()).toBe(0);
	play('step 3');
	play('rewind 11999999999ns');
	expect(index()).toBe(2);
	play('rewind 10999ms');
	expect(index()).toBe(0);
	expect(() => play('rewind 10s')).toThrow('EINVAL: rewind goes to a time before now (10s), got "10s"');
	play('rewind 9s');
	expect(index(), 'no sample is before the first one').toBe(0);
});

test('seek goes by the time of the recording', () => {
	const {index, state, play} = started();
	for (const [text, wanted] of [
		['seek 0s', 0],
		['seek 299999us', 2],
		['seek 300ms', 3],
		['seek 1000s', 4],
	] as const) {
		play(text);
		expect([index(), state().paused]).toEqual([wanted, true]);
	}
});

test.each([
	['inject x', /^EINVAL: a recording takes run, pause, .* got "inject x"$/],
	['run now', /^EINVAL: a recording takes/],
	['step 1 2', /^EINVAL: a recording takes/],
	['step 0', 'EINVAL: step takes 1..1000000 samples, got "0"'],
	['back 1000001', 'EINVAL: back takes 1..1000000 samples, got "1000001"'],
	['rate 0', 'EINVAL: rate must be 0.000001..1000, got "0"'],
	['rate 1001', 'EINVAL: rate must be 0.000001..1000, got "1001"'],
	['rate', 'EINVAL: rate must be 0.000001..1000, got ""'],
	['seek 5', 'EINVAL: seek takes a number with ns, us, ms or s, as 2s, got "5"'],
	['seek', 'EINVAL: seek takes a number with ns, us, ms or s, as 2s, got ""'],
])('%s is refused and changes nothing', (text, sentence) => {
	const {state, play} = started();
	expect(() => play(text)).toThrow(sentence);
	expect(state()).toEqual({atMs: 0, endMs: 400, paused: false, rate: 1});
});
