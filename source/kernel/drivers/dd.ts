/**
 * Models drivers/base/dd.c (2.6.11 and later): a driver gets a device, and leaves it.
 *
 * Matching identifiers and probe methods are in pci-driver.ts. A driver that comes with the machine binds itself when
 * it is started.
 */
import {debug_dma_driver_unbound} from '../dma/debug.ts';
import type {Kernel} from '../kernel.ts';
import type {device} from './device.ts';

/** Binds a driver, by name, to a device. */
export function driver_bind(dev: device, driver: string): void {
	if (dev.driver !== null) throw new Error(`${dev.bus_id} is bound to ${dev.driver} already`);
	dev.driver = driver;
}

/** Takes the driver off the device; dma-debug reports what DMA memory it left behind. */
export function driver_unbind(k: Kernel, dev: device): void {
	const {driver} = dev;
	dev.driver = null;
	debug_dma_driver_unbound(k, dev);
	if (driver !== null) k.watcher?.driverLeft(dev, driver);
}
