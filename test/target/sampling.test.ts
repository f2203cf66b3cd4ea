import {describe, expect, test} from 'vitest';
import {files} from '../../source/formats/files.ts';
import {embeddedMachine} from '../../source/target/embedded.ts';
import {headlessMachine} from '../../source/target/headless.ts';
import type {Sample} from '../../source/target/target.ts';
import {bigMachine, bigPaths} from './support/bigMachine.ts';
import {fakeClock} from './support/fakeClock.ts';

const clockFile = files.clock.path;
const mebibyte = 1024 * 1024;

function start(options: Parameters<typeof bigMachine>[0] = {}) {
	const fake = bigMachine(options);
	const wall = fakeClock();
	const machine = embeddedMachine(fake, 'lab', wall);
	return {fake, wall, machine, target: machine.client('test')};
}

/** The ticks that a file of the big machine begins with. */
function ticksIn(sample: Sample): readonly string[] {
	return Object.values(sample.files).map(file => ('text' in file ? (file.text.split('\n')[0] ?? '') : ''));
}

/** Lets the event loop turn so many times. */
async function turns(count: number): Promise<void> {
	for (let turn = 0; turn < count; turn++) {
		await new Promise(resolve => setImmediate(resolve));
	}
}

describe('a file has one spelling', () => {
	const spellings = ['/proc/ticks', '//proc/ticks', '/proc/./ticks', '/proc/ticks/', '/proc/../proc//ticks'];

	test.each(['pause', 'run'])('it is printed once a sample, however often it is asked for (%s)', async state => {
		const {fake, target} = start();
		await target.write(clockFile, state);
		const {files} = await target.sample({paths: [...spellings, ...spellings]});
		expect(Object.keys(files)).toEqual(spellings);
		expect(new Set(Object.values(files))).toHaveLength(1);
		expect(fake.printed).toEqual(['/proc/ticks']);
	});

	test('while the machine is paused it is not printed for a read either', async () => {
		const {fake, target} = start();
		await target.write(clockFile, 'pause');
		await target.sample({paths: ['/proc/ticks']});
		for (const path of spellings) {
			expect(await target.read(path)).toBe('0\n');
		}

		expect(await target.read('/bytes/1', {offset: 1, length: 2})).toHaveLength(2);
		expect(await target.read('//bytes/1', {offset: 7, length: 2})).toHaveLength(2);
		expect(fake.printed).toEqual(['/proc/ticks', '/bytes/1']);
	});

	test('what the machine takes for one file is one', async () => {
		const fake = Object.assign(bigMachine(), {spelling: (path: string) => path.replace(/\/0+(?=\d+$)/, '/')});
		const {target} = headlessMachine(fake, 'test');
		const {files} = await target.sample({paths: ['/big/7', '/big/07', '/big/70']});
		expect(files['/big/7']).toBe(files['/big/07']);
		await target.read('/big/0007');
		expect(fake.printed).toEqual(['/big/7', '/big/70']);
	});

	test('a path that is none is an error under its own name, also one that is not fit for a key', async () => {
		const {target} = start();
		const {files} = await target.sample({paths: ['proc', '__proto__', `/${'x'.repeat(5000)}`, '/a\u0000']});
		expect(Object.keys(files)).toHaveLength(4);
		expect(Object.getOwnPropertyDescriptor(files, '__proto__')?.value).toEqual({
			error: expect.stringMatching(/^EINVAL/),
		});
	});

	test('what an error shows of a path is short', async () => {
		const {target} = start();
		for (const path of ['x'.repeat(mebibyte), `/${'\u0001'.repeat(4000)}`, `/${'x'.repeat(mebibyte)}`]) {
			const file = (await target.sample({paths: [path]})).files[path];
			expect(file).toEqual({error: expect.stringMatching(/^E[A-Z]+: .{1,1500}$/s)});
		}
	});
});

describe('what files printed is kept while the machine stands still', () => {
	async function printsAgain(paths: readonly string[]): Promise<number> {
		const {fake, target} = start();
		await target.write(clockFile, 'pause');
		await target.sample({paths});
		const before = fake.prints;
		await target.sample({paths});
		return fake.prints - before;
	}

	test('31 MiB are', async () => {
		expect(await printsAgain(bigPaths(31))).toBe(0);
	});

	test('33 MiB are not', async () => {
		expect(await printsAgain(bigPaths(33))).toBeGreaterThan(0);
	});

	test('a binary file counts with its base64', async () => {
		expect(await printsAgain(bigPaths(13, '/bytes'))).toBe(0);
		expect(await printsAgain(bigPaths(14, '/bytes'))).toBeGreaterThan(0);
	});

	test('files that are not there count too', async () => {
		const missing = (count: number) => Array.from({length: count}, (_, index) => `/${index}/${'x'.repeat(4000)}`);
		expect(await printsAgain([...bigPaths(30), ...missing(300)])).toBe(0);
		expect(await printsAgain([...bigPaths(30), ...missing(600)])).toBeGreaterThan(0);
	});

	test('one file that is larger than all that is kept does not drive the others out', async () => {
		const {fake, target} = start({fileBytes: 33 * mebibyte});
		await target.write(clockFile, 'pause');
		await target.sample({paths: ['/proc/ticks', '/big/1']});
		const before = fake.prints;
		await target.sample({paths: ['/proc/ticks']});
		expect(fake.prints).toBe(before);
	});

	test('and not when it moved without a word', async () => {
		const fake = bigMachine();
		const {target} = headlessMachine(fake, 'test');
		expect(await target.read('/proc/ticks')).toBe('0\n');
		fake.run(2e6, 10);
		expect(await target.read('/proc/ticks')).toBe('2\n');
		expect(ticksIn(await target.sample({paths: ['/proc/ticks']}))).toEqual(['2']);
	});
});

