/**
 * `npm run bench -- soak [SAMPLES]`: a monitor that watches a busy lab for SAMPLES tenths of a second of its time, as
 * fast as this computer can, while somebody injects something every ten seconds of it. After each tenth of them: what
 * the heap and the process hold, how many files are open, and how long a sample takes; at the end what an hour of the
 * machine's time adds to each, and how much of the heap is the machine's.
 */
import {readdirSync} from 'node:fs';
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {files} from '../source/formats/files.ts';
import {bootLab} from '../source/lab/lab.ts';
import {headlessMachine} from '../source/target/headless.ts';
import type {Target} from '../source/target/target.ts';
import {startHurried} from './hurriedMonitor.ts';

const sampleNs = 100_000_000;
/** Samples between two injections. */
const injectEvery = 100;
const workloads = ['direct-read', 'mremap-growth', 'aio-burst', 'pool-work'];

type Tell = (line: string) => void;

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

/** What may grow. */
type Reading = {
	readonly timeNs: number;
	readonly heapBytes: number;
	readonly rssBytes: number;
	readonly openFiles: number;
	/** Mean since the reading before. */
	readonly sampleMs: number;
};

/** Files that this process has open; 0 where there is no /proc. */
function openFiles(): number {
	try {
		return readdirSync('/proc/self/fd').length;
	} catch {
		return 0;
	}
}

/** @param heap what it holds, in bytes @returns a reading after each tenth of the samples; the heap at the end */
const watch = (
	lab: ReturnType<typeof bootLab>,
	samples: number,
	heap: () => number,
	tell: Tell,
): Promise<{readonly readings: readonly Reading[]; readonly withMonitor: number}> =>
	new Promise((resolve, reject) => {
		const machine = headlessMachine(lab, 'soak');
		const readings: Reading[] = [];
		let asked = 0;
		let [spentMs, counted] = [0, 0];
		const look = () => {
			const heapBytes = heap();
			const rssBytes = process.memoryUsage().rss;
			const reading = {timeNs: lab.timeNs(), heapBytes, rssBytes, openFiles: openFiles(), sampleMs: spentMs / counted};
			[spentMs, counted] = [0, 0];
			readings.push(reading);
			const {sampleMs} = reading;
			tell(
				`${String(asked).padStart(7)} samples, ${(reading.timeNs / 1e9).toFixed(0)} s: ${mib(heapBytes)} MiB in use, ` +
					`${mib(rssBytes)} MiB resident, ${reading.openFiles} files, ${sampleMs.toFixed(2)} ms a sample`,
			);
		};
		const target: Target = {
			...machine.target,
			async sample(request) {
				asked++;
				if (asked % injectEvery === 0) {
					const workload = workloads[(asked / injectEvery) % workloads.length]!;
					await machine.target.write(files.inject.path, workload);
				}
				machine.runUntil(lab.timeNs() + sampleNs);
				const began = performance.now();
				const sample = await machine.target.sample(request);
				spentMs += performance.now() - began;
				counted++;
				if (asked % Math.ceil(samples / 10) === 0) look();
				if (asked === samples) {
					const withMonitor = heap();
					monitor.stop();
					resolve({readings, withMonitor});
				}
				return sample;
			},
		};
		const monitor = startHurried(target, reject);
	});

/** Of which growth can be computed. */
const leastReadings = 3;

/** What an hour of the machine's time adds: the slope between the mean of the middle readings and of the last ones. */
export function growthPerHour(readings: readonly Reading[], of: (reading: Reading) => number): number {
	const third = Math.floor(readings.length / 3);
	const [middle, last] = [readings.slice(third, 2 * third), readings.slice(-third)];
	const mean = (some: readonly Reading[], value: (reading: Reading) => number) =>
		some.reduce((sum, each) => sum + value(each), 0) / some.length;
	const hours = (mean(last, ({timeNs}) => timeNs) - mean(middle, ({timeNs}) => timeNs)) / 3600e9;
	return (mean(last, of) - mean(middle, of)) / hours;
}

export async function soak(samples: number, tell: Tell = console.log): Promise<void> {
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc') as () => void;
	const heap = (): number => {
		collect();
		return process.memoryUsage().heapUsed;
	};
	const before = heap();
	const lab = bootLab({load: 'busy'});
	const {readings, withMonitor} = await watch(lab, samples, heap, tell);
	// What the monitor does when it is stopped, it does in a turn of its own.
	await new Promise(resolve => setImmediate(resolve));
	const machineOnly = heap();
	const grown = (of: (reading: Reading) => number) => growthPerHour(readings, of);
	if (readings.length < leastReadings) tell(`growth needs ${leastReadings} readings`);
	else
		tell(
			`an hour of its time adds ${mib(grown(({heapBytes}) => heapBytes))} MiB to the heap, ` +
				`${mib(grown(({rssBytes}) => rssBytes))} MiB to what is resident, ` +
				`${grown(each => each.openFiles).toFixed(1)} files, ${grown(({sampleMs}) => sampleMs).toFixed(2)} ms to a sample`,
		);
	tell(
		`the monitor gone: ${mib(machineOnly)} MiB, ${mib(before)} of them before ${lab.name} was booted; ` +
			`the monitor had ${mib(withMonitor - machineOnly)} MiB`,
	);
}
