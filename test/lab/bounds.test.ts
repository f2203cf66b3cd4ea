/** What a machine keeps of all that was asked of it has bounds, and what is old costs nothing. */
import {describe, expect, test} from 'vitest';
import {parseInject} from '../../source/formats/debugfs/lab/inject.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {experimentOf, inject, injectionNamed, mostInjections} from '../../source/lab/injections.ts';
import {bootLab, switchOn} from '../../source/lab/lab.ts';
import {chooseMachine} from '../../source/lab/presets.ts';
import {unwrite, writeTo} from '../../source/lab/running.ts';
import {clockPath, injectPath, mostEvents, quietLab, quietMachine, runAll} from './support.ts';

/** Takes 60 µs of the machine's time, and no file but its own area. */
const quick = 'vma-fork';

describe(`lab/inject has the newest ${mostInjections}`, () => {
	test('and those that are under way; it says how many are not there, and their names stay known', () => {
		const lab = quietLab();
		runAll(lab, [quick]);
		const long = Number(lab.write(injectPath, 'pool-work hold=60000', 'test'));
		for (let count = 2; count < mostInjections; count++) runAll(lab, [quick]);
		const file = () => parseInject(String(lab.read(injectPath)));
		expect([file().injections.length, file().injections[0]?.id, file().dropped]).toEqual([
			mostInjections,
			1,
			undefined,
		]);

		runAll(lab, [quick]);
		expect(file().dropped).toBe(1);
		expect(
			file()
				.injections.map(({id}) => id)
				.slice(0, 2),
		).toEqual([long, 3]);
		runAll(lab, [quick]);
		expect(file()).toMatchObject({dropped: 2, injections: {length: mostInjections}});
		expect(
			file()
				.injections.map(({id}) => id)
				.slice(0, 2),
		).toEqual([long, 4]);
		expect(file().injections.at(-1)?.id).toBe(mostInjections + 2);
	});

	test('the names of all stay known, and a machine that was used stays so', () => {
		const place = quietMachine();
		for (let count = 0; count <= mostInjections; count++) {
			inject(place, quick, 'test');
			place.run(place.timeNs() + 10e6, mostEvents);
		}
		inject(place, quick, 'test');
		expect(place.injections.all[0]?.id).toBe(3);
		expect(injectionNamed(place.injections, 1)).toBeUndefined();
		expect([experimentOf(place.injections, 1), experimentOf(place.injections, 99)]).toEqual([quick, '?']);
		const {name} = experiments.find(({disposable}) => disposable)!;
		expect(() => inject(place, name, 'test')).toThrow(/^EPERM: .*fresh machine/);
	});

	test('one that is over is written once', () => {
		const place = quietMachine();
		const id = inject(place, quick, 'test');
		const {observations} = injectionNamed(place.injections, id)!;
		const before = place.read(injectPath);
		place.run(place.timeNs() + 100e6, mostEvents);
		const over = String(place.read(injectPath));
		expect(over).not.toBe(before);
		expect(over).toMatch(/status=done/);
		observations.push({...observations[0]!, sentence: 'too late'});
		expect(place.read(injectPath)).toBe(over);
	});

	test('so many may be under way', () => {
		const place = quietMachine();
		for (let count = 0; count < 512; count++) inject(place, quick, 'test');
		expect(() => inject(place, quick, 'test')).toThrow(/^EAGAIN: 512 injections are under way/);
		expect(place.injections.all).toHaveLength(512);
	});
});

describe('a session', () => {
	const limits = {writes: 3, characters: 30};
	const small = () => bootLab({load: 'none'}, undefined, undefined, limits);

	test('takes so many writes, and is left by going back', () => {
		const lab = small();
		for (const word of ['on', 'off', 'on']) lab.write(clockPath, `watch ${word}`, 'test');
		lab.run(1e6, mostEvents);
		expect(() => lab.write(clockPath, 'watch off', 'test')).toThrow(/^ENOSPC: .* at most 3 writes/);
		expect(lab.session).toHaveLength(3);
		lab.write(clockPath, 'back 1', 'test');
		while (lab.run(0, 1000) === 'budget');
		expect(lab.clock().paused).toBe(true);
	});

	test('and so many characters', () => {
		const lab = small();
		lab.write(clockPath, 'watch on'.padEnd(20), 'test');
		expect(() => lab.write(clockPath, 'watch off  ', 'test')).toThrow(/^ENOSPC: .* with 30 characters/);
		lab.write(clockPath, 'watch off ', 'test');
		expect(lab.session).toHaveLength(2);
	});

	test('has a path and a name of a writer once, however often they come, and forgets what is taken back', () => {
		const on = switchOn(chooseMachine({load: 'none'}), () => 0);
		for (let count = 0; count < 100; count++)
			writeTo(
				on,
				['', 'sys/kernel/debug/lab/clock'].join('/'),
				count % 2 ? 'watch on' : 'watch off',
				`me-${count % 3}`,
			);
		expect([on.session.length, on.words.size, on.characters]).toEqual([100, 4, 850]);
		unwrite(on);
		expect([on.session.length, on.characters]).toEqual([99, 842]);
	});
});
