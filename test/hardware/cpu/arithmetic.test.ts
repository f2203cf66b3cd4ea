import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {EAX, EBX, ECX, EDX, Trap} from '../../../source/hardware/cpu/core.ts';
import {Rig} from './rig.ts';

const CF = 1;
const PF = 4;
const ZF = 0x40;
const SF = 0x80;
const OF = 0x800;

type Bits = 8 | 16 | 32;
const allWidths: readonly Bits[] = [8, 16, 32];

const mask = (bits: number) => (1n << BigInt(bits)) - 1n;
const unsigned = (value: number | bigint, bits: number) => BigInt(value) & mask(bits);
function signed(value: bigint, bits: number): bigint {
	const cut = value & mask(bits);
	return cut >> BigInt(bits - 1) === 1n ? cut - (1n << BigInt(bits)) : cut;
}
const bit = (value: bigint, n: number) => (value >> BigInt(n)) & 1n;

/** SF, ZF and PF of a result. */
function statusOf(result: bigint, bits: number): number {
	const low = (result & 0xffn).toString(2).replaceAll('0', '').length;
	return (unsigned(result, bits) === 0n ? ZF : 0) | (bit(result, bits - 1) === 1n ? SF : 0) | (low % 2 === 0 ? PF : 0);
}

/** Numbers with all the borders among them. */
const operand = fc.oneof(
	fc.integer(),
	fc.constantFrom(0, 1, -1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, -0x8000_0000, 0x80_80),
);

const rig = new Rig();

/** Bytes of a form for a width: the opcode of bytes is one less, 16 bits have a prefix. */
function form(opcode: readonly number[], bits: Bits): string {
	const bytes = [...opcode];
	const at = bytes[0] === 0x0f ? 1 : 0;
	if (bits === 8) bytes[at]!--;
	return [...(bits === 16 ? [0x66] : []), ...bytes].map(byte => byte.toString(16)).join(' ');
}

/** Runs one instruction on eax, ebx, ecx and edx. */
function run(code: string, values: {eax?: number; ebx?: number; ecx?: number; edx?: number; flags?: number}) {
	rig.load(code);
	rig.cpu.r[EAX] = values.eax ?? 0;
	rig.cpu.r[EBX] = values.ebx ?? 0;
	rig.cpu.r[ECX] = values.ecx ?? 0;
	rig.cpu.r[EDX] = values.edx ?? 0;
	rig.cpu.flags = values.flags ?? 0x202;
	rig.step();
	const [eax, edx] = [BigInt(rig.reg(EAX)), BigInt(rig.reg(EDX))];
	return {eax, edx, flags: rig.cpu.flags};
}

