import type {device} from '../../kernel/drivers/device.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {ExperimentFailed} from '../experiment.ts';

/** Where boot.ts plugs in the book's example device. */
export const LAB_DEVICE_ADDRESS = '0000:00:05.0';

/** The book's example device, which the DMA experiments drive. */
export function labDevice(k: Kernel): device {
	const dev = k.dma.devices.get(LAB_DEVICE_ADDRESS);
	if (!dev) throw new ExperimentFailed(`this machine has no device ${LAB_DEVICE_ADDRESS}`);
	return dev;
}
