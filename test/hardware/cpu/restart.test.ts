import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {EDI, ESI, ESP, Trap} from '../../../source/hardware/cpu/core.ts';
import {PageFault} from '../../../source/hardware/cpu/memory.ts';
import {isLong} from '../../sample.ts';
import {bytesOf, codeAt, memoryBytes, Rig, stackAt, stateOf} from './rig.ts';

/** A rig whose pages are missing until they are asked for; each instruction begins without any. */
class DemandRig extends Rig {
	readonly present = new Set<string>();
	faults = 0;

	constructor() {
		super({
			place: (address, write) => (this.present.has(`${address >>> 12} ${write}`) ? this.ram(address) : undefined),
		});
	}

	/** One instruction, with a fault for each page and direction; no fault may leave a trace. */
	stepOnDemand(): void {
		this.present.clear();
		for (let tries = 0; tries < 20; tries++) {
			const [state, memory] = [stateOf(this), this.bytes.slice()];
			try {
				this.step();
				return;
			} catch (error) {
				if (!(error instanceof PageFault)) throw error;
				this.faults++;
				expect(stateOf(this)).toEqual(state);
				expect(Buffer.compare(this.bytes, memory)).toBe(0);
				if (error.address >= memoryBytes) throw error;
				this.present.add(`${error.address >>> 12} ${error.write}`);
				// A page that can be written can be read.
				this.present.add(`${error.address >>> 12} false`);
			}
		}
		throw new Error('it faults for ever');
	}
}

/** Runs one instruction. @returns how it ended */
function outcome(step: () => void): string {
	try {
		step();
		return 'done';
	} catch (error) {
		if (error instanceof Trap) return error.message;
		if (error instanceof PageFault) return `fault ${error.address.toString(16)}`;
		throw error;
	}
}

/** The same instruction with all pages there, and with each missing in turn. */
function both(code: readonly number[], at: number, registers: readonly number[], flags: number, memory: Uint8Array) {
	const [whole, demand] = [new Rig(), new DemandRig()];
	const ends = [whole, demand].map(rig => {
		rig.bytes.set(memory);
		rig.bytes.set(code, at);
		rig.cpu.r.set(registers);
		rig.cpu.flags = flags;
		rig.cpu.eip = at;
		return outcome(() => (rig instanceof DemandRig ? rig.stepOnDemand() : rig.step()));
	});
	return {whole, demand, ends};
}

/** Registers that point near the borders of pages, or hold small or odd numbers. */
const register = fc.oneof(
	fc.integer({min: 0x2ff0, max: 0x3010}),
	fc.integer({min: 0x4ffc, max: 0x5004}),
	fc.integer({min: 0x7000, max: 0x9000}),
	fc.integer({min: -8, max: 40}),
	fc.integer(),
);
const flags = fc.integer({min: 0, max: 0xfff}).map(value => (value & 0xcd5) | 0x202);
const memory = fc.integer().map(seed => {
	const bytes = new Uint8Array(memoryBytes);
	for (let i = 0, x = seed | 1; i < memoryBytes; i += 61) bytes[i] = x = Math.imul(x, 0x19660d) + 0x3c6e;
	return bytes;
});

/** Any opcode, with any prefixes and operands behind it. */
const instruction = fc
	.tuple(
		fc.subarray([0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x26, 0x36, 0x64, 0x65], {maxLength: 2}),
		fc.boolean(),
		fc.nat(255),
		fc.array(fc.nat(255), {minLength: 8, maxLength: 8}),
	)
	.map(([prefixes, isLong, opcode, rest]) => [...prefixes, ...(isLong ? [0x0f] : []), opcode, ...rest]);

