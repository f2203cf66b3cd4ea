/**
 * An i686 as a plain function: it runs instructions until something from outside is wanted. Flat segments, 32-bit
 * protected mode, all integer instructions; each can be restarted when a page that it needs is not there.
 *
 * Breakpoints are asked for from outside. They are not debug registers, which code could notice.
 *
 * Not modelled: x87, MMX, SSE; single-stepping by the trap flag, debug registers; segments' limits and rights;
 * alignment checks; task gates.
 */
import {COMPUTATIONS, COMPUTATIONS_0F} from './arithmetic.ts';
import {BITS_0F} from './bits.ts';
import {type CodePage, CodePages} from './code.ts';
import {CONTROL, CONTROL_0F} from './control.ts';
import {Core, CS, DS, ES, FS, GS, SEGMENT, SS, type Stop, Trap} from './core.ts';
import {Decoder, type Execute, opcodeMap} from './decoder.ts';
import {EXCHANGES_0F} from './exchange.ts';
import type {RamPlace} from './memory.ts';
import {MOVES, MOVES_0F} from './moves.ts';
import {STRINGS} from './strings.ts';
import {SYSTEM, SYSTEM_0F} from './system.ts';

const ONE_BYTE = opcodeMap(MOVES, COMPUTATIONS, CONTROL, STRINGS, SYSTEM);
const TWO_BYTES = opcodeMap(MOVES_0F, COMPUTATIONS_0F, EXCHANGES_0F, BITS_0F, CONTROL_0F, SYSTEM_0F);

const SEGMENT_PREFIXES: ReadonlyMap<number, number> = new Map([
	[0x26, ES],
	[0x2e, CS],
	[0x36, SS],
	[0x3e, DS],
	[0x64, FS],
	[0x65, GS],
]);

/** Pages of code that are found without asking, by the lowest bits of their number. */
const CODE_ENTRIES = 64;

/** What a task's registers hold while others run. */
export type Registers = {
	readonly general: Int32Array;
	readonly selectors: Uint16Array;
	readonly bases: Int32Array;
	eip: number;
	flags: number;
};

/** Zeros, interrupts on. */
export const newRegisters = (): Registers => ({
	general: new Int32Array(8),
	selectors: new Uint16Array(6),
	bases: new Int32Array(6),
	eip: 0,
	flags: 0x202,
});

/** Stores and loads that are watched from outside, page by page. */
type DataWatch = {
	/** Whether each access to the page has to be reported. */
	readonly watches: (place: RamPlace) => boolean;
	/** Bytes in such a page are stored or loaded. @param at where in `place.bytes` */
	readonly accessed: (place: RamPlace, at: number, width: number, write: boolean) => void;
};

export class Processor extends Core {
	/** Addresses, signed, before whose instruction a run ends with `breakpoint`. None: nothing is compared. */
	breakpoints: ReadonlySet<number> | undefined;
	/** The first instruction of the run is done, be there a breakpoint or not. */
	passesBreakpoint = false;
	dataWatch: DataWatch | undefined;
	private readonly code = new CodePages();
	private readonly codePages = new Int32Array(CODE_ENTRIES).fill(-1);
	private readonly codeEntries: (CodePage | undefined)[] = new Array(CODE_ENTRIES).fill(undefined);
	private runs = 0;
	/** Instructions done since power-on; each round of a repeated string instruction is one. */
	instructions = 0;

	/** Takes over a task's registers. */
	load(registers: Registers): void {
		this.r.set(registers.general);
		this.r.set(registers.bases, SEGMENT);
		this.selectors.set(registers.selectors);
		this.eip = registers.eip | 0;
		this.flags = registers.flags;
	}

	/** Leaves the registers to a task. */
	save(registers: Registers): void {
		registers.general.set(this.r.subarray(0, 8));
		registers.bases.set(this.r.subarray(SEGMENT));
		registers.selectors.set(this.selectors);
		registers.eip = this.eip >>> 0;
		registers.flags = this.flags;
	}

	override flush(): void {
		super.flush();
		this.codePages.fill(-1);
	}

	protected override stored(place: RamPlace, at: number, width: number): boolean {
		const page = this.code.find(place);
		page?.stored(at - place.offset, width);
		if (!this.dataWatch?.watches(place)) return page !== undefined;
		if (width > 0) this.dataWatch.accessed(place, at, width, true);
		return true;
	}

	protected override loaded(place: RamPlace, at: number, width: number): boolean {
		if (!this.dataWatch?.watches(place)) return false;
		this.dataWatch.accessed(place, at, width, false);
		return true;
	}

