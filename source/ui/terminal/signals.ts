/**
 * Signals that end the program. The terminal is given back, what is open is closed, and then the program dies of the
 * same signal, so that whoever waits for it sees which one it was: a shell shows 128 and the signal's number.
 *
 * All that can be caught are: SIGKILL cannot be, and a handler for SIGSEGV, SIGBUS, SIGFPE and SIGILL would turn a
 * crash of the engine into a loop, for the instruction that failed is tried again when a handler returns. Signals for
 * real time have no names in Node. SIGPIPE and SIGXFSZ end nothing here: Node ignores them, and a write that fails says
 * why.
 *
 * SIGUSR1 is one of them as well. Node would answer it by opening a port for a debugger.
 */

import {constants} from 'node:os';

const names: readonly NodeJS.Signals[] = [
	'SIGHUP',
	'SIGINT',
	'SIGQUIT',
	'SIGTRAP',
	'SIGABRT',
	'SIGUSR1',
	'SIGUSR2',
	'SIGALRM',
	'SIGTERM',
	'SIGSTKFLT',
	'SIGXCPU',
	'SIGVTALRM',
	'SIGPROF',
	'SIGIO',
	'SIGPWR',
	'SIGSYS',
];

/** A profiler measures with SIGPROF. */
const isProfiled = /--(?:cpu-|heap-)?prof|--inspect/.test([...process.execArgv, process.env.NODE_OPTIONS].join(' '));

/** Those that this system has. */
const endSignals: readonly NodeJS.Signals[] = names.filter(
	name => constants.signals[name] !== undefined && !(name === 'SIGPROF' && isProfiled),
);

/** What a signal does where nothing listens to it: for most of them this ends the process, now. */
export function dieOf(signal: NodeJS.Signals): void {
	// Some have two names, and a listener on either keeps the process alive.
	for (const [name, number] of Object.entries(constants.signals)) {
		if (number === constants.signals[signal]) process.removeAllListeners(name);
	}
	process.kill(process.pid, signal);
}

/**
 * Makes the process die of a signal when it has come to its end.
 *
 * @returns the exit code that stands for it
 */
export function endingBy(signal: NodeJS.Signals): number {
	process.once('exit', () => dieOf(signal));
	return 128 + constants.signals[signal];
}

/** @returns takes the handlers away again: from then on a signal ends the process at once */
export function onEndSignal(leave: (code: number) => void): () => void {
	const handlers = endSignals.map(signal => [signal, () => leave(endingBy(signal))] as const);
	for (const [signal, handler] of handlers) process.on(signal, handler);
	return () => {
		for (const [signal, handler] of handlers) process.off(signal, handler);
	};
}
