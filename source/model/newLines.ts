/**
 * What is new in a log that drops old lines at its front while new ones come at its end, seen only as texts: whole
 * ones, or its last lines.
 */
type NewLines = {
	readonly lines: readonly string[];
	/** Lines before the first that was known: `now` reaches further back. */
	readonly older: readonly string[];
	/** The log no longer holds the line that was seen last: lines in between may have come and gone. */
	readonly lost: boolean;
};

/** @param before lines that are known, without a gap; empty when none @param now lines as they are */
export function newLines(before: readonly string[], now: readonly string[]): NewLines {
	if (before.length === 0) return {lines: now, older: [], lost: false};

	// Usually nothing is put in front: what is still there from before is the end of `before` and the beginning of `now`.
	for (let end = Math.min(now.length, before.length); end > 0; end--) {
		if (endsLike(before, now, end)) return {lines: now.slice(end), older: [], lost: false};
	}

	for (let end = before.length + 1; end <= now.length; end++) {
		if (endsLike(before, now, end)) {
			return {lines: now.slice(end), older: now.slice(0, end - before.length), lost: false};
		}
	}

	return {lines: now, older: [], lost: true};
}

/** True when the first `end` lines of `now` end with the last lines of `before`, as many as both have. */
function endsLike(before: readonly string[], now: readonly string[], end: number): boolean {
	for (let back = 1; back <= Math.min(end, before.length); back++) {
		if (now[end - back] !== before[before.length - back]) return false;
	}

	return true;
}
