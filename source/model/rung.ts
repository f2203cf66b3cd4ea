/** A rung of the address ladder, and what the ladder is made of. @see ladder.ts */

import type {MachineRecord} from '../formats/debugfs/lab/machine.ts';
import type {PageInfo} from '../formats/debugfs/page.ts';
import type {SpaceAddress, Translate} from '../formats/debugfs/translate.ts';
import {address} from '../formats/text.ts';

export type Rung = {
	/** Stays the same while what is said changes. */
	readonly id: string;
	readonly label: string;
	/** `step`: an entry of the page tables. `note`: belongs to the rung above it. */
	readonly kind: 'address' | 'step' | 'frame' | 'note' | 'missing';
	/** The address or number itself; empty where there is none. */
	readonly value: string;
	/** What stands beside it. */
	readonly text: string;
	/** Sentences below it. */
	readonly says: readonly string[];
};

export type LadderFacts = {
	/** The address that the ladder begins at. */
	readonly subject: SpaceAddress;
	/** Of the frame behind it; undefined where there is none, or no struct page for it. */
	readonly page: PageInfo | undefined;
	/** What the target answers about the subject. */
	readonly translate: Translate | undefined;
	readonly machine: MachineRecord | undefined;
};

export const hex8 = (value: number): string => `0x${address(value)}`;

export const missing = (id: string, label: string, text: string): Rung => ({
	id,
	label,
	kind: 'missing',
	value: '',
	text,
	says: [],
});

export const mebibytes = (value: number): string => `${Number((value / 2 ** 20).toFixed(1))} MiB`;

/** The physical address that the subject leads to, to the byte. */
export function physicalOf({page, translate}: LadderFacts): number | undefined {
	const answer = translate?.answers.find(({space}) => space === 'phys');
	return answer && 'address' in answer ? answer.address : page?.physicalAddress;
}
