/**
 * Structures of the kernel's own as C sees them: an object gets an address the first time that C is told of it, and a
 * load or store there goes through a getter or setter at that moment. So nothing has to be kept in step.
 *
 * The struct pages of mem_map are seen in the same way, at the addresses that tracepoints print.
 */
import {PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import type {AnsweringPlace, Width} from '../../hardware/cpu/memory.ts';
import {dieForMemory} from '../bug.ts';
import type {Kernel} from '../kernel.ts';
import {__GFP_ZERO, GFP_ATOMIC} from '../mm/gfp.ts';
import {setPageUse, virt_to_page} from '../mm/page.ts';
import {try_get_free_pages} from '../mm/page_alloc.ts';
import {printk} from '../printk.ts';
import {fieldsOf, sizeOf} from './layouts.ts';
import type {StructureName} from './structures.ts';

/**
 * One field: how it reads, and what a store does. Words are unsigned or signed as they come; 8 bytes are numbers too,
 * and bigints where every bit counts.
 */
type WindowField<T> = {
	readonly get: (k: Kernel, object: T) => number | bigint;
	readonly set?: (k: Kernel, object: T, value: number) => void;
	/** Whether `set` finds what it looks up at once; where it does not, C that stores there oopses. */
	readonly takes?: (k: Kernel, value: number) => boolean;
	/** Of a field that is not a number: what lies in it. */
	readonly text?: (object: T) => string;
	/** Of a field that is a structure, or an array of them: what lies so many bytes from its start. */
	readonly inner?: (k: Kernel, object: T, offset: number) => Inner;
};
type Inner = {readonly window: Window<never>; readonly object: unknown; readonly offset: number};
export type Window<T> = {readonly name: StructureName; readonly fields: Readonly<Record<string, WindowField<T>>>};

type Slot = {readonly window: Window<unknown>; readonly object: unknown};

/** An object whose address C never got has none, and looking gives it none. */
class Untold extends Error {}

/** Objects are apart by a multiple of this. */
const ALIGNMENT = 16;

type Field = {readonly name: string; readonly offset: number; readonly sizeBytes: number};

export class WindowSpace {
	readonly #k: Kernel;
	/** By the number of a page: what begins at which address in it. */
	readonly #pages = new Map<number, {readonly stride: number; readonly slots: (Slot | undefined)[]}>();
	/** Free places by window. */
	readonly #free = new Map<Window<unknown>, number[]>();
	readonly #addresses = new Map<unknown, number>();
	readonly #objects = new Map<number, Slot>();
	readonly #fields = new Map<Window<unknown>, readonly Field[]>();
	/** Fields that were said to be missing. */
	readonly #said = new Set<string>();
	readonly #pageWindow: Window<Pfn>;
	/** A debugger looks: nothing may change by it. */
	#isPeeking = false;

	constructor(k: Kernel, pageWindow: Window<Pfn>) {
		this.#k = k;
		this.#pageWindow = pageWindow;
	}

	/** The address of an object, which it keeps until it is forgotten. @throws TaskKilled without memory */
	addressOf<T>(window: Window<T>, object: T): number {
		return (
			this.tryAddressOf(window, object) ?? dieForMemory(this.#k, `the addresses of struct ${window.name} in modules`)
		);
	}

	/** As addressOf. @returns undefined without memory */
	tryAddressOf<T>(window: Window<T>, object: T): number | undefined {
		const known = this.#addresses.get(object);
		if (known !== undefined) return known;
		if (this.#isPeeking) throw new Untold();
		const slot: Slot = {window: window as Window<unknown>, object};
		const address = this.#place(slot.window);
		if (address === undefined) return undefined;
		this.#addresses.set(object, address);
		this.#objects.set(address, slot);
		const page = this.#pages.get(address >>> 12)!;
		page.slots[Math.floor((address & 4095) / page.stride)] = slot;
		return address;
	}

	/** The object at an address that C hands back, which may be a part of another one. */
	objectAt<T>(window: Window<T>, address: number): T | undefined {
		const wanted = window as Window<unknown>;
		const slot = this.#objects.get(address);
		if (slot?.window === wanted) return slot.object as T;
		if (!this.#pages.has(address >>> 12)) return undefined;
		const found = this.#at(address, wanted);
		return found?.slot.window === wanted && found.offset === 0 ? (found.slot.object as T) : undefined;
	}

	/** An object is gone; its address may be another's next. */
	forget(object: unknown): void {
		const address = this.#addresses.get(object);
		if (address === undefined) return;
		const {window} = this.#objects.get(address)!;
		this.#addresses.delete(object);
		this.#objects.delete(address);
		const page = this.#pages.get(address >>> 12)!;
		page.slots[Math.floor((address & 4095) / page.stride)] = undefined;
		this.#free.get(window)!.push(address);
	}

	#place(window: Window<unknown>): number | undefined {
		const free = this.#free.get(window) ?? [];
		this.#free.set(window, free);
		const given = free.pop();
		if (given !== undefined) return given;
		const at = try_get_free_pages(this.#k, GFP_ATOMIC | __GFP_ZERO, 0);
		if (at === undefined) return undefined;
		setPageUse(this.#k, virt_to_page(at), 'kernel');
		const stride = Math.ceil(sizeOf(window.name) / ALIGNMENT) * ALIGNMENT;
		const count = Math.floor(PAGE_SIZE / stride);
		this.#pages.set(at >>> 12, {stride, slots: new Array<Slot | undefined>(count).fill(undefined)});
		for (let i = count - 1; i > 0; i--) free.push(at + i * stride);
		return at;
	}

	/** What answers at an address, if a window does. */
	placeAt(address: number): AnsweringPlace | undefined {
		if (!this.#pages.has(address >>> 12) && this.#frameAt(address) === undefined) return undefined;
		return {
			read: (at, width) => this.#read(at, width),
			write: (at, width, value) => this.#write(at, width, value),
			endsRun: false,
		};
	}

	/**
	 * A byte of a window as C would load it, without any change.
	 * @returns undefined in a pointer to an object whose address C never got
	 */
	peek(address: number): number | undefined {
		this.#isPeeking = true;
		try {
			return this.#read(address, 1);
		} catch (reason) {
			if (reason instanceof Untold) return undefined;
			throw reason;
		} finally {
			this.#isPeeking = false;
		}
	}

	/** Whether a store can be done without an oops. */
	takes(address: number, width: Width, value: number): boolean {
		const at = this.#at(address);
		const field = at && this.#fieldAt(at.slot.window, at.offset);
		const takes = field && at.slot.window.fields[field.name]?.takes;
		return !takes || takes(this.#k, this.#merged(at.slot, field, at.offset - field.offset, width, value));
	}

	#frameAt(address: number): Pfn | undefined {
		const {layout, era} = this.#k;
		const frame = Math.floor((address - layout.mem_map) / era.sizeofStructPage);
		return address >= layout.mem_map && frame < layout.max_pfn ? (frame as Pfn) : undefined;
	}

	/**
	 * The window, object and offset behind an address: the innermost ones, or those of a window that was asked for.
	 */
	#at(address: number, wanted?: Window<unknown>): {readonly slot: Slot; readonly offset: number} | undefined {
		let found = this.#outermost(address);
		while (found && found.slot.window !== wanted) {
			const {slot, offset}: {readonly slot: Slot; readonly offset: number} = found;
			const field = this.#fieldAt(slot.window, offset);
			const inner = field && slot.window.fields[field.name]?.inner?.(this.#k, slot.object, offset - field.offset);
			if (!inner) break;
			found = {slot: {window: inner.window as Window<unknown>, object: inner.object}, offset: inner.offset};
		}
		return found;
	}

	#outermost(address: number): {readonly slot: Slot; readonly offset: number} | undefined {
		const page = this.#pages.get(address >>> 12);
		if (page) {
			const index = Math.floor((address & 4095) / page.stride);
			const slot = page.slots[index];
			return slot && {slot, offset: (address & 4095) - index * page.stride};
		}
		const frame = this.#frameAt(address)!;
		const start = this.#k.layout.mem_map + frame * this.#k.era.sizeofStructPage;
		return {slot: {window: this.#pageWindow as Window<unknown>, object: frame}, offset: address - start};
	}

	#fieldAt(window: Window<unknown>, offset: number): Field | undefined {
		let fields = this.#fields.get(window);
		if (!fields) this.#fields.set(window, (fields = fieldsOf(window.name, this.#k.era.name)));
		return fields.find(each => offset >= each.offset && offset < each.offset + each.sizeBytes);
	}

	/** Bytes of a field as they would lie in memory. */
	#bytesOf({window, object}: Slot, field: Field): Uint8Array {
		const bytes = new Uint8Array(Math.max(8, field.sizeBytes));
		const known = window.fields[field.name];
		if (known?.text) {
			for (const [i, letter] of [...known.text(object)].entries()) bytes[i] = letter.charCodeAt(0);
			return bytes;
		}
		if (!known) this.#say(window, field);
		const value = known?.get(this.#k, object) ?? 0;
		const view = new DataView(bytes.buffer);
		if (typeof value === 'bigint') view.setBigUint64(0, value, true);
		else {
			view.setUint32(0, value, true);
			view.setInt32(4, Math.floor(value / 2 ** 32), true);
		}
		return bytes;
	}

	#read(address: number, width: Width): number {
		const at = this.#at(address);
		const field = at && this.#fieldAt(at.slot.window, at.offset);
		if (!at || !field) return 0;
		const bytes = this.#bytesOf(at.slot, field);
		let value = 0;
		for (let i = width - 1; i >= 0; i--) value = value * 256 + (bytes[at.offset - field.offset + i] ?? 0);
		return value;
	}

	#write(address: number, width: Width, value: number): void {
		const at = this.#at(address);
		const field = at && this.#fieldAt(at.slot.window, at.offset);
		if (!at || !field) return;
		const known = at.slot.window.fields[field.name];
		if (!known?.set) {
			this.#say(at.slot.window, field);
			return;
		}
		const merged = this.#merged(at.slot, field, at.offset - field.offset, width, value);
		known.set(this.#k, at.slot.object, merged);
	}

	/** What a field is when bytes of it are stored to. */
	#merged(slot: Slot, field: Field, offset: number, width: Width, value: number): number {
		const bytes = this.#bytesOf(slot, field);
		for (let i = 0; i < width; i++) bytes[offset + i] = value >>> (8 * i);
		const view = new DataView(bytes.buffer);
		const low = view.getUint32(0, true);
		return field.sizeBytes === 8 ? view.getInt32(4, true) * 2 ** 32 + low : low;
	}

	#say(window: Window<unknown>, {name}: Field): void {
		const what = `struct ${window.name} has no ${name} that drivers can use here`;
		if (this.#isPeeking || this.#said.has(what)) return;
		this.#said.add(what);
		printk(this.#k, 4, what);
	}
}
