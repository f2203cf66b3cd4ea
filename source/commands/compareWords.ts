import {didYouMean} from '../formats/nearest.ts';
import {ERA_NAMES} from '../kernel/era/behaviour.ts';
import {presets, usualPreset} from '../lab/presets.ts';
import {UsageError} from './errors.ts';
import type {Flags} from './flags.ts';

/** Machines that are to be compared, as they are typed: `ldd3`, `bounce`, `3.2/bounce`. */

export type MachineWord = Pick<Flags, 'era' | 'machine'> & {readonly word: string};

/** More do not stand side by side. */
const mostCompared = 6;

const eras: readonly string[] = ERA_NAMES;
export const machineWords: readonly string[] = [...eras, ...Object.keys(presets)];

/** @throws UsageError for what is neither an era nor a preset, nor one of each around a slash */
function parseMachineWord(word: string): MachineWord {
	const parts = word.split('/');
	const era = parts.filter(part => eras.includes(part));
	const machine = parts.filter(part => Object.hasOwn(presets, part));
	const odd = parts.find(part => !machineWords.includes(part));
	if (odd !== undefined) {
		const meant = odd === '' ? '' : didYouMean(odd, machineWords);
		const rest = meant || `; eras are ${ERA_NAMES.join(', ')}, machines ${Object.keys(presets).join(', ')}`;
		throw new UsageError(`${JSON.stringify(word)} is not a machine to compare${rest}`);
	}

	if (era.length > 1 || machine.length > 1) {
		throw new UsageError(`${JSON.stringify(word)} is not a machine to compare: one era and one preset, as 3.2/bounce`);
	}

	return {word, ...(era[0] !== undefined && {era: era[0]}), ...(machine[0] !== undefined && {machine: machine[0]})};
}

/**
 * Two to six of them, with commas between.
 *
 * @param flags what the others say of all of them
 * @throws UsageError
 */
export function parseMachineWords(text: string, flags: Flags): readonly MachineWord[] {
	const words = text.split(',').map(each => parseMachineWord(each.trim()));
	if (words.length < 2 || words.length > mostCompared) {
		throw new UsageError(`--compare takes 2 to ${mostCompared} machines, as ldd3,6.18; got ${words.length}`);
	}

	refuseTwice(words, flags);
	return words;
}

/**
 * The two of `mmtop compare`.
 *
 * @param flags what they say of both
 * @throws UsageError
 */
export function parsePair(args: readonly string[], flags: Flags): readonly MachineWord[] {
	if (args.length !== 2) throw new UsageError('compare takes two machines, as mmtop compare ldd3 6.18');

	const words = args.map(parseMachineWord);
	refuseTwice(words, flags);
	return words;
}

/** @throws UsageError where a flag says what a word says already, or two words mean one machine */
function refuseTwice(words: readonly MachineWord[], flags: Flags): void {
	for (const name of ['era', 'machine'] as const) {
		const saying = words.find(each => each[name] !== undefined);
		if (flags[name] !== undefined && saying) {
			throw new UsageError(`--${name} is for all machines that are compared, and ${saying.word} has one of its own`);
		}
	}

	const whole = words.map(
		({era, machine}) => `${era ?? flags.era ?? eras[0]}/${machine ?? flags.machine ?? usualPreset}`,
	);
	const again = words.find((_, index) => whole.indexOf(whole[index]!) < index);
	if (again) {
		const first = words[whole.indexOf(whole[words.indexOf(again)]!)]!;
		const same = first.word === again.word ? `${again.word} is there twice` : `${first.word} and ${again.word} are one`;
		throw new UsageError(`${same}: machines to compare must differ`);
	}
}
