/**
 * The device that the DMA vectors were recorded with: a fresh one for every vector, so that none depends on another.
 */

import {driver_bind} from '../../source/kernel/drivers/dd.ts';
import {type device, device_add} from '../../source/kernel/drivers/device.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import type {Vector} from './topic.ts';

/** @param driver that is bound to it, if any */
export function freshDevice(k: Kernel, bus_id: string, driver: string | undefined): device {
	const dev = device_add(k, bus_id, 'pci');
	if (driver !== undefined) driver_bind(dev, driver);
	return dev;
}

export function forgetDevice(k: Kernel, dev: device): void {
	k.dma.devices.delete(dev.bus_id);
}

/** A vector without its answers: what an answer is made from. */
export const questionOf = (vector: Vector, question: RegExp): Vector =>
	Object.fromEntries(Object.entries(vector).filter(([field]) => question.test(field)));

/** Addresses in messages depend on where pages lie: only that there is one is compared. */
export const withoutAddresses = (text: string) => text.replace(/\b0x[0-9a-f]+|\b[0-9a-f]{6,16}\b/g, 'ADDRESS');

export const hexOf = (value: number | bigint) => `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;

/** A value with every leaf replaced; paths are as in comparisons: `entries.0.phys`. */
function mapLeaves(value: unknown, change: (path: string, leaf: unknown) => unknown, path = ''): unknown {
	if (typeof value !== 'object' || value === null) return change(path, value);
	const at = (key: string | number) => (path === '' ? String(key) : `${path}.${key}`);
	if (Array.isArray(value)) return value.map((inner, i) => mapLeaves(inner, change, at(i)));
	return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapLeaves(inner, change, at(key))]));
}

/** A vector in which leaves stand for what they relate to. */
export const relateLeaves =
	(change: (path: string, leaf: unknown, vector: Vector) => unknown) =>
	(vector: Vector): Vector =>
		mapLeaves(vector, (path, leaf) => change(path, leaf, vector)) as Vector;
