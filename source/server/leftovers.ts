import {rmdirSync, unlinkSync} from 'node:fs';

/**
 * What a server has made and must not leave behind, however its process ends: also where nothing can be waited for any
 * more. Directories that something else lies in stay.
 */
export class Leftovers {
	readonly #files: string[] = [];
	readonly #directories: string[] = [];
	readonly #onExit = (): void => this.remove();

	constructor() {
		process.once('exit', this.#onExit);
	}

	file(path: string): void {
		this.#files.push(path);
	}

	/** After those that it lies in. */
	directory(path: string): void {
		this.#directories.push(path);
	}

	/** It is gone, somebody else's, or to stay. */
	forgetFile(path: string): void {
		const at = this.#files.indexOf(path);
		if (at >= 0) this.#files.splice(at, 1);
	}

	forgetDirectories(): void {
		this.#directories.length = 0;
	}

	remove(): void {
		process.off('exit', this.#onExit);
		for (const path of this.#files.splice(0).reverse()) {
			removeWith(unlinkSync, path);
		}

		for (const path of this.#directories.splice(0).reverse()) {
			removeWith(rmdirSync, path);
		}
	}
}

function removeWith(remove: (path: string) => void, path: string): void {
	try {
		remove(path);
	} catch {
		// It is gone already, or somebody else uses it.
	}
}
