import {mkdir, rename, symlink, writeFile} from 'node:fs/promises';
import {homedir} from 'node:os';
import {join} from 'node:path';
import type {EraName} from '../kernel/era/behaviour.ts';
import {eraNamed} from '../kernel/era.ts';
import {ERA_NUMBERS} from '../kernel/module/layouts.ts';
import {mmtopVersion} from '../lab/version.ts';
import {type CommandFunction, print} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {eraOf, headersFolder} from './headers.ts';

/** `mmtop kerneldir [--era ERA]`: prints a folder for KERNELDIR of a driver's own Makefile. */
export const kerneldir: CommandFunction = async ({args, flags, env, stdout}) => {
	if (args.length > 0) throw new UsageError(`kerneldir takes no arguments, got ${JSON.stringify(args[0])}`);

	const era = eraOf(flags.era);
	const folder = join(cacheFolder(env), `kernel-${mmtopVersion}`, era);
	try {
		await writeKernelFolder(folder, era, headersFolder(env));
	} catch (error) {
		if (error instanceof Failure) throw error;

		throw new Failure([`cannot make the folder ${folder}: ${(error as NodeJS.ErrnoException).code}`]);
	}

	await print(stdout, `${folder}\n`);
	return 0;
};

/** `$XDG_CACHE_HOME/mmtop`, else `~/.cache/mmtop`. */
function cacheFolder(env: NodeJS.ProcessEnv): string {
	const cache = env.XDG_CACHE_HOME;
	return join(cache?.startsWith('/') ? cache : join(env.HOME ?? homedir(), '.cache'), 'mmtop');
}

/** Make takes these for its own, wherever they stand. */
function checkPath(path: string): void {
	const [sign] = /[\s#$%:]/.exec(path) ?? [];
	if (sign === undefined) return;

	throw new Failure([`make cannot use the folder ${path}: there is ${JSON.stringify(sign)} in its name`]);
}

async function writeKernelFolder(folder: string, era: EraName, headers: string): Promise<void> {
	checkPath(folder);
	checkPath(headers);
	await mkdir(folder, {recursive: true});
	const files: Readonly<Record<string, string>> = {
		Makefile: [
			`MMTOP_ERA := ${ERA_NUMBERS[era]}`,
			`MMTOP_RELEASE := ${eraNamed(era).release}`,
			`MMTOP_HEADERS := ${headers}`,
			'include $(MMTOP_HEADERS)/kbuild/Makefile',
			'',
		].join('\n'),
		// Older Makefiles include it.
		'.config': 'CONFIG_MODULES=y\nCONFIG_SMP=y\nCONFIG_PCI=y\nCONFIG_HIGHMEM=y\n',
		'Module.symvers': '',
	};
	// A file is there whole or not at all: several makes may ask at once.
	for (const [name, text] of Object.entries(files)) {
		const part = join(folder, `${name}.${process.pid}`);
		await writeFile(part, text);
		await rename(part, join(folder, name));
	}

	const link = join(folder, `include.${process.pid}`);
	await symlink(join(headers, 'include'), link);
	await rename(link, join(folder, 'include'));
}
