/** The frame of a report in the kernel's log: what stands around the lines that carry the meaning. */

/** Whether a line only tells where and who: cut marks, modules, the CPU, the place, functions of a trace. */
export const isReportFrame = (line: string): boolean =>
	/^(-{8,}\[|---\[ end |Modules linked in:|CPU: \d+ PID: |EIP: |Call Trace:)|^ <\/?[A-Z]+>$|^ (\? )?[\w.]+(\+0x[\da-f]+\/0x[\da-f]+( \[\w+\])?)?$/.test(
		line,
	);

/** What the kernel says of a page fault of its own; it is not among the recorded headlines. */
export const pageFaultLine =
	/^#PF: (?:supervisor (?:read|write) access in kernel mode|error_code\(0x\d{4}\) - (?:not-present page|permissions violation))$/;

/** Functions of each trace in the log, the innermost first: where it happened, if it says so, and the callers. */
export function callTraces(lines: readonly string[]): readonly (readonly string[])[] {
	const traces: string[][] = [];
	let place: readonly string[] = [];
	let open = false;
	for (const line of lines) {
		const name = /^ (\w+)$/.exec(line)?.[1];
		if (line.startsWith('EIP: ')) place = [line.slice('EIP: '.length)];
		else if (line === 'Call Trace:') {
			traces.push([...place]);
			[open, place] = [true, []];
		} else if (open && name !== undefined) traces.at(-1)!.push(name);
		else if (!/^ <\/?[A-Z]+>$/.test(line)) open = false;
	}
	return traces;
}

/** Names of `some` that `all` has not, in this order. */
export function notInOrder(some: readonly string[], all: readonly string[]): readonly string[] {
	let at = 0;
	return some.filter(name => {
		const found = all.indexOf(name, at);
		if (found >= 0) at = found + 1;
		return found < 0;
	});
}
