/**
 * `npm run bench -- back`: what going back in time takes in wall time, on a calm machine of its own that is ten minutes
 * old. Asked and seen as a monitor does: a write, and samples until the clock says that it is there.
 */
import {setTimeout} from 'node:timers/promises';
import {parseClock} from '../source/formats/debugfs/lab/clock.ts';
import {parseInject} from '../source/formats/debugfs/lab/inject.ts';
import {files} from '../source/formats/files.ts';
import {Chance} from '../source/hardware/chance.ts';
import {bootLab} from '../source/lab/lab.ts';
import {embeddedMachine} from '../source/target/embedded.ts';
import {runHeadless} from '../source/target/headless.ts';
import {systemClock} from '../source/target/wallClock.ts';

const clockPath = files.clock.path;
const askEveryMs = 10;

type Asked = {
	/** Virtual age of the machine. */
	readonly ageS: number;
	readonly rounds: number;
	/** Wall time between two keys of somebody who goes back step by step. */
	readonly restMs: number;
	readonly say: (line: string) => void;
};

function old(ageS: number) {
	const lab = bootLab({load: 'calm'});
	runHeadless(lab, ageS * 1e9);
	const machine = embeddedMachine(lab, 'lab', systemClock, {isOwn: true});
	const target = machine.client('bench');
	const write = (words: string) => target.write(clockPath, words);
	const clock = async () => {
		const {files: sampled} = await target.sample({paths: [clockPath]});
		const file = sampled[clockPath]!;
		return parseClock('text' in file ? file.text : '');
	};
	const stands = async () => {
		while ((await clock()).state !== 'paused') await setTimeout(askEveryMs);
	};
	const back = async (words: string): Promise<Took> => {
		const startMs = systemClock.nowMs();
		const before = process.cpuUsage();
		await write(words);
		await stands();
		const {user, system} = process.cpuUsage(before);
		return {wallMs: systemClock.nowMs() - startMs, cpuMs: (user + system) / 1000};
	};
	/** Comes to its age again, and rests until the others have come after it. */
	const readyAgain = async () => {
		if (lab.timeNs() < ageS * 1e9) {
			for (const words of ['watch off', 'rate 1000', `until ${ageS}s`]) await write(words);
			await stands();
			await write('rate 1');
		} else {
			await write('pause');
		}
		// Idle time is looked for when somebody asks, as a monitor does.
		while (lab.follow(0, true)) {
			await clock();
			await setTimeout(10 * askEveryMs);
		}
	};
	/** Does an experiment. @returns words that lead from its last step to the one before */
	const storyBack = async (): Promise<string> => {
		await target.write(files.inject.path, 'direct-read');
		await write(`until ${lab.timeNs() + 2e9}ns`);
		await stands();
		const {states} = parseInject(String(lab.read(files.inject.path))).injections.at(-1)!;
		return `rewind ${states.at(-2)!.timeUs * 1000 + 999}ns`;
	};
	return {back, storyBack, readyAgain, timeNs: lab.timeNs, stop: machine.stop};
}

/** Milliseconds of the wall clock, and of the processor, which others that share the computer change less. */
type Took = {readonly wallMs: number; readonly cpuMs: number};

function spread(all: readonly number[]): string {
	const sorted = [...all].sort((a, b) => a - b);
	const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!.toFixed(0);
	return `p50 ${at(0.5).padStart(5)}  p95 ${at(0.95).padStart(5)}  most ${at(1).padStart(5)} ms`;
}

const told = (name: string, all: readonly Took[]): string =>
	`${name.padEnd(36)} ${String(all.length).padStart(3)} times   wall: ${spread(all.map(({wallMs}) => wallMs))}   ` +
	`CPU: ${spread(all.map(({cpuMs}) => cpuMs))}`;

/** Wall milliseconds of each kind of going back, a line a kind. */
export async function goBack({ageS, rounds, restMs, say}: Asked): Promise<void> {
	const {back, storyBack, readyAgain, timeNs, stop} = old(ageS);
	const chance = new Chance(1);
	const within = (seconds: number) => `rewind ${Math.floor(timeNs() - chance.integer(1, 1e6) * seconds * 1e3)}ns`;
	const singles: readonly (readonly [string, () => string | Promise<string>])[] = [
		['by an event', () => 'back 1'],
		['by a step of a story', storyBack],
		['by a second', () => `rewind ${timeNs() - 1e9}ns`],
		[`to any time of the last ${ageS / 10} s`, () => within(ageS / 10)],
		[`to any time of the last ${ageS} s`, () => within(ageS)],
	];
	for (const [name, words] of singles) {
		const took: Took[] = [];
		for (let round = 0; round < rounds; round++) {
			await readyAgain();
			took.push(await back(await words()));
		}
		say(told(name, took));
	}
	for (const inRow of [3, 10]) {
		const took: Took[] = [];
		for (let round = 0; round < Math.ceil(rounds / 5); round++) {
			await readyAgain();
			for (let key = 0; key < inRow; key++) {
				took.push(await back(`rewind ${Math.max(0, timeNs() - 1e9)}ns`));
				await setTimeout(restMs);
			}
		}
		say(told(`by a second, ${inRow} times, ${restMs} ms apart`, took));
	}
	stop();
}
