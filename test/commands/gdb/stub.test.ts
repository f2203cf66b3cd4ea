/** A client of the protocol that knows its packets by heart, on a machine in this process. */
import {readFileSync} from 'node:fs';
import {beforeAll, describe, expect, test} from 'vitest';
import {Debuggee} from '../../../source/commands/gdb/debuggee.ts';
import {wordOfHex} from '../../../source/commands/gdb/packet.ts';
import {gdbSignals, Stub} from '../../../source/commands/gdb/stub.ts';
import {parseExec} from '../../../source/formats/debugfs/lab/exec.ts';
import {files} from '../../../source/formats/files.ts';
import {parseKallsyms} from '../../../source/formats/proc/kallsyms.ts';
import {labDeviceAddress} from '../../../source/lab/board.ts';
import type {Lab} from '../../../source/lab/lab.ts';
import {headlessMachine} from '../../../source/target/headless.ts';
import {insmod, newLab, start} from '../../lab/modules.ts';

const eipIndex = 8;
const hex = (value: number) => value.toString(16);

let lab: Lab;
let stub: Stub;
let pid: number;
const said: string[] = [];
let isInterrupted = false;

const ask = (body: string) => stub.answer(body);
/** Registers as `g` has them. */
const registers = async () => (await ask('g'))!.match(/.{8}/g)!.map(wordOfHex);
const symbol = (name: string): number =>
	parseKallsyms(lab.read('/proc/kallsyms') as string).symbols.find(each => each.name === name)!.address;

async function hold(of: number | undefined): Promise<Stub> {
	const machine = headlessMachine(lab, 'gdb');
	const debuggee = new Debuggee(machine.target, async () => machine.runUntil(machine.timeNs() + 1e6));
	const wasInterrupted = () => {
		const was = isInterrupted;
		isInterrupted = false;
		return was;
	};
	return Stub.hold(debuggee, {say: text => said.push(text), wasInterrupted}, of);
}

beforeAll(async () => {
	lab = newLab('ldd3');
	lab.write(files.clock.path, 'watch off', 'test');
	lab.write('/sys/bus/pci/drivers/dad/unbind', labDeviceAddress, 'test');
	lab.run(lab.timeNs() + 20e6, 1e9);
	const object = readFileSync(new URL('../../../headers/examples/prebuilt/ldd3/cdad.ko', import.meta.url));
	insmod(lab, 'cdad.ko', object);
	start(lab, 'twins', ['transfers', '/dev/cdad']);
	pid = parseExec(lab.read(files.exec.path) as string).programs.at(-1)!.pid;
	stub = await hold(pid);
});

