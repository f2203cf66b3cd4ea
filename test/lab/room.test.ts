/**
 * What fills memory is made room in, and what cannot be had is said: no experiment fails for a machine that has run for
 * long.
 */
import {expect, test} from 'vitest';
import type {Pfn} from '../../source/hardware/address.ts';
import {O_RDONLY} from '../../source/kernel/fs/file.ts';
import {__GFP_DMA, __GFP_NOWARN, GFP_ATOMIC, GFP_HIGHUSER, GFP_KERNEL, type gfp_t} from '../../source/kernel/mm/gfp.ts';
import {put_page, try_alloc_pages} from '../../source/kernel/mm/page_alloc.ts';
import {page_zonenum, ZONE_DMA, ZONE_HIGHMEM, ZONE_NORMAL} from '../../source/kernel/mm/zone.ts';
import type {Experiment} from '../../source/lab/experiment.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {freeBlock, freePages} from '../../source/lab/experiments/room.ts';
import {anonymous} from '../../source/lab/experiments/steps.ts';
import {bigLog} from '../../source/lab/files.ts';
import {inject} from '../../source/lab/injections.ts';
import {User} from '../../source/lab/userland.ts';
import {belongings, quietMachine, untilEnded} from './support.ts';

type Machine = ReturnType<typeof quietMachine>;

/** Steps of a test, as an experiment. */
const steps = (run: Experiment['run']): Experiment => ({...experiments[0]!, name: 'steps', run});

/** Runs an experiment whatever was injected before. */
function ended(machine: Machine, experiment: Experiment, line = experiment.name) {
	const among = [{...experiment, disposable: false}];
	return untilEnded(machine, [inject(machine, line, 'test', among)])[0]!;
}

const cachedPages = 3_000;

/** Reads a file through the page cache, as grep does in the busy load. */
const readLog = (pages: number) =>
	steps(function* ({k}) {
		const u = new User(k);
		const fd = yield* u.open(bigLog.path, O_RDONLY);
		const buffer = yield* anonymous(u, 16);
		for (let got = 0; got < pages; got += 16) yield* u.read(fd, buffer, 16 * 4096);
		return 'the log was read';
	});

/** Takes pages of a zone that nothing can reclaim, while so many are free. @returns gives them back */
function take({k}: Machine, gfp: gfp_t, index: number, leave: number): () => void {
	const taken: Pfn[] = [];
	while (k.pages.zones[index]!.free_pages > leave) {
		const page = try_alloc_pages(k, gfp | __GFP_NOWARN, 0);
		if (page === undefined) break;
		taken.push(page);
		if (page_zonenum(k, page) !== index) break;
	}
	return () => {
		for (const page of taken) put_page(k, page);
	};
}

/**
 * A machine whose high memory is full of cached files, as the busy load's is after a minute; most is taken, to be
 * quick.
 */
function cachedMachine(): Machine {
	const machine = quietMachine();
	const zone = machine.k.pages.zones[ZONE_HIGHMEM]!;
	take(machine, GFP_HIGHUSER, ZONE_HIGHMEM, cachedPages - 500);
	expect(ended(machine, readLog(cachedPages)).status).toBe('done');
	expect(zone.free_pages).toBeLessThan(200);
	return machine;
}

const roomSaid = ({narration}: {readonly narration: readonly {readonly text: string}[]}) =>
	narration.filter(({text}) => text.includes('page cache')).length;

const inHighmem = experiments.filter(({name}) =>
	['atomic-kmaps', 'atomic-twice', 'atomic-sleep', 'kmap-caching', 'kmap-starvation', 'lowmem-exhaustion'].includes(
		name,
	),
);

test.each(inHighmem)('$name makes room where cached files fill high memory, and says so', experiment => {
	const injection = ended(cachedMachine(), experiment);
	expect(injection.observations.filter(({state}) => state !== 'held')).toEqual([]);
	expect(injection.status, injection.result ?? '').toBe('done');
	expect(roomSaid(injection)).toBeGreaterThan(0);
});

test('on a fresh machine none says anything of it', () => {
	const machine = quietMachine();
	const all = inHighmem.map(experiment => ended(machine, experiment));
	expect(all.map(({name, status, ...rest}) => [name, status, roomSaid(rest)])).toEqual(
		all.map(({name}) => [name, 'done', 0]),
	);
});

test('where no page of high memory can be had none could run, and nothing is decided', () => {
	const machine = quietMachine();
	const takeHighmem = () => take(machine, GFP_HIGHUSER, ZONE_HIGHMEM, 0);
	const giveBack = [takeHighmem()];
	// What is cached of programs is reclaimed by the first of them.
	ended(machine, inHighmem[0]!);
	for (const experiment of inHighmem) {
		giveBack.push(takeHighmem());
		const injection = ended(machine, experiment);
		expect(injection.status, experiment.name).toBe('could-not-run');
		expect(injection.result).toMatch(/^zone HighMem has \d+ free pages after reclaim, and \d+ are needed$/);
		expect(injection).toMatchObject({observations: [], answer: null, undecided: injection.result});
	}
	for (const give of giveBack) give();
	expect(inHighmem.map(experiment => ended(machine, experiment).status)).toEqual(inHighmem.map(() => 'done'));
});

