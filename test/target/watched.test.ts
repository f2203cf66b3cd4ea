import fc from 'fast-check';
import {expect, test} from 'vitest';
import {parseAio} from '../../source/formats/debugfs/aio.ts';
import {parseKmapAtomic} from '../../source/formats/debugfs/kmapAtomic.ts';
import {parseClock} from '../../source/formats/debugfs/lab/clock.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {bootLab} from '../../source/lab/lab.ts';
import {embeddedMachine} from '../../source/target/embedded.ts';
import {isLong} from '../sample.ts';
import {fakeClock} from './support/fakeClock.ts';

const debug = '/sys/kernel/debug';
const clockFile = `${debug}/lab/clock`;
const injectFile = `${debug}/lab/inject`;
/** How many times an experiment is injected: those that have a key most of all, and more often where there is time. */
const timesOf = (hasKey: boolean) => (hasKey ? (isLong ? 200 : 6) : isLong ? 12 : 2);
/** Time between two frames of a monitor, which asks, draws and asks again. */
const frameMs = 25;

/** A machine that has booted, and a monitor of it. */
function monitored() {
	const wall = fakeClock();
	const target = embeddedMachine(bootLab({load: 'busy'}), 'lab', wall).client('monitor');
	wall.advance(1000);
	const read = async (path: string) => String(await target.read(path));
	return {
		target,
		read,
		/** Draws a frame. @returns the state that it shows held, or null */
		async frame() {
			wall.advance(frameMs);
			const {files} = await target.sample({paths: [clockFile]});
			const clock = files[clockFile];
			return parseClock(clock && 'text' in clock ? clock.text : '').holding;
		},
	};
}

type Monitored = ReturnType<typeof monitored>;
type Read = Monitored['read'];

/** What repeats well shares a machine, until it is this old: its memory fills in time. */
const oldestNs = 10e9;
let last: Monitored | undefined;

async function shared(): Promise<Monitored> {
	const {timeNs} = last ? parseClock(await last.read(clockFile)) : {timeNs: Number.POSITIVE_INFINITY};
	if (timeNs > oldestNs) last = monitored();
	return last!;
}

/** What the tree shows while a state of that name is held, when it is as declared. */
const evidence: Readonly<Record<string, (read: Read, comm: string) => Promise<boolean>>> = {
	'slot held': async read =>
		parseKmapAtomic(await read(`${debug}/kmap_atomic`)).cpus.some(cpu => cpu.slots.some(slot => slot.pfn !== null)),
	'kiocb queued': async (read, comm) =>
		parseAio(await read(`${debug}/aio`)).kiocbs.some(kiocb => kiocb.comm === comm && kiocb.pagesPinned > 0),
};

/** What a usual machine takes again and again. */
const repeatable = experiments.filter(
	({eras, preset, disposable}) => !preset && !disposable && (!eras || eras.includes('ldd3')),
);

test.each(repeatable)('over many injections of $name every declared state is in a frame that was drawn', async ({
	key,
	name,
	declares,
	parameters,
	comm,
}) => {
	const {target, read, frame} = await (key === undefined ? shared() : monitored());
	await frame();
	await frame();
	// A driver that keeps what it took for a while is not waited for here.
	const times = timesOf(key !== undefined);
	const quick = parameters.some(each => each.name === 'hold') ? ' hold=1' : '';
	for (let time = 0; time < times; time++) {
		const id = Number(await target.write(injectFile, `${name}${quick}`));
		const ending = new RegExp(`^injection: id=${id} .*status=(done|failed)`, 'm');
		const drawn = new Set<string>();
		let ended: string | undefined;
		while (ended === undefined) {
			const state = (await frame())?.replace(`${name}: `, '');
			if (state === undefined) {
				ended = ending.exec(await read(injectFile))?.[1];
			} else if (!drawn.has(state)) {
				drawn.add(state);
				expect((await evidence[state]?.(read, comm)) ?? true, state).toBe(true);
			}
		}

		expect(ended).toBe('done');
		expect([...drawn]).toEqual(declares);
	}
});

/** Injections of two at a time. */
const pairs = isLong ? 30 : 6;

test(
	'of random experiments, two injected in one instant, every declared state is in a frame that was ' + 'drawn',
	async () => {
		const {target, read, frame} = monitored();
		await frame();
		await frame();
		const pair = fc.shuffledSubarray([...repeatable], {minLength: 2, maxLength: 2});
		for (const experiments of fc.sample(pair, {numRuns: pairs, seed: 1})) {
			const drawn = new Set<string>();
			const lines = experiments.map(({name, parameters}) =>
				parameters.some(each => each.name === 'hold' && each.unit === 'ms') ? `${name} hold=1` : name,
			);
			const ids = await Promise.all(lines.map(line => target.write(injectFile, line)));
			const ending = new RegExp(`^injection: id=(?:${ids.join('|')}) .*status=done`, 'gm');
			for (let frames = 0; (await read(injectFile)).match(ending)?.length !== 2; frames++) {
				expect(frames, lines.join(', ')).toBeLessThan(2_000);
				const state = await frame();
				if (state !== null) drawn.add(state);
			}
			for (const {name, declares} of experiments)
				for (const state of declares) expect(drawn, lines.join(', ')).toContain(`${name}: ${state}`);
		}
	},
);
