/**
 * Watched bytes. The processor reports an instruction's store or load, the bus a device's store. The kernel's own
 * functions store past both: what they changed is seen by comparing, before the next instruction and behind the event.
 */
import {PAGE_SIZE, type Pfn, type PhysicalAddress} from '../../hardware/address.ts';
import type {RamPlace} from '../../hardware/cpu/memory.ts';
import type {Kernel} from '../kernel.ts';
import {type Breakpoint, mmOf} from './breakpoint.ts';
import {peek, peekPhysical} from './peek.ts';

export type DataHit = {readonly breakpoint: Breakpoint; readonly by: string; readonly isDma: boolean};

/** A run of watched bytes in one page of RAM. */
type Piece = {
	readonly breakpoint: Breakpoint;
	readonly physical: PhysicalAddress;
	readonly place: RamPlace;
	/** Where in the place's bytes. */
	readonly at: number;
	readonly length: number;
};

const stores = ({bp_type}: Breakpoint) => bp_type === 'w' || bp_type === 'rw';
const loads = ({bp_type}: Breakpoint) => bp_type === 'r' || bp_type === 'rw';

const overlap = (a: number, aLength: number, b: number, bLength: number) => a < b + bLength && b < a + aLength;

export class DataBreakpoints {
	readonly #k: Kernel;
	readonly #breakpoints: readonly Breakpoint[];
	/** What lay there when it was looked at last. */
	readonly #kept = new Map<Breakpoint, Uint8Array>();
	#pieces: readonly Piece[] = [];
	#hit: DataHit | undefined;

	/** @param breakpoints of any kind; those of data count */
	constructor(k: Kernel, breakpoints: readonly Breakpoint[]) {
		this.#k = k;
		this.#breakpoints = breakpoints.filter(({bp_type}) => bp_type !== 'x');
		if (this.isEmpty) return;
		for (const breakpoint of this.#breakpoints) this.#keep(breakpoint);
		k.hw.bus.dmaWatchers.add(this.#dmaWritten);
	}

	get isEmpty(): boolean {
		return this.#breakpoints.length === 0;
	}

	/** Nothing is watched any more. */
	end(): void {
		this.#k.hw.bus.dmaWatchers.delete(this.#dmaWritten);
	}

	/** The hit since the last call, if there was one. */
	take(): DataHit | undefined {
		const hit = this.#hit;
		if (!hit) return undefined;
		this.#hit = undefined;
		for (const breakpoint of this.#breakpoints) this.#keep(breakpoint);
		return hit;
	}

	/** The watched bytes that have changed without a report, if there are any. */
	changed(): DataHit | undefined {
		for (const breakpoint of this.#breakpoints) {
			const former = this.#kept.get(breakpoint)!;
			const now = this.#keep(breakpoint);
			// Pages that come and go change nothing that was there.
			if (stores(breakpoint) && former.length === now.length && former.some((byte, i) => byte !== now[i]))
				return {breakpoint, by: 'the kernel', isDma: false};
		}
		return undefined;
	}

	#keep(breakpoint: Breakpoint): Uint8Array {
		const {bytes} = peek(this.#k, mmOf(this.#k, breakpoint), breakpoint.bp_addr, breakpoint.bp_len);
		this.#kept.set(breakpoint, bytes);
		return bytes;
	}

	/** Finds where the bytes lie now: page tables may have changed. */
	locate(): void {
		this.#pieces = this.#breakpoints.flatMap(breakpoint => this.#piecesOf(breakpoint));
	}

	#piecesOf(breakpoint: Breakpoint): readonly Piece[] {
		const pieces: Piece[] = [];
		const end = breakpoint.bp_addr + breakpoint.bp_len;
		for (let address = breakpoint.bp_addr; address < end; ) {
			const length = Math.min(end - address, PAGE_SIZE - (address % PAGE_SIZE));
			const physical = peekPhysical(this.#k, mmOf(this.#k, breakpoint), address);
			if (physical !== undefined) {
				const place = this.#k.hw.ram.place(Math.floor(physical / PAGE_SIZE) as Pfn);
				pieces.push({breakpoint, physical, place, at: place.offset + (physical % PAGE_SIZE), length});
			}
			address += length;
		}
		return pieces;
	}

	watches({bytes, offset}: RamPlace): boolean {
		return this.#pieces.some(({place}) => place.bytes === bytes && place.offset === offset);
	}

	/** An instruction accesses a page with watched bytes: where it touches them, its run ends behind it. */
	accessed({bytes}: RamPlace, at: number, width: number, write: boolean): void {
		const found = this.#pieces.find(
			({breakpoint, place, at: from, length}) =>
				place.bytes === bytes && overlap(at, width, from, length) && (write ? stores : loads)(breakpoint),
		);
		if (!found) return;
		this.#hit ??= {breakpoint: found.breakpoint, by: 'an instruction', isDma: false};
		this.#k.processor!.cut();
	}

	readonly #dmaWritten = (device: string, physical: PhysicalAddress, lengthBytes: number): void => {
		this.locate();
		const found = this.#pieces.find(
			piece => stores(piece.breakpoint) && overlap(physical, lengthBytes, piece.physical, piece.length),
		);
		if (!found) return;
		this.#hit ??= {breakpoint: found.breakpoint, by: `DMA of ${device}`, isDma: true};
	};
}