describe('a large sample', () => {
	test('is of one instant, though time passes and others are served between its files', async () => {
		const {fake, wall, machine, target} = start();
		fake.onPrint = () => wall.busy(10);
		const other = machine.client('other');
		const order: string[] = [];
		fake.onPrint = path => {
			order.push(path);
			wall.busy(10);
		};
		const asked = target.sample({paths: bigPaths(20)}).then(sample => {
			order.push('sample');
			return sample;
		});
		await turns(2);
		await other.read('/proc/kmsg');
		order.push('read');
		await other.sample({paths: ['/proc/kpagecount']});
		order.push('small sample');
		const sample = await asked;
		expect(new Set(ticksIn(sample))).toHaveLength(1);
		expect(ticksIn(sample)).toHaveLength(20);
		expect(ticksIn(sample)[0]).toBe(String(sample.seq));
		expect(order.indexOf('read')).toBeLessThan(order.indexOf('/big/19'));
		expect(order.indexOf('small sample')).toBeLessThan(order.indexOf('/big/19'));
		expect(order.at(-1)).toBe('sample');
	});

	test('keeps the machine from running, which catches up afterwards', async () => {
		const {fake, wall, target} = start();
		fake.onPrint = () => wall.busy(10);
		const before = fake.seq();
		const asked = target.sample({paths: bigPaths(20)});
		await turns(2);
		wall.advance(100);
		expect(fake.seq()).toBe(before);
		await asked;
		wall.advance(100);
		expect(fake.seq()).toBe(before + 400);
	});

	test.each(['embedded', 'headless'])('begins again when somebody writes meanwhile (%s)', async kind => {
		const fake = bigMachine();
		const wall = fakeClock();
		const machine = embeddedMachine(fake, 'lab', wall);
		const target = kind === 'embedded' ? machine.client('test') : headlessMachine(fake, 'test').target;
		const asked = target.sample({paths: ['/proc/kmsg', ...bigPaths(20)]});
		await turns(2);
		expect(fake.printed).toContain('/proc/kmsg');
		expect(fake.printed).not.toContain('/big/19');
		await (kind === 'embedded' ? machine.client('writer') : target).write('/proc/kmsg', 'hello');
		const {files, seq} = await asked;
		expect(files['/proc/kmsg']).toEqual({text: expect.stringContaining('hello')});
		expect(seq).toBe(fake.seq());
		expect(fake.printed.filter(path => path === '/proc/kmsg')).toHaveLength(2);
	});

	test('yields by bytes, by files and by time, whichever comes first', async () => {
		const cases = [
			{options: {}, paths: bigPaths(3), costMs: 0},
			{options: {fileBytes: 1}, paths: bigPaths(100), costMs: 0},
			{options: {fileBytes: 1}, paths: bigPaths(3), costMs: 20},
		];
		for (const {options, paths, costMs} of cases) {
			const {fake, wall, target} = start(options);
			fake.onPrint = () => wall.busy(costMs);
			const asked = target.sample({paths});
			expect(fake.printed.length).toBeLessThan(paths.length);
			await asked;
			expect(fake.printed.length).toBe(paths.length);
		}
	});

	test('what a monitor asks for is printed at once', async () => {
		const {fake, target} = start({fileBytes: 10_000});
		const asked = target.sample({paths: bigPaths(40)});
		expect(fake.printed).toHaveLength(40);
		await asked;
	});

	test('is no longer printed when its client has gone', async () => {
		const {fake, target} = start();
		const gone = new AbortController();
		const asked = target.sample({paths: bigPaths(20), signal: gone.signal});
		await turns(3);
		gone.abort();
		await expect(asked).rejects.toMatchObject({code: 'ECANCELED'});
		expect(fake.printed.length).toBeLessThan(20);
	});
});

