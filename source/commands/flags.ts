import {type Pace, paces} from '../formats/debugfs/lab/clock.ts';
import {loadNames} from '../formats/debugfs/lab/load.ts';
import {ERA_NAMES} from '../kernel/era/behaviour.ts';
import {UsageError} from './errors.ts';

/**
 * The flags, once: the parser, `--help`, and the check which command takes which are made from this table.
 */

type FlagSpec = {
	readonly type: 'string' | 'boolean';
	readonly shortFlag?: string;
	/** How it is typed when not by its name. */
	readonly typed?: string;
	/** Its name on the command line, where another flag has that name in the table. */
	readonly spelling?: string;
	/** The value that it has where none is given. */
	readonly usual?: string;
	/** What stands for the value in `--help`. */
	readonly value?: string;
	readonly summary: string;
};

export const flagTable = {
	target: {
		type: 'string',
		shortFlag: 't',
		value: 'TARGET',
		summary: 'which machine to talk to (default: a fresh one in this process)',
	},
	machine: {
		type: 'string',
		value: 'PRESET',
		summary: 'what kind of machine to build: lab (default), 512m, 1g, pae, bounce, iommu, noncoherent',
	},
	mem: {type: 'string', value: 'SIZE', summary: 'its memory, as 128M or 1G; with --pae up to 16G'},
	pae: {type: 'boolean', summary: 'page tables with PAE, for memory above 4 GiB'},
	highmem: {type: 'string', value: 'SIZE', summary: 'how much of it is high memory'},
	cpus: {type: 'string', value: 'N', summary: 'its CPUs'},
	seed: {type: 'string', value: 'N', summary: 'what its chance starts from: the same seed gives the same machine'},
	era: {
		type: 'string',
		value: 'ERA',
		summary:
			`which kernel it behaves like: ${ERA_NAMES.join(', ').replace(',', ' (default),')}; ldd3 is 2.6.11 with ` +
			'names of the book, 6.18 is 6.1 with newer rules for areas',
	},
	load: {
		type: 'string',
		value: 'LOAD',
		summary:
			`how much goes on by itself: ${loadNames.join(', ').replace('calm', 'calm (default)')}; in calm a few things a ` +
			'second, which one can follow; lab/load changes it while the machine runs',
	},
	name: {type: 'string', value: 'NAME', summary: 'under which name it is served; of a class: which class'},
	observe: {
		type: 'string',
		value: 'PATH',
		summary: 'where the socket lies that only reads (default: beside control.sock)',
	},
	observeGroup: {type: 'string', value: 'GROUP', summary: 'group that may use the socket at --observe'},
	fresh: {
		type: 'boolean',
		summary: 'begin again: serve puts the session of a killed machine aside, sheet run what was done before',
	},
	foreground: {type: 'boolean', summary: 'run the class in this process, as systemd wants it, until a signal'},
	until: {
		type: 'string',
		value: 'TIME',
		summary: 'virtual time at which a fresh machine is read, as 2s (default; run --all: 1s) or 300ms',
	},
	json: {type: 'boolean', summary: 'records in place of text, as one JSON document'},
	once: {type: 'boolean', summary: 'print one screen as plain text; the default when stdout is not a terminal'},
	theme: {
		type: 'string',
		value: 'THEME',
		summary: 'colours of the monitor: dark, light, 16 or mono (default: what the terminal suggests)',
	},
	ascii: {
		type: 'boolean',
		summary: 'draw the monitor with ASCII only; what happens anyway where the locale is not UTF-8',
	},
	follow: {type: 'boolean', summary: 'go on with what comes, until ^C'},
	record: {
		type: 'string',
		value: 'FILE',
		summary:
			'write down what the monitor reads, or, where FILE ends in .session, what is done to its own machine; "mmtop ' +
			'attach ./FILE" plays or does it again',
	},
	mouse: {type: 'boolean', typed: '--no-mouse', summary: 'leave the mouse to the terminal'},
	plain: {
		type: 'boolean',
		summary: 'tell in sentences what happens, for screen readers; what happens anyway where TERM is dumb',
	},
	refresh: {type: 'string', value: 'N', summary: 'samples a second at most: 10 (default), 0.1 to 30'},
	pace: {
		type: 'string',
		value: 'PACE',
		summary:
			'how long each step of a workload stays: read (default on a machine of your own), manual: until Enter, fast: ' +
			'until it was on every screen (default of serve)',
	},
	watch: {type: 'boolean', typed: '--no-watch', summary: 'no slow motion while an injection runs'},
	every: {
		type: 'string',
		spelling: '--watch',
		usual: '1',
		value: 'SECONDS',
		summary: 'print again when something changed, looking so often (default: every second), until ^C',
	},
	list: {type: 'boolean', summary: 'name the experiments, or exercises'},
	hint: {type: 'boolean', summary: 'where a driver failed, say what to look at'},
	lab: {
		type: 'string',
		value: 'EXERCISE',
		summary: 'a driver with a part for you to write; "mmtop check --list" names them',
	},
	ask: {type: 'boolean', summary: 'say what is there, ask what will come, then run and compare'},
	all: {type: 'boolean', summary: 'run every experiment, each on a fresh machine'},
	compare: {
		type: 'string',
		value: 'A,B',
		summary:
			'run it on a fresh machine of each era or preset (ldd3,6.18 or lab,3.2/bounce; 2 to 6) and say what differs; ' +
			'exit 0: on each it came out as the experiment says',
	},
	sweep: {
		type: 'string',
		value: 'KEY=A..B',
		summary: 'run it for each value of a parameter (A..B/STEP, A|B; several keys with commas), each on a fresh machine',
	},
	seeds: {type: 'string', value: 'A..B', summary: 'run it for each of these seeds'},
	shard: {
		type: 'string',
		value: 'PART/PARTS',
		summary: 'of these runs only one part, as 3/16: each part may run on another computer',
	},
	junit: {type: 'string', value: 'FILE', summary: 'write the results to FILE as JUnit XML'},
	output: {
		type: 'string',
		shortFlag: 'o',
		value: 'FILE',
		summary: 'where the report goes (default: standard output), or the result of a sheet, as JSON',
	},
	answers: {
		type: 'string',
		value: 'FILE',
		summary: 'answer from a YAML or JSON file, one answer a task, and ask nothing',
	},
	solve: {
		type: 'boolean',
		summary: 'do the solution of each sheet: every check has to fail before it and to hold after',
	},
	html: {type: 'string', value: 'FILE', summary: 'write one page for a browser to FILE; it needs nothing else'},
	report: {type: 'string', value: 'FILE', summary: 'write a report of the machine to FILE afterwards'},
	pid: {
		type: 'string',
		value: 'N',
		summary: 'the process that gdb sees; without it all compiled programs and the CPUs',
	},
	symbols: {
		type: 'boolean',
		summary: 'print the commands by which gdb loads symbols of drivers, and of the program --pid',
	},
	help: {type: 'boolean', shortFlag: 'h', summary: 'show this help'},
	version: {type: 'boolean', summary: 'show the version'},
} as const satisfies Record<string, FlagSpec>;

