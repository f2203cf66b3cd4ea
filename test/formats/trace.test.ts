import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {
	formatTrace,
	formatTraceLine,
	parseTrace,
	type Trace,
	type TraceLine,
} from '../../source/formats/debugfs/tracing/trace.ts';
import type {Dialect} from '../../source/formats/dialect.ts';
import {count, expectRoundTrip, orNull, pid, timeUs, word} from './support/roundTrip.ts';

const comm = fc.constantFrom('mapper', 'kworker/0:1', '<idle>', 'tmux: server', 'a-b', '<...>');
const symbol = fc.constantFrom('do_mmap', '__alloc_pages', 'memory_open [truth]', 'gup.constprop.0');

function taskLine(flags: fc.Arbitrary<string | null>): fc.Arbitrary<TraceLine> {
	const context = {comm, pid, cpu: fc.nat(15), flags, timeUs};
	const kind = <const Kind extends string>(name: Kind) => fc.constant<Kind>(name);
	const text = fc.constantFrom('page=f66567c0 pfn=0x223e order=1', '', 'a <-b', 'console: x');
	return fc.oneof(
		fc.record({...context, kind: kind('function'), function: symbol, caller: symbol}),
		fc.record({...context, kind: kind('event'), event: fc.constantFrom('kmalloc', 'mm_page_alloc'), text}),
		fc.record({
			...context,
			kind: kind('syscall'),
			syscall: fc.constantFrom('sys_mremap', 'sys_fork'),
			arguments: fc.constantFrom('', 'addr: 40000000, old_len: 4000'),
		}),
		fc.record({...context, kind: kind('sysret'), syscall: kind('sys_brk'), result: fc.constantFrom('0x1', '-14')}),
		fc.record({...context, kind: kind('other'), text: fc.constantFrom('no colon here', '??')}),
	);
}

const lost: fc.Arbitrary<TraceLine> = fc.record({
	kind: fc.constant('lost' as const),
	cpu: fc.nat(15),
	events: orNull(count),
});
const plain: fc.Arbitrary<TraceLine> = fc.record({
	kind: fc.constant('plain' as const),
	text: fc.constantFrom(' => do_page_fault', '', ' => <d03ef2d7>'),
});
const graph: fc.Arbitrary<TraceLine> = fc.oneof(
	fc.record({kind: fc.constant('interrupt' as const), cpu: fc.nat(9), edge: fc.constantFrom('begin', 'end')}),
	fc.record({
		kind: fc.constant('graph' as const),
		cpu: fc.nat(9),
		call: fc.constant('open' as const),
		function: word,
		depth: fc.nat(20),
		durationNs: fc.constant(null),
	}),
	fc.record({
		kind: fc.constant('graph' as const),
		cpu: fc.nat(9),
		call: fc.constant('leaf' as const),
		function: word,
		depth: fc.nat(20),
		durationNs: fc.nat(9_999_999),
	}),
	fc.record({
		kind: fc.constant('graph' as const),
		cpu: fc.nat(9),
		call: fc.constant('close' as const),
		function: orNull(word),
		depth: fc.nat(20),
		durationNs: fc.nat(9_999_999),
	}),
);

describe('what is printed is read back', () => {
	it('function and event lines, with and without flags', () => {
		const tracer = fc.constantFrom('nop', 'function');
		const counts = fc.record({entriesInBuffer: count, entriesWritten: count, cpus: fc.nat(8)});
		const of = (dialect: Dialect, flags: fc.Arbitrary<string | null>, counted: boolean): fc.Arbitrary<Trace> =>
			fc.record({
				dialect: fc.constant(dialect),
				tracer,
				counts: counted ? counts : fc.constant(null),
				lines: fc.array(fc.oneof(taskLine(flags), lost, plain)),
			});
		const records = fc.oneof(
			of('2.6.11', fc.constant(null), false),
			of('5.10', fc.constantFrom('....', 'd..1', 'dNh2'), true),
			of('6.1', fc.constantFrom('.....', 'd..1.', 'dNh22'), true),
		);
		expectRoundTrip(records, formatTrace, parseTrace);
	});

	it('function_graph lines', () => {
		const records: fc.Arbitrary<Trace> = fc.record({
			dialect: fc.constant<Dialect>('2.6.11'),
			tracer: fc.constant('function_graph'),
			counts: fc.constant(null),
			lines: fc.array(fc.oneof(graph, lost, plain)),
		});
		expectRoundTrip(records, formatTrace, parseTrace);
	});
});

describe('lines are laid out as ftrace lays them out', () => {
	const call = {comm: 'mapper', pid: 112, cpu: 0, timeUs: 12_345_601, kind: 'function'} as const;

	it('2.6.32: task, CPU, time, function <- caller', () => {
		const line: TraceLine = {...call, flags: null, function: 'handle_mm_fault', caller: 'do_page_fault'};
		expect(formatTraceLine(line, '2.6.32')).toBe(
			'          mapper-112   [000]    12.345601: handle_mm_fault <-do_page_fault',
		);
	});

	it('6.1: a wider pid, and flags', () => {
		const line: TraceLine = {...call, flags: 'd..1.', function: 'kmap_high', caller: 'copy_page'};
		expect(formatTraceLine(line, '6.1')).toBe(
			'          mapper-112     [000] d..1.    12.345601: kmap_high <-copy_page',
		);
	});

	it('5.10: four flags, without the depth of migrate-disable', () => {
		const line: TraceLine = {...call, flags: 'd..12', function: 'kmap_high', caller: 'copy_page'};
		expect(formatTraceLine(line, '5.10')).toBe(
			'          mapper-112     [000] d..1    12.345601: kmap_high <-copy_page',
		);
	});

	it('function_graph: cost in the first column, braces by depth, a mark on what took long', () => {
		const open: TraceLine = {kind: 'graph', cpu: 0, call: 'open', function: 'sys_brk', depth: 0, durationNs: null};
		const leaf: TraceLine = {kind: 'graph', cpu: 0, call: 'leaf', function: 'find_vma', depth: 1, durationNs: 1382};
		const close: TraceLine = {kind: 'graph', cpu: 0, call: 'close', function: null, depth: 0, durationNs: 123_456};
		expect([open, leaf, close].map(line => formatTraceLine(line, '2.6.32'))).toEqual([
			' 0)               |  sys_brk() {',
			' 0)   1.382 us    |    find_vma();',
			' 0) ! 123.456 us  |  }',
		]);
	});

	it('a duration of more than seven characters loses decimals, then digits of the column', () => {
		const closing = (durationNs: number): TraceLine => ({
			kind: 'graph',
			cpu: 0,
			call: 'close',
			function: null,
			depth: 0,
			durationNs,
		});
		expect([12_345_678, 123_456_789, 123_456_789_012].map(ns => formatTraceLine(closing(ns), '2.6.32'))).toEqual([
			' 0) ! 12345.67 us |  }',
			' 0) ! 123456.7 us |  }',
			' 0) ! 123456789 us |  }',
		]);
	});

	it('an interrupt stands between arrows', () => {
		expect(formatTraceLine({kind: 'interrupt', cpu: 0, edge: 'begin'}, '2.6.32')).toBe(' 0)   ==========> |');
	});
});