describe('an instruction that faults has done nothing', () => {
	test('whatever instruction it is, and whichever page is missing', () => {
		let faults = 0;
		const property = fc.property(
			instruction,
			fc.integer({min: 0x1ff2, max: 0x2000}),
			fc.array(register, {minLength: 8, maxLength: 8}),
			flags,
			memory,
			(code, at, registers, eflags, bytes) => {
				const {whole, demand, ends} = both(code, at, registers, eflags, bytes);
				expect(ends[1]).toBe(ends[0]);
				expect(stateOf(demand)).toEqual(stateOf(whole));
				expect(Buffer.compare(demand.bytes, whole.bytes)).toBe(0);
				faults += demand.faults;
			},
		);
		fc.assert(property, {numRuns: isLong ? 60_000 : 1200, seed: 15});
		expect(faults).toBeGreaterThan(1000);
	});

	const several: readonly (readonly [name: string, code: string])[] = [
		['push of memory: code, operand, stack', 'ff 36'],
		['pop into memory', '8f 06'],
		['pusha over two pages', '60'],
		['popa over two pages', '61'],
		['enter with four levels', 'c8 10 00 04'],
		['movs', 'a5'],
		['cmps', 'a7'],
		['xchg over two pages', '87 06'],
		['add to memory over two pages', '01 06'],
		['cmpxchg8b over two pages', '0f c7 0e'],
		['xadd over two pages', '0f c1 06'],
		['bts far beyond its operand', '0f ab 0e'],
		['bound over two pages', '62 06'],
		['call through memory', 'ff 16'],
	];

	test.each(several)('%s', (_, code) => {
		const registers = [5, 0x4000, 2, 3, 0x8000, 0x6002, 0x2ffd, 0x4ffe];
		// The stack's border is within what is pushed.
		registers[ESP] = stackAt + 2;
		const memoryOfZeros = new Uint8Array(memoryBytes);
		memoryOfZeros.fill(0x7f, 0x2ff0, 0x3010);
		const {whole, demand, ends} = both(bytesOf(code), codeAt, registers, 0x202, memoryOfZeros);
		expect(ends[1]).toBe(ends[0]);
		expect(stateOf(demand)).toEqual(stateOf(whole));
		expect(demand.faults).toBeGreaterThanOrEqual(2);
	});
});

describe('a repeated string instruction goes on where it was', () => {
	test('rounds before a missing page are done, and counted', () => {
		const present = new Set([1, 2, 3]);
		const rig: Rig = new Rig({place: address => (present.has(address >>> 12) ? rig.ram(address) : undefined)});
		rig.load('f3 a4').bytes.fill(0x55, 0x2f00, 0x3000);
		rig.cpu.r.set([0, 100, 0, 0, stackAt, 0, 0x2f00, 0x3ff0]);
		expect(outcome(() => rig.step(1000))).toBe('fault 4000');
		expect([rig.reg(1), rig.reg(ESI), rig.reg(EDI), rig.cpu.eip]).toEqual([84, 0x2f10, 0x4000, codeAt]);
		present.add(4);
		rig.step(84);
		expect([rig.reg(1), rig.reg(EDI), rig.cpu.eip]).toEqual([0, 0x4054, codeAt + 2]);
		expect(rig.bytes.subarray(0x3ff0, 0x4054).every(byte => byte === 0x55)).toBe(true);
	});

	test('a run that ends within it leaves it to the next one', () => {
		const rig = new Rig().load('f3 ab 90');
		rig.cpu.r.set([0x1122_3344, 10, 0, 0, stackAt, 0, 0, 0x5000]);
		rig.step(4);
		expect([rig.reg(1), rig.cpu.eip]).toEqual([6, codeAt]);
		rig.step(6);
		expect([rig.reg(1), rig.cpu.eip]).toEqual([0, codeAt + 2]);
		expect(rig.cpu.instructions).toBe(10);
	});

	test('a comparison that faults leaves the flags as they were before it began', () => {
		const rig: Rig = new Rig({place: address => (address < 0x5000 ? rig.ram(address) : undefined)});
		rig.load('f3 a6').cpu.r.set([0, 100, 0, 0, stackAt, 0, 0x3000, 0x4ff0]);
		rig.cpu.flags = 0x203;
		expect(outcome(() => rig.step(1000))).toBe('fault 5000');
		expect([rig.cpu.flags, rig.reg(1)]).toEqual([0x203, 84]);
	});
});
