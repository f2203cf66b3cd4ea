import {describe, expect, test} from 'vitest';
import {EAX, EBX, ECX} from '../../../source/hardware/cpu/core.ts';
import {bytesOf, codeAt, Rig} from './rig.ts';

describe('code that changes', () => {
	test('a store to the next instruction is seen by it', () => {
		// movb $2,1+next; next: mov $1,%eax
		const rig = new Rig().load('c6 05 08 10 00 00 02 b8 01 00 00 00');
		rig.step(2);
		expect(rig.reg(EAX)).toBe(2);
		// And when both have been decoded before.
		rig.bytes[codeAt + 6] = 3;
		rig.cpu.eip = codeAt;
		rig.step(2);
		expect(rig.reg(EAX)).toBe(3);
	});

	test('a loop that changes a number of its own counts with it', () => {
		// again: add $0,%ebx; incb again+2; dec %ecx; jnz again
		const rig = new Rig().load('83 c3 00 fe 05 02 10 00 00 49 75 f4 f4');
		rig.cpu.r[EBX] = 0;
		rig.cpu.r[ECX] = 20;
		expect(rig.cpu.run(1000)).toBe('halt');
		expect(rig.reg(EBX)).toBe(190);
	});

	test('what others write between two runs is seen by the next one', () => {
		const rig = new Rig().load('b8 01 00 00 00 eb f9');
		rig.step(10);
		rig.bytes[codeAt + 1] = 7;
		rig.step(2);
		expect(rig.reg(EAX)).toBe(7);
	});

	test('a store through another mapping of the same page is seen', () => {
		const rig: Rig = new Rig({place: address => rig.ram(address & 0xffff)});
		// movb $2,0x50008; mov $1,%eax at 0x1007
		rig.load('c6 05 08 10 05 00 02 b8 01 00 00 00');
		rig.step(2);
		rig.bytes[codeAt + 6] = 9;
		rig.cpu.eip = codeAt;
		rig.step(2);
		expect(rig.reg(EAX)).toBe(9);
	});

	test('string instructions that write code are seen', () => {
		const rig = new Rig().load('f3 a4 b8 01 00 00 00');
		rig.bytes.fill(0x90, 0x3000, 0x3040);
		rig.bytes.set(bytesOf('b8 05 00 00 00'), 0x3000);
		rig.cpu.eip = codeAt + 2;
		rig.step();
		expect(rig.reg(EAX)).toBe(1);
		rig.cpu.eip = codeAt;
		rig.cpu.r.set([0, 0x20, 0, 0, 0x8000, 0, 0x3000, codeAt + 2]);
		rig.step(0x21);
		expect(rig.reg(EAX)).toBe(5);
	});

	test('data beside code may change without end', () => {
		// incl 0x1100; dec %ecx; jnz
		const rig = new Rig().load('ff 05 00 11 00 00 49 75 f7 f4');
		rig.cpu.r[ECX] = 5000;
		expect(rig.cpu.run(100_000)).toBe('halt');
		expect(rig.word(0x1100)).toBe(5000);
		rig.bytes.fill(0, 0x1100, 0x1104);
		rig.cpu.eip = codeAt;
		rig.cpu.r[ECX] = 3;
		rig.cpu.run(100);
		expect(rig.word(0x1100)).toBe(3);
	});
});

describe('an instruction over the border of two pages', () => {
	test('is what both pages hold now', () => {
		const rig = new Rig().load('b8 01 02 03 04 eb f9', 0x1ffd);
		rig.step(10);
		expect(rig.reg(EAX)).toBe(0x0403_0201);
		rig.bytes[0x2001] = 0x44;
		rig.cpu.eip = 0x1ffd;
		rig.step();
		expect(rig.reg(EAX)).toBe(0x4403_0201);
		rig.bytes[0x1ffe] = 0x11;
		rig.cpu.eip = 0x1ffd;
		rig.step();
		expect(rig.reg(EAX)).toBe(0x4403_0211);
	});

	test('faults at the second page when only that one is missing, and is another instruction with another page', () => {
		const pages = new Map([
			[1, 0x1000],
			[2, 0x2000],
		]);
		const rig: Rig = new Rig({
			place(address) {
				const at = pages.get(address >>> 12);
				return at === undefined ? undefined : rig.ram(at);
			},
		}).load('b8 01 02 03 04', 0x1ffd);
		rig.step();
		pages.delete(2);
		rig.cpu.eip = 0x1ffd;
		expect(() => rig.step()).toThrow('page fault at 0x2000');
		expect(rig.cpu.eip).toBe(0x1ffd);
		pages.set(2, 0x7000);
		rig.bytes.set([0x33, 0x44], 0x7000);
		expect(rig.step().reg(EAX)).toBe(0x4433_0201);
	});
});

test('the same code does the same however long the runs are, and whatever was decoded before', () => {
	// A loop of sums, calls and string copies.
	const code =
		'b9 32 00 00 00 31 c0 01 c8 69 c0 0d 66 19 00 50 51 be 00 30 00 00 bf 00 40 00 00 b9 09 00 00 00 f3 a5 59 5b 89 04 8d 00 30 00 00 49 75 d9 f4';
	const results = [1, 2, 7, 1000].map(budget => {
		const rig = new Rig().load(code);
		while (rig.cpu.run(budget) === 'budget') {}
		return [rig.cpu.instructions, [...rig.cpu.r], Buffer.from(rig.bytes).toString('base64')];
	});
	for (const result of results) expect(result).toEqual(results[0]);
	expect(results[0]![0]).toBeGreaterThan(500);
});

test('more pages of code than are kept run all the same', () => {
	const bytes = new Uint8Array(2 ** 21);
	const words = new Int32Array(bytes.buffer);
	const rig = new Rig({
		place: address => (address < bytes.length ? {bytes, words, offset: address & ~4095} : undefined),
	});
	// Each page: inc %eax; jmp to the next one.
	for (let page = 0; page < 400; page++) bytes.set([0x40, 0xe9, 0xfa, 0x0f, 0, 0], page * 4096);
	bytes.set([0xf4], 400 * 4096);
	for (let round = 1; round <= 2; round++) {
		rig.cpu.eip = 0;
		expect(rig.cpu.run(10_000)).toBe('halt');
		expect(rig.reg(EAX)).toBe(400 * round);
	}
});
