import {readFileSync} from 'node:fs';
import {uniformInt} from 'pure-rand/distribution/uniformInt';
import {xorshift128plus} from 'pure-rand/generator/xorshift128plus';
import {describe, expect, test} from 'vitest';
import {type ElfProgram, parseProgram} from '../../source/kernel/binfmt_elf.ts';
import {isLong} from '../sample.ts';
import {elfOf} from './elf.ts';

const code = {address: 0x0804_8000, bytes: [0x31, 0xc0, 0x40, 0xcd, 0x80], flags: 5};
const data = {address: 0x0804_a010, bytes: [1, 2, 3, 4], zeros: 0x2000, flags: 6};
const good = elfOf([code, data]);

/** The program with some bytes changed. */
function changed(changes: Readonly<Record<number, number>>, from = good): Uint8Array {
	const bytes = from.slice();
	for (const [at, value] of Object.entries(changes)) bytes[Number(at)] = value;
	return bytes;
}

test('a program’s headers say where it begins, and what lies where', () => {
	const program = parseProgram(good) as ElfProgram;
	expect(program.entry).toBe(code.address);
	expect(program.segments).toMatchObject([
		{address: 0x0804_8000, fileBytes: 5, memoryBytes: 5, prot: 5},
		{address: 0x0804_a010, fileBytes: 4, memoryBytes: 0x2004, prot: 3},
	]);
	expect(program.headers).toBe(0);
});

describe('what is no such program is refused in one sentence', () => {
	const text = (words: string) => Uint8Array.from(words, letter => letter.charCodeAt(0));
	const header = (at: number) => 52 + 32 + at;

	test.each([
		['nothing', new Uint8Array(0), /is empty/],
		['a text file', text('#!/bin/sh\necho hello\n'), /text file/],
		['other bytes', Uint8Array.of(1, 2, 3, 0xff, 0), /not an ELF file/],
		['a header that is cut off', good.subarray(0, 51), /cut off within its header/],
		['a 64-bit program', changed({4: 2}), /64-bit program; compile it with -m32/],
		['the other byte order', changed({5: 2}), /little-endian/],
		['another processor', changed({18: 40}), /another processor \(e_machine 40\)/],
		['an object file', changed({16: 1}), /an object file, not a program/],
		['a position-independent program', changed({16: 3}), /position-independent.*-static -no-pie/],
		['a core file', changed({16: 4}), /not a program \(e_type 4\)/],
		['program headers that are missing', good.subarray(0, 100), /program headers are missing/],
		['a file that is cut off', good.subarray(0, good.length - 1), /the bytes for 0x804a010 are missing/],
		['an interpreter', changed({[header(0)]: 3}), /dynamically linked; link it with -static/],
		['nothing to load', changed({52: 2, [header(0)]: 2}), /nothing to load/],
		['more in the file than in memory', changed({[header(20)]: 1, [header(21)]: 0}), /larger in the file/],
		['another place in its page', changed({[header(4)]: 0x11}), /not aligned/],
		['an address of the kernel’s', changed({[header(11)]: 0xc0}), /below 0xc0000000/],
		['segments over one another', changed({[header(9)]: 0x80, [header(8)]: 0x00, [header(4)]: 0}), /overlap/],
		['no headers at all', changed({44: 0}), /no usable program headers/],
	])('%s', (_, bytes, sentence) => {
		expect(parseProgram(bytes)).toMatch(sentence);
	});

	test('whatever is changed in a file, it is read or refused', () => {
		const tour = new Uint8Array(readFileSync(new URL('../../fixtures/programs/tour', import.meta.url)));
		const random = xorshift128plus(15);
		const refusals = new Set<string>();
		const rounds = isLong ? 20_000 : 1500;
		for (let round = 0; round < rounds; round++) {
			const bytes = tour
				.subarray(0, uniformInt(random, 0, 3) === 0 ? uniformInt(random, 0, tour.length) : tour.length)
				.slice();
			for (let i = uniformInt(random, 1, 6); i > 0 && bytes.length > 0; i--)
				bytes[uniformInt(random, 0, Math.min(bytes.length, 240) - 1)] = uniformInt(random, 0, 255);
			const parsed = parseProgram(bytes);
			if (typeof parsed === 'string') refusals.add(parsed.replace(/0x\w+|\d+/g, 'N'));
			else
				for (const {offset, fileBytes} of parsed.segments) expect(offset + fileBytes).toBeLessThanOrEqual(bytes.length);
		}
		expect(refusals.size).toBeGreaterThan(8);
	});
});
