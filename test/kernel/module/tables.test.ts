/** A debugger's store to a pointer to a table of methods: the table is read at once, so it has to be there. */
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {poke} from '../../../source/kernel/debug/peek.ts';
import type {file as File} from '../../../source/kernel/fs/file.ts';
import type {vm_area_struct} from '../../../source/kernel/mm/mm_types.ts';
import {offsetOf} from '../../../source/kernel/module/layouts.ts';
import {load_module} from '../../../source/kernel/module/loader.ts';
import {fileWindow, vmaWindow} from '../../../source/kernel/module/structureWindows.ts';
import {bootTestKernel, run} from '../support.ts';

const echo = readFileSync(new URL('../../../fixtures/modules/echo.ldd3.o', import.meta.url));

const k = bootTestKernel({memMiB: 32, highmemMiB: 0});
run(k, () => load_module(k, 'echo', echo, ''));
const {windows} = k.modules!;

const fops = {name: 'first'};
const file = {f_op: fops} as unknown as File;
const vma = {vm_ops: fops, vm_mm: {methodsMaySleep: false}} as unknown as vm_area_struct;
const store = (at: number, value: number) => poke(k, null, at, new Uint8Array(Uint32Array.of(value).buffer.slice(0)));

/** One in the kernel's RAM, and addresses where there is none. */
const there = 0xc010_0000;
const nowhere = [1, 0x0804_8000, 0xffff_fff0];

test('f_op', () => {
	const at = windows.addressOf(fileWindow, file) + offsetOf('file', 'f_op');
	for (const table of [0, ...nowhere]) expect(store(at, table)).toBe(0);
	expect(file.f_op).toBe(fops);
	expect(store(at, there)).toBe(4);
	expect(k.modules!.addresses.get(file.f_op)).toBe(there);
});

test('vm_ops, which may be none', () => {
	const at = windows.addressOf(vmaWindow, vma) + offsetOf('vm_area_struct', 'vm_ops');
	for (const table of nowhere) expect(store(at, table)).toBe(0);
	expect(vma.vm_ops).toBe(fops);
	expect(store(at, there)).toBe(4);
	expect(k.modules!.addresses.get(vma.vm_ops!)).toBe(there);
	expect(store(at, 0)).toBe(4);
	expect(vma.vm_ops).toBeNull();
});
