/** The state of an i686 without floating point: registers and flags, as instructions read and change them. */
import {Memory} from './memory.ts';

export const EAX = 0;
export const ECX = 1;
export const EDX = 2;
export const EBX = 3;
export const ESP = 4;
export const EBP = 5;
export const ESI = 6;
export const EDI = 7;
/** A register that is always 0: the base, index or segment that an address does not have. */
export const NONE = 8;
/** Bases of the segments follow: es cs ss ds fs gs. */
export const SEGMENT = 9;
export const SEGMENTS = 6;
export const ES = 0;
export const CS = 1;
export const SS = 2;
export const DS = 3;
export const FS = 4;
export const GS = 5;

export const FLAG_CF = 1;
const FLAG_SET = 2;
export const FLAG_PF = 4;
export const FLAG_AF = 0x10;
export const FLAG_ZF = 0x40;
export const FLAG_SF = 0x80;
export const FLAG_IF = 0x200;
export const FLAG_DF = 0x400;
export const FLAG_OF = 0x800;
/** I/O privilege level, nested task, alignment check, and the bit that says there is CPUID: kept, without effect. */
const FLAGS_KEPT = 0x0024_7000;

/** The processor's exceptions but for page faults, with their vectors. */
export const VECTORS = {'#DE': 0, '#DB': 1, '#BP': 3, '#OF': 4, '#BR': 5, '#UD': 6, '#GP': 13} as const;
type Exception = keyof typeof VECTORS;

/** An exception of the instruction at `eip`; of #BP, #OF and #DB the one behind it. */
export class Trap extends Error {
	readonly exception: Exception;
	/** What is wrong, in words: `x87 instruction d9 /5: this processor has no floating point`. */
	readonly what: string;

	constructor(exception: Exception, what: string) {
		super(`${exception}: ${what}`);
		this.exception = exception;
		this.what = what;
	}

	/** The instruction is done: what is saved is the address behind it. */
	get isBehind(): boolean {
		return this.exception === '#BP' || this.exception === '#OF' || this.exception === '#DB';
	}
}

/** Why a run ended. */
export type Stop = 'budget' | 'gate' | 'syscall' | 'halt' | 'breakpoint';

/** Whether the lowest byte has an even number of ones, by its two halves. */
const parityOf = (value: number) => (0x9669 >> ((value ^ (value >> 4)) & 15)) & 1;

export class Core extends Memory {
	/** Eight registers, the one that is 0, and bases of segments. */
	readonly r = new Int32Array(SEGMENT + SEGMENTS);
	readonly r8 = new Uint8Array(this.r.buffer);
	readonly r16 = new Uint16Array(this.r.buffer);
	readonly selectors = new Uint16Array(SEGMENTS);
	/** Signed, as all addresses that instructions work with. */
	eip = 0;
	/** While an instruction runs: where the next one is. */
	next = 0;
	/** In user mode: what only the kernel may do is #GP. */
	userMode = false;

	/** Carry and overflow are 0 or 1. */
	cf = 0;
	of = 0;
	/** The last result with its sign in bit 31: zero, sign and parity are read from it … */
	res = 1;
	/** … unless these bits turn them over (parity in bit 2, sign in bit 7); the auxiliary carry is bit 4. */
	aux = 0;
	df = 0;
	interruptFlag = 1;
	private kept = 0;

	/** Instructions that this run may still do. */
	left = 0;
	/** Those that it gave up because it ended early. */
	unused = 0;
	stop: Stop = 'budget';
	/** Something that the program did ended this run before its instructions were used up. */
	hasEnded = false;
	/** The run ends behind the instruction under way, because of it or of something outside that watches. */
	isCut = false;

	get zf(): boolean {
		return this.res === 0;
	}

	get sf(): number {
		return (this.res >>> 31) ^ ((this.aux >> 7) & 1);
	}

	get pf(): number {
		return parityOf(this.res) ^ ((this.aux >> 2) & 1);
	}

	get af(): number {
		return (this.aux >> 4) & 1;
	}

	get flags(): number {
		return (
			this.cf |
			FLAG_SET |
			(this.pf << 2) |
			(this.aux & FLAG_AF) |
			(this.res === 0 ? FLAG_ZF : 0) |
			(this.sf << 7) |
			(this.interruptFlag << 9) |
			(this.df << 10) |
			(this.of << 11) |
			this.kept
		);
	}

	set flags(value: number) {
		this.setStatus(value);
		this.of = (value >> 11) & 1;
		this.df = (value >> 10) & 1;
		this.interruptFlag = (value >> 9) & 1;
		this.kept = value & FLAGS_KEPT;
	}

	/** Sets SF, ZF, AF, PF and CF, in any combination. */
	setStatus(value: number): void {
		this.cf = value & 1;
		this.aux = value & FLAG_AF;
		if ((value & FLAG_ZF) !== 0) {
			this.res = 0;
			// A zero is positive and even.
			this.aux |= (value & FLAG_SF) | ((value & FLAG_PF) ^ FLAG_PF);
		} else {
			this.res = (value & FLAG_SF) << 24 || 0x100;
			if ((value & FLAG_PF) === 0) this.aux |= FLAG_PF;
		}
	}

	/** The run ends behind this instruction. */
	override endRun(): void {
		this.cut();
		this.hasEnded = true;
	}

	/** The same, where the program has no part in it: the run could go on. */
	cut(): void {
		this.unused += this.left;
		this.left = 0;
		this.isCut = true;
	}

	push32(value: number): void {
		const at = (this.r[ESP]! - 4) | 0;
		this.store32(at, value);
		this.r[ESP] = at;
	}

	push16(value: number): void {
		const at = (this.r[ESP]! - 2) | 0;
		this.store16(at, value);
		this.r[ESP] = at;
	}

	pop32(): number {
		const value = this.load32(this.r[ESP]!);
		this.r[ESP] = (this.r[ESP]! + 4) | 0;
		return value;
	}

	pop16(): number {
		const value = this.load16(this.r[ESP]!);
		this.r[ESP] = (this.r[ESP]! + 2) | 0;
		return value;
	}

	/** @throws Trap where there is no such segment */
	setSegment(segment: number, selector: number): void {
		const base = this.surroundings.segmentBase(selector);
		if (base === undefined) throw new Trap('#GP', `there is no segment of selector 0x${selector.toString(16)}`);
		this.selectors[segment] = selector;
		this.r[SEGMENT + segment] = base;
	}

	/** @throws Trap in user mode */
	privileged(what: string): void {
		if (this.userMode) throw new Trap('#GP', `${what} is for the kernel only`);
	}
}
