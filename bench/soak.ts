/**
 * `npm run bench -- soak [SAMPLES]`: a monitor that watches the default lab for SAMPLES tenths of a second of its time, as
 * fast as this computer can, and what the heap still holds after each tenth of them.
 */
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {bootLab} from '../source/lab/lab.ts';
import {headlessMachine} from '../source/target/headless.ts';
import type {Target} from '../source/target/target.ts';
import {startHurried} from './hurriedMonitor.ts';

const sampleNs = 100_000_000;

export const soak = (samples: number, tell: (line: string) => void = console.log): Promise<void> =>
	new Promise((resolve, reject) => {
		setFlagsFromString('--expose-gc');
		const collect = runInNewContext('gc') as () => void;
		const lab = bootLab({});
		const machine = headlessMachine(lab, 'soak');
		let asked = 0;
		const target: Target = {
			...machine.target,
			sample(request) {
				asked++;
				machine.runUntil(lab.timeNs() + sampleNs);
				if (asked % Math.ceil(samples / 10) === 0) {
					collect();
					const heapMb = (process.memoryUsage().heapUsed / 2 ** 20).toFixed(1);
					tell(`${String(asked).padStart(7)} samples, ${(lab.timeNs() / 1e9).toFixed(0)} s: ${heapMb} MiB in use`);
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
