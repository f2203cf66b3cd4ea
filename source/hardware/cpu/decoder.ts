/**
 * Reads one instruction: prefixes, opcode, ModRM and SIB bytes, displacement and immediate values. What the
 * instruction does becomes a function without arguments, which is kept and called as often as the instruction runs.
 */
import {type Core, DS, EBP, EBX, EDI, ESI, ESP, NONE, SEGMENT, Trap} from './core.ts';
import type {Width} from './memory.ts';

/** Does what one instruction does. Whatever can fault comes before whatever it changes. */
export type Execute = () => void;

/** Something that an instruction reads or writes: a register, or memory. Its address is computed at each access. */
export type Operand = {
	readonly load: () => number;
	readonly store: (value: number) => void;
	/** Makes sure that a store will not fault. */
	readonly claim: () => void;
};

/** Decodes what follows an opcode. */
export type Opcode = (d: Decoder, op: number) => Execute;
/** Which opcodes (one or more) a function decodes. */
export type OpcodeRow = readonly [opcodes: readonly number[], decode: Opcode];

/** `count` numbers from `first` on. */
export const run = (first: number, count: number): readonly number[] =>
	Array.from({length: count}, (_, i) => first + i);

/** Opcodes come in pairs: the even one is about bytes. */
export const widthOf = (d: Decoder, op: number): Width => ((op & 1) === 0 ? 1 : d.size);

/** The opcode tables as one list. */
export function opcodeMap(...tables: readonly (readonly OpcodeRow[])[]): readonly (Opcode | undefined)[] {
	const map = new Array<Opcode | undefined>(256).fill(undefined);
	for (const [opcodes, decode] of tables.flat()) for (const op of opcodes) map[op] = decode;
	return map;
}

/** An instruction has at most this many bytes; a longer one is #GP. */
const LONGEST = 15;

const nothing = (): void => {};

export class Decoder {
	readonly c: Core;
	/** Where the next byte of code is. */
	at: number;
	private readonly start: number;
	private readonly fetch: (address: number) => number;
	/** Width of operands that are not bytes, and of addresses. */
	size: 2 | 4 = 4;
	addressSize: 2 | 4 = 4;
	/** A segment prefix's index among the registers, or NONE. */
	override = NONE;
	rep: 0 | 0xf2 | 0xf3 = 0;
	lock = false;
	/** The instruction may have a lock prefix. */
	lockable = false;

	// The ModRM byte, taken apart.
	isRegister = false;
	reg = 0;
	rm = 0;
	base = NONE;
	index = NONE;
	scale = 0;
	disp = 0;
	segment = NONE;

	/** @param fetch a byte of code; may fault */
	constructor(c: Core, start: number, fetch: (address: number) => number) {
		this.c = c;
		this.start = start;
		this.at = start;
		this.fetch = fetch;
	}

	get length(): number {
		return (this.at - this.start) | 0;
	}

	/** The bytes so far, for messages. */
	get spelling(): string {
		const bytes: string[] = [];
		for (let at = this.start; at !== this.at; at = (at + 1) | 0)
			bytes.push(this.fetch(at).toString(16).padStart(2, '0'));
		return bytes.join(' ');
	}

	/** @throws Trap */
	undefined(what: string): never {
		throw new Trap('#UD', `instruction ${this.spelling}: ${what}`);
	}

	u8(): number {
		if (this.length >= LONGEST) throw new Trap('#GP', 'the instruction is longer than 15 bytes');
		const value = this.fetch(this.at);
		this.at = (this.at + 1) | 0;
		return value;
	}

	s8(): number {
		return (this.u8() << 24) >> 24;
	}

	u16(): number {
		return this.u8() | (this.u8() << 8);
	}

	s32(): number {
		return this.u16() | (this.u16() << 16);
	}

	/** An immediate value as operands of that width are: unsigned, but for 32 bits. */
	immediate(width: Width): number {
		return width === 1 ? this.u8() : width === 2 ? this.u16() : this.s32();
	}

