/**
 * String instructions: MOVS, CMPS, STOS, LODS, SCAS, INS, OUTS, with and without a repeat prefix.
 *
 * Each round of a repeated one counts as an instruction. A fault, or the end of a run, leaves the registers as they are
 * after the rounds that were done, and the instruction goes on from there.
 */
import {ARITHMETIC, type Binary, CMP} from './alu.ts';
import {type Core, EAX, ECX, EDI, EDX, ES, ESI, NONE, SEGMENT} from './core.ts';
import type {Decoder, Execute, OpcodeRow, Operand} from './decoder.ts';
import type {Width} from './memory.ts';

/** Where a string instruction is: its registers and widths. */
type Strings = {
	readonly c: Core;
	readonly width: Width;
	readonly source: () => number;
	readonly target: () => number;
	/** Moves the pointers on by an element. */
	readonly stepSource: () => void;
	readonly stepTarget: () => void;
	readonly load: (address: number) => number;
	readonly store: (address: number, value: number) => void;
};

function stringsOf(d: Decoder, width: Width): Strings {
	const {c, addressSize, dataSegment} = d;
	const {r, r16} = c;
	const pointer = (n: number, segment: number) =>
		addressSize === 4 ? () => (r[n]! + r[segment]!) | 0 : () => (r16[n * 2]! + r[segment]!) | 0;
	const step = (n: number) => () => {
		const by = c.df === 0 ? width : -width;
		if (addressSize === 4) r[n] = r[n]! + by;
		else r16[n * 2] = r16[n * 2]! + by;
	};
	return {
		c,
		width,
		source: pointer(ESI, dataSegment),
		target: pointer(EDI, SEGMENT + ES),
		stepSource: step(ESI),
		stepTarget: step(EDI),
		load: width === 4 ? at => c.load32(at) : width === 2 ? at => c.load16(at) : at => c.load8(at),
		store:
			width === 4
				? (at, value) => c.store32(at, value)
				: width === 2
					? (at, value) => c.store16(at, value)
					: (at, value) => c.store8(at, value),
	};
}

type Round = (s: Strings, accumulator: Operand) => Execute;

const comparisonOf = (width: Width): Binary => ARITHMETIC[width][CMP]!;

const movs: Round = s => () => {
	const to = s.target();
	s.c.claim(to, s.width);
	s.store(to, s.load(s.source()));
	s.stepSource();
	s.stepTarget();
};

function cmps(s: Strings): Execute {
	const compare = comparisonOf(s.width);
	return () => {
		compare(s.c, s.load(s.source()), s.load(s.target()));
		s.stepSource();
		s.stepTarget();
	};
}

const stos: Round = (s, accumulator) => () => {
	s.store(s.target(), accumulator.load());
	s.stepTarget();
};

const lods: Round = (s, accumulator) => () => {
	accumulator.store(s.load(s.source()));
	s.stepSource();
};

function scas(s: Strings, accumulator: Operand): Execute {
	const compare = comparisonOf(s.width);
	return () => {
		compare(s.c, accumulator.load(), s.load(s.target()));
		s.stepTarget();
	};
}

const ins: Round = s => () => {
	const to = s.target();
	s.c.claim(to, s.width);
	s.store(to, s.c.surroundings.portIn(s.c.r16[EDX * 2]!, s.width));
	s.c.endRun();
	s.stepTarget();
};

const outs: Round = s => () => {
	s.c.surroundings.portOut(s.c.r16[EDX * 2]!, s.width, s.load(s.source()));
	s.c.endRun();
	s.stepSource();
};

/** One round of each, by the opcode without its lowest bit. */
const ROUNDS: ReadonlyMap<number, Round> = new Map([
	[0xa4, movs],
	[0xa6, cmps],
	[0xaa, stos],
	[0xac, lods],
	[0xae, scas],
	[0x6c, ins],
	[0x6e, outs],
]);

