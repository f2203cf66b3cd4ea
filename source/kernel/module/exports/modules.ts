/** linux/module.h and moduleparam.h: users of a module, other modules' symbols, and values of parameters. */

import {mmput} from '../../fork.ts';
import type {Kernel} from '../../kernel.ts';
import {oops} from '../../mm/access.ts';
import {find_symbol} from '../find_symbol.ts';
import {parameterMemory} from '../parameterMemory.ts';
import type {ModuleParameter} from '../params.ts';
import {getParameter, setParameter} from '../paramValues.ts';
import {module_put, moduleOf, try_module_get} from '../refcount.ts';
import {type Gate, modulesOf} from '../state.ts';
import {mmWindow} from '../structureWindows.ts';
import {taskWindow} from '../taskWindow.ts';
import {putText, textAtAddress} from '../text.ts';
import {gate, gates, word} from './gate.ts';

/** A parameter of a type that its function knows. */
const parameterAt = (k: Kernel, type: string, at: number): ModuleParameter => ({
	name: textAtAddress(k, word(k, 'kernel_param', at, 'name')),
	type,
	permissions: 0,
	address: at,
	arg: word(k, 'kernel_param', at, 'arg'),
	set: 0,
	get: 0,
	isByteBool: k.era.paramBoolIsByte,
});

function set(k: Kernel, type: string, value: number, at: number): number {
	const text = value === 0 ? undefined : textAtAddress(k, value);
	return setParameter(parameterAt(k, type, at), text, parameterMemory(k), k.era).errno;
}

function get(k: Kernel, type: string, to: number, at: number): number {
	const text = getParameter(parameterAt(k, type, at), parameterMemory(k), k.era);
	putText(k, to, text);
	return text.length;
}

const TYPES = [
	'byte',
	'short',
	'ushort',
	'int',
	'uint',
	'long',
	'ulong',
	'ullong',
	'charp',
	'bool',
	'invbool',
] as const;

export const moduleExports: readonly Gate[] = [
	gate('try_module_get', (k, module) => (try_module_get(k, module) ? 1 : 0)),
	gate('__module_get', (k, module) => void try_module_get(k, module)),
	gate('module_put', module_put),
	gate('module_refcount', (k, module) => moduleOf(k, module)?.refcount ?? 0),
	// There is no modprobe: as if it had found nothing.
	gate('request_module', () => 256),
	gate('__symbol_get', (k, name) => {
		const found = find_symbol(k, textAtAddress(k, name));
		if (found?.owner) found.owner.refcount++;
		return found?.address ?? 0;
	}),
	gate('__symbol_put', (k, name) => {
		const owner = find_symbol(k, textAtAddress(k, name))?.owner;
		if (owner) owner.refcount--;
	}),
	...TYPES.flatMap(type => [
		gate(`param_set_${type}`, (k, value, at) => set(k, type, value, at)),
		gate(`param_get_${type}`, (k, to, at) => get(k, type, to, at)),
	]),
	gate('get_task_mm', (k, task) => {
		const {windows} = modulesOf(k);
		const found = windows.objectAt(taskWindow, task) ?? oops(k, task, false, false);
		if (!found.mm) return 0;
		found.mm.mm_users++;
		return windows.addressOf(mmWindow, found.mm);
	}),
	gate('mmput', (k, mm) => mmput(k, modulesOf(k).windows.objectAt(mmWindow, mm) ?? oops(k, mm, false, false))),
	// Tasks are known as long as they are there; who keeps one longer finds nothing.
	...gates(['get_task_struct', 'put_task_struct'], () => {}),
];
