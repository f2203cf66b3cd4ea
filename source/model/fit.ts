/** Which machine an experiment's claim is about. */

import type {ExperimentRecord} from '../formats/debugfs/lab/experiments.ts';
import type {MachineRecord} from '../formats/debugfs/lab/machine.ts';

/** A kind of machine: its preset and its kernel. */
export type MachineKind = {readonly preset: string; readonly era: string};

export type Misfit = {
	/** Why this machine is not the one, in words. */
	readonly says: string;
	/** One that is fit: of the other preset, or with the nearest kernel. */
	readonly fitting: MachineKind;
};

/** The numbers of a kernel's release, to be compared one after the other; the book's kernel is 2.6.11. */
const releaseOf = (era: string): readonly number[] => (era === 'ldd3' ? '2.6.11' : era).split('.').map(Number);

function isOlder(era: string, than: string): boolean {
	const [own, other] = [releaseOf(era), releaseOf(than)];
	const at = own.findIndex((number, index) => number !== other[index]);
	return at >= 0 && own[at]! < (other[at] ?? 0);
}

/** The newest era that is older than this one, else the oldest. @param eras the oldest first */
const nearestOf = (eras: readonly string[], era: string): string =>
	eras.findLast(each => isOlder(each, era)) ?? eras[0]!;

/** @returns undefined on a machine that the claim is about, and where nothing is known of the machine */
export function misfitOf({machine, eras}: ExperimentRecord, here: MachineRecord | undefined): Misfit | undefined {
	if (!here) return undefined;
	const isOtherPreset = machine !== null && machine !== here.preset;
	const isOtherEra = eras.length > 0 && !eras.includes(here.era);
	if (!isOtherPreset && !isOtherEra) return undefined;
	return {
		says: isOtherPreset
			? `the claim is about --machine ${machine}, this is ${here.preset}`
			: `the claim is about kernel ${eras.join(', ')}, this is ${here.era}`,
		fitting: {preset: machine ?? here.preset, era: isOtherEra ? nearestOf(eras, here.era) : here.era},
	};
}
