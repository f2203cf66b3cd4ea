import {expect, test} from 'vitest';
import {misfitOf} from '../../source/model/fit.ts';
import {experiments, machine} from '../ui/support/records.ts';

const [experiment] = experiments.experiments;

test.each([
	['ldd3', ['6.1', '6.18'], '6.1'],
	['6.18', ['ldd3', '2.6.32', '3.2'], '3.2'],
	['5.10', ['2.6.32', '6.1', '6.18'], '2.6.32'],
	['6.18', ['2.6.32', '5.10', '6.1'], '6.1'],
	['6.1', ['ldd3'], 'ldd3'],
	['6.1', ['6.18'], '6.18'],
	['3.2', ['ldd3', '3.2'], undefined],
])('on %s, a claim about %j fits on %s', (here, eras, era) => {
	const misfit = misfitOf({...experiment!, eras}, {...machine, era: here});
	expect(misfit?.fitting.era).toBe(era);
	if (misfit) expect(misfit.says).toBe(`the claim is about kernel ${eras.join(', ')}, this is ${here}`);
});

test('another preset keeps the kernel where it fits', () => {
	const about = {...experiment!, machine: 'pae', eras: []};
	expect(misfitOf(about, {...machine, era: '3.2'})?.fitting).toEqual({preset: 'pae', era: '3.2'});
	expect(misfitOf(about, undefined)).toBeUndefined();
});
