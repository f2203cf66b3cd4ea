import {describe, expect, test} from 'vitest';
import {EAX, EBP, EBX, ECX, EDI, EDX, ESI, ESP, GS} from '../../../source/hardware/cpu/core.ts';
import {newRegisters} from '../../../source/hardware/cpu/processor.ts';
import {codeAt, Rig, ran, stackAt, stateOf} from './rig.ts';

describe('addresses', () => {
	test('base, scaled index, displacement, and a segment that does not begin at 0', () => {
		// mov 0x10(%ebx,%esi,4),%eax
		const plain = new Rig().load('8b 44 b3 10');
		plain.words[0x3020 / 4] = 77;
		plain.cpu.r[EBX] = 0x3000;
		plain.cpu.r[ESI] = 4;
		expect(plain.step().reg(EAX)).toBe(77);
		// mov $0x33,%eax; mov %eax,%gs; mov %gs:8,%ecx
		const segment = new Rig().load('b8 33 00 00 00 8e e8 65 8b 0d 08 00 00 00');
		segment.words[0x4008 / 4] = 88;
		segment.step(3);
		expect([segment.reg(ECX), segment.cpu.selectors[GS]]).toEqual([88, 0x33]);
	});

	test('of 16 bits come round at 64 KiB', () => {
		// mov 0x7fff(%bx,%si),%al with bx + si + 0x7fff = 0x11000
		const rig = new Rig().load('67 8a 80 ff 7f');
		rig.bytes[0x1003] = 0xff;
		rig.bytes[0x2000] = 9;
		rig.cpu.r[EBX] = 0xdead_8001 | 0;
		rig.cpu.r[ESI] = 0x2000;
		expect(rig.step().reg(EAX)).toBe(9);
		expect(ran('67 8d 40 ff', {[EBX]: 1, [ESI]: 0}).reg(EAX)).toBe(0);
		expect(ran('67 8d 40 ff', {[EBX]: 0, [ESI]: 0}).reg(EAX)).toBe(0xffff);
	});

	test('lea of 16 bits leaves the upper half', () => {
		expect(ran('66 8d 44 08 01', {[EAX]: 0x1234_ffff, [ECX]: 1}).reg(EAX)).toBe(0x1234_0001);
	});
});

describe('bits', () => {
	test('far from the operand, before and behind', () => {
		// bts %eax,(%ebx)
		const before = ran('0f ab 03', {[EAX]: -1, [EBX]: 0x3000});
		expect([before.word(0x2ffc), before.cpu.cf]).toEqual([0x8000_0000, 0]);
		const behind = ran('0f ab 03', {[EAX]: 8 * 0x100 + 3, [EBX]: 0x3000});
		expect(behind.word(0x3100)).toBe(8);
		// btc %ax,(%ebx): the number has 16 bits and a sign
		expect(ran('66 0f bb 03', {[EAX]: 0xffff, [EBX]: 0x3000}).word(0x2ffc)).toBe(0x8000_0000);
		// btr $33 of a register is bit 1
		expect(ran('0f ba f0 21', {[EAX]: 0xff}).reg(EAX)).toBe(0xfd);
	});

	test('bsf and bsr of 0 leave the register and say so', () => {
		for (const code of ['0f bc c3', '0f bd c3', 'f3 0f bc c3']) {
			const rig = ran(code, {[EAX]: 5, [EBX]: 0});
			expect([rig.reg(EAX), rig.cpu.zf]).toEqual([5, true]);
		}
		expect(ran('66 0f bd c3', {[EBX]: 0x7_8000}).reg(EAX)).toBe(15);
	});

	test('bswap twice is nothing', () => {
		expect(ran('0f c8', {[EAX]: 0x1122_3344}).reg(EAX)).toBe(0x4433_2211);
		expect(ran('0f c8 0f c8', {[EAX]: -2}, 2).reg(EAX)).toBe(0xffff_fffe);
	});
});

