/** Signals that ask a daemon to stop. */
const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export type StopSignal = {
	/** Resolves when the process was asked to stop. */
	readonly wanted: Promise<void>;
	readonly signal: AbortSignal;
	/** Waits for something, but not after the process was asked to stop. @throws when it was */
	orStop<T>(promise: Promise<T>): Promise<T>;
	/** Signals do again what they do to any process. */
	release(): void;
};

/** From here on signals are heard. The second one ends the process at once. */
export function stopSignal(): StopSignal {
	const stop = new AbortController();
	const wanted = new Promise<void>(resolve => {
		stop.signal.addEventListener('abort', () => resolve());
	});
	const onSignal = (): void => {
		if (stop.signal.aborted) {
			process.exit();
		}

		stop.abort();
	};

	for (const signal of signals) {
		process.on(signal, onSignal);
	}

	return {
		wanted,
		signal: stop.signal,
		orStop: promise =>
			Promise.race([
				promise,
				wanted.then(() => {
					throw new Error('the process was asked to stop');
				}),
			]),
		release() {
			for (const signal of signals) {
				process.off(signal, onSignal);
			}
		},
	};
}
