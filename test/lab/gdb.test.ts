/** What a debugger asks of a machine by `lab/gdb`: stops, steps, watched bytes, and the way back. */
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {parseClock} from '../../source/formats/debugfs/lab/clock.ts';
import {parseExec} from '../../source/formats/debugfs/lab/exec.ts';
import {type Gdb, parseGdb} from '../../source/formats/debugfs/lab/gdb.ts';
import {files} from '../../source/formats/files.ts';
import {parseKallsyms} from '../../source/formats/proc/kallsyms.ts';
import {labDeviceAddress} from '../../source/lab/board.ts';
import {bootLab, type Lab} from '../../source/lab/lab.ts';
import {insmod, newLab, start} from './modules.ts';
import {clockPath, everyFile, mostEvents} from './support.ts';

/** Where they are among registers. */
const [espIndex, eipIndex] = [4, 8];

const write = (lab: Lab, words: string) => lab.write(files.gdb.path, words, 'joan');
const look = (lab: Lab): Gdb => parseGdb(lab.read(files.gdb.path) as string);
const clockOf = (lab: Lab) => parseClock(lab.read(clockPath) as string);
const memory = (lab: Lab, tid: number, address: number, bytes: number) =>
	lab.read(`${files.gdb.path}/memory/${tid}:0x${address.toString(16)}+${bytes}`) as Uint8Array;
const word = (lab: Lab, tid: number, address: number) =>
	new DataView(memory(lab, tid, address, 4).slice().buffer).getUint32(0, true);
const registers = (lab: Lab, tid: number) => look(lab).threads.find(each => each.tid === tid)!.registers;
const hex = (value: number) => value.toString(16);

const symbol = (lab: Lab, name: string): number =>
	parseKallsyms(lab.read('/proc/kallsyms') as string).symbols.find(each => each.name === name)!.address;

/** Lets the machine go on as it was told, until it stands. */
function stands(lab: Lab): NonNullable<Gdb['stop']> {
	for (let i = 0; i < 2000; i++) {
		lab.run(lab.timeNs() + 1e6, mostEvents);
		const {stop} = look(lab);
		if (stop && !lab.clock().isRewinding) return stop;
	}
	throw new Error('it never stood');
}

function goes(lab: Lab, words: string): NonNullable<Gdb['stop']> {
	write(lab, words);
	return stands(lab);
}

const statusOf = (lab: Lab) => parseExec(lab.read(files.exec.path) as string).programs.at(-1)!.status;

/** A machine whose device the driver in C has, and a program that is about to use it. */
function withProgram(): Lab {
	const lab = newLab('ldd3');
	lab.write(clockPath, 'watch off', 'test');
	lab.write('/sys/bus/pci/drivers/dad/unbind', labDeviceAddress, 'test');
	lab.run(lab.timeNs() + 20e6, mostEvents);
	const object = readFileSync(new URL('../../headers/examples/prebuilt/ldd3/cdad.ko', import.meta.url));
	expect(insmod(lab, 'cdad.ko', object)).toBe(0);
	return lab;
}

const startProgram = (lab: Lab) => start(lab, 'twins', ['transfers', '/dev/cdad']);

const howPaths = new Set<string>([clockPath, files.session.path, files.gdb.path]);

/** Every file but those that say how the instant was reached. */
const machineFiles = (lab: Lab) => everyFile(lab).filter(([path]) => !howPaths.has(path));

test('who stops at every transfer has the same machine as who does not', () => {
	const free = withProgram();
	startProgram(free);
	const lab = withProgram();
	startProgram(lab);
	write(lab, 'hold');
	const at = symbol(lab, 'cdad_interrupt');
	const before = memory(lab, 1, at, 16).slice();
	write(lab, `breakpoints x:${hex(at)}:1`);
	let stops = 0;
	for (write(lab, 'run'); statusOf(lab) === 'running'; write(lab, 'run')) {
		for (let i = 0; i < 2000 && statusOf(lab) === 'running' && !look(lab).stop; i++)
			lab.run(lab.timeNs() + 1e6, mostEvents);
		const {stop} = look(lab);
		if (!stop) break;
		stops++;
		expect(stop).toMatchObject({why: 'breakpoint', address: at});
		expect(registers(lab, stop.tid!)[eipIndex]).toBe(at);
		expect(memory(lab, stop.tid!, at, 16)).toEqual(before);
		expect(clockOf(lab).state).toBe('paused');
	}
	// The program moves bytes eleven times.
	expect(stops).toBe(11);
	write(lab, 'detach');
	const endNs = lab.timeNs() + 1e6;
	for (const each of [free, lab]) each.run(endNs, mostEvents);
	expect(machineFiles(lab)).toEqual(machineFiles(free));
});

