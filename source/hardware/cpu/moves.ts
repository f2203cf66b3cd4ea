/** Instructions that move: MOV and its kin, the stack, exchanges, LEA, segment registers. */
import {type Core, CS, EAX, EBP, ESP, NONE, SEGMENTS} from './core.ts';
import {type Decoder, type Execute, type OpcodeRow, run, widthOf} from './decoder.ts';

function movToRm(d: Decoder, op: number): Execute {
	d.modrm();
	const {c, reg, rm, base, index, scale, disp} = d;
	const {r} = c;
	const width = widthOf(d, op);
	if (width === 4 && d.isRegister) {
		return () => {
			r[rm] = r[reg]!;
		};
	}
	if (width === 4 && d.isPlain) {
		if (index === NONE) return () => c.store32((r[base]! + disp) | 0, r[reg]!);
		return () => c.store32((r[base]! + (r[index]! << scale) + disp) | 0, r[reg]!);
	}
	const [to, from] = [d.operand(width), d.register(reg, width)];
	return () => to.store(from.load());
}

function movFromRm(d: Decoder, op: number): Execute {
	d.modrm();
	const width = widthOf(d, op);
	if (width === 4) return load32(d);
	const [from, to] = [d.operand(width), d.register(d.reg, width)];
	return () => to.store(from.load());
}

function load32(d: Decoder): Execute {
	const {c, reg, rm, base, index, scale, disp} = d;
	const {r} = c;
	if (d.isRegister) {
		return () => {
			r[reg] = r[rm]!;
		};
	}
	if (!d.isPlain) {
		const address = d.address();
		return () => {
			r[reg] = c.load32(address());
		};
	}
	if (index === NONE) {
		return () => {
			r[reg] = c.load32((r[base]! + disp) | 0);
		};
	}
	return () => {
		r[reg] = c.load32((r[base]! + (r[index]! << scale) + disp) | 0);
	};
}

function movImmediateToRm(d: Decoder, op: number): Execute {
	d.modrm();
	if (d.reg !== 0) return d.undefined('there is no such form of MOV');
	const width = widthOf(d, op);
	const to = d.operand(width);
	const value = d.immediate(width);
	return () => to.store(value);
}

function movImmediate(d: Decoder, op: number): Execute {
	const width = op < 0xb8 ? 1 : d.size;
	const to = d.register(op & 7, width);
	const value = d.immediate(width);
	return () => to.store(value);
}

/** The accumulator and an address that stands in the instruction. */
function movAbsolute(d: Decoder, op: number): Execute {
	const width = widthOf(d, op);
	const offset = d.addressSize === 2 ? d.u16() : d.s32();
	const {r} = d.c;
	const segment = d.dataSegment;
	const [memory, accumulator] = [d.memory(() => (offset + r[segment]!) | 0, width), d.register(EAX, width)];
	return op < 0xa2 ? () => accumulator.store(memory.load()) : () => memory.store(accumulator.load());
}

/** MOVZX, MOVSX from a byte (even opcodes) or 16 bits. */
function movExtended(d: Decoder, op: number): Execute {
	d.modrm();
	const spare = (op & 1) === 0 ? 24 : 16;
	const isSigned = op >= 0xbe;
	const [from, to] = [d.operand((op & 1) === 0 ? 1 : 2), d.register(d.reg, d.size)];
	return isSigned ? () => to.store((from.load() << spare) >> spare) : () => to.store(from.load());
}

function lea(d: Decoder): Execute {
	d.modrm();
	if (d.isRegister) return d.undefined('LEA of a register');
	const {reg, base, index, scale, disp} = d;
	const {r} = d.c;
	if (d.size === 4 && d.addressSize === 4) {
		return () => {
			r[reg] = (r[base]! + (r[index]! << scale) + disp) | 0;
		};
	}
	const [offset, to] = [d.offset(), d.register(reg, d.size)];
	return () => to.store(offset());
}

function xchg(d: Decoder, op: number): Execute {
	d.modrm();
	d.lockable = !d.isRegister;
	const width = widthOf(d, op);
	const [rm, reg] = [d.operand(width), d.register(d.reg, width)];
	return () => {
		rm.claim();
		const value = rm.load();
		rm.store(reg.load());
		reg.store(value);
	};
}

