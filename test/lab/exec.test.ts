import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {type ProgramRecord, parseExec} from '../../source/formats/debugfs/lab/exec.ts';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import {fromBase64} from '../../source/lab/base64.ts';
import {bootLab, type Lab, type LabOptions} from '../../source/lab/lab.ts';
import {elfOf} from '../kernel/elf.ts';

const exec = '/sys/kernel/debug/lab/exec';
const asManyAsItTakes = Number.MAX_SAFE_INTEGER;

const fixture = (name: string): Uint8Array => readFileSync(new URL(`../../fixtures/programs/${name}`, import.meta.url));

/** Loads a program in pieces, and starts it. @returns its number */
function start(lab: Lab, name: string, bytes: Uint8Array, args: readonly string[] = [], piece = 5000): string {
	const upload = lab.write(exec, `load ${name} ${bytes.length}`, 'test');
	for (let at = 0; at < bytes.length; at += piece)
		lab.write(exec, `data ${upload} ${Buffer.from(bytes.subarray(at, at + piece)).toString('base64')}`, 'test');
	return lab.write(exec, `run ${upload} ${JSON.stringify(args)}`, 'test');
}

const recordOf = (lab: Lab, id: string): ProgramRecord =>
	parseExec(lab.read(exec) as string).programs.find(each => each.id === Number(id))!;
const outputOf = (lab: Lab, id: string) => Buffer.from(lab.read(`${exec}/${id}`) as Uint8Array).toString('latin1');

function newLab(options: LabOptions = {}): Lab {
	const lab = bootLab({load: 'none', ...options} as LabOptions);
	lab.run(0.3e9, asManyAsItTakes);
	return lab;
}

/** Lets time pass until a program has ended. */
function finish(lab: Lab, id: string, mostSeconds = 2): ProgramRecord {
	const endNs = lab.timeNs() + mostSeconds * 1e9;
	while (recordOf(lab, id).status === 'running' && lab.timeNs() < endNs) lab.run(lab.timeNs() + 1e6, asManyAsItTakes);
	return recordOf(lab, id);
}

/** A program of bytes at 0x08048000, with a page of data at 0x0804a000. */
const program = (code: string): Uint8Array =>
	elfOf([
		{
			address: 0x0804_8000,
			bytes: code
				.trim()
				.split(/\s+/)
				.map(byte => Number.parseInt(byte, 16)),
			flags: 5,
		},
		{address: 0x0804_a000, bytes: [0], zeros: 4095, flags: 6},
	]);

const tour = `argument 0: ./tour
argument 1: 7
argument 2: x y
zeros: 0
no such file: 2
bad address: 14
nothing: exit 5
null: signal 11
text: signal 11
kernel: signal 11
divide: signal 8
undefined: signal 4
breakpoint: signal 5
privileged: signal 11
port: signal 11
killed: signal 15
slept 20 ms
`;

