/**
 * The character device of truth/i386's AIO tests, as its driver behaved: 8 KiB of memory, bytes copied at once and as
 * far as user memory reaches, completion 10 ms later for asynchronous callers. It writes down what its methods were
 * asked.
 */
import {type UserAddress, userAddress} from '../../source/hardware/address.ts';
import {EIOCBQUEUED} from '../../source/kernel/errno.ts';
import {aio_complete} from '../../source/kernel/fs/aio_complete.ts';
import {register_chrdev} from '../../source/kernel/fs/char_dev.ts';
import type {file_operations, iovec} from '../../source/kernel/fs/file.ts';
import {is_sync_kiocb, type kiocb} from '../../source/kernel/fs/kiocb.ts';
import {mknod} from '../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {copy_from_user, copy_to_user} from '../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {schedule_work} from '../../source/kernel/workqueue.ts';

export type DriverEvent = {
	readonly ev: 'read_iter' | 'write_iter';
	readonly sync: 0 | 1;
	readonly pos: number;
	readonly n: number;
};

export type AsyncDevice = {
	readonly path: string;
	readonly memory: Uint8Array;
	/** Since they were last taken. */
	readonly events: DriverEvent[];
};

const memoryBytes = 8192;
const delayNs = 10_000_000;

export function asyncDevice(k: Kernel): AsyncDevice {
	const device: AsyncDevice = {path: '/dev/truthaio', memory: new Uint8Array(memoryBytes), events: []};
	const finish = (iocb: kiocb, result: number): number => {
		if (is_sync_kiocb(iocb)) return result;
		k.hw.timeline.after(delayNs, () =>
			schedule_work(k, function* () {
				aio_complete(k, iocb, result, 0);
			}),
		);
		return -EIOCBQUEUED;
	};
	const method = (ev: DriverEvent['ev']) =>
		function* (k: Kernel, iocb: kiocb, [piece]: readonly iovec[], pos: number): Sleeps<number> {
			const wanted = Math.min(piece!.iov_len, Math.max(0, memoryBytes - pos));
			const part = device.memory.subarray(pos, pos + wanted);
			const missed = yield* copy(k, ev, piece!.iov_base, part);
			device.events.push({ev, sync: is_sync_kiocb(iocb) ? 1 : 0, pos, n: wanted - missed});
			return finish(iocb, wanted - missed);
		};
	const fops: file_operations = {
		name: 'truthaio_fops',
		aio_read: method('read_iter'),
		aio_write: method('write_iter'),
	};
	const major = register_chrdev(k, 0, 'truthaio', fops);
	mknod(k, device.path, 'chrdev', {major, minor: 0});
	return device;
}

function* copy(k: Kernel, ev: DriverEvent['ev'], buffer: UserAddress, part: Uint8Array): Sleeps<number> {
	if (part.length === 0) return 0;
	if (ev === 'read_iter') return yield* copy_to_user(k, userAddress(buffer), part);
	return yield* copy_from_user(k, part, userAddress(buffer));
}
