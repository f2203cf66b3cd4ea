import {openTarget} from '../target/open.ts';
import type {CommandFunction} from './context.ts';
import {UsageError} from './errors.ts';
import {onlyRunningMachine} from './machine.ts';
import {show} from './monitor.ts';

/** `mmtop attach [TARGET]`: the monitor on a machine that runs already. */
export const attach: CommandFunction = async context => {
	const {args, env} = context;
	if (args.length > 1) throw new UsageError(`attach takes one target, got ${args.length}`);

	return show(context, async () => openTarget(args[0] ?? (await onlyRunningMachine(env)), env));
};
