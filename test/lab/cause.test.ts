/** Whatever a pane marks can be asked what made it. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {parseAio} from '../../source/formats/debugfs/aio.ts';
import {type Cause, type CauseObject, formatCauseObject, parseCause} from '../../source/formats/debugfs/cause.ts';
import {parseDmaApiDump} from '../../source/formats/debugfs/dmaApiDump.ts';
import {parseKmapAtomic} from '../../source/formats/debugfs/kmapAtomic.ts';
import {parsePageMap} from '../../source/formats/debugfs/pageMap.ts';
import {parseVma} from '../../source/formats/debugfs/vma.ts';
import {files} from '../../source/formats/files.ts';
import {parseKmsg} from '../../source/formats/proc/kmsg.ts';
import {parseMaps} from '../../source/formats/proc/maps.ts';
import {parsePools} from '../../source/formats/sys/pools.ts';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import {MREMAP_MAYMOVE} from '../../source/kernel/mm/mman.ts';
import {pte_offset, pte_pfn} from '../../source/kernel/mm/pgtable.ts';
import {boot} from '../../source/lab/boot.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {noFindings} from '../../source/lab/findings/findings.ts';
import {noInjections} from '../../source/lab/injections.ts';
import {bootLab, type Lab} from '../../source/lab/lab.ts';
import {chooseMachine} from '../../source/lab/presets.ts';
import {startProcess} from '../../source/lab/programs/start.ts';
import {causeFile} from '../../source/lab/tree/cause.ts';
import type {User} from '../../source/lab/userland.ts';
import {
	areaCause,
	causePath,
	framesCause,
	kiocbCause,
	mappingCause,
	poolCause,
	slotCause,
} from '../../source/model/cause.ts';
import {type DmaModel, dmaModel} from '../../source/model/dma.ts';
import {type FramesModel, framesModel} from '../../source/model/frames.ts';
import {nobody} from '../../source/model/injections.ts';
import {type IocbsModel, iocbsModel} from '../../source/model/iocbs.ts';
import {type KmapModel, kmapModel} from '../../source/model/kmap.ts';
import {type MapsModel, mapsModel} from '../../source/model/maps.ts';
import type {Mark, Moment} from '../../source/model/moment.ts';
import {clockPath, injectPath, quietLab, run} from './support.ts';

const tracingOn = files.tracingOn.path;

const text = (lab: Lab, path: string) => String(lab.read(path));
const ask = (lab: Lab, object: CauseObject): Cause => parseCause(text(lab, causePath(object)));

type Models = {
	readonly maps: ReadonlyMap<number, MapsModel>;
	readonly frames: FramesModel;
	readonly kmap: KmapModel;
	readonly dma: DmaModel;
	readonly iocbs: IocbsModel;
};

const frames = 128 << 8;

/** What the panes would make of the files of this instant. */
function look(lab: Lab, older: Models | undefined, at: Moment): Models {
	const pids = lab
		.list('/proc')
		.filter(name => /^\d+\/$/.test(name))
		.map(Number.parseFloat);
	const devices = lab
		.list('/sys/devices/pci0000:00')
		.map(name => name.replace('/', ''))
		.filter(name => lab.list(`/sys/devices/pci0000:00/${name}`).includes('pools'));
	const maps = new Map<number, MapsModel>();
	for (const pid of pids) {
		const areas = parseMaps(text(lab, `/proc/${pid}/maps`));
		if (areas.areas.length === 0) continue;
		const vma = parseVma(text(lab, `/sys/kernel/debug/vma/${pid}`));
		maps.set(pid, mapsModel({pid, comm: '', maps: areas, vma, first: undefined}, older?.maps.get(pid), at, nobody));
	}
	return {
		maps,
		frames: framesModel(
			parsePageMap(text(lab, `/sys/kernel/debug/page_map/0/${frames}/${frames}`)),
			undefined,
			older?.frames,
			at,
			nobody,
		),
		kmap: kmapModel(parseKmapAtomic(text(lab, '/sys/kernel/debug/kmap_atomic')), undefined, older?.kmap, at, nobody),
		dma: dmaModel(
			{
				pools: devices.map(name => [name, parsePools(text(lab, `/sys/devices/pci0000:00/${name}/pools`))] as const),
				dump: parseDmaApiDump(text(lab, '/sys/kernel/debug/dma-api/dump')),
				swiotlb: undefined,
			},
			older?.dma,
			at,
			nobody,
		),
		iocbs: iocbsModel(
			{aio: parseAio(text(lab, '/sys/kernel/debug/aio')), aioNr: undefined, aioMaxNr: undefined},
			older?.iocbs,
			at,
			nobody,
		),
	};
}

