import {describe, expect, test} from 'vitest';
import type {HardwareConfig} from '../../../source/hardware/machine.ts';
import type {Kernel, KernelConfig} from '../../../source/kernel/kernel.ts';
import {boot} from '../../../source/lab/boot.ts';
import {chooseMachine} from '../../../source/lab/presets.ts';

const secondNs = 1e9;

/** A second of the lab's own load: disk, network card, memory stick and mouse at work. */
function secondOfLoad(hardware: Partial<HardwareConfig>, kernel: Partial<KernelConfig>): Kernel {
	const machine = chooseMachine({era: '6.1', load: 'busy'});
	const {k} = boot({
		...machine,
		hardware: {...machine.hardware, ...hardware},
		kernel: {...machine.kernel, ...kernel},
	});
	while (k.hw.timeline.step(secondNs)) {}
	return k;
}

describe('the drivers of the lab follow the rules of DMA, so that they work', () => {
	test.each([
		['on a PC', {}, {}],
		['where every buffer bounces', {}, {swiotlb: 'force'}],
		['behind an IOMMU', {iommuPages: 4096}, {}],
		['where caches are not coherent', {coherentCaches: false}, {}],
	] as const)('%s', (_name, hardware, kernel) => {
		const k = secondOfLoad(hardware, kernel);
		expect(k.dma.debug.error_count).toBe(0);
		expect(k.log.lines.filter(line => line.level <= 4).map(line => line.text)).toEqual([]);
		expect(k.hw.bus.dmaBytesFromDevice).toBeGreaterThan(100_000);
		expect(k.hw.bus.dmaBytesToDevice).toBeGreaterThan(10_000);
	});
});
