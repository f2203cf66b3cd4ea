/**
 * /sys/kernel/debug/lab/calls (ours): the calls of which one writes a small experiment, and the names that they know.
 *
 *     # calls 0.1
 *     call: mmap(address, length, prot, flags, fd, offset) → the address of the mapping
 *     call: touch(address, [length]) → the value of the first byte; one byte of each page is read
 *     constant: MAP_SHARED 0x1
 *
 * In brackets stands what may be left out. What is written is one JSON text: a name and steps (see StepRecord).
 */
import {type Cell, name, sentence} from '../../cells.ts';
import {document, many} from '../../table.ts';
import {CellError, joinLines, Lines, prefixedHex} from '../../text.ts';

export type CallRecord = {
	readonly name: string;
	/** What may be left out stands in brackets. */
	readonly parameters: readonly string[];
	/** What it gives. */
	readonly gives: string;
};

type Constant = {readonly name: string; readonly value: number};

type CallsRecord = {readonly calls: readonly CallRecord[]; readonly constants: readonly Constant[]};

const arrow = ' → ';
const call: Cell<CallRecord> = {
	align: 'left',
	show: each => `${name.show(each.name)}(${each.parameters.join(', ')})${arrow}${sentence.show(each.gives)}`,
	read(text) {
		const [, called, parameters = '', gives] = /^(\w+)\(([^)]*)\) → (.*)$/.exec(text) ?? [];
		if (called === undefined || gives === undefined) throw new CellError(`name(parameters)${arrow}what it gives`);
		return {
			name: name.read(called),
			parameters: parameters === '' ? [] : parameters.split(', '),
			gives: sentence.read(gives),
		};
	},
};
const constant: Cell<Constant> = {
	align: 'left',
	show: each => `${name.show(each.name)} ${prefixedHex(each.value)}`,
	read(text) {
		const [, named, value] = /^(\w+) (0x[0-9a-f]+)$/.exec(text) ?? [];
		if (named === undefined) throw new CellError('NAME 0x…');
		return {name: named, value: Number(value)};
	},
};
const body = document<CallsRecord>({calls: many('call', call), constants: many('constant', constant)});
const heading = '# calls 0.1';

export const formatCalls = (record: CallsRecord): string => joinLines([heading, ...body.write(record)]);

/** @throws FormatError */
export function parseCalls(text: string): CallsRecord {
	const lines = new Lines('lab/calls', text);
	lines.expect(heading);
	return body.read(lines);
}
