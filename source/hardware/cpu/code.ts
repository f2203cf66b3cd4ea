/**
 * What has been decoded, by the page of RAM that it was decoded from; wherever that page is mapped, it is the same.
 *
 * Code is data: it may change at any time. A store of the processor's own to decoded bytes is noticed as it happens.
 * What others wrote between two runs is noticed when a run first enters the page, by a copy of it.
 */
import {PAGE_SIZE} from '../address.ts';
import type {Execute} from './decoder.ts';
import type {RamPlace} from './memory.ts';

/** Decoded pages that are kept; beyond that all are forgotten. */
const MOST_PAGES = 256;

export class CodePage {
	readonly place: RamPlace;
	/** By offset in the page: what the instruction there does … */
	readonly executes = new Array<Execute | undefined>(PAGE_SIZE).fill(undefined);
	/** … and how many bytes it has. */
	readonly lengths = new Uint8Array(PAGE_SIZE);
	/** Which bytes something was decoded from. */
	private readonly decoded = new Uint8Array(PAGE_SIZE);
	private readonly copy: Int32Array;
	private readonly copyBytes: Uint8Array;
	/** The run in which it was compared last. */
	comparedIn = -1;

	constructor(place: RamPlace) {
		this.place = place;
		const first = place.offset >>> 2;
		this.copy = place.words.slice(first, first + PAGE_SIZE / 4);
		this.copyBytes = new Uint8Array(this.copy.buffer);
	}

	keep(at: number, length: number, execute: Execute): void {
		this.executes[at] = execute;
		this.lengths[at] = length;
		const end = Math.min(PAGE_SIZE, at + length);
		this.decoded.fill(1, at, end);
		const {bytes, offset} = this.place;
		for (let i = at; i < end; i++) this.copyBytes[i] = bytes[offset + i]!;
	}

	/** Bytes of the page were stored. */
	stored(at: number, width: number): void {
		for (let i = at; i < at + width; i++) {
			if (this.decoded[i] === 0) continue;
			this.forget();
			return;
		}
	}

	/** Looks whether what was decoded is still there. */
	compare(): void {
		const {words, offset} = this.place;
		const first = offset >>> 2;
		for (let i = 0; i < PAGE_SIZE / 4; i++) {
			const word = words[first + i]!;
			const difference = word ^ this.copy[i]!;
			if (difference === 0) continue;
			this.copy[i] = word;
			for (let byte = 0; byte < 4; byte++) if (((difference >>> (8 * byte)) & 0xff) !== 0) this.stored(i * 4 + byte, 1);
		}
	}

	private forget(): void {
		this.executes.fill(undefined);
		this.decoded.fill(0);
	}
}

export class CodePages {
	private readonly pages = new Map<Uint8Array, Map<number, CodePage>>();
	private count = 0;

	find({bytes, offset}: RamPlace): CodePage | undefined {
		return this.pages.get(bytes)?.get(offset);
	}

	add(place: RamPlace): CodePage {
		if (this.count >= MOST_PAGES) {
			this.pages.clear();
			this.count = 0;
		}
		const page = new CodePage(place);
		let ofBuffer = this.pages.get(place.bytes);
		if (!ofBuffer) this.pages.set(place.bytes, (ofBuffer = new Map()));
		ofBuffer.set(place.offset, page);
		this.count++;
		return page;
	}
}
