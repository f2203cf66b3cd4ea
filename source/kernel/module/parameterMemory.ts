/** The memory of modules, as their parameters are read and set there. */
import {type KernelLogicalAddress, kernelAddress} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {kread, kwrite} from '../mm/access.ts';
import {GFP_KERNEL} from '../mm/gfp.ts';
import {kfree, try_kmalloc} from '../mm/slab.ts';
import type {ParameterMemory} from './paramValues.ts';
import {besides} from './state.ts';
import {putText, textAtAddress} from './text.ts';

/** Strings of the kernel's that parameters point to, by the pointer's address. */
const textsOf = (k: Kernel) => besides<KernelLogicalAddress>(k, 'text of a parameter');

export const parameterMemory = (k: Kernel): ParameterMemory => ({
	read: (address, lengthBytes) => kread(k, kernelAddress(address), lengthBytes),
	write: (address, bytes) => kwrite(k, kernelAddress(address), bytes),
	text: address => textAtAddress(k, address),
	keep(variable, text) {
		const at = try_kmalloc(k, text.length + 1, GFP_KERNEL);
		if (at === undefined) return undefined;
		putText(k, at, text);
		kfree(k, textsOf(k).get(variable));
		textsOf(k).set(variable, at);
		return at;
	},
});

/** A module goes: so do the strings of its variables. @see destroy_params() */
export function freeTexts(k: Kernel, isInside: (address: number) => boolean): void {
	for (const [variable, at] of textsOf(k)) if (isInside(variable)) kfree(k, at);
}
