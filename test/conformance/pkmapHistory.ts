/** What a recorded sequence of kmap() calls says about the table that it found. */

/**
 * What a sequence tells about the table that it began with. Until the search first comes round, the slots that are
 * newly handed out rise; a page that turns up with any other slot had it before, and so had whoever kept a slot that
 * was skipped.
 */
export function tableBefore(seq: readonly (readonly number[])[], last: number, slots: number) {
	const known = new Set<number>();
	const appearances: number[] = [];
	let highest = 0;
	let cameRoundAt = seq.length;
	for (const [index, [op, page, slot]] of seq.entries()) {
		if (op !== 1 || slot === undefined || known.has(page!)) continue;
		if (slot <= 1 && highest >= slots - 4) {
			cameRoundAt = index;
			break;
		}
		known.add(page!);
		highest = Math.max(highest, slot);
		if (slot > last) appearances.push(slot);
	}
	const handedOut = new Set(longestRise(appearances));
	const top = cameRoundAt < seq.length ? slots - 1 : Math.max(last, ...handedOut);
	const occupied = Array.from({length: top - last}, (_, i) => last + 1 + i).filter(slot => !handedOut.has(slot));
	return {occupied: [...occupied, ...appearances.filter(slot => slot > top)], cameRoundAt};
}

/** The longest rising subsequence; of equally long ones the one with the lowest numbers. */
function longestRise(values: readonly number[]): number[] {
	const tails: number[] = [];
	const before = new Array<number>(values.length).fill(-1);
	values.forEach((value, index) => {
		const at = tails.findIndex(tail => values[tail]! >= value);
		const place = at < 0 ? tails.length : at;
		if (place > 0) before[index] = tails[place - 1]!;
		tails[place] = index;
	});
	const rise: number[] = [];
	for (let index = tails.at(-1) ?? -1; index >= 0; index = before[index]!) rise.unshift(values[index]!);
	return rise;
}
