import {describe, expect, test} from 'vitest';
import {EAX, EBX, EDX, Trap} from '../../../source/hardware/cpu/core.ts';
import type {Width} from '../../../source/hardware/cpu/memory.ts';
import {codeAt, Rig, ran, stackAt} from './rig.ts';

function trapOf(code: string, registers: Readonly<Record<number, number>> = {}): {trap: Trap; rig: Rig} {
	const rig = new Rig().load(code);
	for (const [n, value] of Object.entries(registers)) rig.cpu.r[Number(n)] = value;
	try {
		rig.step();
	} catch (error) {
		if (error instanceof Trap) return {trap: error, rig};
	}
	throw new Error(`${code} did not trap`);
}

describe('ports and devices', () => {
	test('in and out of each width, and the run ends behind them', () => {
		const seen: [number, Width, number | undefined][] = [];
		const rig = new Rig({
			portIn(port, width) {
				seen.push([port, width, undefined]);
				return 0x1234_5678;
			},
			portOut: (port, width, value) => seen.push([port, width, value]),
		}).load('e4 60 ed 66 ed ef 66 ef ee e6 80 90');
		rig.cpu.r[EDX] = 0x1_03f8;
		for (let i = 0; i < 7; i++) expect(rig.cpu.run(100)).toBe('budget');
		expect(seen).toEqual([
			[0x60, 1, undefined],
			[0x3f8, 4, undefined],
			[0x3f8, 2, undefined],
			[0x3f8, 4, 0x1234_5678],
			[0x3f8, 2, 0x5678],
			[0x3f8, 1, 0x78],
			[0x80, 1, 0x78],
		]);
		expect(rig.cpu.instructions).toBe(7);
	});

	test('a device’s register is read once, though the place where it goes was missing', () => {
		let reads = 0;
		const present = new Set([1]);
		const device = {
			read() {
				reads++;
				return 7;
			},
			write() {},
			endsRun: true,
		};
		const rig: Rig = new Rig({
			place(address) {
				if (address >>> 12 === 0x20) return device;
				return present.has(address >>> 12) ? rig.ram(address) : undefined;
			},
		}).load('a5');
		rig.cpu.r.set([0, 0, 0, 0, stackAt, 0, 0x2_0000, 0x3000]);
		expect(() => rig.step()).toThrow('page fault at 0x3000');
		expect(reads).toBe(0);
		present.add(3);
		expect([rig.step().word(0x3000), reads]).toEqual([7, 1]);
	});
});

describe('ways out', () => {
	test('int 0x80 stops behind itself, a gate before itself, hlt behind itself', () => {
		for (const [code, stop, length] of [
			['cd 80', 'syscall', 2],
			['0f ff', 'gate', 0],
			['f4', 'halt', 1],
		] as const) {
			const rig = new Rig().load(code);
			expect(rig.cpu.run(100)).toBe(stop);
			expect(rig.cpu.eip).toBe(codeAt + length);
		}
	});

	test('a program may not do what is for the kernel', () => {
		for (const code of ['f4', 'fa', 'fb', '0f 06', '0f 09', '0f 01 38']) {
			const rig = new Rig().load(code);
			rig.cpu.userMode = true;
			expect(() => rig.step(), code).toThrow(/#GP/);
			expect(rig.cpu.eip).toBe(codeAt);
		}
		const gate = new Rig().load('0f ff');
		gate.cpu.userMode = true;
		expect(() => gate.step()).toThrow(/#UD/);
	});

	test.each([
		['0f 0b', '#UD', 'UD2', 0],
		['cc', '#BP', 'breakpoint', 1],
		['cd 03', '#BP', 'breakpoint', 2],
		['cd 21', '#GP', 'int 0x21', 0],
		['d9 e8', '#UD', 'x87 instruction d9 /5: this processor has no floating point', 0],
		['0f 58 c1', '#UD', 'no MMX and no SSE', 0],
		['f3 0f 6f 00', '#UD', 'no MMX and no SSE', 0],
		['f0 90', '#UD', 'cannot be locked', 0],
		['f0 01 c3', '#UD', 'cannot be locked', 0],
		['f0 39 03', '#UD', 'cannot be locked', 0],
		['8d c0', '#UD', 'LEA of a register', 0],
		['66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90', '#GP', 'longer than 15 bytes', 0],
	])('%s is %s', (code, exception, words, behind) => {
		const {trap, rig} = trapOf(code);
		expect([trap.exception, trap.what]).toEqual([exception, expect.stringContaining(words)]);
		expect(rig.cpu.eip).toBe(codeAt + behind);
	});

	test('fifteen bytes are not too many', () => {
		expect(ran(`${'66 '.repeat(14)}90`).cpu.eip).toBe(codeAt + 15);
	});

	test('into traps on overflow only; bound traps outside its limits only', () => {
		const rig = new Rig().load('ce');
		rig.cpu.of = 1;
		expect(() => rig.step()).toThrow(/#OF/);
		expect(rig.cpu.eip).toBe(codeAt + 1);
		expect(ran('ce').cpu.eip).toBe(codeAt + 1);
		for (const [index, inside] of [
			[-3, false],
			[-2, true],
			[5, true],
			[6, false],
		] as const) {
			const limits = new Rig().load('62 03');
			limits.words.set([-2, 5], 0x3000 / 4);
			limits.cpu.r[EBX] = 0x3000;
			limits.cpu.r[EAX] = index;
			if (inside) expect(limits.step().cpu.eip).toBe(codeAt + 2);
			else expect(() => limits.step()).toThrow(/#BR/);
		}
	});

	test('a lock is allowed before what reads, changes and writes memory', () => {
		for (const code of ['f0 01 03', 'f0 0f b1 0b', 'f0 0f c1 03', 'f0 ff 03', 'f0 f7 1b', 'f0 0f ab 03', 'f0 87 03'])
			expect(ran(code, {[EBX]: 0x3000}).cpu.eip).toBeGreaterThan(codeAt);
	});
});
