/** Held, did not hold, could not run: what an injection ends as, and what it leaves open. */
import {expect, test} from 'vitest';
import {SIGKILL} from '../../source/kernel/bug.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {__GFP_NOWARN, GFP_ATOMIC, GFP_HIGHUSER} from '../../source/kernel/mm/gfp.ts';
import {try_alloc_pages} from '../../source/kernel/mm/page_alloc.ts';
import {sys_kill} from '../../source/kernel/signal.ts';
import {CouldNotRun, type Experiment} from '../../source/lab/experiment.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {anonymous, claimed, found, got, inChild, must, waitFor} from '../../source/lab/experiments/steps.ts';
import {inject} from '../../source/lab/injections.ts';
import {User} from '../../source/lab/userland.ts';
import {meminfo, status} from '../../source/lab/views.ts';
import {injectPath, quietLab, quietMachine, run, untilEnded} from './support.ts';

const question = {
	ask: 'Does it hold?',
	answers: [
		{text: 'Yes.', when: {'it holds': true}},
		{text: 'No.', when: {'it holds': false}},
	],
};

function steps(run: Experiment['run']): Experiment {
	const [model] = experiments;
	return {...model!, name: 'steps', lesson: {...model!.lesson, question}, run};
}

type Machine = ReturnType<typeof quietMachine>;

function endOf(run: Experiment['run'], meanwhile: (machine: Machine) => void = () => {}) {
	const machine = quietMachine();
	const id = inject(machine, 'steps', 'test', [steps(run)]);
	meanwhile(machine);
	return untilEnded(machine, [id])[0]!;
}

function lacks(): never {
	throw new CouldNotRun('something was not there');
}
const openEnd = {answer: null, undecided: 'something was not there', result: 'something was not there'};

test('all that was observed holds: done; something does not: failed; the answer follows', () => {
	const seeing = (value: boolean) =>
		endOf(function* (x) {
			yield* x.show('');
			x.observe('it holds', value, {equals: true});
			return 'so it is';
		});
	expect(seeing(true)).toMatchObject({status: 'done', result: 'so it is', answer: {number: 1, by: [1]}});
	expect(seeing(false)).toMatchObject({status: 'failed', result: 'so it is', answer: {number: 2, by: [1]}});
	for (const value of [true, false]) expect(seeing(value)).not.toHaveProperty('undecided');
});

test('what is lacking keeps it from running, before anything was observed and after what held', () => {
	const before = endOf(function* (x) {
		yield* x.show('');
		return lacks();
	});
	expect(before).toMatchObject({status: 'could-not-run', observations: [], ...openEnd});
	const after = endOf(function* (x) {
		yield* x.show('');
		x.observe('it holds', true, {equals: true});
		return lacks();
	});
	expect(after, 'a part of the observations decides nothing').toMatchObject({status: 'could-not-run', ...openEnd});
});

test('what was seen not to hold stays seen, though the rest could not run; it decides nothing', () => {
	const injection = endOf(function* (x) {
		yield* x.show('');
		x.observe('it holds', false, {equals: true});
		return lacks();
	});
	expect(injection).toMatchObject({status: 'failed', ...openEnd});
});

test('the call that the claim is about is observed when it fails, and silent when it succeeds', () => {
	const calling = (result: number, page: number | undefined) =>
		endOf(function* (x) {
			yield* x.show('');
			claimed(x, result, 'the call succeeds');
			found(x, page, 'the call finds a page');
			return 'it went on';
		});
	expect(calling(0, 5)).toMatchObject({status: 'done', observations: [], result: 'it went on'});
	const refused = {state: 'failed', sentence: 'the call succeeds', expected: 'success', seen: '-EINVAL'};
	expect(calling(-22, 5)).toMatchObject({status: 'failed', observations: [refused], answer: null});
	expect(calling(7, undefined)).toMatchObject({
		status: 'failed',
		observations: [{state: 'failed', sentence: 'the call finds a page', seen: 'nothing'}],
		undecided: expect.stringContaining('nothing was found'),
	});
});

test('a call that must succeed first, and a thing that must be there, are preconditions', () => {
	const needing = (result: number, thing: string | undefined) =>
		endOf(function* (x) {
			yield* x.show('');
			return `${must(result, 'io_setup')} ${got(thing, 'no thing was there')}`;
		});
	expect(needing(0, 'it')).toMatchObject({status: 'done', result: '0 it'});
	expect(needing(-11, 'it')).toMatchObject({status: 'could-not-run', result: 'io_setup: EAGAIN'});
	expect(needing(0, undefined)).toMatchObject({status: 'could-not-run', result: 'no thing was there'});
});