export type FlagName = keyof typeof flagTable;

export type Flags = {
	readonly [Name in FlagName]?: (typeof flagTable)[Name]['type'] extends 'boolean' ? boolean : string;
};

/** Flags that describe a fresh machine, and so mean nothing for one that runs already. */
export const machineFlags = [
	'machine',
	'mem',
	'pae',
	'highmem',
	'cpus',
	'seed',
	'era',
	'load',
] as const satisfies readonly FlagName[];

/** Flags of what looks at a machine: which one, or what a fresh one is and when it is read. */
export const sourceFlags = ['target', ...machineFlags, 'until'] as const satisfies readonly FlagName[];

/** How the monitor looks and listens. */
export const lookFlags = ['pace', 'theme', 'ascii', 'mouse', 'plain', 'refresh'] as const satisfies readonly FlagName[];

/** A flag as it is typed: `observeGroup` is `--observe-group`. */
export function spelled(name: string): string {
	const spec = Object.hasOwn(flagTable, name) ? flagTable[name as FlagName] : undefined;
	if (spec !== undefined && 'spelling' in spec) return spec.spelling;
	return name.length === 1 ? `-${name}` : `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
}

/** As a flag is typed where it stands in help: that which is on anyway is typed to turn it off. */
export function typedFlag(name: FlagName): string {
	const spec = flagTable[name];
	return 'typed' in spec ? spec.typed : spelled(name);
}

/** The flag that a word is, by its name or its letter. */
export const flagOf = (word: string): FlagName | undefined =>
	(Object.keys(flagTable) as FlagName[]).find(name => {
		const spec = flagTable[name];
		return word === spelled(name) || ('shortFlag' in spec && word === `-${spec.shortFlag}`);
	});

/** Whether a value follows a flag. */
export const takesValue = (name: FlagName | undefined): name is FlagName =>
	name !== undefined && flagTable[name].type === 'string';

/**
 * `128M`, `64K`, `1G` or a number of bytes, in bytes.
 *
 * @throws UsageError
 */
export function parseSizeBytes(flag: FlagName, text: string): number {
	const match = /^(\d{1,15})([KMG])?$/i.exec(text);
	if (!match) {
		throw new UsageError(`${spelled(flag)} takes a size, as 128M, 65536K or 1G; got ${JSON.stringify(text)}`);
	}

	const unit = {K: 2 ** 10, M: 2 ** 20, G: 2 ** 30}[match[2]?.toUpperCase() ?? ''] ?? 1;
	return Number(match[1]) * unit;
}

/**
 * `2s`, `1.5s`, `300ms`, `20us` or `500ns`, in virtual nanoseconds.
 *
 * @throws UsageError
 */
export function parseTimeNs(flag: FlagName, text: string): number {
	const match = /^(\d{1,15}(?:\.\d{1,9})?)(ns|us|ms|s)$/.exec(text);
	const unit = {ns: 1, us: 1e3, ms: 1e6, s: 1e9}[match?.[2] ?? ''];
	if (!match || unit === undefined) {
		throw new UsageError(`${spelled(flag)} takes a time, as 2s, 1.5s or 300ms; got ${JSON.stringify(text)}`);
	}

	return Math.round(Number(match[1]) * unit);
}

/** @throws UsageError */
export function parseCount(flag: FlagName, text: string): number {
	if (!/^\d{1,15}$/.test(text)) {
		throw new UsageError(`${spelled(flag)} takes a whole number; got ${JSON.stringify(text)}`);
	}

	return Number(text);
}

/** Most seconds between two looks. */
const mostSeconds = 3600;

/** @returns seconds, 0.1 to 3600 @throws UsageError */
export function parseSeconds(flag: FlagName, text: string): number {
	const seconds = /^\d{1,4}(?:\.\d{1,3})?$/.test(text) ? Number(text) : 0;
	if (seconds < 0.1 || seconds > mostSeconds) {
		throw new UsageError(`${spelled(flag)} takes seconds, 0.1 to ${mostSeconds}; got ${JSON.stringify(text)}`);
	}

	return seconds;
}

/** @throws UsageError */
export function parsePace(text: string): Pace {
	const pace = paces.find(each => each === text);
	if (pace === undefined) throw new UsageError(`--pace takes ${paces.join(', ')}; got ${JSON.stringify(text)}`);
	return pace;
}
