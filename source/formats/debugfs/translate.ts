/**
 * /sys/kernel/debug/translate/<space>:<address> (ours): one address through every kind that it has. Each line names an
 * address in the spelling that the path itself takes, so that an answer can be asked about in turn.
 *
 *     # translate 0.1: user:112:0xb7fe1000
 *     user: user:112:0xb7fe1000
 *     logical: - pfn 0x6a31 is high memory: it has no logical address
 *     phys: phys:0x06a31000
 *     walk: level=pgd index=733 entry=06a32067 present rw user, page table at 06a32000
 */

import {type Cell, sentence} from '../cells.ts';
import {many, one} from '../table.ts';
import {CellError, hex, joinLines, Lines} from '../text.ts';

type AddressSpace = 'user' | 'logical' | 'virt' | 'phys' | 'pfn' | 'bus';

/** An address of one kind. `owner` is the pid of a user address, the device of a bus address, else null. */
export type SpaceAddress = {readonly space: AddressSpace; readonly owner: string | null; readonly address: number};

export const userPlace = (pid: number, address: number): SpaceAddress => ({space: 'user', owner: String(pid), address});

/** One kind's answer. A kind may answer several times: a frame can have several user addresses. */
export type Translation =
	| {readonly space: AddressSpace; readonly owner: string | null; readonly address: number}
	| {readonly space: AddressSpace; readonly reason: string};

/** One step of the page-table walk. */
export type WalkStep = {
	/** `pgd`, `pud`, `pmd` or `pte`. */
	readonly level: string;
	readonly index: number;
	/** The entry's hexadecimal digits; a string because a PAE entry has 64 bits. */
	readonly entry: string;
	readonly meaning: string;
};

export type Translate = {
	readonly query: SpaceAddress;
	readonly answers: readonly Translation[];
	/** Empty where the address is not one that the MMU walks for. */
	readonly walk: readonly WalkStep[];
};

/** `user:112:0xb7fe1000`, `bus:0000:00:05.0:0x6a31000`, `pfn:0x6a31`: the last part of the path. */
export function formatSpaceAddress({space, owner, address}: SpaceAddress): string {
	return `${space}:${owner === null ? '' : `${owner}:`}0x${hex(address, space === 'pfn' ? 1 : 8)}`;
}

/**
 * Reads `<space>:[owner:]<address>`; the address is hexadecimal with or without 0x.
 * @throws CellError with a sentence that completes "expected …"
 */
export function parseSpaceAddress(text: string): SpaceAddress {
	const found = /^(user|logical|virt|phys|pfn|bus):(?:(.+):)?(?:0x)?([0-9a-f]{1,13})$/i.exec(text);
	if (found === null)
		throw new CellError(`user:PID:0x…, bus:DEVICE:0x…, or logical:, virt:, phys:, pfn: and 0x…, not "${text}"`);
	const space = found[1]!.toLowerCase() as AddressSpace;
	const owner = found[2] ?? null;
	const owned = space === 'user' || space === 'bus';
	if (owned !== (owner !== null)) {
		throw new CellError(
			owned ? `${space}:${space === 'user' ? 'PID' : 'DEVICE'}:0x…` : `${space}:0x… without an owner`,
		);
	}
	if (space === 'user' && !/^\d+$/.test(owner!)) throw new CellError(`a pid between colons, not "${owner}"`);
	return {space, owner, address: Number(`0x${found[3]}`)};
}

const step: Cell<WalkStep> = {
	align: 'left',
	show: ({level, index, entry, meaning}) => `level=${level} index=${index} entry=${entry} ${sentence.show(meaning)}`,
	read(text) {
		const found = /^level=(\S+) index=(\d+) entry=([0-9a-f]+) (.*)$/s.exec(text);
		if (found === null) throw new CellError('level= index= entry= meaning');
		return {level: found[1]!, index: Number(found[2]), entry: found[3]!, meaning: sentence.read(found[4]!)};
	},
};

const query: Cell<SpaceAddress> = {align: 'left', show: formatSpaceAddress, read: parseSpaceAddress};
const header = one('# translate 0.1', query);
const steps = many('walk', step);

function formatTranslation(answer: Translation): string {
	if ('reason' in answer) return `${answer.space}: - ${sentence.show(answer.reason)}`;
	return `${answer.space}: ${formatSpaceAddress(answer)}`;
}

function parseTranslation(line: string): Translation {
	const found = /^(user|logical|virt|phys|pfn|bus): (?:- (.*)|(.+))$/s.exec(line);
	if (found === null) throw new CellError('<space>: <address>, or <space>: - <reason>');
	if (found[3] !== undefined) return parseSpaceAddress(found[3]);
	return {space: found[1] as AddressSpace, reason: sentence.read(found[2] ?? '')};
}

export function formatTranslate(record: Translate): string {
	return joinLines([
		...header.write(record.query),
		...record.answers.map(formatTranslation),
		...steps.write(record.walk),
	]);
}

/** @throws FormatError */
export function parseTranslate(text: string): Translate {
	const lines = new Lines('translate', text);
	const asked = header.read(lines);
	const answers: Translation[] = [];
	while (!lines.done && !lines.peek()?.startsWith('walk: ')) answers.push(lines.read(parseTranslation));
	const walk = steps.read(lines);
	if (!lines.done) lines.fail('a step of the walk');
	return {query: asked, answers, walk};
}
