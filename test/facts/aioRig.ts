/** A machine for the tests of asynchronous I/O. */
import {scullp_init} from '../../source/kernel/drivers/scullp.ts';
import type {EraName} from '../../source/kernel/era/behaviour.ts';
import type {formatIocb} from '../../source/kernel/fs/aio_abi.ts';
import {register_chrdev} from '../../source/kernel/fs/char_dev.ts';
import type {kiocb} from '../../source/kernel/fs/kiocb.ts';
import {mknod} from '../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {bootTestKernel} from '../kernel/support.ts';

/** What differs from a sound request to read 100 bytes. */
export type Wish = Partial<Parameters<typeof formatIocb>[0]> & {path?: string; mode?: number};

type Method = (k: Kernel, iocb: kiocb) => number;

/** A machine with /dev/scullp0, /dev/nothing without methods, and /dev/own, whose aio_read and aio_write are given. */
export function machine(era: EraName = 'ldd3', method: Method = () => 0) {
	const k = bootTestKernel({era});
	scullp_init(k);
	register_chrdev(k, 240, 'own', {
		name: 'own_fops',
		*aio_read(k, iocb) {
			return method(k, iocb);
		},
		*aio_write(k, iocb) {
			return method(k, iocb);
		},
	});
	mknod(k, '/dev/own', 'chrdev', {major: 240, minor: 0});
	register_chrdev(k, 241, 'nothing', {name: 'nothing_fops'});
	mknod(k, '/dev/nothing', 'chrdev', {major: 241, minor: 0});
	return k;
}