describe('a compiled program', () => {
	test.each(ERA_NAMES)('gets its arguments, files, faults and children in %s, and its exit status is known', era => {
		const lab = newLab({era});
		const id = start(lab, 'tour', fixture('tour'), ['7', 'x y']);
		expect(finish(lab, id)).toMatchObject({name: 'tour', status: 'exited', code: 7, note: null});
		expect(outputOf(lab, id).replace(/^ {2}.*\n/gm, '')).toBe(tour);
		expect(lab.stopped()).toBeUndefined();
	});

	test('lies in areas of its file, which maps shows while it runs', () => {
		const lab = newLab();
		const id = start(lab, 'spin', fixture('spin'));
		lab.run(lab.timeNs() + 5e6, asManyAsItTakes);
		const {pid} = recordOf(lab, id);
		const maps = lab.read(`/proc/${pid}/maps`) as string;
		expect(maps).toMatch(/^08048000-08049000 r--p 00000000 \S+ \d+ +\/tmp\/spin$/m);
		expect(maps).toMatch(/^08049000-0804b000 r-xp 00001000 \S+ \d+ +\/tmp\/spin$/m);
		expect(lab.read(`/proc/${pid}/comm`)).toBe('spin\n');
		expect(lab.read(`/proc/${pid}/cmdline`)).toBe('./spin\0');
	});

	test('computes an instruction in 10 ns', () => {
		const lab = newLab();
		// rdtsc; mov %eax,%ebx; mov $100000,%ecx; loop .; rdtsc; sub %ebx,%eax; then exit((eax - 100000) / 10000)
		const code =
			'0f 31 89 c3 b9 a0 86 01 00 e2 fe 0f 31 29 d8 2d a0 86 01 00 31 d2 b9 10 27 00 00 f7 f1 89 c3 b8 01 00 00 00 cd 80';
		expect(finish(lab, start(lab, 'count', program(code)))).toMatchObject({status: 'exited', code: 0});
	});

	test('is taken off its CPU for others, who get their share', () => {
		const lab = newLab({cpus: 1});
		const spinners = ['a', 'b', 'c'].map(name => start(lab, name, fixture('spin')));
		lab.run(lab.timeNs() + 50e6, asManyAsItTakes);
		const tour = start(lab, 'tour', fixture('tour'), ['3']);
		expect(finish(lab, tour, 5)).toMatchObject({status: 'exited', code: 3});
		for (const id of spinners) {
			expect(recordOf(lab, id).status).toBe('running');
			lab.write(exec, `kill ${id} 15`, 'test');
			expect(finish(lab, id)).toMatchObject({status: 'killed', code: 15});
		}
	});

	test('is traced like any other: system calls with their arguments, page faults with the instruction', () => {
		const lab = newLab();
		const id = start(lab, 'tour', fixture('tour'));
		// The file shows the newest lines only.
		const lines = new Set<string>();
		while (recordOf(lab, id).status === 'running') {
			lab.run(lab.timeNs() + 100_000, asManyAsItTakes);
			for (const line of (lab.read('/sys/kernel/debug/tracing/trace') as string).split('\n')) lines.add(line);
		}
		const trace = [...lines].join('\n');
		expect(trace).toMatch(/tour-\d+ .*sys_execve\(filename: "\/tmp\/tour"\)/);
		expect(trace).toMatch(/tour-\d+ .*sys_open\(filename: "\/proc\/self\/maps", flags: 0, mode: 1b6\)/);
		expect(trace).toMatch(/tour-\d+ .*page_fault_user: address=0x0 ip=0x80[0-9a-f]+ error_code=0x6/);
	});

	test('that lacks an instruction says which', () => {
		const lab = newLab({era: '6.1'});
		const id = start(lab, 'float', fixture('float'));
		const note = expect.stringMatching(
			/^instruction db .*: x87 instruction db \/0: this processor has no floating point$/,
		);
		expect(finish(lab, id)).toMatchObject({status: 'killed', code: 4, note});
		expect(lab.read('/proc/kmsg')).toMatch(/traps: float\[\d+\] trap invalid opcode ip:0804\w+ sp:bfff\w+ error:0/);
	});

	test('faults where it says: the log has instruction and stack', () => {
		const lab = newLab({era: '6.1'});
		// movl $1,0x1234
		const id = start(lab, 'wild', program('c7 05 34 12 00 00 01 00 00 00'));
		expect(finish(lab, id)).toMatchObject({status: 'killed', code: 11});
		expect(lab.read('/proc/kmsg')).toMatch(
			/wild\[\d+\]: segfault at 1234 ip 08048000 sp bf\w+ error 6 in wild\[8048000\+1000\]/,
		);
	});

	test('gets -ENOSYS for a call that there is not', () => {
		const lab = newLab();
		// mov $9999,%eax; int $0x80; neg %eax; mov %eax,%ebx; mov $1,%eax; int $0x80
		const id = start(lab, 'odd', program('b8 0f 27 00 00 cd 80 f7 d8 89 c3 b8 01 00 00 00 cd 80'));
		expect(finish(lab, id)).toMatchObject({status: 'exited', code: 38});
	});

	test('may use ports after ioperm, and not before', () => {
		const lab = newLab();
		const inb = 'b8 65 00 00 00 31 db b9 00 04 00 00 ba 01 00 00 00 cd 80 e4 61 31 db b8 01 00 00 00 cd 80';
		expect(finish(lab, start(lab, 'inp', program(inb)))).toMatchObject({status: 'exited', code: 0});
		expect(finish(lab, start(lab, 'bare', program('e4 61')))).toMatchObject({
			status: 'killed',
			code: 11,
			note: 'a program needs ioperm() or iopl() for I/O ports',
		});
	});
});

