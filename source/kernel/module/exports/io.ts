/** linux/io.h, linux/ioport.h: device memory and ports. Accesses themselves are instructions of the driver. */
import {kernelAddress, logicalAddress, PAGE_SIZE, physicalAddress} from '../../../hardware/address.ts';
import type {AccessWidth} from '../../../hardware/bus.ts';
import {EBUSY} from '../../errno.ts';
import {type ResourceKind, release_region, request_region} from '../../ioport.ts';
import {kmemset, kread, kwrite32, translateOrOops} from '../../mm/access.ts';
import {GFP_ATOMIC} from '../../mm/gfp.ts';
import {ioremap, iounmap} from '../../mm/ioremap.ts';
import {PAGE_OFFSET} from '../../mm/page.ts';
import {kfree, try_kzalloc} from '../../mm/slab.ts';
import {printk} from '../../printk.ts';
import {offsetOf, sizeOf} from '../layouts.ts';
import {addressName} from '../oops.ts';
import {type Gate, type GateCall, modulesOf} from '../state.ts';
import {textAtAddress, writeKernel} from '../text.ts';

const FLAGS = {ports: 0x8000_0100, memory: 0x8000_0200} as const;

/** @returns the address of a struct resource that says what was given, or NULL */
function request(kind: ResourceKind, {k, arg}: GateCall): number {
	const claim = request_region(k, kind, arg(0), arg(1), textAtAddress(k, arg(2)));
	if (!claim) return 0;
	const at = try_kzalloc(k, sizeOf('resource'), GFP_ATOMIC);
	if (at === undefined) {
		release_region(k, kind, arg(0), arg(1));
		return 0;
	}
	const fields = {start: claim.start, end: claim.end, name: arg(2), flags: FLAGS[kind]} as const;
	for (const field of ['start', 'end', 'name', 'flags'] as const)
		kwrite32(k, kernelAddress(at + offsetOf('resource', field)), fields[field]);
	modulesOf(k).addresses.set(claim, at);
	return at;
}

function release(kind: ResourceKind, {k, arg}: GateCall): void {
	const claim = release_region(k, kind, arg(0), arg(1));
	if (claim) {
		const at = modulesOf(k).addresses.get(claim);
		if (at !== undefined) kfree(k, logicalAddress(at));
		return;
	}
	const [start, end] = [arg(0), arg(0) + arg(1) - 1].map(each => each.toString(16).padStart(8, '0'));
	printk(k, 4, `Trying to free nonexistent resource <${start}-${end}>`);
}

/** Asks whether a region could be had, and leaves it: what drivers did before 2.4. */
function check(kind: ResourceKind, {k, arg}: GateCall): number {
	if (!request_region(k, kind, arg(0), arg(1), 'check-region')) return -EBUSY;
	release_region(k, kind, arg(0), arg(1));
	return 0;
}

/** Words of a device are moved as words, the rest as bytes: what memcpy_fromio and memcpy_toio do. */
function* pieces(at: number, length: number): Iterable<readonly [offset: number, width: AccessWidth]> {
	for (let done = 0; done < length; ) {
		const width = (at + done) % 4 === 0 && length - done >= 4 ? 4 : 1;
		yield [done, width];
		done += width;
	}
}

/** Memory as memory: low RAM lies in the kernel's own mapping, the rest is mapped as devices are. */
function memremap({k, arg, caller}: GateCall): number {
	const end = arg(0) + arg(1);
	if (arg(1) > 0 && end <= k.layout.max_low_pfn * PAGE_SIZE) return PAGE_OFFSET + arg(0);
	return ioremap(k, physicalAddress(arg(0)), arg(1), addressName(k, caller)) ?? 0;
}

export const ioExports: readonly Gate[] = [
	...['ioremap', 'ioremap_nocache', 'ioremap_cache', 'ioremap_wc'].map(
		(name): Gate => ({
			name,
			run: ({k, arg, caller}) => ioremap(k, physicalAddress(arg(0)), arg(1), addressName(k, caller)) ?? 0,
		}),
	),
	{name: 'memremap', run: memremap},
	{name: 'memunmap', run: ({k, arg}) => iounmap(k, kernelAddress(arg(0)))},
	{name: 'iounmap', run: ({k, arg}) => iounmap(k, kernelAddress(arg(0)))},
	{name: 'request_region', run: call => request('ports', call)},
	{name: 'release_region', run: call => release('ports', call)},
	{name: 'check_region', run: call => check('ports', call)},
	{name: 'request_mem_region', run: call => request('memory', call)},
	{name: 'release_mem_region', run: call => release('memory', call)},
	{name: 'check_mem_region', run: call => check('memory', call)},
	{
		name: 'memcpy_fromio',
		run({k, arg}) {
			const bytes = new Uint8Array(arg(2));
			for (const [offset, width] of pieces(arg(1), arg(2))) {
				const value = k.hw.bus.read(translateOrOops(k, kernelAddress(arg(1) + offset), false), width);
				for (let i = 0; i < width; i++) bytes[offset + i] = Math.floor(value / 2 ** (8 * i));
			}
			writeKernel(k, arg(0), bytes);
		},
	},
	{
		name: 'memcpy_toio',
		run({k, arg}) {
			const bytes = kread(k, kernelAddress(arg(1)), arg(2));
			for (const [offset, width] of pieces(arg(0), arg(2))) {
				let value = 0;
				for (let i = width - 1; i >= 0; i--) value = value * 256 + bytes[offset + i]!;
				k.hw.bus.write(translateOrOops(k, kernelAddress(arg(0) + offset), true), width, value);
			}
		},
	},
	{name: 'memset_io', run: ({k, arg}) => kmemset(k, kernelAddress(arg(0)), arg(1) & 0xff, arg(2))},
];
