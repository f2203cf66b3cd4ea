/** Rates per virtual second, over the last second that the machine lived. */

type Counted = {readonly timeNs: number; readonly value: number};

/** Readings of a counter, oldest first. */
export type Series = readonly Counted[];

const spanNs = 1e9;

/** Adds a reading; drops those that the span no longer needs. A counter or clock that went back starts over. */
export function addReading(series: Series, timeNs: number, value: number): Series {
	const last = series.at(-1);
	if (last && (timeNs < last.timeNs || value < last.value)) return [{timeNs, value}];
	if (last?.timeNs === timeNs) return last.value === value ? series : [...series.slice(0, -1), {timeNs, value}];
	// The newest reading that is at least a span old stays: it is where the span begins.
	const begin = series.findLastIndex(reading => timeNs - reading.timeNs >= spanNs);
	return [...series.slice(Math.max(0, begin)), {timeNs, value}];
}

/** Per second of virtual time; undefined while the machine has not moved. */
export function ratePerSecond(series: Series): number | undefined {
	const first = series[0];
	const last = series.at(-1);
	if (!first || !last || last.timeNs === first.timeNs) return undefined;
	return ((last.value - first.value) * 1e9) / (last.timeNs - first.timeNs);
}