describe('the limits of a sample', () => {
	test('bytes beside the largest file', async () => {
		const {target} = start({fileBytes: 1000});
		const limits = {bytes: 5000, ms: 1000};
		expect(ticksIn(await target.sample({paths: bigPaths(6), limits}))).toHaveLength(6);
		await expect(target.sample({paths: bigPaths(7), limits})).rejects.toThrow(/^EFBIG: .* 5000 bytes .*$/);
		expect(ticksIn(await target.sample({paths: bigPaths(7)}))).toHaveLength(7);
	});

	test('a file counts for each of its spellings, and one file is never too large', async () => {
		const {target} = start({fileBytes: 10_000});
		const limits = {bytes: 5000, ms: 1000};
		expect(ticksIn(await target.sample({paths: ['/big/0', '/proc/ticks'], limits}))).toHaveLength(2);
		await expect(target.sample({paths: ['/big/0', '//big/0'], limits})).rejects.toMatchObject({code: 'EFBIG'});
	});

	test('time of printing, not of waiting', async () => {
		const {fake, wall, target} = start({fileBytes: 1});
		fake.onPrint = () => wall.busy(100);
		const limits = {bytes: 1e6, ms: 1000};
		await expect(target.sample({paths: bigPaths(12), limits})).rejects.toThrow(/^EFBIG: .* 1000 ms .*$/);
		await target.write(clockFile, 'pause');
		wall.advance(5000);
		expect(ticksIn(await target.sample({paths: bigPaths(10), limits}))).toHaveLength(10);
	});
});

describe('large samples of many clients', () => {
	/** Clients that have asked for a large sample each, of their own files. */
	function crowd(machine: ReturnType<typeof start>['machine'], count: number, sizes: (index: number) => number) {
		return Array.from({length: count}, (_, index) =>
			machine.client(`client${index}`).sample({paths: bigPaths(sizes(index), `/big/${index}`)}),
		);
	}

	test('are printed one after the other, and the machine has its time in between', async () => {
		const {fake, wall, machine} = start();
		fake.onPrint = () => wall.busy(10);
		const [first, second] = crowd(machine, 2, () => 10);
		const {seq} = await first!;
		await turns(5);
		expect(fake.printed.filter(path => path.startsWith('/big/1/'))).not.toContain('/big/1/9');
		wall.advance(200);
		expect((await second!).seq).toBeGreaterThan(seq + 100);
	});

	test('of a machine that stands still nobody waits for longer', async () => {
		const {fake, wall, target, machine} = start();
		await target.write(clockFile, 'pause');
		fake.onPrint = () => wall.busy(10);
		expect(await Promise.all(crowd(machine, 3, () => 10))).toHaveLength(3);
	});

	test('who took little the last time goes first', async () => {
		const {fake, wall, machine} = start();
		const [much, little] = [machine.client('much'), machine.client('little')];
		const ask = (target: typeof much, directory: string, files: number) =>
			target.sample({paths: bigPaths(files, directory)});
		fake.onPrint = () => wall.busy(10);
		await ask(much, '/big/much', 30);
		wall.advance(1000);
		await ask(little, '/big/little', 5);
		wall.advance(1000);
		const order: string[] = [];
		const blocking = ask(machine.client('first'), '/big/first', 10).then(() => order.push('first'));
		const waiting = [
			ask(much, '/big/a', 10).then(() => order.push('much')),
			ask(little, '/big/b', 10).then(() => order.push('little')),
		];
		await blocking;
		for (let round = 0; round < 20; round++) {
			wall.advance(100);
			await turns(30);
		}

		await Promise.all(waiting);
		expect(order).toEqual(['first', 'little', 'much']);
	});

	test('nobody waits for ever, and not more than a few at a time', async () => {
		const {fake, wall, machine} = start();
		let isSlow = true;
		fake.onPrint = () => {
			if (isSlow) {
				wall.busy(1);
			}
		};
		const outcomes: string[] = [];
		const asked = crowd(machine, 66, () => 40).map(sample =>
			sample.then(
				() => outcomes.push('answered'),
				error => outcomes.push(error.message),
			),
		);
		// One is printed, 64 wait, and one was too many.
		await turns(1);
		expect(outcomes).toEqual([expect.stringMatching(/^EAGAIN: 64 large samples /)]);
		isSlow = false;
		wall.advance(3000);
		await Promise.all(asked);
		expect(outcomes.filter(outcome => outcome.startsWith('EAGAIN: others '))).toHaveLength(64);
		expect(outcomes.filter(outcome => outcome === 'answered')).toHaveLength(1);
	});

	test('a client that goes while it waits makes room', async () => {
		const {machine, target} = start();
		const gone = new AbortController();
		const printing = target.sample({paths: bigPaths(10)});
		const waiting = machine.client('waiting').sample({paths: bigPaths(10), signal: gone.signal});
		gone.abort();
		await expect(waiting).rejects.toMatchObject({code: 'ECANCELED'});
		expect(ticksIn(await printing)).toHaveLength(10);
	});

	test('when the machine is stopped nobody waits, and no timer is left', async () => {
		const {fake, wall, machine} = start();
		fake.onPrint = () => wall.busy(10);
		const [printing, waiting] = crowd(machine, 2, () => 10);
		await turns(1);
		machine.stop();
		await expect(waiting).rejects.toMatchObject({code: 'EDISCONNECTED'});
		await printing;
		expect(wall.timers()).toBe(0);
	});
});
