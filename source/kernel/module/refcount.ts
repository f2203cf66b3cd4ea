/** Models try_module_get() and module_put() (include/linux/module.h, kernel/module.c, 2.6.11 and later). */
import type {Kernel} from '../kernel.ts';
import type {LoadedModule} from './state.ts';

/** The module that a `struct module *` of C means. */
export function moduleOf(k: Kernel, address: number): LoadedModule | undefined {
	if (address === 0) return undefined;
	for (const module of k.modules?.loaded.values() ?? []) if (module.address === address) return module;
	return undefined;
}

/**
 * Holds a module, unless it is on its way out. @param address of its struct, or 0 for none
 * @returns whether it is held
 */
export function try_module_get(k: Kernel, address: number): boolean {
	const module = moduleOf(k, address);
	if (!module) return address === 0;
	if (module.state === 'Unloading') return false;
	module.refcount++;
	return true;
}

export function module_put(k: Kernel, address: number): void {
	const module = moduleOf(k, address);
	if (module) module.refcount--;
}
