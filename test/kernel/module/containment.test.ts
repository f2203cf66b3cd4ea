/** Whose memory it is that a driver in C stores to. */
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {physicalAddress} from '../../../source/hardware/address.ts';
import {dma_alloc_coherent} from '../../../source/kernel/dma/coherent.ts';
import {driver_bind, driver_unbind} from '../../../source/kernel/drivers/dd.ts';
import {device_add} from '../../../source/kernel/drivers/device.ts';
import type {pci_driver} from '../../../source/kernel/drivers/pci-driver.ts';
import {GFP_KERNEL} from '../../../source/kernel/mm/gfp.ts';
import {PAGE_OFFSET} from '../../../source/kernel/mm/page.ts';
import {checkStore} from '../../../source/kernel/module/containment.ts';
import {load_module} from '../../../source/kernel/module/loader.ts';
import {bootTestKernel, run} from '../support.ts';

test('coherent memory that a driver forgot is not that of the next driver of its device', () => {
	const k = bootTestKernel({memMiB: 32, highmemMiB: 0});
	const echo = readFileSync(new URL('../../../fixtures/modules/echo.ldd3.o', import.meta.url));
	expect(run(k, () => load_module(k, 'echo', echo, ''))).toBe(0);
	const dev = device_add(k, '0000:00:05.0', 'pci');
	const take = (driver: string) => {
		const driverInC = {name: driver} as pci_driver;
		k.pci.drivers.push(driverInC);
		k.modules!.addresses.set(driverInC, 1);
		driver_bind(dev, driver);
		const {cpu_addr: vaddr} = run(k, () => dma_alloc_coherent(k, dev, 4096, GFP_KERNEL))!;
		return () => checkStore(k, vaddr, physicalAddress(vaddr - PAGE_OFFSET));
	};
	const storeToFirst = take('first');
	expect(storeToFirst).not.toThrow();
	driver_unbind(k, dev);
	k.pci.drivers.pop();
	const storeToSecond = take('second');
	expect(storeToSecond).not.toThrow();
	expect(storeToFirst).toThrow('coherent memory of first');
});
