import {expect, test} from 'vitest';
import {headlessMachine, runHeadless} from '../../source/target/headless.ts';
import {fakeMachine} from './support/fakeMachine.ts';

test('a machine runs to the instant itself, through held states, and no further', () => {
	const fake = fakeMachine({periodNs: 10_000, holdAtNs: [50_000, 1_000_000]});
	runHeadless(fake, 2_000_000_000);
	expect(fake.timeNs()).toBe(2_000_000_000);
	expect(fake.read('/proc/ticks')).toBe('200000\n');
	expect(fake.clock().holding).toBe(undefined);
});

test('its target reads one instant until it is run on', async () => {
	const machine = headlessMachine(fakeMachine(), 'me');
	machine.runUntil(5_000_000);
	const read = async () => (await machine.target.sample({paths: ['/proc/ticks']})).files['/proc/ticks'];
	expect(await read()).toEqual({text: '5\n'});
	expect(await read()).toEqual({text: '5\n'});
	machine.runUntil(6_000_000);
	expect(await read()).toEqual({text: '6\n'});
});
