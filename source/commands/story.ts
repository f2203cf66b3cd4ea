import {type InjectionRecord, isOver, parseInject, unfitReason} from '../formats/debugfs/lab/inject.ts';
import {files} from '../formats/files.ts';
import {didYouMean} from '../formats/nearest.ts';
import type {Experiment} from '../lab/experiment.ts';
import {experimentRecord} from '../lab/experimentRecord.ts';
import {experiments} from '../lab/experiments/list.ts';
import type {HeadlessMachine} from '../target/headless.ts';
import {type Target, TargetError} from '../target/target.ts';
import {commandLineOf, machineFor} from './bench.ts';
import type {CommandFunction} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import type {Flags} from './flags.ts';
import {type StoryPicture, storyPage, type ToldStory} from './html/storyPage.ts';
import {exitCodes, readText, TookTooLong, verdictOf} from './injection.ts';
import {freshMachine} from './machine.ts';
import {saveWhole} from './wholeFile.ts';

/** Size of the pictures, in cells. */
const [columns, rows] = [120, 40];
const lookEveryNs = 50e6;
const longestNs = 120e9;

/** `mmtop story NAME [key=value…] --html FILE`: the story of an experiment, told on a page. */
export const story: CommandFunction = async ({args: [name, ...pairs], flags}) => {
	if (name === undefined) throw new UsageError('story needs an experiment; "mmtop run --list" names them');
	if (flags.html === undefined) throw new UsageError('story needs a place for its page: --html FILE');

	const experiment = experiments.find(each => each.name === name);
	if (experiment === undefined) {
		const names = experiments.map(each => each.name);
		const meant = didYouMean(name, names) || '; "mmtop run --list" names them';
		throw new UsageError(`there is no experiment ${JSON.stringify(name)}${meant}`);
	}

	const told = await tellStory(experiment, pairs, flags);
	await saveWhole(flags.html, storyPage(told), 'the page');
	return exitCodes[verdictOf(told.injection)];
};

/**
 * Runs an experiment on a fresh machine, with a picture of each state that a person would be shown.
 *
 * @param pairs parameters, as `pages=4`
 * @throws UsageError for parameters that are wrong; Failure, with exit code 3, where the machine is not fit for it
 */
export async function tellStory(experiment: Experiment, pairs: readonly string[], flags: Flags): Promise<ToldStory> {
	const {name} = experiment;
	const chosen = machineFor(experimentRecord(experiment), flags);
	const machine = await freshMachine(chosen);
	const {target} = machine;
	const id = await injected(target, name, pairs);
	const pictures = new Map<number, StoryPicture>();
	const picture = async (): Promise<StoryPicture> => {
		const {renderStory} = await import('../ui/once.tsx');
		const {createTheme} = await import('../ui/terminal/theme.ts');
		const themes = [createTheme('dark', true), createTheme('light', true)];
		const [dark = '', light = ''] = await renderStory({target, columns, rows, themes, id});
		return {timeNs: machine.timeNs(), dark, light};
	};
	const injection = await untilOver(machine, id, async ({states}) => {
		pictures.set(states.length, await picture());
	});
	pictures.set(injection.states.length + 1, await picture());
	const {machine: preset = 'lab', era = 'ldd3'} = chosen;
	const line = commandLineOf(flags, [name, ...pairs])!.replace('mmtop run', 'mmtop story');
	return {experiment, injection, pictures, command: `${line} --html FILE`, machine: `machine ${preset}, era ${era}`};
}

async function injected(target: Target, name: string, pairs: readonly string[]): Promise<number> {
	try {
		return Number.parseInt(await target.write(files.inject.path, [name, ...pairs].join(' ')), 10);
	} catch (error) {
		if (!(error instanceof TargetError)) throw error;
		const unfit = unfitReason(name, error);
		if (unfit !== undefined) throw new Failure([unfit], exitCodes['could not run']);
		throw error.code === 'EINVAL' ? new UsageError(error.message.replace(/^EINVAL: /, '')) : error;
	}
}

/** @param show called at each state that is held for those who watch */
async function untilOver(
	machine: HeadlessMachine,
	id: number,
	show: (injection: InjectionRecord) => Promise<void>,
): Promise<InjectionRecord> {
	const endNs = machine.timeNs() + longestNs;
	for (;;) {
		const isHeld = machine.runToHold(machine.timeNs() + lookEveryNs);
		const {injections} = parseInject(await readText(machine.target, files.inject.path));
		const injection = injections.find(each => each.id === id);
		if (injection === undefined) throw new Failure([`the machine has no injection ${id} any more`]);
		if (isOver(injection) || machine.stopped() !== undefined) return injection;
		if (isHeld) await show(injection);
		if (machine.timeNs() > endNs)
			throw new TookTooLong([`the experiment did not end within ${longestNs / 1e9} virtual seconds`]);
	}
}
