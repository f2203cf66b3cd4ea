import {files} from '../formats/files.ts';
import {parsePair} from './compareWords.ts';
import type {CommandFunction} from './context.ts';
import {tuneEngineForMachine} from './engine.ts';
import {UsageError} from './errors.ts';
import {labOptions} from './machine.ts';
import {looks} from './monitor.ts';

const instead = '"mmtop run EXPERIMENT --compare A,B" prints a table';

/** `mmtop compare A B`: one screen of two fresh machines of one seed, at one time; keys go to both. */
export const compare: CommandFunction = async context => {
	const {args, flags, env, stdin, stdout} = context;
	const words = parsePair(args, flags);
	const how = looks(context);
	if (how === 'once') throw new UsageError(`compare needs a terminal; ${instead}`);
	if (how.plain) throw new UsageError(`compare needs a screen and cannot tell in sentences; ${instead}`);

	const pace = how.pace ?? 'read';
	tuneEngineForMachine();
	const {bootTogether} = await import('../target/embedded.ts');
	const machines = await bootTogether(
		words.map(({word, era, machine}) => ({
			name: word,
			options: {
				...labOptions({...flags, ...(era !== undefined && {era}), ...(machine !== undefined && {machine})}),
				pace,
			},
		})),
	);
	try {
		const [one, other] = machines.targets;
		for (const target of machines.targets) {
			if (flags.watch === false) await target.write(files.clock.path, 'watch off');
		}

		const {runPair} = await import('../ui/run.tsx');
		return await runPair({targets: [one!, other!], stdin, stdout, env, options: how});
	} finally {
		machines.stop();
	}
};
