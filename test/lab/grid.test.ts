/** A sample of the grid; all of it with `npm run long`. */
import {describe, expect, test} from 'vitest';
import {experiments} from '../../source/lab/experiments/list.ts';
import {isLong, sampleOf} from '../sample.ts';
import {type Case, grid, nameOf, tryOut} from './grid.ts';

const early = grid({atSeconds: [0.05, 1]});
const late = grid({atSeconds: [30], eras: ['ldd3'], levels: ['usual']});

/** What is known to meet a fault of a device, or to stop a kernel. */
const hard: readonly Case[] = (['isa-transfer', 'isa-wrap', 'aio-twice', 'swiotlb-limit'] as const).flatMap(name => {
	const experiment = experiments.find(each => each.name === name)!;
	const presets = name === 'swiotlb-limit' ? ['bounce'] : name === 'aio-twice' ? ['lab'] : ['iommu'];
	return presets.map(preset => ({experiment, preset, era: 'ldd3', atSeconds: 1, level: 'most'}));
});

/** Cases of one kind, told apart by it: a thousand tests would say no more. */
function kindsOf(cases: readonly Case[]): readonly (readonly [string, readonly Case[]])[] {
	const kinds = new Map<string, Case[]>();
	for (const each of cases) {
		const kind = `${each.era} ${each.preset} at ${each.atSeconds} s`;
		kinds.set(kind, [...(kinds.get(kind) ?? []), each]);
	}
	return [...kinds];
}

describe('no experiment breaks the machine, and one can look and go back where its kernel panics', () => {
	const cases = isLong ? [...early, ...late, ...hard] : [...hard, ...sampleOf(early, 14)];
	test.each(kindsOf(cases))(
		'%s',
		(_kind, ofKind) => {
			const tried = ofKind.map(each => [nameOf(each), tryOut(each)] as const);
			const wrong = tried.filter(([, found]) => found !== 'refused' && found.length > 0);
			expect(wrong).toEqual([]);
		},
		isLong ? 3_600_000 : undefined,
	);
});