/** Whatever was marked for the first time at this moment. */
function marked({maps, frames, kmap, dma, iocbs}: Models, at: Moment): CauseObject[] {
	const isNew = ({mark}: {readonly mark: Mark | undefined}) => mark?.sinceMs === at.movedMs;
	return [
		...[...maps.values()].flatMap(model => model.rows.filter(isNew).map(row => areaCause(model, row))),
		...frames.zones.flatMap(({startPfn, changedMs}) =>
			[...changedMs].flatMap((since, cell) => (since === at.movedMs ? [framesCause(startPfn + cell, 1)] : [])),
		),
		...kmap.cpus.flatMap(({slots}) => slots.filter(isNew).map(slotCause)),
		...dma.pools.filter(isNew).map(poolCause),
		...dma.mappings.filter(isNew).map(mappingCause),
		...iocbs.rows.filter(isNew).map(kiocbCause),
	];
}

/** An experiment that its era has, on a machine that has what it needs. */
const injectable = experiments.filter(({disposable, preset}) => !disposable && !preset);

test('a change that a pane marks has a cause no older than the sample before, whatever runs', () => {
	const session = fc.record({
		era: fc.constantFrom(...ERA_NAMES),
		seed: fc.nat(1000),
		steps: fc.array(
			fc.record({experiment: fc.option(fc.constantFrom(...injectable)), lengthUs: fc.integer({min: 1, max: 60_000})}),
			{minLength: 4, maxLength: 8},
		),
	});
	const holds = ({era, seed, steps}: typeof session extends fc.Arbitrary<infer T> ? T : never) => {
		const lab = bootLab({era, seed, load: 'busy'});
		lab.write(clockPath, 'watch off', 'test');
		lab.run(400e6, 1e9);
		let at: Moment = {timeNs: lab.timeNs(), movedMs: 0};
		let models = look(lab, undefined, at);
		for (const {experiment, lengthUs} of steps) {
			if (experiment?.eras?.includes(era) ?? experiment) lab.write(injectPath, experiment!.name, 'test');
			const sinceUs = Math.floor(lab.timeNs() / 1000);
			lab.run(lab.timeNs() + lengthUs * 1000, 1e9);
			at = {timeNs: lab.timeNs(), movedMs: at.movedMs + 1};
			models = look(lab, models, at);
			for (const object of marked(models, at)) {
				const {changes, oldestUs} = ask(lab, object);
				// An experiment that takes all of memory fills the ring of the trace in one step.
				if (oldestUs !== null && oldestUs > sinceUs) continue;
				expect(changes[0]?.events[0]?.timeUs, formatCauseObject(object)).toBeGreaterThanOrEqual(sinceUs);
			}
		}
	};
	fc.assert(fc.property(session, holds), {numRuns: 2});
});

/** The newest change whose newest event has this name, in short. */
function chainOf({changes}: Cause, event: string): string | undefined {
	const change = changes.find(({events}) => events.some(({name}) => name === event));
	return (
		change && [event, ...change.within.map(({name}) => name), change.origin, change.injection?.name ?? '-'].join(' < ')
	);
}

/** Runs on, a little at a time, until a file says it. */
function until<T>(lab: Lab, seen: () => T | undefined): T {
	for (let looks = 0; looks < 1_000; looks++) {
		const found = seen();
		if (found !== undefined) return found;
		lab.run(lab.timeNs() + 20_000, 1e9);
	}
	throw new Error('it did not come');
}

