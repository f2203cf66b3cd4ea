import {describe, expect, it} from 'vitest';
import {parserFor} from '../../source/formats/parserFor.ts';
import {FormatError} from '../../source/formats/text.ts';
import {binaryCapture, capture, capturedFiles} from './support/captures.ts';

describe('a parser is found by path', () => {
	it.each(capturedFiles())('%s %s, and its record survives JSON', (kernel, path) => {
		const record = parserFor(path)?.(capture(kernel, path));
		expect(record).toBeTypeOf('object');
		expect(JSON.parse(JSON.stringify(record))).toEqual(record);
	});

	it('binary files are read as fields', () => {
		const record = parserFor('/proc/kpagecount')?.(binaryCapture('6.1-i386-pae', '/proc/kpagecount').subarray(0, 80));
		expect(record).toEqual({counts: expect.any(Array)});
	});

	it.each([
		'/proc/112/pagemap',
		'/proc/kpageflags',
		'/sys/kernel/debug/kmap_atomic',
		'/sys/kernel/debug/page_map',
		'/sys/kernel/debug/page_map/0x1000/4096/64',
		'/sys/kernel/debug/page_map/0x1000/4096/64/DP',
		'/sys/kernel/debug/page/27185',
		'/sys/kernel/debug/translate/user:112:0xb7fe1000',
		'/sys/kernel/debug/vma/112',
		'/sys/kernel/debug/vma/112/40000000-40008000',
		'/proc/vmstat',
		'/sys/kernel/debug/lab/clock',
		'/sys/kernel/debug/tracing/trace',
		'/proc/sys/vm/max_map_count',
	])('%s has one', path => {
		expect(parserFor(path)).toBeTypeOf('function');
	});

	it.each([
		'/',
		'/proc',
		'/proc/112',
		'/proc/partitions',
		'/sys/kernel/debug/page_map/1',
		'/proc/meminfo/x',
		'meminfo',
	])('%s has none', path => {
		expect(parserFor(path)).toBeUndefined();
	});

	it('bytes for a text file, and text for a binary one, are refused', () => {
		expect(() => parserFor('/proc/meminfo')?.(new Uint8Array(8))).toThrow(TypeError);
		expect(() => parserFor('/proc/kpagecount')?.('12345678')).toThrow(TypeError);
	});
});

describe('a text that is not in its format is refused with file, line and what was expected', () => {
	it.each([
		[
			'/proc/1/maps',
			'08048000-08049000 r--p 00000000 00:02 165 /bin/a\nnonsense\n',
			'maps, line 2: expected start-end',
		],
		['/proc/buddyinfo', 'Node 0\n', 'buddyinfo, line 1: expected Node n, zone name counts'],
		['/sys/devices/x/pools', 'poolinfo - 0.2\n', 'pools, line 1: expected "poolinfo - 0.1"'],
		['/sys/kernel/debug/lab/clock', 'time_ns: soon\n', 'lab/clock, line 1: expected a decimal number, not "soon"'],
		['/sys/kernel/debug/lab/clock', 'time_ns: 1\n', 'lab/clock, line 2: expected rate: …'],
		['/sys/kernel/debug/aio', '# aio 0.1\n', 'aio, line 2: expected "# context'],
		['/proc/uptime', '', 'uptime, line 1: expected up.cs idle.cs'],
	])('%s %j', (path, text, message) => {
		const parse = () => parserFor(path)?.(text);
		expect(parse).toThrow(FormatError);
		expect(parse).toThrow(message);
	});
});
