import {openTarget} from '../target/open.ts';
import type {CommandFunction} from './context.ts';
import {UsageError} from './errors.ts';
import {onlyRunningMachine} from './machine.ts';
import {show, showSession} from './monitor.ts';

/** `mmtop attach [TARGET]`: the monitor on a machine that runs already, a recording, or the machine of a session. */
export const attach: CommandFunction = async context => {
	const {args, flags, env} = context;
	if (args.length > 1) throw new UsageError(`attach takes one target, got ${args.length}`);

	const {refuseSession, sessionAt} = await import('./sessionFile.ts');
	const session = args[0] === undefined ? undefined : await sessionAt(args[0]);
	if (session) return showSession(context, args[0]!, session);

	refuseSession(flags.record);
	return show(context, async () => openTarget(args[0] ?? (await onlyRunningMachine(env)), env));
};
