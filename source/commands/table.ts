/**
 * The subcommands, once: dispatch, help, man pages, completion, and which flags each takes. Code is loaded when a
 * command is chosen.
 */
import type {CommandSpec, Commands} from './context.ts';
import {lookFlags, machineFlags} from './flags.ts';
import {experiments} from './table/experiments.ts';
import {files} from './table/files.ts';
import {itself} from './table/itself.ts';
import {machines} from './table/machines.ts';
import {programs} from './table/programs.ts';

const monitor: CommandSpec = {
	usage: 'mmtop',
	summary: 'open the monitor on a fresh simulated machine in this process',
	flags: [...machineFlags, 'once', 'until', 'record', 'watch', ...lookFlags],
	load: async () => (await import('./monitor.ts')).monitor,
};

/** In the order of help. */
const named: Commands['named'] = {...machines, ...files, ...experiments, ...programs, ...itself};

export const commands: Commands = {monitor, named};
