/** Without a free page no module is loaded and no C is run, and the kernel goes on. */
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import type {KernelLogicalAddress} from '../../../source/hardware/address.ts';
import {TaskKilled} from '../../../source/kernel/bug.ts';
import {ENOMEM} from '../../../source/kernel/errno.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {GFP_ATOMIC} from '../../../source/kernel/mm/gfp.ts';
import {free_pages, try_get_free_pages} from '../../../source/kernel/mm/page_alloc.ts';
import {callC} from '../../../source/kernel/module/callC.ts';
import {load_module} from '../../../source/kernel/module/loader.ts';
import {taskWindow} from '../../../source/kernel/module/taskWindow.ts';
import {bootTestKernel, dmesg, newProcess, run} from '../support.ts';

const echo = readFileSync(new URL('../../../fixtures/modules/echo.ldd3.o', import.meta.url));

/** Takes every page that there is. @returns what gives them back */
function takeAll(k: Kernel): () => void {
	const pages: KernelLogicalAddress[] = [];
	for (let page = try_get_free_pages(k, GFP_ATOMIC, 0); page !== undefined; page = try_get_free_pages(k, GFP_ATOMIC, 0))
		pages.push(page);
	return () => {
		for (const page of pages) free_pages(k, page, 0);
	};
}

test('modules are loaded again when there is memory again; a task that calls C dies without it', () => {
	const k = bootTestKernel({memMiB: 32, highmemMiB: 0});
	const load = () => run(k, () => load_module(k, 'echo', echo, ''));
	const giveBack = takeAll(k);
	expect(load()).toBe(-ENOMEM);
	giveBack();
	expect(load()).toBe(0);
	const {init} = k.modules!.loaded.get('echo')!;
	// More than have room where there are some already.
	const tasks = Array.from({length: 100}, () => newProcess(k));
	const describe = function* () {
		return new Set(tasks.map(task => k.modules!.windows.addressOf(taskWindow, task))).size;
	};
	const giveBackAgain = takeAll(k);
	expect(() => run(k, () => callC(k, init!, []), 'caller')).toThrow(TaskKilled);
	expect(dmesg(k).at(-1)).toBe('mmtop: no memory for the kernel stack of caller');
	expect(() => run(k, describe)).toThrow(TaskKilled);
	expect(dmesg(k).at(-1)).toBe('mmtop: no memory for the addresses of struct task_struct in modules');
	giveBackAgain();
	expect(run(k, describe)).toBe(tasks.length);
});
