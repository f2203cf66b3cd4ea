/**
 * What the program answers to two signals from its very start; imported before everything else.
 *
 * SIGUSR1: Node opens a port for a debugger, to whoever on this computer connects. With a listener it does not: the
 * signal ends the program, as it ends others. A port that was opened while Node itself started is closed again, unless
 * a flag of Node asks for it.
 *
 * SIGXFSZ: Node ignores it, so that a write to a file that may not grow fails with EFBIG, which a recording can live
 * with. A library of Ink listens to it and would end the program, if it were alone.
 */

import {dieOf} from '../ui/terminal/signals.ts';

const signal = 'SIGUSR1';

process.on(signal, () => {
	// The monitor has one of its own, which gives the terminal back first.
	if (process.listenerCount(signal) === 1) dieOf(signal);
});

process.on('SIGXFSZ', () => {});

const isAsked = /--inspect(?!-port)/.test([...process.execArgv, process.env.NODE_OPTIONS].join(' '));

function closePort(): void {
	// The public module for it takes a while to load, at every start.
	(process as {_debugEnd?: () => void})._debugEnd?.();
}

if (!isAsked) {
	closePort();
	// One that is just being opened.
	setImmediate(closePort).unref();
}
