/** Breakpoints and watched bytes are asked for from outside: what runs is the same with them and without. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {ECX, EDI, ESI, Trap} from '../../../source/hardware/cpu/core.ts';
import type {RamPlace} from '../../../source/hardware/cpu/memory.ts';
import {codeAt, Rig, stateOf} from './rig.ts';

/** xor eax, eax; loop: inc eax; add [0x3000], eax; rep movsb of what ecx says; cmp eax, 5; jnz loop; int3. */
const code = '31 c0 40 01 05 00 30 00 00 b9 07 00 00 00 f3 a4 83 f8 05 75 ed cc';
const incAt = codeAt + 2;
const moveAt = codeAt + 14;

function rig(): Rig {
	const made = new Rig().load(code);
	made.cpu.r[ESI] = 0x3000;
	made.cpu.r[EDI] = 0x3ff0;
	return made;
}

/** Runs to the int3 in runs of so many instructions. @returns how often it came to a breakpoint */
function toEnd({cpu}: Rig, budgets: () => number): number {
	let stops = 0;
	for (;;) {
		try {
			const stop = cpu.run(budgets());
			cpu.passesBreakpoint = stop === 'breakpoint';
			if (stop === 'breakpoint') stops++;
		} catch (reason) {
			if (!(reason instanceof Trap)) throw reason;
			return stops;
		}
	}
}

const pictureOf = (each: Rig) => ({...stateOf(each), bytes: each.bytes.slice(0x3000, 0x4100)});

test('the machine is the same with breakpoints and without, however long the runs are', () => {
	const free = rig();
	expect(toEnd(free, () => 1000)).toBe(0);
	fc.assert(
		fc.property(fc.infiniteStream(fc.integer({min: 1, max: 40})), budgets => {
			const stopped = rig();
			stopped.cpu.breakpoints = new Set([incAt, moveAt]);
			// Each round of the repeated instruction is one of its own, before which it stops.
			expect(toEnd(stopped, () => budgets.next().value)).toBe(5 + 5 * 7);
			expect(pictureOf(stopped)).toEqual(pictureOf(free));
			expect(stopped.cpu.instructions).toBe(free.cpu.instructions);
		}),
		{numRuns: 5},
	);
});

test('it stops before the instruction, and passes it where that is asked for', () => {
	const {cpu} = rig();
	cpu.breakpoints = new Set([incAt]);
	expect(cpu.run(100)).toBe('breakpoint');
	expect([cpu.eip, cpu.r[0], cpu.instructions]).toEqual([incAt, 0, 1]);
	expect(cpu.run(100)).toBe('breakpoint');
	expect(cpu.instructions).toBe(1);
	cpu.passesBreakpoint = true;
	expect(cpu.run(1)).toBe('budget');
	expect([cpu.r[0], cpu.instructions, cpu.hasEnded]).toEqual([1, 2, false]);
});

test.each([
	[0x2fff, 1, []],
	[
		0x3000,
		1,
		[
			[0x3000, 4, false],
			[0x3000, 4, true],
		],
	],
	[
		0x3003,
		1,
		[
			[0x3000, 4, false],
			[0x3000, 4, true],
		],
	],
	[0x3004, 1, []],
] as const)('what touches a watched byte at %i is reported, and the run ends behind it', (from, length, wanted) => {
	const watched = rig();
	const {cpu} = watched;
	const told: (readonly [number, number, boolean])[] = [];
	cpu.dataWatch = {
		watches: ({offset}: RamPlace) => offset === (from & ~4095),
		accessed(_place, at, width, write) {
			if (at >= from + length || at + width <= from) return;
			told.push([at, width, write]);
			cpu.cut();
		},
	};
	cpu.run(3);
	expect(told).toEqual(wanted);
	expect(cpu.isCut).toBe(wanted.length > 0);
	expect(cpu.instructions).toBe(3);
	expect(watched.word(0x3000)).toBe(1);
	expect(cpu.r[ECX]).toBe(0);
});
