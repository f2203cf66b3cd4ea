/**
 * Variables of the kernel that modules may use: a page of their own. `jiffies` is stored at each tick; the others do
 * not change.
 */
import {kernelAddress} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {kwrite, kwrite32} from '../mm/access.ts';
import {__GFP_ZERO, GFP_KERNEL} from '../mm/gfp.ts';
import {free_pages, try_get_free_pages} from '../mm/page_alloc.ts';
import {utsname} from '../sys.ts';
import {jiffies64} from '../timer.ts';
import {sizeOf} from './layouts.ts';
import {taskWindow} from './taskWindow.ts';
import type {WindowSpace} from './windows.ts';

/** struct new_utsname: six texts. */
const UTS_BYTES = 65;

/** What a pointer is that only means the queue that everybody shares. */
export const SHARED_QUEUE = 1;

/** Directories of /sys that drivers may put their own into, by the variable that points to each: a path below /sys. */
export const KERNEL_KOBJECTS: ReadonlyMap<string, string> = new Map([
	['kernel_kobj', 'kernel'],
	['mm_kobj', 'kernel/mm'],
]);

/** Lays them out. @returns false without memory */
export function placeVariables(k: Kernel, symbols: Map<string, number>, windows: WindowSpace): boolean {
	const page = try_get_free_pages(k, GFP_KERNEL | __GFP_ZERO, 0);
	if (page === undefined) return false;
	const initTask = windows.tryAddressOf(taskWindow, k.sched.cpus[0]!.idle);
	if (initTask === undefined) {
		free_pages(k, page, 0);
		return false;
	}
	let next: number = page;
	const place = (name: string, words: readonly number[]) => {
		symbols.set(name, next);
		for (const [n, value] of words.entries()) kwrite32(k, kernelAddress(next + 4 * n), value);
		next += 4 * words.length;
	};
	const {mem_map, max_pfn, high_memory} = k.layout;
	place('mem_map', [mem_map]);
	place('max_mapnr', [max_pfn]);
	place('high_memory', [high_memory]);
	place('system_wq', [SHARED_QUEUE]);
	place('jiffies_64', [0, 0]);
	const ticks = symbols.get('jiffies_64')!;
	symbols.set('jiffies', ticks);
	const store = () => {
		const now = jiffies64(k);
		kwrite32(k, kernelAddress(ticks), now);
		kwrite32(k, kernelAddress(ticks + 4), Math.floor(now / 2 ** 32));
	};
	// A pointer, and the object that stands for the directory.
	for (const name of KERNEL_KOBJECTS.keys()) place(name, [next + 4, ...Array(sizeOf('kobject') / 4).fill(0)]);
	store();
	k.timers.onTick.push(store);
	for (const name of ['system_utsname', 'init_uts_ns']) symbols.set(name, next);
	for (const [n, text] of utsname(k).entries())
		kwrite(
			k,
			kernelAddress(next + n * UTS_BYTES),
			Uint8Array.from([...text], letter => letter.charCodeAt(0)),
		);
	symbols.set('init_task', initTask);
	return true;
}