test('a step is an instruction; a call of the kernel is one with the call', () => {
	const lab = withProgram();
	write(lab, 'hold');
	write(lab, `breakpoints x:${hex(symbol(lab, 'cdad_interrupt'))}:1`);
	startProgram(lab);
	const {tid} = goes(lab, 'run');
	let {instructions} = look(lab);
	const seen: number[] = [];
	let eip = registers(lab, tid!)[eipIndex]!;
	for (let i = 0; i < 12; i++) {
		expect(goes(lab, `step ${tid}`)).toMatchObject({why: 'step', tid});
		const now = look(lab);
		seen.push(now.instructions - instructions);
		instructions = now.instructions;
		// Always in the driver, and never twice at one place.
		const nextEip = registers(lab, tid!)[eipIndex]!;
		expect(nextEip >>> 12).toBe(eip >>> 12);
		expect(nextEip).not.toBe(eip);
		eip = nextEip;
	}
	// Others may have run meanwhile.
	expect(seen.filter(each => each === 1).length).toBeGreaterThan(8);
	expect(seen.filter(each => each > 1).length).toBeGreaterThan(0);
});

test('a byte that a device stores to is watched; back goes to before it, reverse to the breakpoint before', () => {
	const lab = withProgram();
	write(lab, 'hold');
	const map = symbol(lab, 'dma_map_single');
	write(lab, `breakpoints x:${hex(map)}:1`);
	startProgram(lab);
	// The first transfer is to the device, the second one from it.
	goes(lab, 'run');
	const first = look(lab).instructions;
	const {tid} = goes(lab, 'run');
	const esp = registers(lab, tid!)[espIndex]!;
	const buffer = word(lab, tid!, esp + 8);
	expect(word(lab, tid!, esp + 16)).toBe(2);
	const old = memory(lab, tid!, buffer, 1)[0];
	write(lab, `breakpoints x:${hex(map)}:1 w:${hex(buffer)}:1`);
	const dma = `DMA of ${labDeviceAddress}`;
	expect(goes(lab, 'run')).toMatchObject({why: 'watchpoint', type: 'w', address: buffer, by: dma});
	const stored = memory(lab, 1, buffer, 1)[0];
	expect(stored).not.toBe(old);
	const files1 = everyFile(lab).filter(([path]) => path !== files.session.path && path !== clockPath);
	expect(goes(lab, `back ${tid}`)).toMatchObject({why: 'until', tid: null, type: 'w'});
	expect(memory(lab, tid!, buffer, 1)[0]).toBe(old);
	expect(goes(lab, 'run')).toMatchObject({why: 'watchpoint', by: dma});
	expect(memory(lab, 1, buffer, 1)[0]).toBe(stored);
	expect(everyFile(lab).filter(([path]) => path !== files.session.path && path !== clockPath)).toEqual(files1);
	// In reverse the store is undone, too; then the breakpoint is met, and the one before.
	expect(goes(lab, `reverse ${tid}`)).toMatchObject({why: 'until', type: 'w'});
	expect(memory(lab, 1, buffer, 1)[0]).toBe(old);
	goes(lab, `reverse ${tid}`);
	expect(registers(lab, tid!)[eipIndex]).toBe(map);
	expect(registers(lab, tid!)[espIndex]).toBe(esp);
	goes(lab, `reverse ${tid}`);
	expect(look(lab).instructions).toBe(first);
	// Nothing is before the program's first instruction.
	goes(lab, `reverse ${tid}`);
	expect(registers(lab, tid!)[eipIndex]).toBeLessThan(0x0805_0000);
	expect(goes(lab, `reverse ${tid}`)).toMatchObject({why: 'begin'});
});

test('the session with its stops is done again to the byte, and is free when the debugger is gone', () => {
	const lab = withProgram();
	write(lab, 'hold');
	write(lab, `breakpoints x:${hex(symbol(lab, 'cdad_interrupt'))}:1`);
	startProgram(lab);
	const {tid} = goes(lab, 'run');
	for (const words of [`step ${tid}`, `step ${tid}`, 'run', `step ${tid}`]) goes(lab, words);
	const again = bootLab({load: 'none', era: 'ldd3'});
	for (const _ of again.restore(lab.session, {timeNs: lab.timeNs(), events: lab.events()}));
	expect(everyFile(again)).toEqual(everyFile(lab));
	expect(again.left()).toBe(true);
	expect(look(again)).toMatchObject({holder: null, stop: null, breakpoints: []});
	expect(clockOf(again).state).toBe('running');
});

test('while one debugs the machine, no one else moves its time; it goes on when the debugger is gone', () => {
	const lab = newLab('ldd3');
	lab.write(clockPath, 'until 9s', 'ann');
	write(lab, 'hold');
	expect(look(lab)).toMatchObject({holder: 'joan', stop: {why: 'asked'}});
	expect(clockOf(lab)).toMatchObject({state: 'paused', untilNs: null});
	for (const words of ['run', 'step', 'back 1', 'rewind 1ns', 'until 9s'])
		expect(() => lab.write(clockPath, words, 'ann')).toThrow(/^EBUSY: joan debugs this machine with gdb/);
	for (const words of ['hold', 'run', 'detach'])
		expect(() => lab.write(files.gdb.path, words, 'ann')).toThrow(/^EBUSY: joan debugs/);
	lab.write(clockPath, 'pace fast', 'ann');
	expect(lab.left('ann')).toBe(false);
	expect(lab.left('joan')).toBe(true);
	expect(look(lab).holder).toBeNull();
	lab.write(clockPath, 'pause', 'ann');
	lab.write(clockPath, 'run', 'ann');
	expect(lab.left('joan')).toBe(false);
});