describe('a session with programs', () => {
	const sample = (lab: Lab) =>
		['/proc/meminfo', '/proc/vmstat', '/proc/kmsg', exec, '/sys/kernel/debug/tracing/trace', '/proc/slabinfo']
			.map(path => lab.read(path))
			.join('\n');

	function session(steps: number): Lab {
		const lab = newLab({load: 'busy'} as LabOptions);
		const spin = start(lab, 'spin', fixture('spin'));
		start(lab, 'tour', fixture('tour'), ['1']);
		for (let i = 0; i < steps; i++) lab.run(lab.timeNs() + 60e6 / steps, asManyAsItTakes);
		lab.write(exec, `kill ${spin} 9`, 'test');
		lab.run(0.4e9, asManyAsItTakes);
		return lab;
	}

	test('gives the same bytes when it is done again, in other steps', () => {
		expect(sample(session(1))).toBe(sample(session(7)));
	});

	test('goes back to while a program ran, and to before it was loaded', () => {
		const lab = session(1);
		const rewind = (to: string) => {
			lab.write('/sys/kernel/debug/lab/clock', `rewind ${to}`, 'test');
			while (lab.clock().stepsWanted > 0) lab.run(lab.timeNs(), asManyAsItTakes);
		};
		rewind('340ms');
		expect(parseExec(lab.read(exec) as string).programs).toMatchObject([
			{name: 'spin', status: 'running'},
			{name: 'tour'},
		]);
		rewind('200ms');
		expect(parseExec(lab.read(exec) as string).programs).toEqual([]);
	});
});

describe('what cannot be run is refused in a sentence, and nothing is changed', () => {
	const refused = (act: (lab: Lab) => unknown, sentence: RegExp) => {
		const lab = newLab();
		const before = lab.session.length;
		expect(() => act(lab)).toThrow(sentence);
		expect(parseExec(lab.read(exec) as string).programs).toEqual([]);
		return {lab, before};
	};

	test('a file that is not a program', () => {
		refused(
			lab => start(lab, 'script', Buffer.from('#!/bin/sh\n')),
			/ENOEXEC: script cannot be run: it is a text file/,
		);
	});

	test('one that is too large, before a byte of it has come', () => {
		const {lab, before} = refused(lab => lab.write(exec, 'load big 100000000', 'test'), /EFBIG: .* at most 16 MiB/);
		expect(lab.session).toHaveLength(before);
	});

	test('one of which a part is missing, or too much has come', () => {
		refused(lab => {
			const upload = lab.write(exec, 'load part 100', 'test');
			lab.write(exec, `data ${upload} AAAA`, 'test');
			lab.write(exec, `run ${upload}`, 'test');
		}, /EINVAL: of part only 3 of 100 bytes came/);
		refused(
			lab => lab.write(exec, `data ${lab.write(exec, 'load part 2', 'test')} AAAA`, 'test'),
			/2 bytes, and there are more/,
		);
	});

	test.each([
		['fly', /EINVAL: exec takes load/],
		['load ../x 4', /EINVAL: a file's name/],
		['load x -1', /EINVAL: a size/],
		['data 7 AAAA', /ENOENT: nothing is being loaded/],
		['run 1 []', /ENOENT/],
		['kill 1 9', /ENOENT: no program "1"/],
	])('the words "%s"', (words, sentence) => {
		refused(lab => lab.write(exec, words, 'test'), sentence);
	});

	test('arguments that are not a list of strings, and a piece that is not base64', () => {
		refused(lab => lab.write(exec, `data ${lab.write(exec, 'load x 9', 'test')} ???`, 'test'), /is base64/);
		refused(lab => lab.write(exec, `run ${lab.write(exec, 'load x 0', 'test')} {"a": 1}`, 'test'), /JSON array/);
	});

	test('steering the machine from within', () => {
		const lab = newLab();
		// open("/sys/kernel/debug/lab/clock", O_WRONLY); write(it, "pause", 5); exit(-result)
		const path = [...'/sys/kernel/debug/lab/clock\0pause'].map(letter => letter.charCodeAt(0));
		const code =
			'b8 05 00 00 00 bb 00 a0 04 08 b9 01 00 00 00 cd 80 89 c3 b9 1c a0 04 08 ba 05 00 00 00 b8 04 00 00 00 cd 80 f7 d8 89 c3 b8 01 00 00 00 cd 80';
		const bytes = elfOf([
			{address: 0x0804_8000, bytes: code.split(' ').map(byte => Number.parseInt(byte, 16)), flags: 5},
			{address: 0x0804_a000, bytes: path, flags: 6},
		]);
		expect(finish(lab, start(lab, 'steer', bytes))).toMatchObject({status: 'exited', code: 1});
		expect(lab.clock().paused).toBe(false);
	});
});

test('base64 is bytes, with padding or without', () => {
	for (let length = 0; length < 20; length++) {
		const bytes = Uint8Array.from({length}, (_, i) => i * 37 + 200);
		const text = Buffer.from(bytes).toString('base64');
		expect(fromBase64(text)).toEqual(bytes);
		expect(fromBase64(text.replace(/=+$/, ''))).toEqual(bytes);
	}
	expect(fromBase64('A')).toBeUndefined();
	expect(fromBase64('AA A')).toBeUndefined();
});
