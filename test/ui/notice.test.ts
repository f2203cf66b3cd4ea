import {expect, test} from 'vitest';
import {stillSaid} from '../../source/ui/state/answer.ts';

test.each([
	['an error', true, 6000],
	['good news', false, 2500],
])('%s stays for its time and not longer', (_what, isError, forMs) => {
	const notice = {text: 'it happened', isError, sinceMs: 1000};
	expect(stillSaid(notice, 1000 + forMs)).toBe(notice);
	expect(stillSaid(notice, 1000 + forMs + 1)).toBeUndefined();
	expect(stillSaid(undefined, 1000)).toBeUndefined();
});