describe('sums and differences are those of BigInt', () => {
	const operations: readonly [string, number, (a: bigint, b: bigint, carry: bigint) => bigint, boolean][] = [
		['add', 0x01, (a, b) => a + b, false],
		['adc', 0x11, (a, b, carry) => a + b + carry, false],
		['sub', 0x29, (a, b) => a - b, false],
		['sbb', 0x19, (a, b, carry) => a - b - carry, false],
		['cmp', 0x39, (a, b) => a - b, true],
	];

	test.each(operations)('%s', (_, opcode, operate, onlyFlags) => {
		const property = fc.property(operand, operand, fc.boolean(), fc.constantFrom(...allWidths), (a, b, carry, bits) => {
			const got = run(form([opcode, 0xd8], bits), {eax: a, ebx: b, flags: carry ? 0x203 : 0x202});
			const c = carry ? 1n : 0n;
			const [ua, ub, sa, sb] = [unsigned(a, bits), unsigned(b, bits), signed(BigInt(a), bits), signed(BigInt(b), bits)];
			const whole = operate(ua, ub, c);
			const result = unsigned(whole, bits);
			const exact = operate(sa, sb, c);
			const expected = {
				result: onlyFlags ? ua : result,
				flags:
					statusOf(result, bits) |
					(whole < 0n || whole > mask(bits) ? CF : 0) |
					(exact !== signed(exact, bits) ? OF : 0) |
					(((ua ^ ub ^ result) & 16n) === 16n ? 0x10 : 0),
			};
			expect({result: unsigned(got.eax, bits), flags: got.flags & 0x8d5}).toEqual(expected);
			// What lies above the operand stays.
			expect(got.eax >> BigInt(bits)).toBe(unsigned(a, 32) >> BigInt(bits));
		});
		fc.assert(property, {numRuns: 400});
	});

	test('inc and dec leave the carry alone, and neg has it where the operand was not 0', () => {
		const property = fc.property(operand, fc.boolean(), fc.constantFrom(...allWidths), (a, carry, bits) => {
			const flags = carry ? 0x203 : 0x202;
			const [value, u] = [BigInt(a), unsigned(a, bits)];
			const limits = {most: mask(bits - 1), least: 1n << BigInt(bits - 1)};
			const up = run(form([0xff, 0xc0], bits), {eax: a, flags});
			expect(unsigned(up.eax, bits)).toBe(unsigned(value + 1n, bits));
			const upFlags = statusOf(value + 1n, bits) | (carry ? CF : 0) | (u === limits.most ? OF : 0);
			expect(up.flags & 0x8c5).toBe(upFlags);
			const down = run(form([0xff, 0xc8], bits), {eax: a, flags});
			expect(unsigned(down.eax, bits)).toBe(unsigned(value - 1n, bits));
			const downFlags = statusOf(value - 1n, bits) | (carry ? CF : 0) | (u === limits.least ? OF : 0);
			expect(down.flags & 0x8c5).toBe(downFlags);
			const negated = run(form([0xf7, 0xd8], bits), {eax: a, flags});
			expect(unsigned(negated.eax, bits)).toBe(unsigned(-value, bits));
			const negatedFlags = statusOf(-value, bits) | (u !== 0n ? CF : 0) | (u === limits.least ? OF : 0);
			expect(negated.flags & 0x8c5).toBe(negatedFlags);
		});
		fc.assert(property, {numRuns: 400});
	});
});

describe('products', () => {
	const widths = fc.constantFrom(...allWidths);

	/** The double product where it was put. */
	const product = (got: {eax: bigint; edx: bigint}, bits: Bits) =>
		bits === 8 ? unsigned(got.eax, 16) : unsigned(got.eax, bits) | (unsigned(got.edx, bits) << BigInt(bits));

	test('mul and imul of one operand give all bits, and say whether the upper half matters', () => {
		const property = fc.property(operand, operand, widths, (a, b, bits) => {
			const whole = unsigned(a, bits) * unsigned(b, bits);
			const got = run(form([0xf7, 0xe3], bits), {eax: a, ebx: b});
			expect(product(got, bits)).toBe(whole);
			expect((got.flags & CF) !== 0).toBe(whole > mask(bits));
			const exact = signed(BigInt(a), bits) * signed(BigInt(b), bits);
			const got2 = run(form([0xf7, 0xeb], bits), {eax: a, ebx: b});
			expect(product(got2, bits)).toBe(unsigned(exact, bits * 2));
			expect(got2.flags & (CF | OF)).toBe(exact === signed(exact, bits) ? 0 : CF | OF);
		});
		fc.assert(property, {numRuns: 600});
	});

	test('imul of two and three operands keeps the lower half', () => {
		const property = fc.property(operand, operand, fc.constantFrom<16 | 32>(16, 32), (a, b, bits) => {
			const prefix = bits === 16 ? '66 ' : '';
			const exact = signed(BigInt(a), bits) * signed(BigInt(b), bits);
			const expected = {value: unsigned(exact, bits), flags: exact === signed(exact, bits) ? 0 : CF | OF};
			const two = run(`${prefix}0f af c3`, {eax: a, ebx: b});
			expect({value: unsigned(two.eax, bits), flags: two.flags & (CF | OF)}).toEqual(expected);
			const bytes = Array.from({length: bits / 8}, (_, i) => ((b >>> (8 * i)) & 0xff).toString(16)).join(' ');
			const three = run(`${prefix}69 d0 ${bytes}`, {eax: a});
			expect({value: unsigned(three.edx, bits), flags: three.flags & (CF | OF)}).toEqual(expected);
		});
		fc.assert(property, {numRuns: 400});
	});
});

