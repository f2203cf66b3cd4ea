/** Signals that ask the program to end, and the exit codes that a shell expects then: 128 and the signal's number. */
export const endSignals = {SIGTERM: 143, SIGHUP: 129, SIGINT: 130} as const;

/** @returns takes the handlers away again */
export const onEndSignal = (leave: (code: number) => void): (() => void) => {
	const handlers = Object.entries(endSignals).map(
		([signal, code]) => [signal as NodeJS.Signals, () => leave(code)] as const,
	);
	for (const [signal, handler] of handlers) {
		process.on(signal, handler);
	}
	return () => {
		for (const [signal, handler] of handlers) {
			process.off(signal, handler);
		}
	};
};
