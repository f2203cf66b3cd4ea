/** `mmtop class message|freeze|thaw`: a word to all machines of a class; `reset` and `down` to the one that runs it. */
import {existsSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import {serverFiles} from '../../formats/serverFiles.ts';
import {countOf} from '../../formats/words.ts';
import {asTargetError} from '../../target/sentence.ts';
import {type CommandContext, print} from '../context.ts';
import {Failure, UsageError} from '../errors.ts';
import {askClass, askPath, onEach, taughtClass} from './reach.ts';

/** Between two looks whether a class has gone down, and how long its machines may take. */
const lookEveryMs = 50;
const longestFarewellMs = 20_000;

/** @throws Failure where a machine does not take it: the others have it */
export async function tellAll(words: string, said: string, {env, flags, stdout}: CommandContext): Promise<number> {
	const taught = await taughtClass(env, flags.name);
	const outcomes = await onEach(taught, target => target.write(serverFiles.class.path, words));
	const failures = outcomes.flatMap((outcome, index) =>
		outcome.status === 'rejected'
			? [`${taught.machines[index]!.student}: ${asTargetError(outcome.reason).message}`]
			: [],
	);
	if (failures.length > 0) throw new Failure(failures);
	await print(stdout, `${countOf(outcomes.length, 'machine')} of class ${taught.class} ${said}\n`);
	return 0;
}

export async function classReset(args: readonly string[], {env, flags, stdout}: CommandContext): Promise<number> {
	const [student, ...more] = args;
	if (student === undefined || more.length > 0) throw new UsageError('class reset takes the login of one student');
	const taught = await taughtClass(env, flags.name);
	const {said = ''} = await askClass(taught, {do: 'reset', student});
	await print(stdout, `${student} has a fresh machine; ${said}\n`);
	return 0;
}

export async function classDown({env, flags, stdout}: CommandContext): Promise<number> {
	const taught = await taughtClass(env, flags.name);
	const {said = ''} = await askClass(taught, {do: 'down'});
	const path = askPath(taught.machines[0]!);
	for (let waitedMs = 0; existsSync(path); waitedMs += lookEveryMs) {
		if (waitedMs >= longestFarewellMs) throw new Failure([`class ${taught.class} is still going down`]);
		await sleep(lookEveryMs);
	}
	await print(stdout, `${said}\n`);
	return 0;
}
