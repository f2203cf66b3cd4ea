import {closeSync, constants, fstatSync, openSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {type Pace, paces} from '../formats/debugfs/lab/clock.ts';
import {type ThemeName, themeNames} from '../ui/terminal/theme.ts';
import {UsageError} from './errors.ts';

/** What a person likes, in a file: `$XDG_CONFIG_HOME/mmtop/config.json`, else `~/.config/mmtop/config.json`. */

export type Config = {
	readonly theme?: ThemeName;
	readonly ascii?: boolean;
	readonly mouse?: boolean;
	readonly plain?: boolean;
	/** How long each step of a workload stays. */
	readonly pace?: Pace;
	/** Samples a second. */
	readonly refresh?: number;
};

export const leastRefresh = 0.1;
export const mostRefresh = 30;

type Entry = {
	readonly isRight: (value: unknown) => boolean;
	/** What would be right, to follow "takes". */
	readonly right: string;
};

const flag: Entry = {isRight: value => typeof value === 'boolean', right: 'true or false'};

const entries: Readonly<Record<keyof Config, Entry>> = {
	theme: {
		isRight: value => themeNames.some(name => name === value),
		right: themeNames.map(name => JSON.stringify(name)).join(', '),
	},
	ascii: flag,
	mouse: flag,
	plain: flag,
	pace: {
		isRight: value => paces.some(each => each === value),
		right: paces.map(each => JSON.stringify(each)).join(', '),
	},
	refresh: {
		isRight: value => typeof value === 'number' && value >= leastRefresh && value <= mostRefresh,
		right: `a number from ${leastRefresh} to ${mostRefresh}, of samples a second`,
	},
};

/** Where the file is. Undefined when the environment names neither a place nor a home. */
export function configPath({XDG_CONFIG_HOME: configHome, HOME: home}: NodeJS.ProcessEnv): string | undefined {
	// The XDG specification: a relative path is invalid and to be ignored.
	const directory = configHome?.startsWith('/') ? configHome : home && join(home, '.config');
	return directory ? join(directory, 'mmtop', 'config.json') : undefined;
}

/**
 * The file's text as a config.
 *
 * @throws UsageError with one sentence: the file, the entry, and what would be right
 */
export function parseConfig(path: string, text: string): Config {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		throw new UsageError(`${path} is not JSON: ${(error as Error).message}`);
	}

	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		throw new UsageError(`${path} has to be one JSON object, as {"theme": "light"}`);
	}

	for (const [name, given] of Object.entries(value)) {
		if (!Object.hasOwn(entries, name)) {
			const known = Object.keys(entries).join(', ');
			throw new UsageError(`${path}: there is no entry ${JSON.stringify(name)}; the entries are ${known}`);
		}

		const {isRight, right} = entries[name as keyof Config];
		if (!isRight(given)) {
			throw new UsageError(`${path}: ${JSON.stringify(name)} takes ${right}; got ${JSON.stringify(given)}`);
		}
	}

	return value;
}

/** @throws UsageError for a file that is there and cannot be read or is wrong */
export function readConfig(env: NodeJS.ProcessEnv): Config {
	const path = configPath(env);
	if (path === undefined) return {};

	let text: string;
	try {
		text = textOf(path);
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		if (error instanceof UsageError || code === undefined) throw error;

		if (code === 'ENOENT' || code === 'ENOTDIR') return {};

		throw new UsageError(`${path} cannot be read: ${code}`);
	}

	return parseConfig(path, text);
}

/** A file with every entry has a few hundred. */
const longestBytes = 64 * 1024;

/** @throws what the system says; UsageError for what is not a file, of which a device or a pipe would never end */
function textOf(path: string): string {
	const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
	try {
		const status = fstatSync(fd);
		if (!status.isFile() && !status.isDirectory()) throw new UsageError(`${path} is not a file`);

		if (status.size > longestBytes) {
			throw new UsageError(`${path} has at most ${longestBytes} bytes, got ${status.size}`);
		}

		return readFileSync(fd, 'utf8');
	} finally {
		closeSync(fd);
	}
}
