/**
 * What is new in a log that drops old lines at its front while new ones come at its end, seen only as whole texts.
 */
export type NewLines = {
	readonly lines: readonly string[];
	/** The log no longer holds the line that was seen last: lines in between may have come and gone. */
	readonly lost: boolean;
};

/** @param before lines as they were when seen last; empty when never @param now as they are */
export function newLines(before: readonly string[], now: readonly string[]): NewLines {
	if (before.length === 0) {
		return {lines: now, lost: false};
	}

	// Nothing is ever put in front: what is still there from before is the end of `before` and the beginning of `now`.
	for (let end = Math.min(now.length, before.length); end > 0; end--) {
		if (endsLike(before, now, end)) {
			return {lines: now.slice(end), lost: false};
		}
	}

	return {lines: now, lost: true};
}

/** True when the first `end` lines of `now` are the last lines of `before`. */
function endsLike(before: readonly string[], now: readonly string[], end: number): boolean {
	for (let back = 1; back <= end; back++) {
		if (now[end - back] !== before[before.length - back]) {
			return false;
		}
	}

	return true;
}
