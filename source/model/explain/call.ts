/** System calls as a program wrote them: `sys_mmap2(… prot: 3, flags: 21 …)` with its constants. */

import {constantsOf, partsOf} from './constants.ts';
import {errorSays, resultNumber} from './errno.ts';
import {type ExplainedField, field, glossary} from './explanation.ts';

type Argument = {readonly name: string; readonly value: string};

/** `addr: 0, len: 1000, filename: "/a, b"`, as ftrace prints it. Undefined for what is not such a list. */
function argumentsIn(text: string): readonly Argument[] | undefined {
	const found = [...text.matchAll(/(?:^|, )(\w+): ("(?:[^"\\]|\\.)*"|[^,"]*)/g)];
	const isWhole = found.map(([part]) => part).join('') === text;
	return found.length > 0 && isWhole ? found.map(([, name, value]) => ({name: name!, value: value!})) : undefined;
}

const numberIn = (value: string): number | undefined =>
	/^(?:0x)?[\da-f]{1,8}$/i.test(value) ? Number.parseInt(value.replace(/^0x/, ''), 16) : undefined;

const callName = (syscall: string): string => syscall.replace(/^sys_/, '');

/** Arguments that count bytes, in hexadecimal. */
const byteCounts = new Set(['len', 'len_in', 'count', 'old_len', 'new_len', 'length']);

const argumentWords = glossary({
	addr: 'an address of the process',
	start: 'the first address',
	len: 'bytes',
	len_in: 'bytes',
	count: 'bytes',
	old_len: 'bytes of the area now',
	new_len: 'bytes that it is to have',
	new_addr: 'where it is to go',
	fd: 'number of an open file of the process',
	buf: 'where the bytes are, or go to, in the process',
	pos: 'byte of the file',
	pgoff: 'where in the file, in pages',
	brk: 'where the heap is to end',
	filename: 'the file',
	ctx: 'the context that io_setup() gave: the address of its ring',
	ctx_id: 'the context that io_setup() gave: the address of its ring',
	ctxp: 'where io_setup() puts the context',
	nr_events: 'requests that may be under way at once',
	iocbpp: 'where the requests are',
	min_nr: 'events to wait for at least',
	events: 'where the events go',
	timeout: 'how long to wait at most',
	upid: 'the child to wait for; -1: any',
});

/** Calls whose timeout is an address. Others count milliseconds. */
const pointsToTimeout = new Set(['io_getevents', 'io_pgetevents', 'recvmmsg', 'semtimedop']);

/** What no time is: NULL, or none. */
const noTimeoutSays = (call: string): string =>
	pointsToTimeout.has(call) ? 'NULL: waits for ever' : '0: does not wait';

/** What a number comes to in the argument that it stands in. */
function valueIn(call: string, {name, value}: Argument): string {
	const number = numberIn(value);
	if (number === undefined) return value;
	const constants = constantsOf(call, name);
	if (constants) return partsOf(number, constants).names.join('|');
	if (number === 0xffff_ffff && (name === 'fd' || name === 'upid')) return '-1';
	return value;
}

function saysOf(call: string, argument: Argument): readonly string[] {
	const {name, value} = argument;
	const number = numberIn(value);
	const constants = constantsOf(call, name);
	if (constants && number !== undefined) return partsOf(number, constants).says;
	if (name === 'addr' && number === 0) return ['NULL: the kernel chooses'];
	if (name === 'fd' && number === 0xffff_ffff) return ['no file'];
	if (name === 'timeout' && number === 0) return [noTimeoutSays(call)];
	const words = name === 'nr' ? 'how many' : argumentWords.get(name);
	const bytes = byteCounts.has(name) && number !== undefined ? `${number} ` : '';
	return words === undefined ? [] : [`${bytes}${words}`];
}

/** Arguments with their constants: `addr: 0, len: 1000, prot: PROT_READ|PROT_WRITE`. What is not a list stays. */
export function decodedArguments(syscall: string, text: string): string {
	const call = callName(syscall);
	return (
		argumentsIn(text)
			?.map(argument => `${argument.name}: ${valueIn(call, argument)}`)
			.join(', ') ?? text
	);
}

/** Numbers that strace prints in decimal. */
const inDecimal = new Set([
	...byteCounts,
	'fd',
	'fildes',
	'oldfd',
	'newfd',
	'upid',
	'pid',
	'nr',
	'nr_events',
	'min_nr',
]);

/** A value as strace prints it. */
function straceValue(call: string, argument: Argument): string {
	const {name, value} = argument;
	const shown = valueIn(call, argument);
	const number = numberIn(value);
	if (shown !== value || number === undefined) return shown;
	if (inDecimal.has(name) || number < 10) return String(number);
	return `0x${number.toString(16)}`;
}

/**
 * A call and its result in a line, as strace prints it: `open("/dev/simple", O_RDWR) = 3`.
 * @param result undefined while it has none
 */
export function straceLine(syscall: string, text: string, result: string | undefined): string {
	const call = callName(syscall);
	const values = argumentsIn(text)?.map(argument => straceValue(call, argument)) ?? [text];
	return `${call}(${values.join(', ')})${result === undefined ? '' : ` = ${straceResult(call, result)}`}`;
}

/** Calls that give an address. */
const givesAddress = new Set(['mmap', 'mmap2', 'mmap_pgoff', 'old_mmap', 'mremap', 'brk', 'shmat']);

function straceResult(call: string, result: string): string {
	const [name, says] = errorSays(result).split(': ');
	if (name?.startsWith('-')) return `-1 ${name.slice(1)} (${says})`;
	const number = resultNumber(result);
	if (number === undefined) return result;
	return givesAddress.has(call) ? `0x${number.toString(16)}` : String(number);
}

/** A field for each argument. */
export function argumentFields(syscall: string, text: string): readonly ExplainedField[] {
	const call = callName(syscall);
	const list = argumentsIn(text);
	if (!list) return text === '' ? [] : [field('arguments', text)];
	return list.map(argument => field(argument.name, valueIn(call, argument), ...saysOf(call, argument)));
}

/** `-14` as `-EFAULT`; other results as they are. */
export function decodedResult(result: string): string {
	const error = errorSays(result);
	return error.startsWith('-') ? error.split(':')[0]! : result;
}

export function resultField(result: string): ExplainedField {
	const error = errorSays(result);
	const number = resultNumber(result);
	const decimal = number !== undefined && number > 9 && number < 0x8000_0000 ? `${number} in decimal` : '';
	return error === '' ? field('result', result, decimal) : field('result', decodedResult(result), error);
}