function string(d: Decoder, op: number): Execute {
	const kind = op & 0xfe;
	const width = (op & 1) === 0 ? 1 : d.size;
	const strings = stringsOf(d, width);
	const round = ROUNDS.get(kind)!(strings, d.register(EAX, width));
	if (d.rep === 0) return round;
	const compares = kind === 0xa6 || kind === 0xae;
	if (compares) return repeatedComparison(d, round, d.rep === 0xf3);
	const isPlain = d.addressSize === 4 && d.override === NONE;
	if (kind === 0xa4 && isPlain) return repeated(d, round, () => copyMany(d.c, width));
	if (kind === 0xaa && isPlain) return repeated(d, round, () => fillMany(d.c, width));
	return repeated(d, round, () => 0);
}

/** ECX or CX. */
function counter({c, addressSize}: Decoder): {readonly get: () => number; readonly lower: (by: number) => void} {
	const {r, r16} = c;
	if (addressSize === 4) {
		return {
			get: () => r[ECX]!,
			lower(by) {
				r[ECX] = r[ECX]! - by;
			},
		};
	}
	return {
		get: () => r16[ECX * 2]!,
		lower(by) {
			r16[ECX * 2] = r16[ECX * 2]! - by;
		},
	};
}

/** @param many does several rounds at once where it can. @returns how many, with the pointers moved on */
function repeated(d: Decoder, round: Execute, many: () => number): Execute {
	const {c, length} = d;
	const count = counter(d);
	return () => {
		while (count.get() !== 0) {
			round();
			count.lower(1);
			if (count.get() === 0) return;
			const done = many();
			count.lower(done);
			c.left -= done;
			if (count.get() === 0) return;
			if (c.left <= 0) {
				c.next = (c.next - length) | 0;
				return;
			}
			c.left--;
		}
	};
}

/** REPE and REPNE. When a round faults, the flags are as before the instruction. */
function repeatedComparison(d: Decoder, round: Execute, whileEqual: boolean): Execute {
	const {c, length} = d;
	const count = counter(d);
	return () => {
		const {cf, of, aux, res} = c;
		try {
			while (count.get() !== 0) {
				round();
				count.lower(1);
				if (count.get() === 0 || c.zf !== whileEqual) return;
				if (c.left <= 0) {
					c.next = (c.next - length) | 0;
					return;
				}
				c.left--;
			}
		} catch (error) {
			Object.assign(c, {cf, of, aux, res});
			throw error;
		}
	};
}

/** How many elements, forwards, lie in the pages of both pointers and in this run. */
function elementsAhead(c: Core, width: Width, ...addresses: readonly number[]): number {
	let most = Math.min(c.r[ECX]! >>> 0, c.left);
	for (const address of addresses) most = Math.min(most, Math.floor((4096 - (address & 4095)) / width));
	return c.df === 0 ? Math.max(0, most) : 0;
}

/** Rounds of MOVS within pages that both are known already, unless they overlap. */
function copyMany(c: Core, width: Width): number {
	const {r} = c;
	const [from, to] = [r[ESI]!, r[EDI]!];
	const count = elementsAhead(c, width, from, to);
	const [source, target] = [c.knownBytes(from, false), c.knownBytes(to, true)];
	if (count < 8 || !source || !target) return 0;
	const length = count * width;
	const isSame = source.bytes === target.bytes;
	if (isSame && target.at > source.at && target.at < source.at + length) return 0;
	if (isSame) target.bytes.copyWithin(target.at, source.at, source.at + length);
	else target.bytes.set(source.bytes.subarray(source.at, source.at + length), target.at);
	r[ESI] = from + length;
	r[EDI] = to + length;
	return count;
}

/** Rounds of STOS within a page that is known already. */
function fillMany(c: Core, width: Width): number {
	const {r, r8} = c;
	const to = r[EDI]!;
	const count = elementsAhead(c, width, to);
	const target = c.knownBytes(to, true);
	if (count < 8 || !target) return 0;
	const {bytes, at} = target;
	const length = count * width;
	if (width === 1) bytes.fill(r8[0]!, at, at + length);
	else for (let i = 0; i < length; i++) bytes[at + i] = r8[i & (width - 1)]!;
	r[EDI] = to + length;
	return count;
}

export const STRINGS: readonly OpcodeRow[] = [
	[[0x6c, 0x6d, 0x6e, 0x6f, 0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf], string],
];
