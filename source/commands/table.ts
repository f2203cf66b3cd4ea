import type {CommandFunction} from './context.ts';
import {type FlagName, flagTable, machineFlags, spelled} from './flags.ts';

/** The subcommands, once: dispatch, `--help`, and which flags each takes. Code is loaded when a command is chosen. */

type CommandSpec = {
	readonly usage: string;
	/** Left out of `--help` when undefined: for programs, not people. */
	readonly summary: string | undefined;
	readonly flags: readonly FlagName[];
	readonly load: () => Promise<CommandFunction>;
};

const source = ['target', ...machineFlags, 'until'] as const satisfies readonly FlagName[];

/** How the monitor looks and listens. */
const looks = ['theme', 'ascii', 'mouse', 'plain', 'refresh'] as const satisfies readonly FlagName[];

export const defaultCommand: CommandSpec = {
	usage: 'mmtop',
	summary: 'open the monitor on a fresh simulated machine in this process',
	flags: [...machineFlags, 'once', 'until', 'record', 'watch', ...looks],
	load: async () => (await import('./monitor.ts')).monitor,
};

export const commandTable: Readonly<Record<string, CommandSpec>> = {
	serve: {
		usage: 'mmtop serve',
		summary: 'run a simulated machine as a daemon; prints its socket path when it is ready',
		flags: [...machineFlags, 'name', 'observe', 'observeGroup'],
		load: async () => (await import('./serve.ts')).serve,
	},
	attach: {
		usage: 'mmtop attach [TARGET]',
		summary: 'open the monitor on a running machine',
		flags: ['once', 'record', 'watch', ...looks],
		load: async () => (await import('./attach.ts')).attach,
	},
	targets: {
		usage: 'mmtop targets',
		summary: 'list the machines running here',
		flags: ['json'],
		load: async () => (await import('./targets.ts')).targets,
	},
	ls: {
		usage: 'mmtop ls [PATH]',
		summary: "list a directory of a machine's file tree",
		flags: [...source, 'json'],
		load: async () => (await import('./ls.ts')).ls,
	},
	cat: {
		usage: 'mmtop cat PATH…',
		summary: 'print files, all of one instant',
		flags: [...source, 'json'],
		load: async () => (await import('./cat.ts')).cat,
	},
	write: {
		usage: 'mmtop write -t TARGET PATH TEXT',
		summary: 'act: inject a workload, pause the clock, raise a limit',
		flags: source,
		load: async () => (await import('./write.ts')).write,
	},
	export: {
		usage: 'mmtop export DIR',
		summary: 'write the whole tree of one instant into a directory',
		flags: source,
		load: async () => (await import('./export.ts')).exportTree,
	},
	licences: {
		usage: 'mmtop licences',
		summary: 'print the licences of mmtop and of the packages inside it',
		flags: [],
		load: async () => (await import('./licences.ts')).licences,
	},
	run: {
		usage: 'mmtop run EXPERIMENT [key=value…]',
		summary: 'run one experiment headless; exit 0: its claim held, 1: it did not hold, 3: it could not run',
		flags: [...source, 'json', 'list', 'all', 'ask'],
		load: async () => (await import('./run.ts')).run,
	},
	new: {
		usage: 'mmtop new driver|program NAME',
		summary: 'make a folder with a driver or a program of your own that works, to change',
		flags: [],
		load: async () => (await import('./new.ts')).newFolder,
	},
	cc: {
		usage: 'mmtop cc FILE.c…',
		summary: "compile drivers and programs for the machine with this host's gcc or clang",
		flags: ['era'],
		load: async () => (await import('./cc.ts')).cc,
	},
	kerneldir: {
		usage: 'mmtop kerneldir',
		summary: "print a folder for KERNELDIR of a driver's own Makefile",
		flags: ['era'],
		load: async () => (await import('./kerneldir.ts')).kerneldir,
	},
	insmod: {
		usage: 'mmtop insmod FILE.ko [NAME=VALUE…]',
		summary: 'load a driver of your own into the machine',
		flags: source,
		load: async () => (await import('./insmod.ts')).insmod,
	},
	rmmod: {
		usage: 'mmtop rmmod NAME',
		summary: 'unload it',
		flags: source,
		load: async () => (await import('./insmod.ts')).rmmod,
	},
	lsmod: {
		usage: 'mmtop lsmod',
		summary: 'list the drivers that were loaded',
		flags: source,
		load: async () => (await import('./insmod.ts')).lsmod,
	},
	exec: {
		usage: 'mmtop exec ./prog [ARGUMENT…]',
		summary: 'run a static i386 program on the machine; its output and exit status are ours, ^C kills it',
		flags: source,
		load: async () => (await import('./exec.ts')).exec,
	},
	relay: {
		usage: 'mmtop relay [NAME]',
		summary: undefined,
		flags: [],
		load: async () => (await import('./relay.ts')).relay,
	},
};

/** What `mmtop --help` prints. */
export function helpText(): string {
	const commands = [defaultCommand, ...Object.values(commandTable)].flatMap(({usage, summary}) =>
		summary === undefined ? [] : [`  ${usage.padEnd(36)}${summary}`],
	);
	const flags = Object.entries(flagTable).map(([name, spec]) => {
		const typed = 'typed' in spec ? spec.typed : spelled(name);
		const short = 'shortFlag' in spec ? `, -${spec.shortFlag}` : '';
		const value = 'value' in spec ? ` ${spec.value}` : '';
		return `  ${`${typed}${short}${value}`.padEnd(36)}${spec.summary}`;
	});
	return [
		'mmtop shows how Linux manages memory and does DMA, on a simulated machine or on a real one.',
		'',
		...commands,
		'',
		...flags,
		'',
		'TARGET is the name of a machine (lab0), the path of a socket or a recording, ssh://[user@]host[/name],',
		"or host: this Linux's own /proc and /sys. Exit code 0: done; 1: what was asked for failed; 2: usage;",
		'3: the machine could not run an experiment.',
		'',
	].join('\n');
}