function xchgAccumulator(d: Decoder, op: number): Execute {
	if (op === 0x90) return () => {};
	const [accumulator, other] = [d.register(EAX, d.size), d.register(op & 7, d.size)];
	return () => {
		const value = accumulator.load();
		accumulator.store(other.load());
		other.store(value);
	};
}

// ── the stack ──────────────────────────────────────────────────────────────────────────────────────────────────────

const pusher = (c: Core, size: 2 | 4, value: () => number): Execute =>
	size === 4 ? () => c.push32(value()) : () => c.push16(value());

function pushRegister(d: Decoder, op: number): Execute {
	const {c} = d;
	const n = op & 7;
	if (d.size === 4) return () => c.push32(c.r[n]!);
	return () => c.push16(c.r16[n * 2]!);
}

function popRegister(d: Decoder, op: number): Execute {
	const {c} = d;
	const n = op & 7;
	if (d.size === 2) {
		return () => {
			c.r16[n * 2] = c.pop16();
		};
	}
	return () => {
		// In this order, for POP ESP loads it last.
		c.r[n] = c.pop32();
	};
}

function pushImmediate(d: Decoder, op: number): Execute {
	const value = op === 0x6a ? d.immediateByte(d.size) : d.immediate(d.size);
	return pusher(d.c, d.size, () => value);
}

/** Pops into what may be memory, whose address is computed with the stack pointer as it is afterwards. */
function popRm(d: Decoder): Execute {
	d.modrm();
	if (d.reg !== 0) return d.undefined('there is no such form of POP');
	const {c, size} = d;
	const to = d.operand(size);
	if (d.isRegister) return () => to.store(size === 4 ? c.pop32() : c.pop16());
	return () => {
		const sp = c.r[ESP]!;
		const value = size === 4 ? c.pop32() : c.pop16();
		try {
			to.store(value);
		} catch (error) {
			c.r[ESP] = sp;
			throw error;
		}
	};
}

function pusha({c, size}: Decoder): Execute {
	const {r, r16} = c;
	return () => {
		const sp = r[ESP]!;
		c.claim((sp - 8 * size) | 0, 8 * size);
		for (let n = 0; n < 8; n++) {
			const at = (sp - (n + 1) * size) | 0;
			if (size === 4) c.store32(at, n === ESP ? sp : r[n]!);
			else c.store16(at, n === ESP ? sp : r16[n * 2]!);
		}
		r[ESP] = (sp - 8 * size) | 0;
	};
}

function popa({c, size}: Decoder): Execute {
	const {r, r16} = c;
	const values = new Int32Array(8);
	return () => {
		const sp = r[ESP]!;
		for (let n = 0; n < 8; n++) {
			const at = (sp + (7 - n) * size) | 0;
			values[n] = size === 4 ? c.load32(at) : c.load16(at);
		}
		for (let n = 0; n < 8; n++) {
			if (n === ESP) continue;
			if (size === 4) r[n] = values[n]!;
			else r16[n * 2] = values[n]!;
		}
		r[ESP] = (sp + 8 * size) | 0;
	};
}

/** ENTER: a frame, with copies of the pointers to the frames around it. */
function enter(d: Decoder): Execute {
	const {c, size} = d;
	const {r} = c;
	const bytes = d.u16();
	const level = d.u8() & 31;
	const store = (at: number, value: number) => (size === 4 ? c.store32(at, value) : c.store16(at, value));
	return () => {
		const frame = (r[ESP]! - size) | 0;
		const outer = r[EBP]!;
		c.claim((frame - level * size) | 0, (level + 1) * size);
		const copies: number[] = [];
		for (let i = 1; i < level; i++) {
			const at = (outer - i * size) | 0;
			copies.push(size === 4 ? c.load32(at) : c.load16(at));
		}
		if (level > 0) copies.push(frame);
		store(frame, outer);
		for (const [i, copy] of copies.entries()) store((frame - (i + 1) * size) | 0, copy);
		if (size === 4) r[EBP] = frame;
		else c.r16[EBP * 2] = frame;
		r[ESP] = (frame - level * size - bytes) | 0;
	};
}