describe('exchanges', () => {
	test('cmpxchg8b stores on a match and loads otherwise', () => {
		const rig = new Rig().load('f0 0f c7 0e 0f c7 0e');
		rig.cpu.r.set([1, 0x44, 2, 0x33, stackAt, 0, 0x3000]);
		rig.words.set([1, 2], 0x3000 / 4);
		rig.step();
		expect([rig.word(0x3000), rig.word(0x3004), rig.cpu.zf]).toEqual([0x33, 0x44, true]);
		rig.step();
		expect([rig.reg(EAX), rig.reg(EDX), rig.cpu.zf]).toEqual([0x33, 0x44, false]);
	});

	test('xadd of a register with itself doubles it; with memory that it points to, both change', () => {
		expect(ran('0f c1 c0', {[EAX]: 21}).reg(EAX)).toBe(42);
		const rig = ran('0f c1 00', {[EAX]: 0x3000});
		expect([rig.reg(EAX), rig.word(0x3000)]).toEqual([0, 0x3000]);
	});

	test('cmpxchg of bytes and of 16 bits touch no more than that', () => {
		const rig = new Rig().load('0f b0 1e 66 0f b1 1e');
		rig.cpu.r.set([0x11, 0, 0, 0xabcd_ef22, stackAt, 0, 0x3000]);
		rig.words[0x3000 / 4] = 0x5566_7711;
		rig.step();
		expect([rig.word(0x3000), rig.cpu.zf]).toEqual([0x5566_7722, true]);
		rig.step();
		expect([rig.reg(EAX), rig.cpu.zf]).toEqual([0x7722, false]);
	});
});

describe('the stack', () => {
	test('pusha pushes the pointer as it was, and popa skips it', () => {
		const rig = ran('60 61', {[EAX]: 1, [ECX]: 2, [EDX]: 3, [EBX]: 4, [EBP]: 6, [ESI]: 7, [EDI]: 8});
		const pushed = [0, 1, 2, 3, 4, 5, 6, 7].map(i => rig.word(stackAt - 4 - 4 * i));
		expect(pushed).toEqual([1, 2, 3, 4, stackAt, 6, 7, 8]);
		rig.cpu.r.fill(9, 0, 4);
		rig.step();
		expect([...rig.cpu.r.subarray(0, 8)]).toEqual([1, 2, 3, 4, stackAt, 6, 7, 8]);
	});

	test('enter and leave, with the frames around', () => {
		const rig = new Rig().load('c8 10 00 03 c9');
		rig.cpu.r[EBP] = 0x7f00;
		rig.words[0x7efc / 4] = 0xa1;
		rig.words[0x7ef8 / 4] = 0xa2;
		rig.step();
		expect([0x7ffc, 0x7ff8, 0x7ff4, 0x7ff0].map(at => rig.word(at))).toEqual([0x7f00, 0xa1, 0xa2, 0x7ffc]);
		expect([rig.reg(EBP), rig.reg(ESP)]).toEqual([0x7ffc, 0x7ff0 - 0x10]);
		rig.step();
		expect([rig.reg(EBP), rig.reg(ESP)]).toEqual([0x7f00, stackAt]);
	});

	test('push %esp pushes the former pointer, pop %esp loads it', () => {
		expect(ran('54').word(stackAt - 4)).toBe(stackAt);
		const rig = new Rig().load('5c');
		rig.words[stackAt / 4] = 0x1234;
		expect(rig.step().reg(ESP)).toBe(0x1234);
		// pop (%esp) goes above what it pops
		const memory = new Rig().load('8f 04 24');
		memory.words[stackAt / 4] = 0x77;
		expect([memory.step().word(stackAt + 4), memory.reg(ESP)]).toEqual([0x77, stackAt + 4]);
	});

	test('ret drops arguments, calls and returns of 16 bits go within 64 KiB', () => {
		const rig = new Rig().load('c2 08 00');
		rig.words[stackAt / 4] = 0x2222;
		rig.step();
		expect([rig.cpu.eip, rig.reg(ESP)]).toEqual([0x2222, stackAt + 12]);
		const short = ran('66 e8 fd 0f');
		expect([short.cpu.eip, short.reg(ESP), short.bytes[stackAt - 2]]).toEqual([0x2001, stackAt - 2, 0x04]);
	});
});

