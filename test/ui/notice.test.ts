import {expect, test} from 'vitest';
import {stillSaid} from '../../source/ui/state/answer.ts';
import {initialState} from '../../source/ui/state/state.ts';
import {applySample} from '../../source/ui/update/updateSample.ts';
import {createFakeTarget} from './support/fakeTarget.ts';

test.each([
	['an error', true, 6000],
	['good news', false, 2500],
])('%s stays for its time and not longer', (_what, isError, forMs) => {
	const notice = {text: 'it happened', isError, sinceMs: 1000};
	expect(stillSaid(notice, 1000 + forMs)).toBe(notice);
	expect(stillSaid(notice, 1000 + forMs + 1)).toBeUndefined();
	expect(stillSaid(undefined, 1000)).toBeUndefined();
});

test('what comes with a sample is said as an error, from when the sample came', async () => {
	const target = createFakeTarget();
	const sample = await target.sample({paths: []});
	const sampled = {type: 'sampled', panes: []} as const;
	const told = {...sampled, sample: {...sample, notice: 'it went back'}, nowMs: 5000};
	const {state} = applySample(initialState(target, 80, 24), told);
	expect(state.notice).toEqual({text: 'it went back', isError: true, sinceMs: 5000});
	const noticeAt = (nowMs: number) => applySample(state, {...sampled, sample, nowMs}).state.notice;
	expect([noticeAt(11_000), noticeAt(11_001)]).toEqual([state.notice, undefined]);
});
