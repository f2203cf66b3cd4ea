import {type KernelLogicalAddress, physicalAddress} from '../../../source/hardware/address.ts';
import {Chance} from '../../../source/hardware/chance.ts';
import {UsbHostController} from '../../../source/hardware/usb.ts';
import {UsbMouse, UsbRecorder, UsbStick} from '../../../source/hardware/usb_functions.ts';
import {poolInfo} from '../../../source/kernel/dma/dmapool_info.ts';
import {pci_scan_function} from '../../../source/kernel/drivers/device.ts';
import {type ehci_hcd, ehci_probe} from '../../../source/kernel/drivers/ehci.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {GFP_KERNEL} from '../../../source/kernel/mm/gfp.ts';
import {lowmem_page_address} from '../../../source/kernel/mm/page.ts';
import {try_alloc_pages} from '../../../source/kernel/mm/page_alloc.ts';
import {keptPages} from '../../../source/kernel/mm/zone.ts';
import {bootTestKernel, run, type TestKernelOptions} from '../support.ts';

export const interruptLine = 10;
export const registers = 0xfeb0_2000;
export const millisecondNs = 1_000_000;
export const secondNs = 1_000_000_000;
export const [mousePort, secondMousePort, stickPort, recorderPort] = [1, 2, 3, 4];

/** A machine with a controller, functions in its ports, and the controller's driver, but none for the functions. */
export function machineWithUsb(options: TestKernelOptions = {}) {
	const k = bootTestKernel(options);
	const controller = new UsbHostController(k.hw, {
		address: '0000:00:1d.7',
		registers: physicalAddress(registers),
		interruptLine: interruptLine,
	});
	const chance = new Chance(options.seed ?? 1);
	const mice = [new UsbMouse(mousePort, chance), new UsbMouse(secondMousePort, chance)];
	const stick = new UsbStick(stickPort);
	const recorder = new UsbRecorder(recorderPort, k.hw.timeline);
	for (const each of [...mice, stick, recorder]) controller.plug(each);
	const pdev = pci_scan_function(k, controller.pci);
	const ehci = good(run(k, () => ehci_probe(k, pdev)));
	return {k, controller, chance, mice, stick, recorder, pdev, ehci};
}

export function good<T extends object>(result: T | number): T {
	if (typeof result === 'number') throw new Error(`returned ${result}`);
	return result;
}

export function letPass(k: Kernel, ns: number): void {
	const end = k.hw.timeline.nowNs + ns;
	while (k.hw.timeline.step(end)) {}
	k.hw.timeline.advanceTo(end);
}

export function allocPages(k: Kernel, count: number): KernelLogicalAddress[] {
	return Array.from({length: count}, () => lowmem_page_address(try_alloc_pages(k, GFP_KERNEL, 0)!));
}

/** Free pages, those on the CPUs' own lists too. */
export const freePages = (k: Kernel) => k.pages.zones.reduce((sum, zone) => sum + zone.free_pages + keptPages(zone), 0);

export const poolLines = ({pdev}: {pdev: ehci_hcd['pdev']}) =>
	pdev.dev.dma_pools.map(poolInfo).map(info => `${info.name} ${info.blocksInUse} ${info.sizeBytes} ${info.pages}`);
export const inUse = ({pdev}: {pdev: ehci_hcd['pdev']}, name: string) =>
	poolInfo(pdev.dev.dma_pools.find(pool => pool.name === name)!).blocksInUse;
