/** Instructions that compare and exchange: CMPXCHG, CMPXCHG8B, XADD, BSWAP. */
import {ADD, ARITHMETIC, CMP} from './alu.ts';
import {EAX, EBX, ECX, EDX, FLAG_ZF} from './core.ts';
import {type Decoder, type Execute, type OpcodeRow, run, widthOf} from './decoder.ts';

/** Compares, and one of the two becomes the other. */
function cmpxchg(d: Decoder, op: number): Execute {
	d.modrm();
	const {c} = d;
	d.lockable = !d.isRegister;
	const width = widthOf(d, op);
	const [to, from, accumulator] = [d.operand(width), d.register(d.reg, width), d.register(EAX, width)];
	const compare = ARITHMETIC[width][CMP]!;
	return () => {
		to.claim();
		const value = to.load();
		compare(c, accumulator.load(), value);
		if (c.zf) to.store(from.load());
		else {
			// Memory is written in any case.
			to.store(value);
			accumulator.store(value);
		}
	};
}

export function cmpxchg8b(d: Decoder): Execute {
	const {c} = d;
	const {r} = c;
	d.lockable = true;
	const address = d.address();
	return () => {
		const at = address();
		c.claim(at, 8);
		const [low, high] = [c.load32(at), c.load32((at + 4) | 0)];
		const isEqual = low === r[EAX] && high === r[EDX];
		c.store32(at, isEqual ? r[EBX]! : low);
		c.store32((at + 4) | 0, isEqual ? r[ECX]! : high);
		if (!isEqual) {
			r[EAX] = low;
			r[EDX] = high;
		}
		c.setStatus((c.flags & ~FLAG_ZF) | (isEqual ? FLAG_ZF : 0));
	};
}

function xadd(d: Decoder, op: number): Execute {
	d.modrm();
	const {c} = d;
	d.lockable = !d.isRegister;
	const width = widthOf(d, op);
	const [to, from] = [d.operand(width), d.register(d.reg, width)];
	const add = ARITHMETIC[width][ADD]!;
	const toRegister = d.isRegister;
	return () => {
		to.claim();
		const value = to.load();
		const sum = add(c, value, from.load());
		// Memory first, for its address may be computed from the register; of two registers the sum stays.
		if (!toRegister) to.store(sum);
		from.store(value);
		if (toRegister) to.store(sum);
	};
}

function bswap(d: Decoder, op: number): Execute {
	const {r} = d.c;
	const n = op & 7;
	return () => {
		const value = r[n]!;
		r[n] = (value << 24) | ((value & 0xff00) << 8) | ((value >> 8) & 0xff00) | (value >>> 24);
	};
}

export const EXCHANGES_0F: readonly OpcodeRow[] = [
	[[0xb0, 0xb1], cmpxchg],
	[[0xc0, 0xc1], xadd],
	[run(0xc8, 8), bswap],
];
