/** The memory of modules, as their parameters are read and set there. */
import {kernelAddress} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {kread, kwrite} from '../mm/access.ts';
import {GFP_KERNEL} from '../mm/gfp.ts';
import {try_kzalloc} from '../mm/slab.ts';
import type {ParameterMemory} from './paramValues.ts';
import {putText, textAtAddress} from './text.ts';

export const parameterMemory = (k: Kernel): ParameterMemory => ({
	read: (address, lengthBytes) => kread(k, kernelAddress(address), lengthBytes),
	write: (address, bytes) => kwrite(k, kernelAddress(address), bytes),
	text: address => textAtAddress(k, address),
	keep(text) {
		const at = try_kzalloc(k, text.length + 1, GFP_KERNEL);
		if (at !== undefined) putText(k, at, text);
		return at ?? 0;
	},
});
