/** A target that answers late is worth a word, and the question stands; one that is gone is asked again. */

import {expect, onTestFinished, test} from 'vitest';
import {announce} from '../../source/ui/plain/announce.ts';
import type {State} from '../../source/ui/state/state.ts';
import {startSampler} from '../../source/ui/update/sampler.ts';
import {update} from '../../source/ui/update/update.ts';
import {composed} from './support/composed.tsx';
import {createFakeTarget} from './support/fakeTarget.ts';
import {createVirtualClock} from './support/virtualLine.ts';

/** A sampler of a target that answers when the test says so. */
function waiting() {
	const clock = createVirtualClock();
	const target = createFakeTarget();
	const asked: (() => void)[] = [];
	const told: string[] = [];
	const hear = (text: string): void => {
		told.push(text);
		look();
	};
	let look = (): void => {};
	const sampler = startSampler(
		{
			target: {
				...target,
				sample: request =>
					new Promise((resolve, reject) => {
						asked.push(() => target.sample(request).then(resolve, reject));
						look();
					}),
			},
			question: () => ({paths: [], panes: []}),
			onSample: () => hear('sample'),
			onLost: () => hear('lost'),
			onSilent: silentMs => hear(`silent ${silentMs}`),
			drawn: async () => {},
			nowMs: clock.nowMs,
			periodMs: 0,
			after: clock.after,
		},
		error => hear(String(error)),
	);
	onTestFinished(() => sampler.stop());
	return {
		clock,
		told,
		/** Resolves when so many questions were asked. */
		isAsked: (times: number) =>
			new Promise<void>(resolve => {
				look = () => {
					if (asked.length >= times) resolve();
				};
				look();
			}),
		answer: () => asked.at(-1)!(),
	};
}

test('a question that is answered in time is not worth a word, nor is one after it', async () => {
	const {clock, told, isAsked, answer} = waiting();
	for (let n = 1; n < 5; n++) {
		await isAsked(n);
		clock.runUntil(n * 4900);
		answer();
	}
	await isAsked(5);
	expect(told).toEqual(['sample', 'sample', 'sample', 'sample']);
});

test('one that waits for five seconds is told once, stands, and may be answered after any time', async () => {
	const {clock, told, isAsked, answer} = waiting();
	await isAsked(1);
	clock.runUntil(4999);
	expect(told).toEqual([]);
	clock.runUntil(5000);
	expect(told).toEqual(['silent 5000']);
	clock.runUntil(100_000);
	expect(told).toEqual(['silent 5000']);
	answer();
	await isAsked(2);
	expect(told).toEqual(['silent 5000', 'sample']);
});

test('nor is it told when it was the monitor that stood still', async () => {
	const {clock, told, isAsked, answer} = waiting();
	await isAsked(1);
	clock.runUntil(1000);
	clock.stall(60_000);
	clock.runUntil(clock.nowMs() + 500);
	expect(told).toEqual([]);
	answer();
	await isAsked(2);
	expect(told).toEqual(['sample']);
});

/** A monitor that has looked once. */
async function looking(): Promise<State> {
	const target = createFakeTarget();
	const monitor = composed(target, target, 120, 40);
	await monitor.list();
	await monitor.sample(0);
	return monitor.state();
}

test(
	'the screen keeps its picture and says that there is no answer; in sentences it is said once, and ' + 'the end of it',
	async () => {
		const live = await looking();
		const silent = update(live, {type: 'silent', silentMs: 5000}).state;
		expect(silent).toEqual({...live, connection: silent.connection});
		expect(announce(live, silent)).toEqual(['lab has not answered for 5 s: it is busy or stopped']);
		expect(announce(silent, silent)).toEqual([]);
		expect(announce(silent, live)).toEqual(['lab answers again']);
		const lost = update(silent, {type: 'lost', reason: 'gone', nowMs: 0}).state;
		expect(announce(silent, lost)).toEqual(['disconnected: gone; trying again']);
		expect(announce(lost, live)).toEqual(['connected again']);
	},
);
