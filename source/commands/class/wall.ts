import type {CommandContext} from '../context.ts';
import {tuneEngineForMonitor} from '../engine.ts';
import {Failure, UsageError} from '../errors.ts';
import {looks} from '../monitor.ts';
import {wallClasses} from './wallClasses.ts';

/** `mmtop class wall`: a screen with a tile a machine. */
export async function classWall(context: CommandContext): Promise<number> {
	const {flags, env, stdin, stdout} = context;
	const how = looks(context);
	if (how === 'once' || how.plain) {
		throw new UsageError('class wall needs a terminal; "mmtop class list" prints a row a machine');
	}
	const all = await wallClasses(env);
	const found = flags.name === undefined ? all : all.filter(({name}) => name === flags.name);
	const [classroom, ...others] = found;
	if (!classroom) {
		const named = flags.name === undefined ? 'no class' : `no class named ${JSON.stringify(flags.name)}`;
		throw new Failure([`there is ${named} on this computer that you teach or help in`]);
	}
	if (others.length > 0) {
		throw new UsageError(`you teach several classes here, name one: --name ${all.map(each => each.name).join(' or ')}`);
	}
	tuneEngineForMonitor();
	const {runClass} = await import('../../ui/run.tsx');
	return runClass({classroom, stdin, stdout, env, options: how});
}
