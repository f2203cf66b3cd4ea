/**
 * Models drivers/char/misc.c (2.6.11 to 5.10): small drivers of characters that share major 10 and have a minor each.
 *
 * Not modelled: /proc/misc, the class in sysfs, modes and names of nodes of a driver's own, the larger ranges of minors
 * of later kernels.
 */
import {EBUSY, ENODEV} from '../errno.ts';
import {register_chrdev} from '../fs/char_dev.ts';
import type {file_operations} from '../fs/file.ts';
import {mknod} from '../fs/vfs.ts';
import type {Kernel} from '../kernel.ts';

const MISC_MAJOR = 10;
export const MISC_DYNAMIC_MINOR = 255;
/** Minors that are given out: 63, 62 … 0. */
const DYNAMIC_MINORS = 64;

type MiscDevice = {readonly minor: number; readonly name: string; readonly fops: file_operations};

const registered = new WeakMap<Kernel, Map<number, MiscDevice>>();

function devicesOf(k: Kernel): Map<number, MiscDevice> {
	const found = registered.get(k);
	if (found) return found;
	const made = new Map<number, MiscDevice>();
	registered.set(k, made);
	// What opens a node finds the driver by its minor, and hands the file over to it.
	register_chrdev(k, MISC_MAJOR, 'misc', {
		name: 'misc_fops',
		*open(k, inode, file) {
			const device = made.get(inode.i_rdev!.minor);
			if (!device) return -ENODEV;
			file.f_op = device.fops;
			return device.fops.open ? yield* device.fops.open(k, inode, file) : 0;
		},
	});
	return made;
}

/**
 * Registers a driver, and makes /dev/NAME for it.
 * @param wanted MISC_DYNAMIC_MINOR = the highest one that is free
 * @returns its minor, or -EBUSY when that is taken or none is left
 */
export function misc_register(k: Kernel, name: string, wanted: number, fops: file_operations): number {
	const devices = devicesOf(k);
	let minor = wanted;
	if (wanted === MISC_DYNAMIC_MINOR) {
		minor = DYNAMIC_MINORS - 1;
		while (minor >= 0 && devices.has(minor)) minor--;
	}
	if (minor < 0 || devices.has(minor)) return -EBUSY;
	devices.set(minor, {minor, name, fops});
	mknod(k, `/dev/${name}`, 'chrdev', {major: MISC_MAJOR, minor});
	return minor;
}

export function misc_deregister(k: Kernel, minor: number): void {
	const device = devicesOf(k).get(minor);
	if (!device) return;
	devicesOf(k).delete(minor);
	k.vfs.nodes.delete(`/dev/${device.name}`);
}
