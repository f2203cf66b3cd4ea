import {expect, test} from 'vitest';
import {deviceBenches} from '../../bench/devices.ts';
import {measure} from '../../bench/measure.ts';
import {memoryBenches} from '../../bench/memory.ts';
import {screenBench} from '../../bench/screen.ts';

test.each([...memoryBenches, ...deviceBenches, screenBench])('$name can be measured', async bench => {
	const measured = await measure(bench, true);
	expect(measured.count).toBe(bench.smallCount);
	expect(measured.cpuNs).toBeGreaterThan(0);
});
