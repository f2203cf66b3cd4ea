/** What is plugged into the machine, and the records of the drivers that a program of the lab may drive by hand. */
import type {Disk} from '../hardware/disk.ts';
import type {Dma8237} from '../hardware/dma8237.ts';
import type {Edu} from '../hardware/edu.ts';
import type {IsaDad} from '../hardware/isa_dad.ts';
import type {Lan} from '../hardware/lan.ts';
import type {Nic} from '../hardware/nic.ts';
import type {UsbHostController} from '../hardware/usb.ts';
import type {dad_dev} from '../kernel/drivers/dad.ts';
import type {dad_isa_dev} from '../kernel/drivers/dad_isa.ts';
import type {ScullDevice} from '../kernel/drivers/scull.ts';

export type Board = {
	readonly disk: Disk;
	readonly nic: Nic;
	readonly lan: Lan;
	readonly usb: UsbHostController;
	readonly edu: Edu;
	readonly dmaController: Dma8237;
	readonly isaCard: IsaDad;
	readonly drivers: {
		/** There once init has started it. */
		dad: dad_dev | undefined;
		readonly isaDad: dad_isa_dev;
		scullp: readonly ScullDevice[];
	};
};