test(
	'a file that is not there shows nothing that was expected, whatever that was; steps that need it ' + 'could not run',
	() => {
		const looking = (wanted: string | undefined) =>
			endOf(function* (x) {
				yield* x.show('');
				x.expect(
					'it holds',
					status(99_999),
					({State}) => State,
					wanted === undefined ? {equals: wanted} : {not: wanted},
				);
				x.expect('memory is there', meminfo, ({MemTotal}) => MemTotal, {atLeast: 1});
				return 'looked';
			});
		for (const wanted of [undefined, 'S'])
			expect(looking(wanted)).toMatchObject({
				status: 'failed',
				result: 'looked',
				observations: [
					{state: 'failed', file: '/proc/99999/status', field: null, seen: expect.stringMatching(/^E[A-Z]+: /)},
					{state: 'held'},
				],
			});
		const reading = endOf(function* (x) {
			yield* x.show('');
			return x.read(status(99_999)).Name ?? '';
		});
		expect(reading).toMatchObject({status: 'could-not-run', undecided: expect.stringMatching(/^E[A-Z]+: /)});
	},
);

test('killed by others it could not run; of its own access to memory it died, and so failed', () => {
	const killed = endOf(
		function* (x) {
			yield* new User(x.k).sleep(1_000);
			yield* new User(x.k).sleep(1_000);
			return 'not killed';
		},
		machine => {
			machine.run(machine.timeNs() + 100e6, 1e9);
			sys_kill(machine.k, machine.injections.all[0]!.pids[0]!, SIGKILL);
		},
	);
	const result = 'its process was killed by signal 9';
	expect(killed).toMatchObject({status: 'could-not-run', result, undecided: result});
	const died = endOf(function* (x) {
		yield* new User(x.k).peek8(0x10);
		return 'not killed';
	});
	expect(died).toMatchObject({status: 'failed', result: 'its process was killed by signal 11', answer: null});
});

/** Leaves nothing for a page fault to take. */
function starve(k: Kernel): void {
	for (const gfp of [GFP_HIGHUSER, GFP_ATOMIC]) while (try_alloc_pages(k, gfp | __GFP_NOWARN, 0) !== undefined);
	for (const zone of k.pages.zones) zone.pages_min = zone.managed_pages;
}

test.each([
	[false, 'its process was killed by signal 9: no memory was left'],
	[true, 'its child toucher was killed by signal 9: no memory was left'],
])('killed for want of memory it could not run; in a child: %s', (child, result) => {
	const injection = endOf(function* (x) {
		const u = new User(x.k);
		const pages = 600;
		const memory = yield* anonymous(u, pages);
		function* touch() {
			starve(x.k);
			for (let page = 0; page < pages; page++) yield* u.poke8(memory + page * 4096, 1);
			return 0;
		}
		x.observe('it holds', child ? yield* inChild(u, 'toucher', touch) : yield* touch(), {equals: 0});
		return 'there was memory';
	});
	expect(injection).toMatchObject({status: 'could-not-run', result, undecided: result, observations: []});
});

test('what a child lacks, its parent lacks; the machine goes on', () => {
	const injection = endOf(function* (x) {
		const u = new User(x.k);
		x.observe(
			'it holds',
			yield* inChild(u, 'poor', function* () {
				yield* u.sleep(1);
				return lacks();
			}),
			{equals: 0},
		);
		return 'the child lacked nothing';
	});
	expect(injection).toMatchObject({status: 'could-not-run', observations: [], ...openEnd});
});

test('what is waited for may come late; what does not come within two seconds keeps it from running', () => {
	const waiting = (delayNs: number) =>
		endOf(function* (x) {
			const {timeline} = x.k.hw;
			const endNs = timeline.nowNs + delayNs;
			yield* waitFor(x.k, () => timeline.nowNs >= endNs, 'it did not come');
			return 'it came';
		});
	expect(waiting(1e9)).toMatchObject({status: 'done', result: 'it came'});
	expect(waiting(60e9)).toMatchObject({status: 'could-not-run', result: 'it did not come within two seconds'});
});

test('an unfit machine, and a used one for what leaves damage, refuse with one beginning and a reason', () => {
	const lab = quietLab({preset: '512m'});
	expect(() => lab.write(injectPath, 'kmap-caching', 'test')).toThrow(
		/^EPERM: kmap-caching cannot run here: this machine has no high memory$/,
	);
	run(lab, 'user-walk');
	expect(() => lab.write(injectPath, 'pool-leak', 'test')).toThrow(
		/^EPERM: pool-leak cannot run here: it leaves damage behind, so it needs a fresh machine$/,
	);
});
