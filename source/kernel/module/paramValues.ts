/**
 * What a parameter's value is, by its type: reads a person's text into the module's variable, and prints the variable.
 * Models param_set_… and param_get_… (kernel/params.c, 2.6.11 to 6.18).
 */

import type {Era} from '../era.ts';
import {EINVAL, ENOMEM, ENOSPC, ERANGE} from '../errno.ts';
import {offsetOf} from './layouts.ts';
import {readNumber} from './numbers.ts';
import {u32At} from './object.ts';
import type {ModuleParameter} from './params.ts';

/** The module's memory, and a place for strings. */
export type ParameterMemory = {
	/** @returns bytes at a kernel address */
	readonly read: (address: number, lengthBytes: number) => Uint8Array;
	readonly write: (address: number, bytes: Uint8Array) => void;
	/** A string of the kernel's memory, up to its zero byte. */
	readonly text: (address: number) => string;
	/**
	 * Puts a string where it stays as long as the module, or until its variable gets another one.
	 * @param variable address of the pointer to it
	 * @returns its address, or undefined without memory
	 */
	readonly keep: (variable: number, text: string) => number | undefined;
};

type NumberType = {readonly signed: boolean; readonly bytes: number};

const NUMBER_TYPES: Readonly<Record<string, NumberType>> = {
	byte: {signed: false, bytes: 1},
	short: {signed: true, bytes: 2},
	ushort: {signed: false, bytes: 2},
	int: {signed: true, bytes: 4},
	uint: {signed: false, bytes: 4},
	long: {signed: true, bytes: 4},
	ulong: {signed: false, bytes: 4},
	ullong: {signed: false, bytes: 8},
	hexint: {signed: false, bytes: 4},
};

/** A string longer than this is refused. @see param_set_charp() */
const MOST_CHARP_BYTES = 1024;

/** Result of setting a value. */
type SetResult = {
	/** 0 or -errno. */
	readonly errno: number;
	/** What Linux logs beside "invalid for parameter", without the module's name. */
	readonly line?: string;
};

const OK: SetResult = {errno: 0};
const INVALID: SetResult = {errno: -EINVAL};

/** Sets a parameter that has no `set` of its own. @param value undefined where the word had no `=` */
export function setParameter(
	parameter: ModuleParameter,
	value: string | undefined,
	memory: ParameterMemory,
	era: Era,
): SetResult {
	const {type, arg, name} = parameter;
	if (type.endsWith('[]')) return setArray(parameter, value, memory, era);
	if (type === 'string') return setString(parameter, value, memory);
	return setValue({type, name, at: arg, isByteBool: parameter.isByteBool}, value, memory, era);
}

type Variable = {readonly type: string; readonly name: string; readonly at: number; readonly isByteBool: boolean};

function setValue(variable: Variable, value: string | undefined, memory: ParameterMemory, era: Era): SetResult {
	const {type, name, at} = variable;
	if (BOOL_TYPES.includes(type)) return setBool(variable, value, memory, era);
	if (type === 'charp') {
		if (value === undefined) return {errno: -EINVAL, line: `${name}: string parameter expected`};
		if (value.length > MOST_CHARP_BYTES) return {errno: -ENOSPC, line: `${name}: string parameter too long`};
		const kept = memory.keep(at, value);
		if (kept === undefined) return {errno: -ENOMEM};
		memory.write(at, littleEndian(BigInt(kept), 4));
		return OK;
	}
	const number = NUMBER_TYPES[type];
	if (!number || value === undefined) return INVALID;
	const {signed, bytes} = number;
	const read = readNumber(value, {signed, bits: bytes > 4 ? 64 : 32, reading: era.paramNumbers});
	if ('errno' in read) return read;
	const narrow = signed ? BigInt.asIntN(8 * bytes, read.value) : BigInt.asUintN(8 * bytes, read.value);
	if (narrow !== read.value) return {errno: era.paramTooWide === 'ERANGE' ? -ERANGE : -EINVAL};
	memory.write(at, littleEndian(narrow, bytes));
	return OK;
}

const BOOL_TYPES: readonly string[] = ['bool', 'invbool', 'bint'];

