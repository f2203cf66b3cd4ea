/**
 * What a module leaves behind when it is taken out: the kernel still calls into memory that is not its any more, and
 * oopses when it does. Linux does not look.
 *
 * Not modelled: files of /proc and sysfs, threads, numbers of devices without a driver, memory of kmalloc().
 */
import {kernelAddress} from '../../hardware/address.ts';
import {type hrtimer, hrtimer_is_queued} from '../hrtimer.ts';
import {irqActions} from '../irq.ts';
import type {Kernel} from '../kernel.ts';
import {kernelToPhysical} from '../mm/access.ts';
import type {timer_list} from '../timer.ts';
import {word} from './exports/gate.ts';
import {besides, type LoadedModule, modulesOf} from './state.ts';

const WORK_STRUCT_PENDING = 1;

/** @returns what is still registered or pending, as nouns; empty for a module that took all along */
export function leftBehind(k: Kernel, {image, address: own}: LoadedModule): readonly string[] {
	const {addresses} = modulesOf(k);
	const {base, bytes} = image;
	const isOurs = (at: number | undefined) =>
		at !== undefined && (at === own || (at >= base.core && at < base.core + bytes.core.length));
	const lines = [...k.irq.actions.keys()].flatMap(line => irqActions(k, line));
	// Its memory may be gone since.
	const isThere = (at: number) => kernelToPhysical(k, kernelAddress(at)) !== undefined;
	const timers = [...besides<timer_list>(k, 'timer')].filter(
		([at, timer]) => k.timers.pending.has(timer) && isThere(at),
	);
	const hrtimers = [...besides<hrtimer>(k, 'hrtimer')].filter(([at, timer]) => hrtimer_is_queued(timer) && isThere(at));
	const works = [...besides<unknown>(k, 'work').keys()].filter(
		work => isThere(work) && (word(k, 'work_struct', work, 'data') & WORK_STRUCT_PENDING) !== 0,
	);
	const count = (items: readonly number[], noun: string) =>
		items.length === 0 ? [] : [items.length === 1 ? `a ${noun}` : `${items.length} ${noun}s`];
	return [
		...lines
			.filter(({handler}) => isOurs(addresses.get(handler)))
			.map(({line, name}) => `the handler of interrupt ${line} (${name})`),
		...k.pci.drivers.filter(driver => isOurs(addresses.get(driver))).map(({name}) => `the PCI driver ${name}`),
		...k.vfs.cdevs
			.filter(({fops}) => isOurs(addresses.get(fops)))
			.map(({major, baseminor}) => `the character device ${major}:${baseminor}`),
		...count(
			[
				...timers.map(([at]) => word(k, 'timer_list', at, 'function')),
				...hrtimers.map(([at]) => word(k, 'hrtimer', at, 'function')),
			].filter(at => isOurs(at)),
			'pending timer',
		),
		...count(
			works.map(at => word(k, 'work_struct', at, 'func')).filter(at => isOurs(at)),
			'pending work',
		),
	];
}
