/** Who did it: which injection a change belongs to, as far as the tree tells. */

import {type Inject, type InjectionRecord, isOver} from '../formats/debugfs/lab/inject.ts';
import {remembering} from '../formats/text.ts';
import {pidOf} from './trace.ts';

/** Ids of injections by what their processes are and what the trace says that these touched. */
export type Culprits = {
	readonly byPid: ReadonlyMap<number, number>;
	readonly byPfn: ReadonlyMap<number, number>;
	/** By bus, physical and virtual address. */
	readonly byAddress: ReadonlyMap<number, number>;
};

export const nobody: Culprits = {byPid: new Map(), byPfn: new Map(), byAddress: new Map()};

/** Injections further back than this no longer colour anything. */
const remembered = 16;

const fieldPattern = /\b(\w+)[=:] ?(?:0x)?([0-9a-f]+)\b/g;
/** An area, as vma_link and its like name it. */
const areaPattern = /\b([0-9a-f]{8})-[0-9a-f]{8}\b/g;
const addressFields = new Set(['dma', 'dma_addr', 'bus', 'phys', 'phys_addr', 'addr', 'address', 'start', 'vaddr']);

type Touched = {readonly pfns: readonly number[]; readonly addresses: readonly number[]};

/** What a line of the trace names. */
const touchedIn = remembering((line: string): Touched => {
	const pfns: number[] = [];
	const addresses: number[] = [];
	for (const [, field, digits] of line.matchAll(fieldPattern)) {
		if (field === 'pfn') {
			pfns.push(Number.parseInt(digits!, 16));
		} else if (addressFields.has(field!)) {
			addresses.push(Number.parseInt(digits!, 16));
		}
	}
	for (const [, start] of line.matchAll(areaPattern)) addresses.push(Number.parseInt(start!, 16));
	return {pfns, addresses};
});

const commOf = (line: string): string => line.slice(0, line.search(/-\d+ +\[/)).trim();

/**
 * @param lines gives the newest part of the trace; events carry `pfn=` and `dma=` fields that tell frames and mappings
 */
export function findCulprits(inject: Inject | undefined, lines: () => readonly string[]): Culprits {
	const injections = inject?.injections.slice(-remembered) ?? [];
	if (injections.length === 0) return nobody;
	const byPid = new Map(injections.flatMap(({id, pids}) => pids.map(pid => [pid, id] as const)));
	const byPfn = new Map<number, number>();
	const byAddress = new Map<number, number>();
	const theirs = lines().filter(line => byPid.has(pidOf(line)));
	// Under another name it was still loading its program, which the workload did not cause.
	const names = new Map(theirs.map(line => [pidOf(line), commOf(line)]));
	for (const line of theirs) {
		const pid = pidOf(line);
		if (commOf(line) !== names.get(pid)) continue;
		const injection = byPid.get(pid)!;
		const {pfns, addresses} = touchedIn(line);
		for (const pfn of pfns) {
			// The newest stands last.
			byPfn.delete(pfn);
			byPfn.set(pfn, injection);
		}
		for (const address of addresses) {
			byAddress.set(address, injection);
		}
	}
	return {byPid, byPfn, byAddress};
}

/** Is it still to come or under way? */
export const isOpen = (injection: InjectionRecord): boolean => !isOver(injection);