describe('what made it', () => {
	test('an area that grew: mremap of the injected process', () => {
		const lab = quietLab();
		const {pids} = run(lab, 'mremap-growth');
		const cause = ask(lab, {kind: 'vma', pid: pids[0]!, address: 0x40000000});
		expect(chainOf(cause, 'vma_adjust')).toBe('vma_adjust < sys_mremap < syscall < mremap-growth');
		// The process has ended meanwhile, which took the area away.
		expect(chainOf(cause, 'exit_mmap')).toBe('exit_mmap < sys_exit_group < syscall < mremap-growth');
		const call = cause.changes.flatMap(({within}) => within).find(({name}) => name === 'sys_mremap');
		expect(call).toMatchObject({task: {pid: pids[0]!}, result: '0x40000000'});
	});

	test('a frame that a process wrote to first: its page fault, and afterwards the call that freed it', () => {
		const lab = quietLab();
		const {pids} = run(lab, 'mremap-growth');
		const fault = text(lab, '/sys/kernel/debug/tracing/trace')
			.split('\n')
			.findLast(line => line.includes('mm_page_alloc') && line.includes(`-${pids[0]} `))!;
		const pfn = Number.parseInt(/pfn=0x([0-9a-f]+)/.exec(fault)![1]!, 16);
		const cause = ask(lab, framesCause(pfn, 1));
		expect(chainOf(cause, 'mm_page_alloc')).toBe('mm_page_alloc < page_fault_user < fault < mremap-growth');
		expect(chainOf(cause, 'mm_page_free')).toBe('mm_page_free < sys_munmap < syscall < mremap-growth');
	});

	test('a streaming mapping: made in the read, undone in the interrupt of the disk', () => {
		const lab = quietLab();
		lab.write(injectPath, 'direct-read', 'test');
		const objects = () =>
			parseDmaApiDump(text(lab, '/sys/kernel/debug/dma-api/dump')).mappings.map(
				({device, busAddress: address}) => ({kind: 'mapping', device, address}) as const,
			);
		const isMade = (cause: Cause) =>
			/^dma_map_sg < sys_\w+ < syscall < direct-read$/.test(chainOf(cause, 'dma_map_sg') ?? '');
		const object = until(lab, () => objects().find(each => isMade(ask(lab, each))));
		lab.run(lab.timeNs() + 200e6, 1e9);
		const cause = ask(lab, object);
		expect(chainOf(cause, 'dma_unmap_sg')).toBe('dma_unmap_sg < irq_handler_entry < interrupt < -');
		expect(isMade(cause)).toBe(true);
	});

	test('a kiocb: submitted by io_submit, completed in the softirq that an interrupt of the disk raised', () => {
		const lab = quietLab();
		run(lab, 'aio-burst');
		const cause = ask(lab, {kind: 'iocb', id: 1});
		expect(chainOf(cause, 'aio_get_req')).toBe('aio_get_req < sys_io_submit < syscall < aio-burst');
		expect(chainOf(cause, 'aio_put_req')).toBe(
			'aio_put_req < softirq_entry < softirq_raise < irq_handler_entry < interrupt < -',
		);
	});

	test('a slot of kmap_atomic: the process that copied through it', () => {
		const lab = quietLab();
		const {pids} = run(lab, 'atomic-kmaps');
		const {cpus} = parseKmapAtomic(text(lab, '/sys/kernel/debug/kmap_atomic'));
		const last = cpus.flatMap(({slots}) => slots).find(({lastHolder}) => lastHolder?.pid === pids[0])!;
		const cause = ask(lab, {kind: 'slot', cpu: last.cpu, slot: last.slot});
		expect(cause.changes.map(({injection}) => injection?.name)).toContain('atomic-kmaps');
		expect(cause.changes[0]!.events[0]).toMatchObject({name: 'kunmap_atomic', cpu: last.cpu});
	});

	test('a pool: who took a block', () => {
		const lab = quietLab();
		lab.write(injectPath, 'pool-work', 'test');
		const objects = () =>
			lab
				.list('/sys/devices/pci0000:00')
				.map(name => name.slice(0, -1))
				.filter(device => lab.list(`/sys/devices/pci0000:00/${device}`).includes('pools'))
				.flatMap(device =>
					parsePools(text(lab, `/sys/devices/pci0000:00/${device}/pools`)).pools.map(
						({name}) => ({kind: 'pool', device, name}) as const,
					),
				);
		const taken = 'dma_pool_alloc < user < pool-work';
		const object = until(lab, () => objects().find(each => chainOf(ask(lab, each), 'dma_pool_alloc') === taken));
		lab.run(lab.timeNs() + 1e9, 1e9);
		expect(chainOf(ask(lab, object), 'dma_pool_destroy')).toBe('dma_pool_destroy < user < pool-work');
	});

	test('a message in the log: where the kernel printed it', () => {
		const lab = quietLab({era: '6.1'});
		run(lab, 'dad-unmaps-twice');
		const line = parseKmsg(text(lab, '/proc/kmsg')).lines.find(each => each.text.includes('it has not allocated'))!;
		const cause = ask(lab, {kind: 'event', timeUs: line.timeUs, name: 'console'});
		const [change] = cause.changes;
		expect(change!.events.some(({text: said}) => said === line.text)).toBe(true);
		expect(change!.origin).toBe('interrupt');
	});

	test('a zone: the newest allocation or free in it', () => {
		const lab = quietLab();
		run(lab, 'mremap-growth');
		const {changes} = ask(lab, {kind: 'zone', name: 'HighMem'});
		expect(['mm_page_alloc', 'mm_page_free']).toContain(changes[0]!.events[0]!.name);
		expect(() => ask(lab, {kind: 'zone', name: 'Movable'})).toThrow('EINVAL: this machine has no zone Movable');
	});
});

