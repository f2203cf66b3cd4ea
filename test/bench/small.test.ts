import {expect, test} from 'vitest';
import {deviceBenches} from '../../bench/devices.ts';
import {measure} from '../../bench/measure.ts';
import {memoryBenches} from '../../bench/memory.ts';
import {screenBench} from '../../bench/screen.ts';
import {growthPerHour, soak} from '../../bench/soak.ts';

test.each([...memoryBenches, ...deviceBenches, screenBench])('$name can be measured', async bench => {
	const measured = await measure(bench, true);
	expect(measured.count).toBe(bench.smallCount);
	expect(measured.cpuNs).toBeGreaterThan(0);
});

test('the heap can be watched', async () => {
	const lines: string[] = [];
	await soak(20, line => lines.push(line));
	expect(lines).toHaveLength(12);
	expect(lines.at(-3)).toMatch(
		/^ +20 samples, 2 s: \d+\.\d MiB in use, \d+\.\d MiB resident, \d+ files, \d+\.\d\d ms a sample$/,
	);
	expect(lines.at(-2)).toMatch(
		/^an hour of its time adds -?\d+\.\d MiB to the heap, .* files, -?\d+\.\d\d ms to a sample$/,
	);
	expect(lines.at(-1)).toMatch(/^the monitor gone: \d+\.\d MiB, \d+\.\d of them before lab was booted; /);
});

test('growth is told from the middle readings to the last, for what comes before is warming up', () => {
	const readings = [99, 50, 10, 10, 10, 20, 20, 20, 20].map((openFiles, index) => ({
		...{timeNs: index * 360e9, heapBytes: 0, rssBytes: 0, openFiles, sampleMs: 0},
	}));
	// From 10, 10, 20 to 20, 20, 20 in three tenths of an hour.
	expect(growthPerHour(readings, each => each.openFiles)).toBeCloseTo((20 - 40 / 3) / 0.3);
	expect(growthPerHour(readings, each => each.heapBytes)).toBe(0);
});
