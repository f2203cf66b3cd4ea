import {existsSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {ERA_NAMES, type EraName} from '../kernel/era/behaviour.ts';
import {isEraName} from '../kernel/era.ts';
import {ERA_NUMBERS} from '../kernel/module/layouts.ts';
import {Failure, UsageError} from './errors.ts';

/** Where the kernel's headers are that come with mmtop, and what a compiler has to be told to use them. */

/**
 * The folder `headers` of the package: beside the one that this program lies in, or the one that MMTOP_HEADERS names.
 *
 * @throws Failure where mmtop was copied without it
 */
export function headersFolder(env: NodeJS.ProcessEnv): string {
	const places = env.MMTOP_HEADERS === undefined ? packagePlaces() : [env.MMTOP_HEADERS];
	const found = places.find(place => existsSync(join(place, 'include/mmtop/era.h')));
	if (found === undefined) {
		throw new Failure([
			`the kernel's headers are not here (looked in ${places.join(', ')}); ` +
				'install the package mmtop, or name their folder in MMTOP_HEADERS',
		]);
	}

	return found;
}

/** `dist/mmtop.mjs` lies beside `headers`, `source/commands` two folders below. */
function packagePlaces(): readonly string[] {
	const above = dirname(import.meta.dirname);
	return [join(above, 'headers'), join(dirname(above), 'headers')];
}

/** @throws UsageError for what is not the name of an era */
export function eraOf(text: string | undefined): EraName {
	const era = text ?? ERA_NAMES[0];
	if (!isEraName(era)) throw new UsageError(`--era must be one of ${ERA_NAMES.join(', ')}, got ${JSON.stringify(era)}`);

	return era;
}

const flagsIn = (headers: string, file: string): readonly string[] =>
	readFileSync(join(headers, 'kbuild', file), 'utf8')
		.split('\n')
		.filter(Boolean);

/** Flags for one source of a driver. @param name of the module */
export const driverFlags = (headers: string, era: EraName, name: string): readonly string[] => [
	...flagsIn(headers, 'flags'),
	`-I${join(headers, 'include')}`,
	`-DMMTOP_ERA=${ERA_NUMBERS[era]}`,
	'-DMODULE',
	`-DKBUILD_MODNAME="${name.replaceAll('-', '_')}"`,
];

/** Flags for a program of one source. */
export const programFlags = (headers: string): readonly string[] => [
	...flagsIn(headers, 'program-flags'),
	'-I',
	join(headers, 'libc'),
];
