import {fakeMachine} from './fakeMachine.ts';

/**
 * The fake machine, with a file of so many bytes under each path `/big/NAME`, binary under `/bytes/NAME`, each
 * beginning with the machine's ticks. What is printed is written down.
 */
export function bigMachine({fileBytes = 1024 * 1024} = {}) {
	const fake = fakeMachine();
	const {read} = fake;
	const printed: string[] = [];
	const big = Object.assign(fake, {
		printed,
		/** What printing a file costs this computer, or whatever else happens meanwhile. */
		onPrint: (_path: string): void => {},
		read(path: string) {
			printed.push(path);
			big.onPrint(path);
			if (path.startsWith('/big/')) {
				fake.prints++;
				return `${read('/proc/ticks')}`.padEnd(fileBytes, '.');
			}

			if (path.startsWith('/bytes/')) {
				fake.prints++;
				return new Uint8Array(Buffer.from(`${read('/proc/ticks')}`.padEnd(fileBytes, '.')));
			}

			return read(path);
		},
	});
	return big;
}

export const bigPaths = (count: number, directory = '/big'): readonly string[] =>
	Array.from({length: count}, (_, index) => `${directory}/${index}`);
