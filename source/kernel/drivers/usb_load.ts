/**
 * Work for the USB controller's pools: somebody writes records of different lengths to a recorder, some at once, then
 * rests.
 */
import type {Chance} from '../../hardware/chance.ts';
import {ENODEV, ESHUTDOWN} from '../errno.ts';
import {kernel_thread} from '../fork.ts';
import type {Kernel} from '../kernel.ts';
import type {task_struct} from '../sched.ts';
import type {Sleeps} from '../time.ts';
import {msleep} from '../timer.ts';
import {skel_write, type usb_skel} from './usb_skeleton.ts';

/** Record lengths: they come from pools buffer-128, buffer-512 and buffer-2048. */
const RECORD_BYTES = [64, 100, 400, 512, 1_200, 2_048] as const;

/** What is to be written: how many records, and of which length where that is not left to chance. */
export type Records = {readonly count: number; readonly bytes?: number};

/**
 * Starts the writer; it ends when the function is gone.
 * @param chance decides when it writes, and how much
 * @param wanted waits until there is something to write, and says what; it is given what usually does
 */
export const startUsbLoad = (
	k: Kernel,
	dev: usb_skel,
	chance: Chance,
	wanted: (usual: () => Sleeps<Records>) => Sleeps<Records> = usual => usual(),
): task_struct => kernel_thread(k, 'recorder', kernel => writer(kernel, dev, chance, wanted));

function* someRecords(k: Kernel, chance: Chance): Sleeps<Records> {
	yield* msleep(k, chance.integer(50, 300));
	return {count: chance.integer(2, 6)};
}

function* writer(
	k: Kernel,
	dev: usb_skel,
	chance: Chance,
	wanted: (usual: () => Sleeps<Records>) => Sleeps<Records>,
): Sleeps<number> {
	for (let record = 0; ; ) {
		const {count, bytes} = yield* wanted(() => someRecords(k, chance));
		for (let left = count; left > 0; left--) {
			const contents = new Uint8Array(bytes ?? chance.pick(RECORD_BYTES)).fill(record++);
			const result = yield* skel_write(k, dev, contents);
			if (result === -ENODEV || result === -ESHUTDOWN) return 0;
		}
	}
}
