import {bootLab} from '../source/lab/lab.ts';
import {headlessMachine} from '../source/target/headless.ts';
import type {Sample, Target} from '../source/target/target.ts';
import {startHurried} from './hurriedMonitor.ts';
import type {Bench} from './measure.ts';

const recordedSamples = 60;
const stepNs = 100_000_000;

/** The whole way from text of files to bytes for a terminal; the machine's own work is done before. */
export const screenBench: Bench = {
	name: 'drawn frame at 120x40',
	unit: 'frame',
	count: 600,
	smallCount: 5,
	async prepare() {
		const lab = bootLab({load: 'busy'});
		const machine = headlessMachine(lab, 'bench');
		const recorded: Sample[] = [];
		let onSample: (() => void) | undefined;
		let asked = 0;
		const target: Target = {
			...machine.target,
			async sample(request) {
				asked++;
				onSample?.();
				// The first round is recorded as it goes; later ones are played back, so that only the monitor costs.
				if (recorded.length < recordedSamples) {
					machine.runUntil(lab.timeNs() + stepNs);
					recorded.push(await machine.target.sample(request));
					return recorded.at(-1)!;
				}
				return recorded[asked % recordedSamples]!;
			},
		};
		startHurried(target, error => {
			throw error;
		});
		const frames = (count: number) =>
			new Promise<void>(resolve => {
				const last = asked + count;
				onSample = () => {
					if (asked >= last) resolve();
				};
			});
		await frames(recordedSamples);
		return frames;
	},
};