describe('a session, packet by packet', () => {
	test('they agree on what they can', async () => {
		expect(await ask('qSupported:multiprocess+;swbreak+')).toMatch(/PacketSize=1000;.*ReverseStep\+;ReverseContinue\+/);
		expect(await ask('vMustReplyEmpty')).toBe('');
		expect(await ask('vCont?')).toBe('vCont;c;C;s;S');
		expect(stub.needsAcknowledgement).toBe(true);
		expect(await ask('QStartNoAckMode')).toBe('OK');
		expect(stub.needsAcknowledgement).toBe(false);
		expect(await ask('qXfer:features:read:target.xml:0,2c')).toMatch(/^m<\?xml version="1\.0"\?>/);
		expect(await ask('qXfer:features:read:target.xml:fff0,10')).toBe('l');
		expect(await ask('qXfer:features:read:other.xml:0,10')).toBe('E00');
		for (const unknown of ['qNothing', 'Znine', 'y', 'bx', 'vFile:open']) expect(await ask(unknown)).toBe('');
	});

	test('the process has one thread, with its name', async () => {
		expect(await ask('qfThreadInfo')).toBe(`m${hex(pid)}`);
		expect(await ask('qsThreadInfo')).toBe('l');
		expect(await ask('?')).toBe(`T02thread:${hex(pid)};`);
		expect(await ask('qC')).toBe(`QC${hex(pid)}`);
		expect(await ask(`T${hex(pid)}`)).toBe('OK');
		expect(await ask('T7777')).toBe('E03');
		expect(await ask('Hg7777')).toBe('E03');
		expect(await ask('Hg0')).toBe('OK');
		expect(Buffer.from((await ask(`qThreadExtraInfo,${hex(pid)}`))!, 'hex').toString()).toBe('twins');
		expect(await ask('qXfer:threads:read::0,1000')).toContain(`<thread id="${hex(pid)}" name="twins"`);
	});

	test('it stops before the driver’s function, and memory is what lies there', async () => {
		const at = symbol('cdad_write');
		const code = await ask(`m${hex(at)},10`);
		expect(await ask(`Z0,${hex(at)},1`)).toBe('OK');
		expect(await ask('vCont;c')).toBe(`T05thread:${hex(pid)};`);
		expect((await registers())[eipIndex]).toBe(at);
		expect(await ask(`p${hex(eipIndex)}`)).toBe((await ask('g'))!.slice(64, 72));
		expect(await ask(`m${hex(at)},10`)).toBe(code);
		expect(await ask('m0,4')).toBe('E14');
		expect(await ask('mzz,4')).toBe('E01');
		expect(await ask(`z0,${hex(at)},1`)).toBe('OK');
	});

	test('registers of floating point have no values, for there are none', async () => {
		expect(await ask('p10')).toBe('x'.repeat(20));
		expect(await ask('p1f')).toBe('x'.repeat(8));
		expect(await ask('p20')).toBe('E01');
		expect(await ask('g')).toMatch(/^[\da-f]{128}x{224}$/);
	});

	test('a register and memory take what is stored, and a step goes on from there', async () => {
		const before = await registers();
		expect(await ask('P0=78563412')).toBe('OK');
		expect((await registers())[0]).toBe(0x1234_5678);
		expect(await ask(`P0=${(await ask('g'))!.slice(0, 8)}`)).toBe('OK');
		expect(await ask('Pff=00000000')).toBe('E01');
		const esp = before[4]!;
		const word = await ask(`m${hex(esp - 64)},4`);
		expect(await ask(`M${hex(esp - 64)},4:01020304`)).toBe('OK');
		expect(await ask(`m${hex(esp - 64)},4`)).toBe('01020304');
		expect(await ask(`M${hex(esp - 64)},4:${word}`)).toBe('OK');
		expect(await ask(`M${hex(esp - 64)},4:0102`)).toBe('E01');
		expect(await ask('M0,1:00')).toBe('E01');
		expect(said.at(-1)).toBe('mmtop: EFAULT: nothing can be stored at 0x0');
		expect(await ask(`vCont;s:${hex(pid)};c`)).toBe(`T05thread:${hex(pid)};`);
		const after = await registers();
		expect(after[eipIndex]).toBeGreaterThan(before[eipIndex]!);
		expect(await ask('bs')).toBe(`T05thread:${hex(pid)};`);
		expect((await registers())[eipIndex]).toBe(before[eipIndex]);
	});

	test('a watched byte stops the machine, by its address', async () => {
		const [, , , , esp = 0] = await registers();
		expect(await ask(`Z2,${hex(esp - 4)},4`)).toBe('OK');
		expect(await ask('c')).toBe(`T05watch:${hex(esp - 4)};thread:${hex(pid)};`);
		expect(await ask(`z2,${hex(esp - 4)},4`)).toBe('OK');
	});

	test('^C stops a machine that runs; a program that ends is told with its status; detached, it is free', async () => {
		isInterrupted = false;
		const runs = ask('c');
		isInterrupted = true;
		expect(await runs).toBe(`T02thread:${hex(pid)};`);
		expect(await ask('c')).toBe('W00');
		expect(await ask('D')).toBe('OK');
		expect(stub.isOver).toBe(true);
		expect(String(lab.read(files.gdb.path))).toContain('holder: -\n');
	});
});

test('of a process that is not there, no thread is', async () => {
	const other = await hold(4242);
	expect(other.hasThreads).toBe(false);
	expect(await other.answer('k')).toBeUndefined();
	expect(other.isOver).toBe(true);
});

test('a breakpoint of one process is taken away while another one is the current one', async () => {
	for (const _ of [1, 2]) start(lab, 'twins', ['transfers', '/dev/cdad']);
	lab.run(lab.timeNs() + 1e6, 1e9);
	const all = await hold(undefined);
	const threads = (await all.answer('qfThreadInfo'))!.slice(1).split(',');
	const one = threads.at(-1)!;
	// 0 would be any thread.
	const two = threads.find(each => each !== one && Number.parseInt(each, 16) > 0)!;
	const isSet = async (...words: readonly string[]) => {
		for (const each of words) expect(await all.answer(each)).toBe('OK');
		isInterrupted = false;
		const runs = all.answer('c');
		isInterrupted = true;
		await runs;
		return String(lab.read(files.gdb.path)).includes('8048123');
	};
	expect(await isSet(`Hg${one}`, 'Z0,8048123,1')).toBe(true);
	expect(await isSet(`Hg${two}`, 'z0,8048123,1')).toBe(false);
	await all.answer('D');
});

test('signals have gdb’s numbers: SIGBUS, SIGUSR1, SIGSTOP and SIGCHLD are others there, SIGSEGV is not', () => {
	expect([7, 10, 19, 17, 11].map(each => gdbSignals[each] ?? each)).toEqual([10, 30, 17, 20, 11]);
});
