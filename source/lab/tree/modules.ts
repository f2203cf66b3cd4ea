/** /proc/kallsyms and /sys/module: what is loaded, for debuggers and the curious. */
import {formatKallsyms} from '../../formats/proc/kallsyms.ts';
import {formatDecimalFile, formatNameFile} from '../../formats/scalars.ts';
import {errnoName} from '../../kernel/errno.ts';
import {hex8} from '../../kernel/hex.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {sectionAddress} from '../../kernel/module/image.ts';
import {symbolsOf} from '../../kernel/module/kallsyms.ts';
import {parameterMemory} from '../../kernel/module/parameterMemory.ts';
import {type ModuleParameter, parametersOf} from '../../kernel/module/params.ts';
import {getParameter, setParameter} from '../../kernel/module/paramValues.ts';
import type {LoadedModule} from '../../kernel/module/state.ts';
import {LabError} from '../errors.ts';
import type {LabState} from '../lab.ts';
import {type Args, directory, type Route} from './route.ts';

const loaded = (k: Kernel): readonly LoadedModule[] => [...(k.modules?.loaded.values() ?? [])];

/** The kernel's own names are those that modules may use: there are none before the first module. */
function kallsyms(k: Kernel): string {
	const {gates, symbols} = k.modules ?? {gates: new Map<number, unknown>(), symbols: new Map<string, number>()};
	const own = [...symbols].map(([name, address]) => ({
		address,
		type: gates.has(address) ? 'T' : 'D',
		name,
		module: null,
	}));
	own.sort((a, b) => a.address - b.address);
	const theirs = loaded(k).flatMap(({name: module, image}) =>
		symbolsOf(image).map(({address, type, name}) => ({address, type, name, module})),
	);
	return formatKallsyms({symbols: [...own, ...theirs]});
}

const moduleNames = {module: ({k}: LabState) => loaded(k).map(({name}) => name)};
const moduleOf = ({k}: LabState, args: Args): LoadedModule => k.modules!.loaded.get(args.module!)!;

/** Sections that are in memory, by name. */
function sectionsOf({image}: LoadedModule): ReadonlyMap<string, number> {
	const found = new Map<string, number>();
	for (const [index, {name}] of image.object.sections.entries()) {
		const address = sectionAddress(image, index);
		if (address !== undefined) found.set(name, address);
	}
	return found;
}

/** Those that have a file. One that only the driver's own function can print has none here. */
const shownParameters = ({image}: LoadedModule): readonly ModuleParameter[] =>
	parametersOf(image).filter(({permissions, get, set}) => permissions !== 0 && get === 0 && set === 0);

const parameterOf = (state: LabState, args: Args): ModuleParameter =>
	shownParameters(moduleOf(state, args)).find(({name}) => name === args.parameter)!;

/** @throws LabError EACCES, and EINVAL or another for a value that is none */
function writeParameter(state: LabState, args: Args, text: string): string {
	const {k} = state;
	const parameter = parameterOf(state, args);
	if ((parameter.permissions & 0o222) === 0)
		throw new LabError(
			'EACCES',
			`the driver does not let ${parameter.name} be set: its mode is 0${parameter.permissions.toString(8)}`,
		);
	const {errno} = setParameter(parameter, text.replace(/\n$/, ''), parameterMemory(k), k.era);
	if (errno === 0) return '';
	throw new LabError(errnoName(errno), `"${text.trim()}" is no value of ${parameter.name}, which is ${parameter.type}`);
}

export const moduleRoutes: readonly Route[] = [
	{path: '/proc/kallsyms', read: ({k}) => kallsyms(k)},
	...directory('/sys/module', [
		{
			path: ':module/refcnt',
			names: moduleNames,
			read(state, args) {
				const {refcount, users} = moduleOf(state, args);
				return formatDecimalFile({value: refcount + users.size});
			},
		},
		{
			path: ':module/sections/:section',
			names: {...moduleNames, section: (state, args) => [...sectionsOf(moduleOf(state, args)).keys()]},
			read: (state, args) =>
				formatNameFile({value: `0x${hex8(sectionsOf(moduleOf(state, args)).get(args.section!)!)}`}),
		},
		{
			path: ':module/parameters/:parameter',
			names: {...moduleNames, parameter: (state, args) => shownParameters(moduleOf(state, args)).map(({name}) => name)},
			read: (state, args) =>
				formatNameFile({value: getParameter(parameterOf(state, args), parameterMemory(state.k), state.k.era)}),
			write: writeParameter,
		},
	]),
];
