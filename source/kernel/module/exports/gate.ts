/** How an export is written: its name, and a function of the kernel and of words, which come from C's stack. */
import {kernelAddress} from '../../../hardware/address.ts';
import type {Kernel} from '../../kernel.ts';
import {kread32, kwrite32} from '../../mm/access.ts';
import type {Sleeps} from '../../time.ts';
import {type FieldName, offsetOf} from '../layouts.ts';
import type {Gate, GateResult} from '../state.ts';
import type {StructureName} from '../structures.ts';

type Run = (k: Kernel, ...words: number[]) => GateResult | Sleeps<GateResult>;

/** @param run takes as many words, unsigned, as it names */
export const gate = (name: string, run: Run): Gate => ({
	name,
	run: ({k, arg}) => run(k, ...Array.from({length: run.length - 1}, (_, n) => arg(n))),
});

/** One function under several names. */
export const gates = (names: readonly string[], run: Run): readonly Gate[] => names.map(name => gate(name, run));

/** A word of a structure of C. Oopses where it cannot be read. */
export const word = <Name extends StructureName>(k: Kernel, name: Name, at: number, field: FieldName<Name>): number =>
	kread32(k, kernelAddress(at + offsetOf(name, field)));

export const setWord = <Name extends StructureName>(
	k: Kernel,
	name: Name,
	at: number,
	field: FieldName<Name>,
	value: number,
): void => kwrite32(k, kernelAddress(at + offsetOf(name, field)), value);

/** A long long: all that a number of ours holds. */
export const wide = (value: number): readonly [number, number] => [value | 0, Math.floor(value / 2 ** 32) | 0];

/** A long long as C gives it, signed. */
export const signed64 = (low: number, high: number): number => (high | 0) * 2 ** 32 + low;

/** A long long in memory: a loff_t, say. */
export const read64 = (k: Kernel, at: number): number =>
	signed64(kread32(k, kernelAddress(at)), kread32(k, kernelAddress(at + 4)));

export function write64(k: Kernel, at: number, value: number): void {
	for (const [n, each] of wide(value).entries()) kwrite32(k, kernelAddress(at + 4 * n), each);
}