test.each([
	[510, 'could-not-run'],
	[2_048, 'done'],
])('with %i pages of high memory, kmap-starvation ends as %s', (pages, status) => {
	const highmemBytes = pages * 4_096;
	const injection = ended(
		quietMachine({memBytes: 128 * 2 ** 20, highmemBytes}),
		inHighmem.find(each => each.name === 'kmap-starvation')!,
	);
	expect(injection.status).toBe(status);
	if (status === 'could-not-run') expect(injection.result).toMatch(/HighMem has 510 pages, and \d+ must be free/);
});

const oneKind = experiments.filter(({preset, eras}) => !preset && (!eras || eras.includes('ldd3')));

test('where low memory is all but full of cached files too, all of a usual machine hold', () => {
	const machine = cachedMachine();
	take(machine, GFP_ATOMIC, ZONE_NORMAL, 2_000);
	const failed = oneKind
		.filter(({disposable}) => !disposable)
		.map(experiment => ended(machine, experiment))
		.filter(({status}) => status !== 'done');
	expect(failed.map(({name, result}) => `${name}: ${result}`)).toEqual([]);
});

/** 4 MiB. */
const wantBlock = steps(function* (x) {
	yield* freeBlock(x, GFP_KERNEL, 10);
	return 'it is there';
});

test('a block in one piece is there on a fresh machine; cached files that lie in it are dropped', () => {
	const machine = quietMachine();
	expect(ended(machine, wantBlock)).toMatchObject({status: 'done', narration: []});
	take(machine, GFP_HIGHUSER, ZONE_HIGHMEM, 0);
	take(machine, GFP_ATOMIC | __GFP_DMA, ZONE_DMA, 0);
	take(machine, GFP_ATOMIC, ZONE_NORMAL, 6_000);
	expect(ended(machine, readLog(7_000)).status).toBe('done');
	const injection = ended(machine, wantBlock);
	expect(injection.status, injection.result ?? '').toBe('done');
	expect(injection.narration[0]?.text).toMatch(
		/^no 4096 KiB in one piece were free: the page cache was dropped, \d{4} pages of it$/,
	);
});

test('a block in one piece is not to be had where memory is in pieces', () => {
	const machine = quietMachine();
	const {k} = machine;
	const gfp = GFP_ATOMIC | __GFP_NOWARN;
	const taken: Pfn[] = [];
	for (let page = try_alloc_pages(k, gfp, 0); page !== undefined; page = try_alloc_pages(k, gfp, 0)) taken.push(page);
	for (const page of taken) if (page % 2 === 0) put_page(k, page);
	expect(ended(machine, wantBlock)).toMatchObject({
		status: 'could-not-run',
		result: 'no 4096 KiB in one piece are free, not even without the page cache',
	});
	for (const page of taken) if (page % 2 === 1) put_page(k, page);
	expect(ended(machine, wantBlock).status).toBe('done');
});

test('what was asked for is free beyond the low mark; more than a zone has is refused with both numbers', () => {
	const machine = cachedMachine();
	for (const [name, index] of [
		['DMA', ZONE_DMA],
		['Normal', ZONE_NORMAL],
		['HighMem', ZONE_HIGHMEM],
	] as const) {
		const zone = machine.k.pages.zones[index]!;
		const most = zone.managed_pages;
		const ask = (pages: number) =>
			ended(
				machine,
				steps(function* (x) {
					yield* freePages(x, index, pages);
					return String(zone.free_pages - zone.pages_low);
				}),
			);
		const some = Math.floor(most / 8);
		expect(Number(ask(some).result), name).toBeGreaterThan(some);
		const refused = ask(most);
		expect(refused.status, name).toBe('could-not-run');
		expect(refused.result).toMatch(new RegExp(`^zone ${name} has ${most} pages, and \\d+ must be free$`));
	}
});

test('making room loses neither data nor pages', () => {
	const machine = cachedMachine();
	const before = belongings(machine);
	const wide = steps(function* (x) {
		yield* freeBlock(x, GFP_KERNEL, 9);
		yield* freePages(x, ZONE_HIGHMEM, 2_000);
		return 'there is room';
	});
	const text = 'zone HighMem had 40 free pages and 2073 are needed: pages of the page cache were reclaimed';
	expect(ended(machine, wide)).toMatchObject({status: 'done', narration: [{text}]});
	expect(ended(machine, experiments.find(({name}) => name === 'lost-dirty')!).status).toBe('done');
	expect({...belongings(machine), 'free pages': 0}).toEqual({...before, 'free pages': 0});
});
