/** Models find_symbol() (kernel/module.c, 2.6.11 and later): names of the kernel, and of modules that are there. */
import type {Kernel} from '../kernel.ts';
import {exportsOf} from './ksymtab.ts';
import {type LoadedModule, modulesOf} from './state.ts';

/** What a name means to a module, and whose it is: not of a module that comes or goes. @see strong_try_module_get() */
export function find_symbol(
	k: Kernel,
	name: string,
): {readonly address: number; readonly owner?: LoadedModule} | undefined {
	const {symbols, loaded} = modulesOf(k);
	const address = symbols.get(name);
	if (address !== undefined) return {address};
	for (const owner of loaded.values()) {
		if (owner.state !== 'Live') continue;
		const found = exportsOf(owner.image).find(each => each.name === name);
		if (found) return {address: found.address, owner};
	}
	return undefined;
}