describe('loops and conditions', () => {
	test('loop, loope, loopne and jecxz', () => {
		const goes = (code: string, ecx: number, flags: number) => {
			const rig = new Rig().load(code);
			rig.cpu.r[ECX] = ecx;
			rig.cpu.flags = flags;
			rig.step();
			return [rig.cpu.eip !== codeAt + rig.bytes.subarray(codeAt, codeAt + 3).indexOf(0x10) + 1, rig.reg(ECX)];
		};
		expect(goes('e2 10', 2, 2)).toEqual([true, 1]);
		expect(goes('e2 10', 1, 2)).toEqual([false, 0]);
		expect(goes('e1 10', 5, 0x42)).toEqual([true, 4]);
		expect(goes('e1 10', 5, 2)).toEqual([false, 4]);
		expect(goes('e0 10', 5, 2)).toEqual([true, 4]);
		expect(goes('e0 10', 5, 0x42)).toEqual([false, 4]);
		expect(goes('e3 10', 0, 2)).toEqual([true, 0]);
		expect(goes('e3 10', 0x1_0000, 2)).toEqual([false, 0x1_0000]);
		expect(goes('67 e3 10', 0x1_0000, 2)).toEqual([true, 0x1_0000]);
	});

	test('all sixteen conditions of jumps, setcc and cmovcc agree with the flags, in all combinations of these', () => {
		const rig = new Rig();
		for (let code = 0; code < 16; code++) {
			const hex = code.toString(16);
			for (let bits = 0; bits < 32; bits++) {
				const [c, p, z, s, o] = [1, 2, 4, 8, 16].map(each => (bits & each) !== 0) as [
					boolean,
					boolean,
					boolean,
					boolean,
					boolean,
				];
				const base = [o, c, z, c || z, s, p, s !== o, z || s !== o][code >> 1]!;
				const expected = (code & 1) === 0 ? base : !base;
				const flags = 0x202 | (c ? 1 : 0) | (p ? 4 : 0) | (z ? 0x40 : 0) | (s ? 0x80 : 0) | (o ? 0x800 : 0);
				rig.load(`0f 9${hex} c0 0f 4${hex} d3 7${hex} 7f`);
				rig.cpu.r.set([0xff, 0, 1, 2]);
				rig.cpu.flags = flags;
				rig.step(3);
				const got = [rig.cpu.r8[EAX], rig.cpu.r[EDX], rig.cpu.eip, rig.cpu.flags];
				expect(got).toEqual([expected ? 1 : 0, expected ? 2 : 1, codeAt + 8 + (expected ? 0x7f : 0), flags]);
				rig.load(`0f 8${hex} 00 01 00 00`).step();
				expect(rig.cpu.eip).toBe(codeAt + 6 + (expected ? 0x100 : 0));
			}
		}
	});
});

describe('flags', () => {
	test('any combination survives pushf, popf, lahf and sahf', () => {
		const rig = new Rig();
		for (let flags = 0; flags < 0x1000; flags += 1) {
			const wanted = (flags & 0xed5) | 2;
			rig.load('9c 9d 9c 58 9f 9e 9c 59');
			rig.cpu.flags = wanted;
			rig.step(8);
			expect([rig.reg(EAX) & 0xff, rig.reg(ECX), rig.cpu.r8[1]]).toEqual([wanted & 0xff, wanted, wanted & 0xff]);
		}
	});

	test('a program cannot change the interrupt flag, the kernel can', () => {
		for (const [userMode, expected] of [
			[true, 1],
			[false, 0],
		] as const) {
			const rig = new Rig().load('6a 02 9d');
			rig.cpu.userMode = userMode;
			rig.step(2);
			expect(rig.cpu.interruptFlag).toBe(expected);
		}
	});
});

describe('strings', () => {
	test('go backwards where the direction flag says so', () => {
		const rig = new Rig().load('fd f3 a5');
		rig.words.set([1, 2, 3, 4], 0x3000 / 4);
		rig.cpu.r.set([0, 4, 0, 0, stackAt, 0, 0x300c, 0x310c]);
		rig.step(6);
		expect([...rig.words.subarray(0x3100 / 4, 0x3110 / 4)]).toEqual([1, 2, 3, 4]);
		expect([rig.reg(ESI), rig.reg(EDI), rig.reg(ECX)]).toEqual([0x2ffc, 0x30fc, 0]);
	});

	test('a copy forwards onto itself repeats what lies at its start, as byte after byte does', () => {
		const rig = new Rig().load('f3 a4');
		rig.bytes.set([1, 2, 3], 0x3000);
		rig.cpu.r.set([0, 300, 0, 0, stackAt, 0, 0x3000, 0x3003]);
		rig.step(300);
		expect(rig.bytes.subarray(0x3000, 0x312f).every((byte, i) => byte === (i % 3) + 1)).toBe(true);
	});

	test('repne scas finds a byte, repe cmps a difference, and both stop behind it', () => {
		const scas = new Rig().load('f2 ae f4');
		scas.bytes.set([5, 6, 0, 7], 0x3000);
		scas.cpu.r.set([0, -1, 0, 0, stackAt, 0, 0, 0x3000]);
		scas.step(50);
		expect([scas.reg(EDI), scas.reg(ECX), scas.cpu.zf]).toEqual([0x3003, 0xffff_fffc, true]);
		const cmps = new Rig().load('f3 a7 f4');
		cmps.words.set([1, 2, 3], 0x3000 / 4);
		cmps.words.set([1, 2, 4], 0x4000 / 4);
		cmps.cpu.r.set([0, 10, 0, 0, stackAt, 0, 0x3000, 0x4000]);
		cmps.step(50);
		expect([cmps.reg(ESI), cmps.reg(ECX), cmps.cpu.zf, cmps.cpu.cf]).toEqual([0x300c, 7, false, 1]);
	});

	test('no round at all changes nothing, not even flags', () => {
		const rig = new Rig().load('f3 a6');
		const before = stateOf(rig);
		rig.step();
		expect(stateOf(rig)).toEqual({...before, eip: codeAt + 2});
	});

	test('with 16-bit addresses si, di and cx count, and come round', () => {
		const rig = new Rig().load('67 f3 a4', 0x2000);
		rig.bytes[0xffff] = 0x5a;
		rig.bytes[0] = 0x5b;
		rig.cpu.r.set([0, 0x1_0002, 0, 0, stackAt, 0, 0x7_ffff, 0x8_3000]);
		rig.step(9);
		expect([...rig.bytes.subarray(0x3000, 0x3003)]).toEqual([0x5a, 0x5b, 0]);
		expect([rig.reg(ECX), rig.reg(ESI), rig.reg(EDI)]).toEqual([0x1_0000, 0x7_0001, 0x8_3002]);
	});
});