function leave({c, size}: Decoder): Execute {
	const {r} = c;
	if (size === 4) {
		return () => {
			const frame = r[EBP]!;
			r[EBP] = c.load32(frame);
			r[ESP] = (frame + 4) | 0;
		};
	}
	return () => {
		const frame = r[EBP]!;
		c.r16[EBP * 2] = c.load16(frame);
		r[ESP] = (frame + 2) | 0;
	};
}

// ── segment registers ──────────────────────────────────────────────────────────────────────────────────────────────

function movFromSegment(d: Decoder): Execute {
	d.modrm();
	const segment = d.reg;
	if (segment >= SEGMENTS) return d.undefined('there is no such segment register');
	// Into a register it goes with zeros above, into memory as 16 bits.
	const to = d.operand(d.isRegister ? d.size : 2);
	return () => to.store(d.c.selectors[segment]!);
}

function movToSegment(d: Decoder): Execute {
	d.modrm();
	const segment = d.reg;
	if (segment >= SEGMENTS || segment === CS) return d.undefined('MOV to no segment register, or to CS');
	const from = d.operand(2);
	return () => d.c.setSegment(segment, from.load());
}

const pushSegment = (d: Decoder, segment: number): Execute => pusher(d.c, d.size, () => d.c.selectors[segment]!);

function popSegment({c, size}: Decoder, segment: number): Execute {
	return () => {
		const at = c.r[ESP]!;
		c.setSegment(segment, c.load16(at));
		if (size === 4) c.load32(at);
		c.r[ESP] = (at + size) | 0;
	};
}

/** LES, LDS, LSS, LFS, LGS: an offset and a selector from memory. */
function loadFarPointer(d: Decoder, segment: number): Execute {
	d.modrm();
	if (d.isRegister) return d.undefined('a far pointer lies in memory');
	const {c, size} = d;
	const [address, to] = [d.address(), d.register(d.reg, size)];
	return () => {
		const at = address();
		const offset = size === 4 ? c.load32(at) : c.load16(at);
		c.setSegment(segment, c.load16((at + size) | 0));
		to.store(offset);
	};
}

function xlat(d: Decoder): Execute {
	const {c, addressSize, dataSegment} = d;
	const {r, r8} = c;
	const mask = addressSize === 2 ? 0xffff : -1;
	return () => {
		r8[0] = c.load8((((r[3]! + r8[0]!) & mask) + r[dataSegment]!) | 0);
	};
}

export const MOVES: readonly OpcodeRow[] = [
	[[0x88, 0x89], movToRm],
	[[0x8a, 0x8b], movFromRm],
	[[0xc6, 0xc7], movImmediateToRm],
	[run(0xb0, 16), movImmediate],
	[run(0xa0, 4), movAbsolute],
	[[0x8d], lea],
	[[0x86, 0x87], xchg],
	[run(0x90, 8), xchgAccumulator],
	[run(0x50, 8), pushRegister],
	[run(0x58, 8), popRegister],
	[[0x68, 0x6a], pushImmediate],
	[[0x8f], popRm],
	[[0x60], pusha],
	[[0x61], popa],
	[[0xc8], enter],
	[[0xc9], leave],
	[[0x8c], movFromSegment],
	[[0x8e], movToSegment],
	[[0x06, 0x0e, 0x16, 0x1e], (d, op) => pushSegment(d, op >> 3)],
	[[0x07, 0x17, 0x1f], (d, op) => popSegment(d, op >> 3)],
	[[0xc4, 0xc5], (d, op) => loadFarPointer(d, op === 0xc4 ? 0 : 3)],
	[[0xd7], xlat],
];

export const MOVES_0F: readonly OpcodeRow[] = [
	[[0xb6, 0xb7, 0xbe, 0xbf], movExtended],
	[[0xa0, 0xa8], (d, op) => pushSegment(d, op === 0xa0 ? 4 : 5)],
	[[0xa1, 0xa9], (d, op) => popSegment(d, op === 0xa1 ? 4 : 5)],
	[[0xb2, 0xb4, 0xb5], (d, op) => loadFarPointer(d, op & 7)],
];
