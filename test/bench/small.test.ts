import {expect, test} from 'vitest';
import {deviceBenches} from '../../bench/devices.ts';
import {measure} from '../../bench/measure.ts';
import {memoryBenches} from '../../bench/memory.ts';
import {screenBench} from '../../bench/screen.ts';
import {soak} from '../../bench/soak.ts';

test.each([...memoryBenches, ...deviceBenches, screenBench])('$name can be measured', async bench => {
	const measured = await measure(bench, true);
	expect(measured.count).toBe(bench.smallCount);
	expect(measured.cpuNs).toBeGreaterThan(0);
});

test('the heap can be watched', async () => {
	const lines: string[] = [];
	await soak(20, line => lines.push(line));
	expect(lines).toHaveLength(11);
	expect(lines.at(-2)).toMatch(/^ +20 samples, 2 s: \d+\.\d MiB in use$/);
	expect(lines.at(-1)).toMatch(/^the monitor gone: \d+\.\d MiB, \d+\.\d of them before lab was booted$/);
});
