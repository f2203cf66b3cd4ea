/** Drivers at large: those that follow the rules leave nothing behind; one mistake among many right steps shows. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {dma_data_direction} from '../../source/kernel/dma/direction.ts';
import {dma_pool_destroy} from '../../source/kernel/dma/dmapool.ts';
import {poolInfo} from '../../source/kernel/dma/dmapool_info.ts';
import {driver_unbind} from '../../source/kernel/drivers/dd.ts';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import {sys_io_destroy} from '../../source/kernel/fs/aio.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {bootTestKernel, dmesg, runProcess, type TestKernelOptions} from '../kernel/support.ts';
import {runs} from '../sample.ts';
import {type Held, type Kind, kinds, newRig, take} from './driverRig.ts';

type Step =
	| {readonly what: 'take'; readonly kind: Kind; readonly sizeBytes: number; readonly direction: dma_data_direction}
	| {readonly what: 'talk' | 'give back'; readonly choice: number};

const steps = fc.array(
	fc.oneof(
		fc.record({
			what: fc.constant('take' as const),
			kind: fc.constantFrom(...kinds),
			sizeBytes: fc.integer({min: 2, max: 4096}),
			direction: fc.constantFrom<dma_data_direction>(0, 1, 2),
		}),
		fc.record({what: fc.constantFrom('talk' as const, 'give back' as const), choice: fc.nat(30)}),
	),
	{maxLength: 50},
);

/** Does the steps in turn. @returns what is held at the end */
function* doSteps(rig: Parameters<typeof take>[0], wanted: readonly Step[]): Sleeps<Held[]> {
	const held: Held[] = [];
	for (const step of wanted) {
		if (step.what === 'take') held.push(yield* take(rig, step.kind, step.sizeBytes, step.direction));
		else if (held.length > 0) {
			const index = step.choice % held.length;
			if (step.what === 'talk') expect(held[index]!.talk(step.choice + 1)).toBe(true);
			else yield* held.splice(index, 1)[0]!.giveBack();
		}
	}
	return held;
}

const complaint =
	/DMA-API: .*(device driver|cacheline)|dma_pool_|BUG: Bad page state|kernel BUG at|Poison overwritten|Slab corruption|refcount_t/;
const complaints = (k: Kernel) => dmesg(k).filter(line => complaint.test(line));

/** All that a driver may leave behind, by kind. */
const leftBehind = (k: Kernel) => ({
	mappings: k.dma.mappings.live,
	slots: k.dma.swiotlb?.used ?? 0,
	busPages: k.dma.iommu?.used ?? 0,
	lentLines: k.hw.bus.cache?.lentLines ?? 0,
	pins: k.mm.pins.size,
	kiocbs: k.aio.kiocbs.size,
	contexts: k.aio.aio_nr,
	memories: k.mm.mms.size,
});
const nothing = {mappings: 0, slots: 0, busPages: 0, lentLines: 0, pins: 0, kiocbs: 0, contexts: 0, memories: 0};

/** Every kernel on every kind of board: plain, bounced, behind an IOMMU, with caches that devices do not see. */
const machine = fc
	.tuple(
		fc.constantFrom(...ERA_NAMES),
		fc.constantFrom<TestKernelOptions[]>({}, {swiotlb: 'force'}, {iommuPages: 1024}, {coherentCaches: false}),
	)
	.map(([era, board]): TestKernelOptions => ({era, ...board}));

test(
	'whatever well-behaved drivers do in whatever order: no message, no mapping, no slot, no pin, no ' +
		'block, no kiocb',
	() => {
		fc.assert(
			fc.property(machine, steps, (options, wanted) => {
				const k = bootTestKernel({...options, debug: {slab: true}});
				runProcess(k, function* (k) {
					const rig = yield* newRig(k);
					for (const each of yield* doSteps(rig, wanted)) yield* each.giveBack();
					expect(poolInfo(rig.pool).blocksInUse).toBe(0);
					dma_pool_destroy(k, rig.pool);
					expect(yield* sys_io_destroy(k, rig.ctx)).toBe(0);
					driver_unbind(k, rig.dev);
				});
				expect(complaints(k)).toEqual([]);
				expect(k.dma.debug.error_count).toBe(0);
				expect(leftBehind(k)).toEqual(nothing);
			}),
			{numRuns: runs(72)},
		);
	},
);

const mistakes = ['forgets it', 'gives it back twice', 'gives it back wrong', 'touches it'] as const;
type Mistake = (typeof mistakes)[number];

function canMake(mistake: Mistake, {giveBackWrong, touch, kind}: Held): boolean {
	if (mistake === 'gives it back wrong') return giveBackWrong !== undefined;
	if (mistake === 'touches it') return touch !== undefined;
	// A request that nobody fetches is ended by io_destroy, and its event cannot be fetched twice.
	return kind !== 'request';
}

/** @returns whether the bytes tell of it already */
function* make(mistake: Mistake, victim: Held): Sleeps<boolean> {
	switch (mistake) {
		case 'forgets it':
			return false;
		case 'gives it back twice':
			for (let i = 0; i < 2; i++) yield* victim.giveBack();
			return false;
		case 'gives it back wrong':
			yield* victim.giveBackWrong!();
			return false;
		case 'touches it': {
			const disagree = victim.touch!();
			yield* victim.giveBack();
			return disagree;
		}
	}
}

test(
	'one mistake with one of the things that a driver holds is caught in Linux’s words or shows in what ' +
		'is left or in the bytes',
	() => {
		const made = new Set<string>();
		fc.assert(
			fc.property(
				// Where a device reads the CPU's own memory a touch does no harm, so that nothing could show it.
				fc.constantFrom<TestKernelOptions>(
					{era: '2.6.32', swiotlb: 'force'},
					{era: '6.1', swiotlb: 'force'},
					{era: '6.1', coherentCaches: false},
				),
				steps,
				fc.constantFrom(...mistakes),
				fc.constantFrom(...kinds),
				fc.constantFrom<dma_data_direction>(1, 2),
				(machine, wanted, mistake, kind, direction) => {
					const k = bootTestKernel({...machine, debug: {slab: true}});
					let shows = false;
					let possible = true;
					runProcess(k, function* (k) {
						const rig = yield* newRig(k);
						const held = yield* doSteps(rig, wanted);
						const victim = yield* take(rig, kind, 600, direction);
						possible = canMake(mistake, victim);
						if (!possible) return;
						made.add(`${mistake} ${kind}`);
						shows = yield* make(mistake, victim);
						for (const each of held) yield* each.giveBack();
						dma_pool_destroy(k, rig.pool);
						yield* sys_io_destroy(k, rig.ctx);
						driver_unbind(k, rig.dev);
					});
					if (!possible) return;
					shows ||= complaints(k).length > 0 || k.dma.debug.error_count > 0 || k.mm.pins.size > 0;
					expect(shows).toBe(true);
				},
			),
			{numRuns: 110, seed: 11},
		);
		// Every mistake was made with everything that it can be made with.
		expect(made.size).toBe(5 + 5 + 4 + 1);
	},
);
