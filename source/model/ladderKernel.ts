/** The kernel's own addresses of a page: logical, kmap, kmap_atomic, vmalloc and ioremap. */

import type {MachineRecord} from '../formats/debugfs/lab/machine.ts';
import {pageBytes} from '../formats/pageBytes.ts';
import {address} from '../formats/text.ts';
import {hex8, type LadderFacts, mebibytes, missing, physicalOf, type Rung} from './rung.ts';

/** Where the kernel's logical addresses begin and end. */
function lowmemOf(machine: MachineRecord | undefined): {readonly start: number; readonly end: number | undefined} {
	const range = machine?.ranges.find(({name}) => name === 'lowmem');
	return {start: range?.start ?? 0xc000_0000, end: range?.end};
}

function logicalRung({page, machine}: LadderFacts, physical: number | undefined): readonly Rung[] {
	if (!page)
		return physical === undefined ? [] : [missing('logical', 'logical', 'none: only RAM has logical addresses')];
	const {logical, physicalAddress} = page;
	const {start, end} = lowmemOf(machine);
	if ('address' in logical) {
		const at = logical.address;
		const text = `${hex8(at)} - ${hex8(start)} = ${hex8(at - start)}`;
		return [
			{
				id: 'logical',
				label: 'logical',
				kind: 'address',
				value: address(at),
				text,
				says: ['__pa() and __va() are this sum'],
			},
		];
	}
	if (end === undefined) return [missing('logical', 'logical', `none: ${logical.reason}`)];
	const place = `The frame lies at ${mebibytes(physicalAddress)}`;
	const why = `none: high memory. ${place}, and logical addresses end with the first ${mebibytes(end - start)}`;
	return [missing('logical', 'logical', why)];
}

function kmapRung({page, machine}: LadderFacts): readonly Rung[] {
	if (!page) return [];
	if ('address' in page.kmap) {
		const at = page.kmap.address;
		const first = machine?.ranges.find(({name}) => name === 'pkmap')?.start;
		const slot = first === undefined ? '' : `entry ${(at - first) / pageBytes} of pkmap`;
		return [{id: 'kmap', label: 'kmap', kind: 'address', value: address(at), text: slot, says: []}];
	}
	return [
		'address' in page.logical
			? {
					id: 'kmap',
					label: 'kmap',
					kind: 'missing',
					value: '',
					text: 'needs no window: kmap() of low memory is the logical address',
					says: [],
				}
			: missing('kmap', 'kmap', 'none now: kmap() would give it a window until kunmap()'),
	];
}

function atomicRungs({page}: LadderFacts): readonly Rung[] {
	if (!page) return [];
	const held = page.kmapAtomic;
	if (held.length === 0) return [missing('atomic', 'atomic', 'none now: no CPU has it in a slot of kmap_atomic()')];
	return held.map(({cpu, slot, type, address: at, holder}) => ({
		id: `atomic ${cpu}.${slot}`,
		label: 'atomic',
		kind: 'address',
		value: address(at),
		text: `kmap_atomic(): slot ${slot} of cpu${cpu}${type === String(slot) ? '' : `, ${type}`}`,
		says: holder === null ? [] : [`held by ${holder}, which must not sleep`],
	}));
}

function vmallocRungs({page, translate}: LadderFacts): readonly Rung[] {
	if (page) {
		return [
			'address' in page.vmalloc
				? {
						id: 'vmalloc',
						label: 'vmalloc',
						kind: 'address',
						value: address(page.vmalloc.address),
						text: 'in an area of vmalloc()',
						says: [],
					}
				: missing('vmalloc', 'vmalloc', 'none: no area of vmalloc() holds it'),
		];
	}
	return (translate?.answers ?? [])
		.filter(({space}) => space === 'virt')
		.map((answer, index) =>
			'address' in answer
				? {
						id: `ioremap ${index}`,
						label: 'ioremap',
						kind: 'address',
						value: address(answer.address),
						text: 'a driver maps it for the kernel',
						says: [],
					}
				: missing('ioremap', 'ioremap', `none: ${answer.reason}`),
		);
}

/** From the simple one to those that the kernel has to make. */
export const kernelRungs = (facts: LadderFacts): readonly Rung[] => [
	...logicalRung(facts, physicalOf(facts)),
	...kmapRung(facts),
	...atomicRungs(facts),
	...vmallocRungs(facts),
];
