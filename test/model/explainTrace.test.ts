/** Lines of the trace in words: events, and the arguments and results of system calls. */
import {expect, test} from 'vitest';
import {parseTraceLine} from '../../source/formats/debugfs/tracing/trace.ts';
import * as file from '../../source/kernel/fs/file.ts';
import * as mman from '../../source/kernel/mm/mman.ts';
import {argumentFields, decodedArguments, decodedResult, resultField} from '../../source/model/explain/call.ts';
import {constantsOf, partsOf} from '../../source/model/explain/constants.ts';
import {errorSays, resultNumber} from '../../source/model/explain/errno.ts';
import {explainTraceLine} from '../../source/model/explain/event.ts';
import {named, said} from './support.ts';

test.each<[string, string, object, RegExp]>([
	['mmap2', 'prot', mman, /^PROT_(?!NONE)/],
	['mmap2', 'flags', mman, /^MAP_(?!TYPE)/],
	['mremap', 'flags', mman, /^MREMAP_/],
	['madvise', 'behavior', mman, /^MADV_/],
	['open', 'flags', file, /^O_(?!ACCMODE)/],
])('constants of %s %s have the kernel’s values', (call, argument, source, pattern) => {
	const constants = constantsOf(call, argument)!;
	const list = named(source, pattern);
	expect(list.length).toBeGreaterThan(2);
	for (const [name, value] of list) expect(partsOf(value, constants).names).toEqual([name]);
});

test.each([
	[
		'sys_mmap2',
		'addr: 0, len: 1000, prot: 3, flags: 22, fd: ffffffff, pgoff: 0',
		'addr: 0, len: 1000, prot: PROT_READ|PROT_WRITE, flags: MAP_PRIVATE|MAP_ANONYMOUS, fd: -1, pgoff: 0',
	],
	[
		'sys_mmap2',
		'addr: 0, len: 1000, prot: 0, flags: 1, fd: 3, pgoff: 0',
		'addr: 0, len: 1000, prot: PROT_NONE, flags: MAP_SHARED, fd: 3, pgoff: 0',
	],
	['sys_open', 'filename: "/home/a, b: c", flags: 4002', 'filename: "/home/a, b: c", flags: O_RDWR|O_DIRECT'],
	['sys_open', 'filename: "", flags: 8000000', 'filename: "", flags: 0x8000000'],
	['sys_mprotect', 'start: 8048000, len: 1000, prot: 5', 'start: 8048000, len: 1000, prot: PROT_READ|PROT_EXEC'],
	['sys_madvise', 'start: 8048000, len_in: 1000, behavior: 4', 'start: 8048000, len_in: 1000, behavior: MADV_DONTNEED'],
	// What is not a list of arguments, or of another call, stays.
	['sys_nanosleep', '5 ms', '5 ms'],
	['sys_close', 'fd: 3', 'fd: 3'],
	['sys_getpid', '', ''],
	['sys_wait4', 'upid: ffffffff', 'upid: -1'],
	['sys_open', 'filename: "/a", flags: 101001', 'filename: "/a", flags: O_WRONLY|O_SYNC'],
	// A host may trace calls of any name, with arguments of any name.
	['sys_constructor', 'name: 3, toString: 4', 'name: 3, toString: 4'],
	['sys_mmap2', 'constructor: 3', 'constructor: 3'],
])('%s(%s)', (call, text, decoded) => {
	expect(decodedArguments(call, text)).toBe(decoded);
});

test.each([
	['0x0', 0, '0x0', ''],
	['0x8000', 32768, '0x8000', ''],
	['-14', -14, '-EFAULT', '-EFAULT: an address that is not mapped, or not for that'],
	['0xfffffff2', -14, '-EFAULT', '-EFAULT: an address that is not mapped, or not for that'],
	['0xfffff001', -4095, '0xfffff001', 'error 4095'],
	// An address at the end of user space is no error.
	['0xfffff000', 0xfffff000, '0xfffff000', ''],
	['0xb7fe1000', 0xb7fe1000, '0xb7fe1000', ''],
	['?', undefined, '?', ''],
])('a call that returns %s', (result, number, decoded, says) => {
	expect(resultNumber(result)).toBe(number);
	expect(decodedResult(result)).toBe(decoded);
	expect(errorSays(result)).toBe(says);
});