test(
	'an area that mremap moved: entries moved from the old place to the new, and the same frames are ' + 'behind them',
	() => {
		const {k} = boot(chooseMachine({load: 'none'}));
		const pages = 3;
		let [from, to] = [0, 0];
		function* main(u: User) {
			from = yield* u.mmap(0, pages * 4096, 3, 0x22, -1);
			yield* u.mmap(from + pages * 4096, 4096, 3, 0x22 | 0x10, -1);
			for (let page = 0; page < pages; page++) yield* u.poke8(from + page * 4096, page);
			to = yield* u.mremap(from, pages * 4096, 2 * pages * 4096, MREMAP_MAYMOVE);
			return yield* u.sleep(1e6);
		}
		const wanted = {comm: 'mover', path: '/usr/local/bin/lab', argv: ['mover'], parent: k.sched.tasks.get(1) ?? null};
		const task = startProcess(k, wanted, main);
		for (const limit = 2e9; k.hw.timeline.step(limit); );
		const state = {k, injections: noInjections(), findings: noFindings()};
		const causeOf = (object: CauseObject) => parseCause(causeFile(state, formatCauseObject(object)));
		expect(to).not.toBe(from);
		for (const address of [from, to]) {
			const change = causeOf({kind: 'vma', pid: task.pid, address}).changes.find(({events}) =>
				events.some(({name}) => name === 'move_page_tables'),
			)!;
			expect(change.within.map(({name, result}) => [name, result])).toEqual([['sys_mremap', `0x${to.toString(16)}`]]);
			expect(change.origin).toBe('syscall');
		}
		// pfn of the second page: from the fault that made it, to the call that moved its entry.
		const frame = pte_pfn(k, pte_offset(k, task.mm!, to + 4096));
		const cause = causeOf(framesCause(frame, 1));
		expect(chainOf(cause, 'move_page_tables')).toBe('move_page_tables < sys_mremap < syscall < -');
		expect(chainOf(cause, 'mm_page_alloc')).toBe('mm_page_alloc < page_fault_user < fault < -');
	},
);

describe('what is not known is not guessed', () => {
	test('while tracing is off nothing is told, and afterwards nothing of before', () => {
		const lab = quietLab();
		const {pids} = run(lab, 'mremap-growth');
		const object = {kind: 'vma', pid: pids[0]!, address: 0x40000000} as const;
		expect(ask(lab, object).changes).not.toEqual([]);
		lab.write(tracingOn, '0', 'test');
		expect(ask(lab, object)).toMatchObject({on: false, changes: [], nothing: 'not traced: tracing_on is 0'});
		lab.write(tracingOn, '1', 'test');
		expect(ask(lab, object)).toMatchObject({on: true, changes: []});
		expect(ask(lab, object).nothing).toMatch(/since tracing was switched on/);
	});

	test('what fell out of the ring is missing, and said to be; changes of areas are kept for longer', () => {
		const lab = bootLab({load: 'busy'});
		lab.write(clockPath, 'watch off', 'test');
		lab.run(7e9, 1e9);
		const kernel = ask(lab, framesCause(0x200, 1));
		expect(kernel.lost).toBeGreaterThan(0);
		expect(kernel).toMatchObject({changes: [], nothing: expect.stringMatching(/fell out of it/)});
		const init = ask(lab, {kind: 'vma', pid: 1, address: 0x08048000});
		expect(chainOf(init, 'vma_link')).toBe('vma_link < sys_execve < syscall < -');
	});
});
