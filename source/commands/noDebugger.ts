/**
 * Node answers SIGUSR1 by opening a port for a debugger, to whoever on this computer connects. With a listener it does not:
 * the signal ends the program, as it ends others. Imported before everything else, so that there is one from the start.
 * A port that was opened while Node itself started is closed again, unless a flag of Node asks for it.
 */

import {dieOf} from '../ui/terminal/signals.ts';

const signal = 'SIGUSR1';

process.on(signal, () => {
	// The monitor has one of its own, which gives the terminal back first.
	if (process.listenerCount(signal) === 1) dieOf(signal);
});

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