describe('identification and time', () => {
	test('cpuid says an i686 without floating point', () => {
		const rig = ran('0f a2', {[EAX]: 0});
		const name = Buffer.from(new Int32Array([rig.cpu.r[EBX]!, rig.cpu.r[EDX]!, rig.cpu.r[ECX]!]).buffer).toString();
		expect(name).toBe('GenuineIntel');
		const features = ran('0f a2', {[EAX]: 1});
		expect((features.reg(EAX) >> 8) & 15).toBe(6);
		expect([0, 4, 8, 15, 23, 25].map(bit => (features.reg(EDX) >> bit) & 1)).toEqual([0, 1, 1, 1, 0, 0]);
	});

	test('rdtsc reads the clock of the machine', () => {
		const rig = ran('0f 31');
		expect([rig.reg(EDX), rig.reg(EAX)]).toEqual([1, 0x2345_6789]);
	});
});

describe('no operation', () => {
	test.each([
		'90',
		'f3 90',
		'66 90',
		'0f 1f 00',
		'0f 1f 44 00 00',
		'66 0f 1f 84 00 00 00 00 00',
		'f3 0f 1e fb',
		'0f 18 03',
		'0f ae f0',
	])('%s changes nothing', code => {
		const rig = new Rig().load(code);
		const before = stateOf(rig);
		rig.step();
		expect(stateOf(rig)).toEqual({...before, eip: codeAt + code.split(' ').length});
	});
});

test('xlat, salc, cbw and their kin', () => {
	const rig = new Rig().load('d7');
	rig.bytes[0x3007] = 0x99;
	rig.cpu.r[EBX] = 0x3000;
	rig.cpu.r[EAX] = 0xff07;
	expect(rig.step().reg(EAX)).toBe(0xff99);
	expect(ran('f9 d6', {[EAX]: 0x100}, 2).reg(EAX)).toBe(0x1ff);
	expect(ran('66 98', {[EAX]: 0x80}).reg(EAX)).toBe(0xff80);
	expect(ran('98', {[EAX]: 0x8000}).reg(EAX)).toBe(0xffff_8000);
	expect(ran('66 99', {[EAX]: 0x8000, [EDX]: 0x5_0000}).reg(EDX)).toBe(0x5_ffff);
});

test('registers are put away and taken out again, with segments and flags', () => {
	const rig = new Rig().load('90');
	const [mine, others] = [newRegisters(), newRegisters()];
	rig.cpu.r.set([1, 2, 3, 4, 5, 6, 7, 8]);
	rig.cpu.setSegment(GS, 0x33);
	rig.cpu.flags = 0x8d7;
	rig.cpu.eip = -16;
	const before = stateOf(rig);
	rig.cpu.save(mine);
	rig.cpu.load(others);
	expect(stateOf(rig)).toEqual({registers: Array(15).fill(0), selectors: [0, 0, 0, 0, 0, 0], flags: 0x202, eip: 0});
	rig.cpu.load(mine);
	expect(stateOf(rig)).toEqual(before);
	expect(mine.eip).toBe(0xffff_fff0);
});
