/**
 * The processor's write-back cache on a machine where devices do not snoop it: what the CPU wrote may not be in memory
 * yet, and what a device wrote may not be what the CPU sees.
 *
 * RAM as the simulator keeps it is the CPU's view. For lines of buffers that are lent to a device, this keeps what
 * memory itself holds: the device reads and writes that, until software cleans a line (memory := CPU's view) or
 * invalidates it (CPU's view := memory). Lines are whole: who shares one with a buffer shares its fate.
 *
 *   lines   line number -> 32 bytes in memory, and how many mappings lend it
 *
 * Not modelled: lines that leave the cache by themselves (a real one may write an old line over a device's data at any
 * time), lines of memory that nobody lent.
 */
import {type PhysicalAddress, physicalAddress} from './address.ts';
import type {Ram} from './ram.ts';

const CACHE_LINE_BYTES = 32;

type Line = {readonly memory: Uint8Array; lent: number};

export class Cache {
	private readonly ram: Ram;
	private readonly lines = new Map<number, Line>();
	/** Lines cleaned and invalidated since power-on. */
	readonly counters = {cleaned: 0, invalidated: 0};

	constructor(ram: Ram) {
		this.ram = ram;
	}

	/** Lines that memory holds apart from the CPU's view. */
	get lentLines(): number {
		return this.lines.size;
	}

	private eachLine(
		address: PhysicalAddress,
		lengthBytes: number,
		visit: (number: number, at: PhysicalAddress) => void,
	): void {
		const last = Math.floor((address + Math.max(1, lengthBytes) - 1) / CACHE_LINE_BYTES);
		for (let number = Math.floor(address / CACHE_LINE_BYTES); number <= last; number++)
			visit(number, physicalAddress(number * CACHE_LINE_BYTES));
	}

	/** A mapping begins: its lines are cleaned, and from now on CPU and memory may differ. */
	lend(address: PhysicalAddress, lengthBytes: number): void {
		this.eachLine(address, lengthBytes, (number, at) => {
			const line = this.lines.get(number);
			if (line) line.lent++;
			else this.lines.set(number, {memory: this.ram.read(at, CACHE_LINE_BYTES), lent: 1});
		});
		this.clean(address, lengthBytes);
	}

	/** A mapping ends; what the CPU sees stays. */
	takeBack(address: PhysicalAddress, lengthBytes: number): void {
		this.eachLine(address, lengthBytes, number => {
			const line = this.lines.get(number);
			if (line && --line.lent === 0) this.lines.delete(number);
		});
	}

	/** Writes lines back to memory. */
	clean(address: PhysicalAddress, lengthBytes: number): void {
		this.eachLine(address, lengthBytes, (number, at) => {
			const line = this.lines.get(number);
			if (!line) return;
			line.memory.set(this.ram.read(at, CACHE_LINE_BYTES));
			this.counters.cleaned++;
		});
	}

	/** Forgets lines: the CPU sees memory again, and whatever it had written to them is lost. */
	invalidate(address: PhysicalAddress, lengthBytes: number): void {
		this.eachLine(address, lengthBytes, (number, at) => {
			const line = this.lines.get(number);
			if (!line) return;
			this.ram.write(at, line.memory);
			this.counters.invalidated++;
		});
	}

	/** A device reads memory: as many bytes as `target` holds. */
	readInto(address: PhysicalAddress, target: Uint8Array): void {
		this.ram.readInto(address, target);
		this.eachLine(address, target.length, (number, at) => {
			const memory = this.lines.get(number)?.memory;
			if (!memory) return;
			const from = Math.max(address, at);
			const to = Math.min(address + target.length, at + CACHE_LINE_BYTES);
			target.set(memory.subarray(from - at, to - at), from - address);
		});
	}

	/** A device writes memory: lines that the CPU holds do not change. */
	write(address: PhysicalAddress, bytes: Uint8Array): void {
		this.eachLine(address, bytes.length, (number, at) => {
			const memory = this.lines.get(number)?.memory;
			const from = Math.max(address, at);
			const part = bytes.subarray(from - address, Math.min(address + bytes.length, at + CACHE_LINE_BYTES) - address);
			if (memory) memory.set(part, from - at);
			else this.ram.write(physicalAddress(from), part);
		});
	}
}
