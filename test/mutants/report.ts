/** What became of a sample, as docs/testing.md shows it. */
import {describe, identity, type Mutant} from './plant.ts';

/** Which test noticed a change; undefined where none did. */
export type Outcome = {readonly identity: string; readonly by: string | undefined};

const roomOf = (path: string) => path.split('/')[1]!.replace(/\..*$/, '');

const percent = (part: number, whole: number) => `${Math.round((100 * part) / whole)} %`;

/** A table by room, and the survivors by name. Changes that were not tried are counted as such. */
export function report(chosen: readonly Mutant[], outcomes: ReadonlyMap<string, Outcome>): string {
	const tried = chosen.filter(mutant => outcomes.has(identity(mutant)));
	const wasNoticed = (mutant: Mutant) => outcomes.get(identity(mutant))?.by !== undefined;
	const row = (name: string, mutants: readonly Mutant[]) => {
		const noticed = mutants.filter(wasNoticed).length;
		return `| ${name} | ${mutants.length} | ${noticed} | ${percent(noticed, mutants.length)} |`;
	};
	const rooms = [...new Set(tried.map(({path}) => roomOf(path)))];
	const survivors = tried.filter(mutant => !wasNoticed(mutant));
	return [
		'| room | changes | noticed | |',
		'|---|-:|-:|-:|',
		...rooms.map(room =>
			row(
				room,
				tried.filter(({path}) => roomOf(path) === room),
			),
		),
		row('all', tried),
		...(tried.length < chosen.length ? ['', `Not tried: ${chosen.length - tried.length}.`] : []),
		'',
		...survivors.map(mutant => `- ${describe(mutant).replace(/^(\S+) (.*)$/, '`$1` $2')}`),
	].join('\n');
}
