/** The semaphore of an address space, as C takes and gives it: it is the kernel's own. */
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {callC} from '../../../source/kernel/module/callC.ts';
import {offsetOf} from '../../../source/kernel/module/layouts.ts';
import {load_module} from '../../../source/kernel/module/loader.ts';
import {mmWindow} from '../../../source/kernel/module/structureWindows.ts';
import {bootTestKernel, run, runProcess} from '../support.ts';

test.each([
	['ldd3', 'mmap_sem'],
	['6.1', 'mmap_lock'],
] as const)('C downgrades it from writing to reading (%s)', (era, field) => {
	const k = bootTestKernel({era, memMiB: 32, highmemMiB: 0});
	const echo = readFileSync(new URL(`../../../fixtures/modules/echo.${era}.o`, import.meta.url));
	expect(run(k, () => load_module(k, 'echo', echo, ''))).toBe(0);
	runProcess(k, function* () {
		const {current} = k.cpu;
		const {mmap_sem: sem} = current.mm!;
		const {windows, symbols} = k.modules!;
		const address = windows.addressOf(mmWindow, current.mm!) + offsetOf('mm_struct', field);
		const call = (name: string) => callC(k, symbols.get(name)!, [address]);
		const holders = () => [sem.writer, ...sem.readers];
		yield* call('down_write');
		expect(holders()).toEqual([current]);
		yield* call('downgrade_write');
		expect(holders()).toEqual([undefined, current]);
		expect(yield* call('down_write_trylock')).toBe(0);
		// One who does not write has nothing to downgrade.
		yield* call('downgrade_write');
		expect(holders()).toEqual([undefined, current]);
		yield* call('up_read');
		expect(holders()).toEqual([undefined]);
	});
});
