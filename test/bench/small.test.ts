import {expect, test} from 'vitest';
import {kernelBenches} from '../../bench/kernel.ts';
import {measure} from '../../bench/measure.ts';
import {screenBench} from '../../bench/screen.ts';

test.each([...kernelBenches, screenBench])('$name can be measured', async bench => {
	const measured = await measure(bench, true);
	expect(measured.count).toBe(bench.smallCount);
	expect(measured.cpuNs).toBeGreaterThan(0);
});