	/** A byte that stands for a wider value, with its sign. */
	immediateByte(width: Width): number {
		const value = this.s8();
		return width === 1 ? value & 0xff : width === 2 ? value & 0xffff : value;
	}

	/** Reads the ModRM byte and what belongs to it. */
	modrm(): void {
		const byte = this.u8();
		const mod = byte >> 6;
		this.reg = (byte >> 3) & 7;
		this.rm = byte & 7;
		this.isRegister = mod === 3;
		if (this.isRegister) return;
		if (this.addressSize === 2) this.modrm16(mod);
		else this.modrm32(mod);
		this.segment = this.override !== NONE ? this.override : NONE;
	}

	private modrm32(mod: number): void {
		let {rm} = this;
		if (rm === ESP) {
			const sib = this.u8();
			rm = sib & 7;
			const index = (sib >> 3) & 7;
			this.index = index === ESP ? NONE : index;
			this.scale = sib >> 6;
		}
		this.base = rm;
		if (mod === 1) this.disp = this.s8();
		else if (mod === 2) this.disp = this.s32();
		else if (rm === EBP) {
			this.base = NONE;
			this.disp = this.s32();
		}
	}

	private modrm16(mod: number): void {
		const bases = [EBX, EBX, EBP, EBP, NONE, NONE, EBP, EBX];
		const indices = [ESI, EDI, ESI, EDI, ESI, EDI, NONE, NONE];
		this.base = bases[this.rm]!;
		this.index = indices[this.rm]!;
		if (mod === 1) this.disp = this.s8();
		else if (mod === 2) this.disp = this.u16();
		else if (this.rm === 6) {
			this.base = NONE;
			this.disp = this.u16();
		}
	}

	/** The address is base + (index << scale) + disp: no segment, nothing cut off. */
	get isPlain(): boolean {
		return this.segment === NONE && this.addressSize === 4;
	}

	/** The offset that the ModRM byte says, without its segment: what LEA gives. */
	offset(): () => number {
		const {base, index, scale, disp} = this;
		const {r} = this.c;
		if (this.addressSize === 2) return () => (r[base]! + r[index]! + disp) & 0xffff;
		if (index !== NONE) return () => (r[base]! + (r[index]! << scale) + disp) | 0;
		return base === NONE ? () => disp : () => (r[base]! + disp) | 0;
	}

	/** The address that the ModRM byte says. */
	address(): () => number {
		const offset = this.offset();
		const {segment} = this;
		const {r} = this.c;
		return segment === NONE ? offset : () => (offset() + r[segment]!) | 0;
	}

	/** What the ModRM byte says: a register, or memory. */
	operand(width: Width): Operand {
		return this.isRegister ? this.register(this.rm, width) : this.memory(this.address(), width);
	}

	register(n: number, width: Width): Operand {
		const {r, r8, r16} = this.c;
		if (width === 4) {
			return {
				load: () => r[n]!,
				store(value) {
					r[n] = value;
				},
				claim: nothing,
			};
		}
		if (width === 2) {
			return {
				load: () => r16[n * 2]!,
				store(value) {
					r16[n * 2] = value;
				},
				claim: nothing,
			};
		}
		// AL CL DL BL, then AH CH DH BH.
		const at = n < 4 ? n * 4 : (n - 4) * 4 + 1;
		return {
			load: () => r8[at]!,
			store(value) {
				r8[at] = value;
			},
			claim: nothing,
		};
	}

	memory(address: () => number, width: Width): Operand {
		const {c} = this;
		const claim = () => c.claim(address(), width);
		if (width === 4) return {load: () => c.load32(address()), store: value => c.store32(address(), value), claim};
		if (width === 2) return {load: () => c.load16(address()), store: value => c.store16(address(), value), claim};
		return {load: () => c.load8(address()), store: value => c.store8(address(), value), claim};
	}

	/** The segment that string instructions read from and XLAT and moffs use: DS, or what a prefix says. */
	get dataSegment(): number {
		return this.override !== NONE ? this.override : SEGMENT + DS;
	}
}