test('arguments are told one by one, and a result in decimal where that helps', () => {
	const fields = argumentFields('sys_mmap2', 'addr: 0, len: 2000, prot: 1, flags: 8001, fd: 4, pgoff: 0');
	expect(fields.map(({name, value, says}) => [name, value, ...says].join(' | '))).toEqual([
		'addr | 0 | NULL: the kernel chooses',
		'len | 2000 | 8192 bytes',
		'prot | PROT_READ | PROT_READ: pages may be read',
		'flags | MAP_SHARED|MAP_POPULATE | MAP_SHARED: writes reach the file and all others who map it | MAP_POPULATE: pages are brought in at once',
		'fd | 4 | number of an open file of the process',
		'pgoff | 0 | where in the file, in pages',
	]);
	expect(argumentFields('sys_nanosleep', '5 ms')).toMatchObject([{name: 'arguments', value: '5 ms'}]);
	expect(argumentFields('sys_getpid', '')).toEqual([]);
	expect(resultField('0x9').says).toEqual([]);
	expect(resultField('0xa').says).toEqual(['10 in decimal']);
});

const traced = (text: string, context = 'mapper-112   [000] ') =>
	explainTraceLine(parseTraceLine(`          ${context}   12.345601: ${text}`));

test('a line of the trace', () => {
	const alloc = traced(
		'mm_page_alloc: page=c10ffc20 pfn=0x7fe1 order=1 migratetype=0 gfp_flags=GFP_HIGHUSER|__GFP_ZERO',
	);
	expect(said(alloc, 'event')).toBe('mm_page_alloc | page frames are taken from the free lists');
	expect(said(alloc, 'order')).toBe('1 | 2^1: 2 pages in a row');
	expect(said(alloc, 'gfp_flags')).toContain('GFP_HIGHUSER|__GFP_ZERO | GFP_HIGHUSER: for a user process');
	expect(said(alloc, 'task')).toBe('mapper-112 | ran on the CPU then');
	expect(said(traced('kfree: ptr=c1', '<idle>-0     [000] '), 'task')).toContain('the CPU was idle');
	expect(
		said(traced('sys_mremap(addr: 40000000, old_len: 4000, new_len: 8000, flags: 1, new_addr: 0)'), 'flags'),
	).toContain('MREMAP_MAYMOVE');
	expect(said(traced('sys_mremap -> 0xfffffff4'), 'result')).toContain('-ENOMEM');
	expect(said(traced('dma_map_page: 0000:00:03.0 dir=DMA_TO_DEVICE dma_addr=117f800 size=1514'), 'of')).toBe(
		'0000:00:03.0',
	);
	expect(said(traced('block_rq_issue: 8,0 WS 8192 () 11640 + 16 [dbwriter]'), 'kind')).toBe(
		'WS | write, somebody waits for it',
	);
	expect(said(traced('block_rq_issue: 8,0 WS 8192 () 11640 + 16 [dbwriter]'), 'sectors')).toContain('8192 bytes');
});

test.each([
	['sys_epoll_wait(timeout: 0)', 'timeout', '0 | 0: does not wait'],
	['sys_io_getevents(timeout: 0)', 'timeout', '0 | NULL: waits for ever'],
	['constructor: toString=1', 'event', 'constructor'],
	['page_fault_user: error_code=?', 'error_code', '?'],
])('%s', (text, name, words) => {
	expect(said(traced(text), name)).toBe(words);
});

test.each([
	['d.h1', 'in an interrupt;'],
	['d.H1', 'in an interrupt, which came in a softirq;'],
	['d.s1', 'in a softirq;'],
	['d..1', 'for the task itself;'],
	['d.?1', 'interrupts are off; preemption is off, 1 deep'],
])('the flags %s', (flags, words) => {
	expect(said(traced('kfree: ptr=c1', `mapper-112   [000] ${flags}`), 'flags')).toContain(words);
});

test.each([
	[4, 'a read by a process; the page was not there'],
	[7, 'a write by a process; the page is there and does not allow that'],
	[2, 'a write by the kernel; the page was not there'],
	[14, 'an instruction is fetched by a process; the page was not there'],
])('a fault with error code %i', (code, says) => {
	expect(said(traced(`page_fault_user: address=0x1000 ip=(null) error_code=0x${code}`), 'error_code')).toContain(says);
});
