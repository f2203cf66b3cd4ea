/** A processor with 64 KiB of memory, to run a few bytes of code on. */
import {ESP} from '../../../source/hardware/cpu/core.ts';
import type {Place, Surroundings} from '../../../source/hardware/cpu/memory.ts';
import {Processor} from '../../../source/hardware/cpu/processor.ts';

export const memoryBytes = 0x1_0000;
export const codeAt = 0x1000;
export const stackAt = 0x8000;

export class Rig {
	readonly bytes = new Uint8Array(memoryBytes);
	readonly words = new Int32Array(this.bytes.buffer);
	readonly cpu: Processor;

	/** @param changes what is around the processor otherwise than usual */
	constructor(changes: Partial<Surroundings> = {}) {
		this.cpu = new Processor({
			place: address => this.ram(address),
			portIn: () => 0,
			portOut() {},
			segmentBase: selector => (selector === 0x33 ? 0x4000 : 0),
			timeStamp: () => 0x1_2345_6789,
			...changes,
		});
	}

	ram(address: number): Place | undefined {
		return address < memoryBytes ? {bytes: this.bytes, words: this.words, offset: address & ~4095} : undefined;
	}

	/** Puts code at 0x1000, or elsewhere, and the processor at its start. */
	load(code: string, at = codeAt): this {
		this.bytes.set(bytesOf(code), at);
		this.cpu.eip = at;
		this.cpu.r[ESP] = stackAt;
		return this;
	}

	/** Runs as many instructions. */
	step(instructions = 1): this {
		this.cpu.run(instructions);
		return this;
	}

	/** A general register, unsigned. */
	reg(n: number): number {
		return this.cpu.r[n]! >>> 0;
	}

	word(address: number): number {
		return new DataView(this.bytes.buffer).getUint32(address, true);
	}
}

export const bytesOf = (code: string): readonly number[] =>
	code
		.trim()
		.split(/\s+/)
		.map(byte => Number.parseInt(byte, 16));

/** Everything that a program can see of the processor. */
export const stateOf = ({cpu}: Rig) => ({
	registers: [...cpu.r],
	selectors: [...cpu.selectors],
	flags: cpu.flags,
	eip: cpu.eip,
});

/** Runs code with registers set; eax ecx edx ebx esp ebp esi edi. */
export function ran(code: string, registers: Readonly<Record<number, number>> = {}, instructions = 1): Rig {
	const rig = new Rig().load(code);
	for (const [n, value] of Object.entries(registers)) rig.cpu.r[Number(n)] = value;
	return rig.step(instructions);
}