describe('quotients', () => {
	/** What div or idiv makes of a number of twice the width, or #DE. */
	function divide(from: bigint, by: bigint, isSigned: boolean, bits: Bits) {
		if (by === 0n) return '#DE';
		const [quotient, rest] = [from / by, from % by];
		const fits = isSigned ? quotient === signed(quotient, bits) : quotient <= mask(bits);
		return fits ? {quotient: unsigned(quotient, bits), rest: unsigned(rest, bits)} : '#DE';
	}

	function got(code: string, eax: number, edx: number, ebx: number, bits: Bits) {
		try {
			const after = run(code, {eax, edx, ebx});
			return bits === 8
				? {quotient: unsigned(after.eax, 8), rest: unsigned(after.eax >> 8n, 8)}
				: {quotient: unsigned(after.eax, bits), rest: unsigned(after.edx, bits)};
		} catch (error) {
			expect(error).toBeInstanceOf(Trap);
			expect([rig.cpu.eip, rig.cpu.r[EAX], rig.cpu.r[EDX]]).toEqual([0x1000, eax, edx]);
			return (error as Trap).exception;
		}
	}

	test('div and idiv, or #DE with everything as it was', () => {
		const seen = {quotients: 0, overflows: 0};
		const small = fc.oneof(operand, fc.integer({min: -3, max: 3}));
		const property = fc.property(operand, small, operand, fc.constantFrom(...allWidths), (low, high, by, bits) => {
			const from = bits === 8 ? unsigned(low, 16) : (unsigned(high, bits) << BigInt(bits)) | unsigned(low, bits);
			const plain = divide(from, unsigned(by, bits), false, bits);
			expect(got(form([0xf7, 0xf3], bits), low, high, by, bits)).toEqual(plain);
			const withSign = divide(signed(from, bits * 2), signed(BigInt(by), bits), true, bits);
			expect(got(form([0xf7, 0xfb], bits), low, high, by, bits)).toEqual(withSign);
			for (const each of [plain, withSign]) seen[each === '#DE' ? 'overflows' : 'quotients']++;
		});
		fc.assert(property, {numRuns: 1500});
		expect(Math.min(seen.overflows, seen.quotients)).toBeGreaterThan(300);
	});
});

