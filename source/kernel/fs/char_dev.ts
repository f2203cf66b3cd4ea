/**
 * Models fs/char_dev.c (2.6.11 and later): who has which numbers of character devices, and which driver is behind one.
 *
 * Not modelled: the second range of majors that later kernels give out (511 down to 384); blocked loading of a module
 * for a number without a driver.
 */
import {EBUSY, EINVAL} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import type {file_operations} from './file.ts';
import type {DeviceNumber} from './inode.ts';

/** A range of numbers, as /proc/devices names its owner. */
export type ChrdevRegion = {
	readonly major: number;
	readonly baseminor: number;
	readonly minorct: number;
	readonly name: string;
};

/** A driver and the numbers that lead to it. */
export type Cdev = {
	readonly major: number;
	readonly baseminor: number;
	readonly minorct: number;
	readonly fops: file_operations;
};

/** Numbers that register_chrdev() takes. */
const ALL_MINORS = 256;
const MOST_MINORS = 1 << 20;
/** Majors that are given out where a driver asks for any, highest first. */
const DYNAMIC_MAJOR = 254;

const overlap = (region: ChrdevRegion, {major, baseminor, minorct}: ChrdevRegion) =>
	region.major === major && region.baseminor < baseminor + minorct && baseminor < region.baseminor + region.minorct;

/**
 * Reserves a range of minors of one major.
 * @param major 0 = any free one
 * @returns the major, -EINVAL for numbers that there are not, -EBUSY when somebody has one of them
 */
function __register_chrdev_region(k: Kernel, major: number, baseminor: number, minorct: number, name: string): number {
	const {chrdevs} = k.vfs;
	if (major < 0 || major >= k.era.chrdevMajors || minorct > MOST_MINORS - baseminor) return -EINVAL;
	let given = major;
	if (major === 0) {
		given = DYNAMIC_MAJOR;
		while (chrdevs.some(each => each.major === given)) given--;
		if (given === 0) return -EBUSY;
	}
	const wanted = {major: given, baseminor, minorct, name};
	if (chrdevs.some(each => overlap(each, wanted))) return -EBUSY;
	chrdevs.push(wanted);
	return given;
}

function __unregister_chrdev_region(k: Kernel, major: number, baseminor: number, minorct: number): void {
	const at = k.vfs.chrdevs.findIndex(
		each => each.major === major && each.baseminor === baseminor && each.minorct === minorct,
	);
	if (at >= 0) k.vfs.chrdevs.splice(at, 1);
}

/** A range of numbers in pieces of one major each. */
function* piecesOf({major, minor}: DeviceNumber, count: number): Generator<readonly [number, number, number]> {
	for (let left = count, at = major, base = minor; left > 0; at++, base = 0) {
		const here = Math.min(left, MOST_MINORS - base);
		yield [at, base, here];
		left -= here;
	}
}

/** Reserves numbers from one on; all or none. @returns 0, -EINVAL, -EBUSY */
export function register_chrdev_region(k: Kernel, from: DeviceNumber, count: number, name: string): number {
	const done: (readonly [number, number, number])[] = [];
	for (const piece of piecesOf(from, count)) {
		const result = __register_chrdev_region(k, ...piece, name);
		if (result < 0) {
			for (const each of done) __unregister_chrdev_region(k, ...each);
			return result;
		}
		done.push(piece);
	}
	return 0;
}

/** Reserves numbers of a major that is free. @returns the major, -EINVAL, -EBUSY */
export const alloc_chrdev_region = (k: Kernel, baseminor: number, count: number, name: string): number =>
	__register_chrdev_region(k, 0, baseminor, count, name);

export function unregister_chrdev_region(k: Kernel, from: DeviceNumber, count: number): void {
	for (const piece of piecesOf(from, count)) __unregister_chrdev_region(k, ...piece);
}

/** Makes a driver be found by its numbers. */
export function cdev_add(k: Kernel, cdev: Cdev): void {
	k.vfs.cdevs.push(cdev);
}

/** An open file keeps it. */
export function cdev_del(k: Kernel, cdev: Cdev): void {
	const at = k.vfs.cdevs.indexOf(cdev);
	if (at >= 0) k.vfs.cdevs.splice(at, 1);
}

/** The driver behind a number; of several, the one with the smallest range. @see kobj_lookup() */
export function cdev_lookup(k: Kernel, {major, minor}: DeviceNumber): Cdev | undefined {
	let best: Cdev | undefined;
	for (const each of k.vfs.cdevs) {
		const isInside = each.major === major && minor >= each.baseminor && minor < each.baseminor + each.minorct;
		if (isInside && (!best || each.minorct <= best.minorct)) best = each;
	}
	return best;
}

/**
 * Registers a driver of character devices, for 256 numbers.
 * @param major 0 = any free one
 * @returns 0 (or the major given out), -EINVAL, -EBUSY when the major is taken
 */
export function register_chrdev(k: Kernel, major: number, name: string, fops: file_operations): number {
	const given = __register_chrdev_region(k, major, 0, ALL_MINORS, name);
	if (given < 0) return given;
	cdev_add(k, {major: given, baseminor: 0, minorct: ALL_MINORS, fops});
	return major === 0 ? given : 0;
}

export function unregister_chrdev(k: Kernel, major: number): void {
	__unregister_chrdev_region(k, major, 0, ALL_MINORS);
	const found = k.vfs.cdevs.find(each => each.major === major && each.minorct === ALL_MINORS && each.baseminor === 0);
	if (found) cdev_del(k, found);
}
