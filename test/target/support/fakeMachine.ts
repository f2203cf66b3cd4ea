import type {TargetMachine} from '../../../source/target/machine.ts';

/**
 * A machine of one counter, for tests of what surrounds a machine: an event every `periodNs` adds one to /proc/ticks.
 * Its clock file takes what the real one takes. Events listed in `holdAtNs` begin a state that is held while watching:
 * that of the name `state`, else the number of ticks; whose it is says `heldBy`.
 */
type Write = {
	readonly timeNs: number;
	readonly seq: number;
	readonly path: string;
	readonly text: string;
	readonly by: string;
};

export type FakeMachine = TargetMachine & {
	/** The writes that were accepted. */
	readonly session: readonly Write[];
	/** What an event costs this computer, on the test's wall clock. */
	onEvent: () => void;
	/** How often a file was printed. */
	prints: number;
};

class FakeMachineError extends Error {
	readonly code: string;

	constructor(code: string, sentence: string) {
		super(`${code}: ${sentence}`);
		this.code = code;
	}
}

export function fakeMachine({
	periodNs = 1_000_000,
	holdAtNs = [] as readonly number[],
	pace = 'fast' as 'fast' | 'read' | 'manual',
	readMs = 0,
	state = undefined as string | undefined,
	heldBy = undefined as string | undefined,
} = {}): FakeMachine {
	let timeNs = 0;
	let seq = 0;
	let ticks = 0;
	let rate = 1;
	let paused = false;
	let stepsWanted = 0;
	let untilNs: number | undefined;
	let holding: string | undefined;
	let stays = false;
	const held = new Set<number>();
	const session: Write[] = [];
	const files: Record<string, () => string | Uint8Array> = {
		'/proc/ticks': () => `${ticks}\n`,
		'/proc/kpagecount': () => Uint8Array.from({length: 64}, (_, index) => index),
		'/sys/kernel/debug/lab/clock': () => `${timeNs} ${rate} ${paused}\n`,
		'/sys/kernel/debug/tracing/trace_pipe': () => session.map(entry => `${entry.timeNs}: ${entry.text}\n`).join(''),
		'/proc/kmsg': () =>
			session.map(({timeNs, text}) => `<6>[${(timeNs / 1e9).toFixed(6).padStart(12)}] ${text}\n`).join(''),
	};
	const directories = new Map([
		['/', ['proc/', 'sys/']],
		['/proc', ['kmsg', 'kpagecount', 'ticks']],
	]);

	const clockCommand = (text: string): void => {
		const [word = '', value = ''] = text.trim().split(/\s+/);
		switch (word) {
			case 'run':
				paused = false;
				return;
			case 'pause':
				paused = true;
				return;
			case 'rate':
				rate = Number(value);
				return;
			case 'step':
				stepsWanted += Number(value || '1');
				return;
			case 'until':
				untilNs = Number(value);
				return;
			case 'stay':
				stays = true;
				return;
			case 'next':
				holding = undefined;
				stays = false;
				return;
			default:
				throw new FakeMachineError('EINVAL', `unknown clock command ${JSON.stringify(word)}`);
		}
	};

	const fake: FakeMachine = {
		name: 'fake',
		session,
		onEvent: () => {},
		prints: 0,
		timeNs: () => timeNs,
		seq: () => seq,
		nextEventNs: () => timeNs + periodNs - (timeNs % periodNs),
		clock: () => ({rate, paused, stepsWanted, untilNs, holding, heldBy, pace, readMs, stays}),
		awaits: name => name === state && holdAtNs.some(each => !held.has(each)),
		releaseHold() {
			holding = undefined;
			stays = false;
		},
		run(limitNs, maxEvents) {
			let events = 0;
			for (;;) {
				const nextNs = timeNs + periodNs - (timeNs % periodNs);
				if (nextNs > limitNs || (paused && stepsWanted === 0)) {
					timeNs = paused ? timeNs : limitNs;
					if (untilNs !== undefined && timeNs >= untilNs) {
						untilNs = undefined;
						paused = true;
					}

					return 'reached';
				}

				if (events === maxEvents) return 'budget';

				timeNs = nextNs;
				events++;
				seq++;
				ticks++;
				stepsWanted = Math.max(0, stepsWanted - 1);
				fake.onEvent();
				if (holdAtNs.includes(timeNs) && !held.has(timeNs)) {
					held.add(timeNs);
					holding = state ?? `tick ${ticks}`;
					return 'hold';
				}
			}
		},
		read(path) {
			fake.prints++;
			const file = files[path];
			if (file) return file();

			throw directories.has(path)
				? new FakeMachineError('EISDIR', `${path} is a directory`)
				: new FakeMachineError('ENOENT', `there is no ${path}`);
		},
		list(path) {
			const names = directories.get(path);
			if (names) return names;

			throw path in files
				? new FakeMachineError('ENOTDIR', `${path} is a file`)
				: new FakeMachineError('ENOENT', `there is no ${path}`);
		},
		write(path, text, by) {
			if (!(path in files)) throw new FakeMachineError('ENOENT', `there is no ${path}`);

			if (path === '/proc/ticks') throw new FakeMachineError('EACCES', `${path} cannot be written`);

			if (path === '/sys/kernel/debug/lab/clock') {
				clockCommand(text);
			}

			session.push({timeNs, seq: seq++, path, text, by});
			return path === '/proc/kmsg' ? `id ${session.length}\n` : '';
		},
	};
	return fake;
}