function setBool(
	{type, at, isByteBool}: Variable,
	value: string | undefined,
	memory: ParameterMemory,
	{paramBool}: Era,
): SetResult {
	const text = value ?? '1';
	const isOneOf = (words: readonly string[]) => words.some(word => text.startsWith(word));
	const isYes = isOneOf(paramBool.yes);
	if (!isYes && !isOneOf(paramBool.no)) return INVALID;
	memory.write(at, littleEndian(isYes !== (type === 'invbool') ? 1n : 0n, isByteBool ? 1 : 4));
	return OK;
}

function setString({arg, name}: ModuleParameter, value: string | undefined, memory: ParameterMemory): SetResult {
	const record = memory.read(arg, 8);
	const [most, at] = [u32At(record, 0), u32At(record, 4)];
	if (value === undefined) return {errno: -EINVAL, line: `${name}: missing param set value`};
	if (value.length + 1 > most) return {errno: -ENOSPC, line: `${name}: string doesn't fit in ${most - 1} chars.`};
	memory.write(
		at,
		Uint8Array.from(`${value}\0`, character => character.charCodeAt(0)),
	);
	return OK;
}

type ArrayRecord = {
	readonly max: number;
	readonly elementBytes: number;
	/** Where the count goes, or 0. */
	readonly num: number;
	readonly elements: number;
};

function arrayAt(address: number, memory: ParameterMemory): ArrayRecord {
	const field = (name: 'max' | 'elemsize' | 'num' | 'elem') =>
		u32At(memory.read(address + offsetOf('kparam_array', name), 4), 0);
	return {max: field('max'), elementBytes: field('elemsize'), num: field('num'), elements: field('elem')};
}

function setArray(
	{type, name, arg, isByteBool}: ModuleParameter,
	value: string | undefined,
	memory: ParameterMemory,
	era: Era,
): SetResult {
	if (value === undefined) return {errno: -EINVAL, line: `${name}: expects arguments`};
	const {max, elementBytes, num, elements} = arrayAt(arg, memory);
	const count = (n: number) => num !== 0 && memory.write(num, littleEndian(BigInt(n), 4));
	const parts = value.split(',');
	count(0);
	for (const [index, part] of parts.entries()) {
		if (index === max) return {errno: -EINVAL, line: `${name}: can only take ${max} arguments`};
		const at = elements + index * elementBytes;
		const result = setValue({type: type.slice(0, -2), name, at, isByteBool}, part, memory, era);
		if (result.errno !== 0) return result;
		count(index + 1);
	}
	return OK;
}

/** A parameter's file, without the newline that Linux puts behind it. For one that has no `get` of its own. */
export function getParameter(parameter: ModuleParameter, memory: ParameterMemory, era: Era): string {
	const {type, arg, isByteBool} = parameter;
	if (type === 'string') return memory.text(u32At(memory.read(arg, 8), 4));
	if (!type.endsWith('[]')) return getValue(type, arg, isByteBool, memory, era);
	const {max, elementBytes, num, elements} = arrayAt(arg, memory);
	const count = num === 0 ? max : u32At(memory.read(num, 4), 0);
	return Array.from({length: Math.min(count, max)}, (_, index) =>
		getValue(type.slice(0, -2), elements + index * elementBytes, isByteBool, memory, era),
	).join(',');
}

function getValue(type: string, at: number, isByteBool: boolean, memory: ParameterMemory, era: Era): string {
	if (type === 'charp') {
		const pointer = u32At(memory.read(at, 4), 0);
		return pointer === 0 ? '(null)' : memory.text(pointer);
	}
	if (type === 'bint') return String(u32At(memory.read(at, 4), 0) | 0);
	if (BOOL_TYPES.includes(type)) {
		const isSet = memory.read(at, isByteBool ? 1 : 4).some(byte => byte !== 0);
		return isSet === (type === 'bool') ? 'Y' : 'N';
	}
	const number = NUMBER_TYPES[type];
	if (!number) return '';
	const raw = memory.read(at, number.bytes).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
	if (type === 'byte' && era.paramByteIsCharacter) return String.fromCharCode(Number(raw));
	if (type === 'hexint') return raw === 0n ? '0' : `0x${raw.toString(16)}`;
	return String(number.signed ? BigInt.asIntN(8 * number.bytes, raw) : raw);
}

function littleEndian(value: bigint, lengthBytes: number): Uint8Array {
	const unsigned = BigInt.asUintN(64, value);
	return Uint8Array.from({length: lengthBytes}, (_, n) => Number((unsigned >> BigInt(8 * n)) & 0xffn));
}
