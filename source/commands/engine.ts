import {setFlagsFromString} from 'node:v8';

/**
 * How soon the engine compiles a function for speed, by the number of the engine (Node 20; 22 and 24), nine times as
 * late as it would: what a monitor does ten times a second pays for that in an hour, and compiling took two fifths of
 * its CPU time. A newer engine is left as it is: it would complain about a flag that it does not know.
 */
const compileLater: Readonly<Record<string, string>> = {
	11: '--interrupt-budget=600000',
	12: '--invocation-count-for-turbofan=27000',
	13: '--invocation-count-for-turbofan=27000',
};

/**
 * Fits the engine to a machine in this process, which runs much code for the first time: functions of usual size are
 * not copied into each other, which was a third of the CPU time of the first ten seconds, and there is room for what
 * events leave behind. To be called before there is much to compile. Both flags are there in Node 20, 22 and 24.
 */
export function tuneEngineForMachine(): void {
	setFlagsFromString('--max-inlined-bytecode-size-cumulative=200');
	setFlagsFromString('--min-semi-space-size=16');
}

/**
 * Fits the engine to a monitor of a machine elsewhere, which runs for hours and does little. To be called before there
 * is much to compile.
 */
export function tuneEngineForMonitor(): void {
	// What a frame leaves behind is little: room for more of it before it is collected would be 20 MB without use.
	setFlagsFromString('--semi-space-growth-factor=1');
	const flag = compileLater[process.versions.v8.split('.')[0] ?? ''];
	if (flag !== undefined) {
		setFlagsFromString(flag);
	}
}
