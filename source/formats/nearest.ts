import {closestMatch} from 'leven';

/**
 * What somebody who mistyped a word may have meant, to be put behind a sentence.
 * @param words those that there are
 * @param spelled how one of them is typed
 * @returns `, did you mean "exec"?`, or nothing where none is near
 */
export function didYouMean(word: string, words: readonly string[], spelled = (name: string) => name): string {
	const most = Math.max(1, Math.min(3, Math.floor((word.length * 2) / 3)));
	const nearest = closestMatch(word, words, {maxDistance: most});
	return nearest === undefined ? '' : `, did you mean ${JSON.stringify(spelled(nearest))}?`;
}
