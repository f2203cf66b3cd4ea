/**
 * `npm run bench -- soak [SAMPLES]`: a monitor that watches a busy lab for SAMPLES tenths of a second of its time,
 * as fast as this computer can; what the heap holds after each tenth of them, and how much of that is the machine's.
 */
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {bootLab} from '../source/lab/lab.ts';
import {headlessMachine} from '../source/target/headless.ts';
import type {Target} from '../source/target/target.ts';
import {startHurried} from './hurriedMonitor.ts';

const sampleNs = 100_000_000;

type Tell = (line: string) => void;

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

/** @param heap what it holds, in bytes */
const watch = (lab: ReturnType<typeof bootLab>, samples: number, heap: () => number, tell: Tell): Promise<void> =>
	new Promise((resolve, reject) => {
		const machine = headlessMachine(lab, 'soak');
		let asked = 0;
		const target: Target = {
			...machine.target,
			sample(request) {
				asked++;
				machine.runUntil(lab.timeNs() + sampleNs);
				if (asked % Math.ceil(samples / 10) === 0) {
					const seconds = (lab.timeNs() / 1e9).toFixed(0);
					tell(`${String(asked).padStart(7)} samples, ${seconds} s: ${mib(heap())} MiB in use`);
				}
				if (asked === samples) {
					monitor.stop();
					resolve();
				}
				return machine.target.sample(request);
			},
		};
		const monitor = startHurried(target, reject);
	});

export async function soak(samples: number, tell: Tell = console.log): Promise<void> {
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc') as () => void;
	const heap = (): number => {
		collect();
		return process.memoryUsage().heapUsed;
	};
	const before = heap();
	const lab = bootLab({load: 'busy'});
	await watch(lab, samples, heap, tell);
	// What the monitor does when it is stopped, it does in a turn of its own.
	await new Promise(resolve => setImmediate(resolve));
	tell(`the monitor gone: ${mib(heap())} MiB, ${mib(before)} of them before ${lab.name} was booted`);
}
