import {beforeEach, expect, test} from 'vitest';
import {parseClock} from '../../source/formats/debugfs/lab/clock.ts';
import {parseInject} from '../../source/formats/debugfs/lab/inject.ts';
import {files} from '../../source/formats/files.ts';
import {mremapGrowth} from '../../source/lab/experiments/mremapGrowth.ts';
import {bootLab, type Lab} from '../../source/lab/lab.ts';

const clockPath = files.clock.path;
const injectPath = files.inject.path;
const mostEvents = 1_000_000;

let lab: Lab;

const say = (words: string): void => void lab.write(clockPath, words, 'test');
const record = () => parseInject(String(lab.read(injectPath))).injections[0]!;
const clock = () => parseClock(String(lab.read(clockPath)));
const runOn = () => lab.run(lab.timeNs() + 2e9, mostEvents);

beforeEach(() => {
	lab = bootLab({load: 'none', pace: 'read'});
	runOn();
	lab.write(injectPath, 'mremap-growth', 'test');
	expect(runOn()).toBe('hold');
});

test('a state is written down when it begins, with what was said and seen of it', () => {
	expect(clock()).toMatchObject({holding: 'mremap-growth: device mapped', pace: 'read', stays: false});
	expect(record().states.map(({state}) => state)).toEqual(['device mapped']);
	lab.releaseHold();
	runOn();
	lab.releaseHold();
	runOn();
	const {states, observations} = record();
	expect(states.at(-1)?.state).toBe('zero page mapped');
	// What is seen of a state is said while it is on.
	expect(observations.at(-1)).toMatchObject({timeUs: states.at(-1)!.timeUs, state: 'held'});
});

test('reading time grows with what is said, and what was said before does not count', () => {
	const {name, declares, lesson} = mremapGrowth;
	/** A second and a half, and 240 words a minute of all that came since the state before; long words take longer. */
	const readMs = () => {
		const {narration, observations, states} = record();
		const said = [
			...narration.map(({timeUs, text}) => ({timeUs, text})),
			...observations.map(({timeUs, sentence, file, field, seen}) => ({
				timeUs,
				text: `${sentence} (${file === null ? '' : `${file} ${field ?? ''}: `}${seen})`,
			})),
		];
		const since = said.filter(({timeUs}) => timeUs > (states.at(-2)?.timeUs ?? -1)).map(({text}) => text);
		const head = `${name}, step ${states.length} of ${declares.length}: ${states.at(-1)?.state}`;
		// Where to look is known from the first state on.
		const looks = states.length > 1 ? [] : lesson.looks.map(({pane, says}) => `look at ${pane}: ${says}`);
		return [head, ...looks, ...since].reduce(
			(sum, text) => sum + Math.max(250 * text.split(' ').length, 40 * text.length),
			1_500,
		);
	};
	const seen: number[] = [];
	do {
		expect(lab.clock().readMs).toBe(readMs());
		seen.push(readMs());
		lab.releaseHold();
	} while (runOn() === 'hold');
	expect(new Set(seen).size).toBe(4);
	expect(lab.clock().readMs).toBe(0);
});

test('`next` goes on to the next state; where none is held it changes nothing', () => {
	say('next');
	expect(clock().holding).toBeNull();
	expect(runOn()).toBe('hold');
	expect(clock().holding).toBe('mremap-growth: area grown');
	say('go');
	runOn();
	say('next');
	expect(record().status).toBe('done');
});

test('`stay` is for the state that is held, and for no other', () => {
	say('stay');
	expect(clock().stays).toBe(true);
	say('next');
	expect(clock().stays).toBe(false);
	runOn();
	expect(clock()).toMatchObject({holding: 'mremap-growth: area grown', stays: false});
	lab.releaseHold();
	while (runOn() === 'hold') lab.releaseHold();
	say('stay');
	expect(clock().stays).toBe(false);
});

test('`go` lets this workload run to its end, and the next one is held again', () => {
	say('go');
	expect(runOn()).toBe('reached');
	expect(record().status).toBe('done');
	expect(record().states).toHaveLength(4);
	lab.write(injectPath, 'mremap-growth', 'test');
	expect(runOn()).toBe('hold');
});

test.each(['pace', 'pace slow', 'next 2', 'stay now', 'go on'])('%s is refused in a sentence', words => {
	expect(() => say(words)).toThrow(/^EINVAL: /);
});

test('the pace can be changed while it runs, and the session does it again', () => {
	say('pace manual');
	expect(clock().pace).toBe('manual');
	const {session} = lab;
	const again = bootLab({load: 'none', pace: 'read'});
	for (const _ of again.restore(session, {timeNs: lab.timeNs(), events: lab.events()}));
	expect(parseClock(String(again.read(clockPath)))).toMatchObject({pace: 'manual', timeNs: lab.timeNs()});
});

test('back within a state: the machine is paused in it', () => {
	const {timeUs} = record().states[0]!;
	lab.releaseHold();
	runOn();
	say(`rewind ${timeUs * 1000 + 999}ns`);
	expect(lab.clock().holding).toBeUndefined();
	while (lab.run(lab.timeNs(), mostEvents) === 'budget');
	expect(clock()).toMatchObject({state: 'paused', holding: null});
	expect(record()).toMatchObject({status: 'running', states: [{timeUs, state: 'device mapped'}]});
});