	/**
	 * Runs instructions from `eip` on. Page tables and code may have changed since the last run.
	 * @param budget instructions at most
	 * @returns `budget` also where a device was accessed, so that its time can pass; at a `gate` and at a `breakpoint` eip
	 * is its address
	 * @throws PageFault, Trap: eip is then the instruction to be tried again, or behind it (Trap.isBehind)
	 */
	run(budget: number): Stop {
		this.flush();
		this.runs++;
		this.left = budget;
		this.unused = 0;
		this.stop = 'budget';
		this.hasEnded = false;
		this.isCut = false;
		try {
			this.eip = this.breakpoints ? this.goToBreakpoint(this.breakpoints) : this.go();
		} finally {
			this.instructions += budget - this.left - this.unused;
		}
		return this.stop;
	}

	private go(): number {
		let ip = this.eip;
		let page = -1;
		let executes: readonly (Execute | undefined)[] = [];
		let lengths = new Uint8Array(0);
		try {
			while (this.left > 0) {
				this.left--;
				if (ip >>> 12 !== page) {
					page = ip >>> 12;
					({executes, lengths} = this.codeAt(ip));
				}
				const at = ip & 4095;
				const execute = executes[at] ?? this.decode(ip);
				this.next = (ip + lengths[at]!) | 0;
				execute();
				ip = this.next;
			}
		} catch (error) {
			const isDone = error instanceof Trap && error.isBehind;
			if (!isDone) this.left++;
			this.eip = isDone ? this.next : ip;
			throw error;
		}
		return ip;
	}

	/** As go, one instruction at a time, which is slower: for runs with breakpoints only. */
	private goToBreakpoint(breakpoints: ReadonlySet<number>): number {
		let passes = this.passesBreakpoint;
		const whole = this.left;
		for (let done = 0; done < whole && !this.isCut; ) {
			if (!passes && breakpoints.has(this.eip)) {
				this.left = whole - done;
				this.stop = 'breakpoint';
				this.cut();
				break;
			}
			passes = false;
			this.left = 1;
			try {
				this.eip = this.go();
			} catch (error) {
				this.left += whole - done - 1;
				throw error;
			}
			done++;
			if (this.isCut) this.unused += whole - done;
		}
		return this.eip;
	}

	/** @throws PageFault */
	private codeAt(ip: number): CodePage {
		const page = ip >>> 12;
		const entry = page & (CODE_ENTRIES - 1);
		if (this.codePages[entry] === page) return this.codeEntries[entry]!;
		const place = this.reach(ip, false);
		if (!('bytes' in place)) throw new Trap('#UD', 'there is no code in a device or a structure of the kernel');
		let code = this.code.find(place);
		if (!code) {
			code = this.code.add(place);
			// From now on each store to the page is told, and what was forgotten is not run.
			this.flush();
		}
		if (code.comparedIn !== this.runs) code.compare();
		code.comparedIn = this.runs;
		this.codePages[entry] = page;
		this.codeEntries[entry] = code;
		return code;
	}

	private decode(ip: number): Execute {
		const code = this.codeAt(ip);
		const {bytes, offset} = code.place;
		const page = ip >>> 12;
		const decoder = new Decoder(this, ip, address =>
			address >>> 12 === page ? bytes[offset + (address & 4095)]! : this.load8(address),
		);
		const execute = decodeInstruction(decoder);
		const at = ip & 4095;
		const {length} = decoder;
		code.keep(at, length, at + length > 4096 ? this.acrossPages(code, ip, length, execute) : execute);
		return code.executes[at]!;
	}

	/** The end of an instruction lies in the next page, whatever that is now: compared each time. */
	private acrossPages(code: CodePage, ip: number, length: number, execute: Execute): Execute {
		const inNext = (ip + length) & 4095;
		const border = (ip + length - inNext) | 0;
		const tail = Array.from({length: inNext}, (_, i) => this.load8((border + i) | 0));
		return () => {
			const next = this.next & ~4095;
			for (let i = 0; i < inNext; i++) {
				if (this.load8((next + i) | 0) === tail[i]) continue;
				code.executes[ip & 4095] = undefined;
				this.next = (this.next - length) | 0;
				this.left++;
				return;
			}
			execute();
		};
	}
}

function decodeInstruction(d: Decoder): Execute {
	for (;;) {
		const op = d.u8();
		const segment = SEGMENT_PREFIXES.get(op);
		if (segment !== undefined) d.override = SEGMENT + segment;
		else if (op === 0x66) d.size = 2;
		else if (op === 0x67) d.addressSize = 2;
		else if (op === 0xf2 || op === 0xf3) d.rep = op;
		else if (op === 0xf0) d.lock = true;
		else return decodeOpcode(d, op);
	}
}

function decodeOpcode(d: Decoder, first: number): Execute {
	const op = first === 0x0f ? d.u8() : first;
	const decode = (first === 0x0f ? TWO_BYTES : ONE_BYTE)[op];
	if (!decode) return d.undefined('there is no such instruction');
	const execute = decode(d, op);
	return d.lock && !d.lockable ? d.undefined('it cannot be locked') : execute;
}
