import {expect, test} from 'vitest';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import {DMA_MISTAKES} from '../../source/lab/experiments/dmaMistakes.ts';
import {quietLab, run} from './support.ts';

/** Sentences that did not hold, after the experiment has ended as it should. */
function failing(options: Parameters<typeof quietLab>[0], line: string): readonly string[] {
	const {status, observations, result} = run(quietLab(options), line);
	expect(result).not.toMatch(/killed/);
	expect(observations.length).toBeGreaterThan(0);
	return status === 'done' ? [] : observations.filter(({state}) => state === 'failed').map(({sentence}) => sentence);
}

test.each(
	ERA_NAMES,
)('%s: a request completed again when another has its memory ends the other with a wrong result', era => {
	expect(failing({era}, 'aio-twice late=1')).toEqual([]);
});

test.each(ERA_NAMES)('%s: a request touched when another has its memory makes the other say 0 bytes', era => {
	expect(failing({era}, 'aio-touch late=1')).toEqual([]);
});

test('a driver that does it right gives the second read its own result, however late one looks', () => {
	for (const name of ['aio-twice', 'aio-touch'])
		expect(failing({}, `${name} late=1 fixed=1`)).toEqual([expect.stringMatching(/^the result of the second read/)]);
});

test('each class of dma-debug can be provoked alone, and is not told of a driver that does it right', () => {
	const lab = quietLab({era: '2.6.32'});
	for (let number = 1; number <= DMA_MISTAKES.length; number++) {
		expect(run(lab, `dma-mistake class=${number}`)).toMatchObject({status: 'done'});
		expect(run(lab, `dma-mistake class=${number} fixed=1`)).toMatchObject({status: 'failed'});
	}
});