const shared = newLab('ldd3');

test.each([
	['run', 'EINVAL: this machine is not being debugged: "hold" comes first'],
	['at x 5', 'EINVAL: a thread is a number from 0, got "x"'],
	['at 1 x', 'EINVAL: what comes before: instructions is a number from 0, got "x"'],
	['at - x:1:0', 'EINVAL: a length is 1..4096 bytes, got "0"'],
	['hold now', 'EINVAL: hold takes no words, got 1'],
	['walk', 'EINVAL: lab/gdb takes hold, detach, .*; got "walk"'],
	['step 4242', 'ESRCH: this machine has no thread 4242'],
	['step 4194305', 'EINVAL: thread 4194305 has no registers now'],
	['step x', 'EINVAL: a thread is a number from 0, got "x"'],
	['breakpoints y:c0100000:1', 'EINVAL: a breakpoint is x, w, r or rw as in x:ADDRESS:BYTES.*, got "y:c0100000:1"'],
	['breakpoints x:c0100000:0', 'EINVAL: a length is 1..4096 bytes, got "0"'],
	['breakpoints x:c01000000:1', 'EINVAL: an address has 1 to 8 hexadecimal digits, got "c01000000"'],
	[
		'breakpoints w:c0100000:4096 x:c0100000:1 r:c0100000:1',
		'EINVAL: all breakpoints may watch 4096 bytes together, got 4097',
	],
	[`breakpoints${' x'.repeat(101)}`, 'EINVAL: there may be 100 breakpoints, got 101'],
	['set 4194305 eax 1', 'ESRCH: thread 4194305 has no registers now'],
	['store 1 c0000000 0', 'EINVAL: bytes are pairs of hexadecimal digits, got "0"'],
	['store 1 00000000 00', 'EFAULT: nothing can be stored at 0x0'],
])('%s: one sentence, and nothing changes', (words, sentence) => {
	if (words !== 'run' && !words.startsWith('at')) write(shared, 'hold');
	const before = shared.read(files.gdb.path);
	const {length} = shared.session;
	expect(() => write(shared, words)).toThrow(new RegExp(`^${sentence}`));
	expect(shared.read(files.gdb.path)).toBe(before);
	expect(shared.session).toHaveLength(length);
});

test('all breakpoints watch 4096 bytes at most, code apart', () => {
	write(shared, 'hold');
	write(shared, 'breakpoints w:c0100000:4095 r:c0100000:1 x:c0100000:4096');
	expect(look(shared).breakpoints).toHaveLength(3);
	write(shared, 'breakpoints');
});

test('bytes of which one cannot be stored are not stored at all', () => {
	write(shared, 'hold');
	const isThere = (address: number) => {
		try {
			return memory(shared, 1, address, 1).length === 1;
		} catch {
			return false;
		}
	};
	let end = 0xc010_0000;
	while (isThere(end)) end += 0x1_0000;
	while (!isThere(end - 1)) end -= 0x1000;
	const before = memory(shared, 1, end - 2, 2);
	const other = hex(before[1]! ^ 0xff).padStart(2, '0');
	expect(() => write(shared, `store 1 ${hex(end - 1)} ${other}${other}`)).toThrow(
		`EFAULT: nothing can be stored at 0x${hex(end)}`,
	);
	expect(memory(shared, 1, end - 2, 2)).toEqual(before);
	write(shared, `store 1 ${hex(end - 1)} ${other}`);
	expect(memory(shared, 1, end - 1, 1)[0]).toBe(before[1]! ^ 0xff);
});

test('reverse finds what lies before a detach; without a hold no register is set', () => {
	const lab = withProgram();
	write(lab, 'hold');
	const breakpoints = `breakpoints x:${hex(symbol(lab, 'dma_map_single'))}:1`;
	write(lab, breakpoints);
	startProgram(lab);
	const {tid} = goes(lab, 'run');
	const {instructions} = look(lab);
	write(lab, 'detach');
	const before = lab.read(files.gdb.path);
	expect(() => write(lab, `set ${tid} eax 1`)).toThrow(/^EINVAL: this machine is not being debugged/);
	expect(lab.read(files.gdb.path)).toBe(before);
	write(lab, 'hold');
	write(lab, breakpoints);
	goes(lab, 'run');
	expect(look(lab).instructions).toBeGreaterThan(instructions);
	expect(goes(lab, `reverse ${tid}`)).toMatchObject({why: 'until', tid});
	expect(look(lab).instructions).toBe(instructions);
});
