/**
 * Models the requests of kernel/resource.c (2.6.11 and later): which driver has asked for which ports and physical
 * addresses, as /proc/ioports and /proc/iomem show it.
 *
 * Not modelled: regions within regions that a driver has (IORESOURCE_BUSY decides alone), IORESOURCE_EXCLUSIVE.
 */
import {PAGE_SIZE} from '../hardware/address.ts';
import type {Kernel} from './kernel.ts';

export type ResourceKind = 'ports' | 'memory';

/** What somebody has. `end` is the last number of it. */
type Claim = {readonly kind: ResourceKind; readonly start: number; readonly end: number; readonly name: string};

export type ResourceState = {readonly claims: Claim[]};

export const resources_init = (): ResourceState => ({claims: []});

const overlaps = (a: {start: number; end: number}, b: {start: number; end: number}) =>
	a.start <= b.end && b.start <= a.end;

/** RAM and the registers of the board's own controllers are taken from the beginning. */
function isTakenAtBoot(k: Kernel, wanted: Claim): boolean {
	if (wanted.kind === 'memory') {
		const ram = k.layout.ram.map(({start, end}) => ({start: start * PAGE_SIZE, end: end * PAGE_SIZE - 1}));
		return ram.some(range => overlaps(range, wanted));
	}
	const board = k.hw.bus.ports.filter(({name}) => /^dma/.test(name));
	return board.some(({start, count}) => overlaps({start, end: start + count - 1}, wanted));
}

/** @returns what was asked for, or undefined where a part of it is another's */
export function request_region(
	k: Kernel,
	kind: ResourceKind,
	start: number,
	count: number,
	name: string,
): Claim | undefined {
	const wanted = {kind, start, end: start + count - 1, name};
	const isBusy = k.ioports.claims.some(claim => claim.kind === kind && overlaps(claim, wanted));
	if (count <= 0 || isBusy || isTakenAtBoot(k, wanted)) return undefined;
	k.ioports.claims.push(wanted);
	return wanted;
}

/** @returns what was given back, or undefined when that is not a claimed range */
export function release_region(k: Kernel, kind: ResourceKind, start: number, count: number): Claim | undefined {
	const {claims} = k.ioports;
	const at = claims.findIndex(claim => claim.kind === kind && claim.start === start && claim.end === start + count - 1);
	return at < 0 ? undefined : claims.splice(at, 1)[0];
}
