import {spawn} from 'node:child_process';
import {accessSync, constants} from 'node:fs';
import {delimiter, join} from 'node:path';
import {Failure} from './errors.ts';

/** The compiler of this host: what CC names, else gcc or clang. */

/** Whether a program is there, by its path or in the folders of PATH. */
function isInstalled(program: string, env: NodeJS.ProcessEnv): boolean {
	const folders = program.includes('/') ? [''] : (env.PATH ?? '').split(delimiter).filter(Boolean);
	return folders.some(folder => {
		try {
			accessSync(join(folder, program), constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});
}

/**
 * The words that start the compiler: CC may hold flags too, as `ccache gcc`.
 *
 * @throws Failure that names the package to install
 */
export function compilerOf(env: NodeJS.ProcessEnv): readonly [string, ...string[]] {
	const [wanted, ...words] = (env.CC ?? '').split(/\s+/).filter(Boolean);
	if (wanted !== undefined) {
		if (isInstalled(wanted, env)) return [wanted, ...words];

		throw new Failure([`CC names ${JSON.stringify(wanted)}, which is not installed`]);
	}

	const found = ['gcc', 'clang'].find(name => isInstalled(name, env));
	if (found === undefined) {
		throw new Failure([
			'there is no C compiler here; install the package gcc or clang (Debian, Ubuntu: apt install gcc; ' +
				'Fedora: dnf install gcc; Arch: pacman -S gcc)',
		]);
	}

	return [found];
}

/** Runs a program in the user's own terminal. @returns its exit code; 1 where a signal ended it */
export function runHere(command: readonly [string, ...string[]], env: NodeJS.ProcessEnv): Promise<number> {
	const [program, ...args] = command;
	return new Promise((resolve, reject) => {
		const child = spawn(program, args, {stdio: 'inherit', env});
		child.on('error', error => reject(new Failure([`cannot run ${program}: ${error.message}`])));
		child.on('close', code => resolve(code ?? 1));
	});
}
