import {setTimeout as pause} from 'node:timers/promises';
import {lostLine} from '../formats/debugfs/tracing/trace.ts';
import {files} from '../formats/files.ts';
import {newLines} from '../model/newLines.ts';
import {type Target, TargetError} from '../target/target.ts';
import {type CommandFunction, print} from './context.ts';
import {UsageError} from './errors.ts';
import {chosenTarget, onChosen, withTarget} from './machine.ts';

/** Between two reads of a trace that is followed. */
const pollMs = 100;

/** `mmtop trace`: what the kernel did, as ftrace prints it; with --follow also what it does from now on. */
export const trace: CommandFunction = async context => {
	const {args, flags, stdout} = context;
	if (args.length > 0) throw new UsageError('trace takes no words; --target names a machine');

	if (!flags.follow) {
		return onChosen(context, async target => {
			await print(stdout, await readTrace(target));
			return 0;
		});
	}

	if (flags.target === undefined)
		throw new UsageError('--follow needs a machine that runs; name it, as mmtop trace --follow -t lab0');
	return withTarget(chosenTarget(context), target =>
		followTrace(
			target,
			text => print(stdout, text),
			() => pause(pollMs),
		),
	);
};

async function readTrace(target: Pick<Target, 'read'>): Promise<string> {
	const content = await target.read(files.trace.path);
	if (typeof content === 'string') return content;
	throw new TargetError('EINVAL', `${files.trace.path} is not text`);
}

const entriesOf = (text: string): readonly string[] =>
	text.split('\n').filter(line => line !== '' && !line.startsWith('#'));

/**
 * Writes the trace, then entries as they come. A line says where entries were lost between two reads. Only the entries
 * of the last read are kept, and nothing is read while `write` waits.
 *
 * @param write writes text and waits until it has gone out
 * @param wait lets time pass between two reads
 * @throws TargetError when the trace cannot be read any more
 */
export async function followTrace(
	target: Pick<Target, 'read'>,
	write: (text: string) => Promise<void>,
	wait: () => Promise<void>,
): Promise<never> {
	const first = await readTrace(target);
	await write(first);
	let seen = entriesOf(first);
	for (;;) {
		await wait();
		const now = entriesOf(await readTrace(target));
		const {lines, lost} = newLines(seen, now);
		seen = now;
		const news = lost ? [lostLine, ...lines] : lines;
		if (lines.length > 0) await write(`${news.join('\n')}\n`);
	}
}
