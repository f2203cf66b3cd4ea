import {expect, test} from 'vitest';
import {parseAio} from '../../source/formats/debugfs/aio.ts';
import {parseKmapAtomic} from '../../source/formats/debugfs/kmapAtomic.ts';
import {parseClock} from '../../source/formats/debugfs/lab/clock.ts';
import {parseExperiments} from '../../source/formats/debugfs/lab/experiments.ts';
import {parseInject} from '../../source/formats/debugfs/lab/inject.ts';
import {bootLab} from '../../source/lab/lab.ts';
import {fromSampled} from '../../source/target/content.ts';
import {embeddedMachine} from '../../source/target/embedded.ts';
import {fakeClock} from './support/fakeClock.ts';

const lab = '/sys/kernel/debug/lab';
const paths = [`${lab}/clock`, `${lab}/inject`, '/sys/kernel/debug/kmap_atomic', '/sys/kernel/debug/aio'];
/** How many times each experiment is injected: enough that a state shown by luck would be missed once. */
const times = 200;
/** Time between two frames of a monitor. */
const frameMs = 100;

/** A machine and a monitor that asks, draws and asks again, at the frame rate of a real one. */
function monitored() {
	const wall = fakeClock();
	const machine = embeddedMachine(bootLab({}), 'lab', wall);
	const target = machine.client('monitor');
	const text = async (path: string) => String(await target.read(path));
	return {
		target,
		experiments: async () => parseExperiments(await text(`${lab}/experiments`)).experiments,
		async frame() {
			wall.advance(frameMs);
			const {files} = await target.sample({paths});
			const [clock, inject, kmaps, aio] = paths.map(path => {
				const file = files[path];
				return String(file && fromSampled(file));
			});
			return {
				clock: parseClock(clock ?? ''),
				injections: parseInject(inject ?? '').injections,
				kmaps: parseKmapAtomic(kmaps ?? ''),
				aio: parseAio(aio ?? ''),
			};
		},
	};
}

type Frame = Awaited<ReturnType<ReturnType<typeof monitored>['frame']>>;

/** What a frame must show while a state of that name is held. */
const evidence: Readonly<Record<string, (frame: Frame) => boolean>> = {
	'slot held': ({kmaps}) => kmaps.cpus.some(cpu => cpu.slots.some(slot => slot.pfn !== null)),
	'kiocb queued': ({aio, injections}) => aio.kiocbs.some(({pid}) => injections.at(-1)?.pids.includes(pid)),
};

test(`over ${times} injections of each kind every declared state is in a frame that was drawn`, async () => {
	const {target, experiments, frame} = monitored();
	await frame();
	await frame();
	for (const {name, visible, parameters} of await experiments()) {
		// Drivers that keep what they took for a while are not kept waiting for here.
		const quick = parameters.some(each => each.name === 'hold') ? ' hold=1' : '';
		for (let time = 0; time < times; time++) {
			const id = Number(await target.write(`${lab}/inject`, `${name}${quick}`));
			const drawn = new Set<string>();
			for (let frames = 0; frames < 100; frames++) {
				const seen = await frame();
				const state = seen.clock.holding?.replace(`${name}: `, '');
				if (state !== undefined) {
					drawn.add(state);
					expect(evidence[state]?.(seen) ?? true, `${name} ${state}`).toBe(true);
				}

				if (seen.injections.some(each => each.id === id && each.status === 'done') && state === undefined) {
					break;
				}
			}

			expect([...drawn], name).toEqual(visible);
		}
	}
});
