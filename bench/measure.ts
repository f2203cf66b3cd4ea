/** One thing to measure: `run(count)` does it so many times. Preparation is not counted. */
export type Bench = {
	readonly name: string;
	readonly unit: string;
	/** The same operation among the figures of vmabench.c, where it has one. */
	readonly real?: string;
	/** How often in a full measurement, and in the small one that keeps it from rotting. */
	readonly count: number;
	readonly smallCount: number;
	/**
	 * How often before a full measurement, where the engine's compiler takes longer to settle than the small one does.
	 */
	readonly warmCount?: number;
	readonly prepare: () => Promise<(count: number) => Promise<void> | void> | ((count: number) => Promise<void> | void);
};

export type Measured = {readonly name: string; readonly unit: string; readonly count: number; readonly cpuNs: number};

/**
 * CPU time, user and system, for each of `count` runs; the machines that this runs on are shared, wall time says
 * little.
 */
export async function measure(bench: Bench, small: boolean): Promise<Measured> {
	const run = await bench.prepare();
	const count = small ? bench.smallCount : bench.count;
	if (!small) await run(bench.warmCount ?? bench.smallCount);
	const before = process.cpuUsage();
	await run(count);
	const {user, system} = process.cpuUsage(before);
	return {name: bench.name, unit: bench.unit, count, cpuNs: ((user + system) * 1000) / count};
}

/** @param realNs what the real kernel of this machine takes for it */
export function showMeasured({name, unit, count, cpuNs}: Measured, realNs: number | undefined): string {
	const time = cpuNs >= 1e6 ? `${(cpuNs / 1e6).toFixed(2)} ms` : `${cpuNs.toFixed(0)} ns`;
	const real =
		realNs === undefined ? '' : `real kernel ${realNs.toFixed(0)} ns, ${(realNs / cpuNs).toFixed(1)} times its rate`;
	return (
		`${name.padEnd(34)} ${time.padStart(12)} CPU a ${unit.padEnd(7)} ${String(count).padStart(8)} ` +
		`runs  ${real}`.trimEnd()
	);
}