describe('shifts and rotations are those of BigInt', () => {
	/** Bits and the carry go round together, or in from one side. */
	function shifted(kind: number, a: bigint, carry: bigint, count: number, bits: number) {
		let [value, c] = [a, carry];
		for (let i = 0; i < count; i++) {
			const [top, low] = [bit(value, bits - 1), bit(value, 0)];
			const left = (into: bigint) => unsigned((value << 1n) | into, bits);
			const right = (into: bigint) => (value >> 1n) | (into << BigInt(bits - 1));
			const [next, out] = [
				[left(top), top],
				[right(low), low],
				[left(c), top],
				[right(c), low],
				[left(0n), top],
				[right(0n), low],
				[left(0n), top],
				[right(top), low],
			][kind] as [bigint, bigint];
			[value, c] = [next, out];
		}
		return {value, carry: c};
	}

	test.each([
		['rol', 0],
		['ror', 1],
		['rcl', 2],
		['rcr', 3],
		['shl', 4],
		['shr', 5],
		['shl (6)', 6],
		['sar', 7],
	])('%s', (_, kind) => {
		const property = fc.property(
			operand,
			fc.nat(255),
			fc.boolean(),
			fc.constantFrom(...allWidths),
			(a, count, carry, bits) => {
				const before = carry ? 0x203 : 0x202;
				const got = run(form([0xd3, 0xc0 | (kind << 3)], bits), {eax: a, ecx: count, flags: before});
				const u = unsigned(a, bits);
				const expected = shifted(kind, u, carry ? 1n : 0n, count & 31, bits);
				expect(unsigned(got.eax, bits)).toBe(expected.value);
				if ((count & 31) === 0) {
					expect(got.flags).toBe(before);
					return;
				}
				// Of a shift by more than the width the carry is undefined.
				const isDefined = kind < 4 || (count & 31) <= bits;
				if (isDefined && !(kind < 2 && (count & 31) % bits === 0)) expect(BigInt(got.flags & CF)).toBe(expected.carry);
				if (kind >= 4) expect(got.flags & (SF | ZF | PF)).toBe(statusOf(expected.value, bits));
				else expect(got.flags & (SF | ZF | PF)).toBe(before & (SF | ZF | PF));
				// The overflow of a shift by one: the sign changed.
				const changes = bit(u, bits - 1) !== bit(expected.value, bits - 1);
				if ((count & 31) === 1) expect((got.flags & OF) !== 0).toBe(changes);
			},
		);
		fc.assert(property, {numRuns: 500});
	});

	test('shld and shrd take bits from the other operand', () => {
		const counts = fc.integer({min: 1, max: 31});
		const property = fc.property(operand, operand, counts, fc.constantFrom<16 | 32>(16, 32), (a, b, count, bits) => {
			if (count > bits) return;
			const prefix = bits === 16 ? '66 ' : '';
			const [u, filler, n] = [unsigned(a, bits), unsigned(b, bits), BigInt(count)];
			const size = BigInt(bits);
			const left = run(`${prefix}0f a5 d8`, {eax: a, ebx: b, ecx: count});
			expect(unsigned(left.eax, bits)).toBe(unsigned(((u << size) | filler) >> (size - n), bits));
			expect(BigInt(left.flags & CF)).toBe(bit(u, bits - count));
			const right = run(`${prefix}0f ad d8`, {eax: a, ebx: b, ecx: count});
			expect(unsigned(right.eax, bits)).toBe(unsigned(((filler << size) | u) >> n, bits));
			expect(BigInt(right.flags & CF)).toBe(bit(u, count - 1));
			expect(right.flags & (SF | ZF | PF)).toBe(statusOf(unsigned(right.eax, bits), bits));
		});
		fc.assert(property, {numRuns: 500});
	});
});

describe('decimal digits', () => {
	test('two digits plus two digits, corrected by daa; minus, by das', () => {
		const digits = (value: number) => ((value / 10) | 0) * 16 + (value % 10);
		for (let a = 0; a < 100; a += 7) {
			for (let b = 0; b < 100; b++) {
				rig.load('00 d8 27 28 d8 2f');
				rig.cpu.r[EAX] = digits(a);
				rig.cpu.r[EBX] = digits(b);
				rig.step(2);
				expect([rig.cpu.r8[0], rig.cpu.cf]).toEqual([digits((a + b) % 100), a + b > 99 ? 1 : 0]);
				rig.cpu.r[EAX] = digits(a);
				rig.step(2);
				expect([rig.cpu.r8[0], rig.cpu.cf]).toEqual([digits((a - b + 100) % 100), a < b ? 1 : 0]);
			}
		}
	});

	test('one digit plus or minus one, corrected by aaa and aas', () => {
		for (let a = 0; a < 10; a++) {
			for (let b = 0; b < 10; b++) {
				rig.load('00 d8 37 28 d8 3f');
				rig.cpu.r[EAX] = 0x500 | a;
				rig.cpu.r[EBX] = b;
				rig.step(2);
				expect(rig.cpu.r16[0]).toBe(a + b > 9 ? 0x600 | (a + b - 10) : 0x500 | (a + b));
				rig.cpu.r[EAX] = 0x500 | a;
				rig.step(2);
				expect(rig.cpu.r16[0]).toBe(a < b ? 0x400 | (a - b + 10) : 0x500 | (a - b));
			}
		}
	});

	test('aam splits, aad joins, in any base but 0', () => {
		for (const base of [2, 10, 16, 255]) {
			const hex = base.toString(16);
			for (let value = 0; value < 256; value++) {
				const split = run(`d4 ${hex}`, {eax: value});
				expect(split.eax).toBe(BigInt((Math.floor(value / base) << 8) | (value % base)));
				expect(run(`d5 ${hex}`, {eax: Number(split.eax)}).eax).toBe(BigInt(value));
			}
		}
		expect(() => run('d4 00', {eax: 7})).toThrow(/#DE/);
	});
});
