import fc from 'fast-check';
import {beforeAll, describe, expect, test} from 'vitest';
import {formatCalls, parseCalls} from '../../../source/formats/debugfs/lab/calls.ts';
import {files} from '../../../source/formats/files.ts';
import type {StepRecord} from '../../../source/formats/steps.ts';
import type {Lab} from '../../../source/lab/lab.ts';
import {runs} from '../../sample.ts';
import {quietLab, untilEnded} from '../support.ts';

const callsPath = files.calls.path;

let lab: Lab;

beforeAll(() => {
	lab = quietLab();
});

const inject = (steps: readonly StepRecord[]) =>
	untilEnded(lab, [Number(lab.write(callsPath, JSON.stringify({name: 'mine', steps}), 'test'))])[0]!;

/** What each observation came to. */
const seen = (steps: readonly StepRecord[]) => inject(steps).observations.map(({state, seen}) => `${state}: ${seen}`);

/** What a write is refused for. */
function refusal(steps: unknown): string {
	try {
		lab.write(callsPath, JSON.stringify({name: 'mine', steps}), 'test');
		return 'taken';
	} catch (error) {
		return (error as Error).message;
	}
}

const area = {file: '/sys/kernel/debug/vma/{pid}', field: 'areas[at={at:x}].pagesPresent'};
const anonymous = 'at = mmap(0, 4 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS)';

test('memory is there when it was touched, and not before', () => {
	const {status, narration, observations, states} = inject([
		anonymous,
		{show: 'mapped'},
		{expect: 'nothing is there yet', ...area, equals: 0},
		'touch(at, 3 pages)',
		{expect: 'three pages are there', ...area, equals: 3},
		'munmap(at, 4 pages)',
	]);
	expect(status).toBe('done');
	expect(states.map(({state}) => state)).toEqual(['mapped']);
	expect(narration.map(({text}) => text)).toEqual([
		expect.stringMatching(/^mmap\(0, 4 pages, .*\) = 0x[0-9a-f]+$/),
		'touch(at, 3 pages) = 0',
		'munmap(at, 4 pages) = 0',
	]);
	expect(observations[1]).toMatchObject({state: 'held', expected: '3', seen: '3'});
	expect(observations[1]?.file).toMatch(/^\/sys\/kernel\/debug\/vma\/\d+$/);
	expect(observations[1]?.field).toBe('areas.pagesPresent');
});

test.each([
	'touch(at + 1, LENGTH)',
	'poke(at + 1, 7, LENGTH)',
	'fill(at + 1, LENGTH, 7)',
])('%s reaches each page that a byte of its length lies in', call => {
	const pagesOf = (length: number) =>
		seen([anonymous, call.replace('LENGTH', String(length)), {expect: 'pages', ...area, atLeast: 0}]);
	expect(pagesOf(4095)).toEqual(['held: 1']);
	expect(pagesOf(4096)).toEqual(['held: 2']);
});

test('a call goes through 64 MiB at most, and a path begins with a slash', () => {
	const most = 64 * 2 ** 20;
	expect(inject([`touch(0, ${most})`])).toMatchObject({result: 'its process was killed by signal 11'});
	expect(inject([`touch(0, ${most + 1})`])).toMatchObject({
		status: 'could-not-run',
		result: expect.stringContaining(`a length is 1 to ${most} bytes, got ${most + 1}`),
	});
	expect(refusal(['open("/dev/zero", O_RDWR)'])).toBe('taken');
	expect(refusal(['open("dev/zero", O_RDWR)'])).toContain('a path begins with /, got "dev/zero"');
});

test('what does not hold fails, with what was seen', () => {
	const {status, observations} = inject([anonymous, {expect: 'it is there already', ...area, equals: 1}]);
	expect(status).toBe('failed');
	expect(observations).toMatchObject([{state: 'failed', expected: '1', seen: '0'}]);
});

test('an error of a call is its name', () => {
	const no = 'open("/dev/nothing", O_RDONLY)';
	expect(seen([`fd = ${no}`, {expect: 'it is refused', that: 'fd', equals: '-ENOENT'}])).toEqual(['held: -ENOENT']);
	expect(seen([`fd = ${no}`, {expect: 'it is there', that: 'fd', atLeast: 0}])).toEqual(['failed: -2']);
});

test('what cannot be read or named when it comes to it ends the steps, and not the machine', () => {
	const place = {file: '/sys/kernel/debug/vma/{pid}', field: 'areas[{fd}].start'};
	const no = 'fd = open("/dev/nothing", O_RDONLY)';
	const wrongField = 'a field is written as areas[0].start or zones[zone=DMA].free, got "areas[-2].start"';
	for (const step of [
		{expect: 'a', ...place, equals: 0},
		{let: 'a', ...place},
	])
		expect(inject([no, step])).toMatchObject({status: 'could-not-run', result: expect.stringContaining(wrongField)});
	const bytes = {file: '/proc/{pid}/pagemap', field: 'length'};
	expect(inject([{let: 'a', ...bytes}])).toMatchObject({
		status: 'could-not-run',
		result: expect.stringMatching(/^EINVAL: .*pagemap is not text$/),
	});
	expect(seen([{expect: 'a', ...bytes, equals: 0}])).toEqual([
		expect.stringMatching(/^failed: EINVAL: .* is not text$/),
	]);
	expect(lab.write('/sys/kernel/debug/lab/inject', 'mremap-growth', 'test')).toMatch(/^\d+$/);
});

test('a field is what the record has, and no more than a thousand letters of it are kept', () => {
	const file = '/sys/kernel/debug/vma/{pid}';
	const [method = '', whole = ''] = seen([
		{expect: 'no method', file, field: 'areas.map', equals: 0},
		{expect: 'a table', file, field: 'areas', contains: 'pagesTotal'},
	]);
	expect(method).toBe('failed: nothing');
	expect(whole).toMatch(/^held: \[\{"start":/);
	expect(whole).toHaveLength('held: '.length + 1000);
});

test('every comparison has two sides', () => {
	const both = (wanted: object, otherwise: object) =>
		seen(['n = 6', {expect: 'a', that: 'n', ...wanted}, {expect: 'b', that: 'n', ...otherwise}]).map(
			text => text.split(':')[0],
		);
	expect(both({equals: '5 + 1'}, {equals: 7})).toEqual(['held', 'failed']);
	expect(both({equals: '13 / 2'}, {equals: '-13 / 2'})).toEqual(['held', 'failed']);
	expect(both({atLeast: '13 / 2'}, {not: '0 - -13 / 2'})).toEqual(['held', 'failed']);
	expect(both({equals: '2 + 2 * 2'}, {equals: '(2 + 2) * 2'})).toEqual(['held', 'failed']);
	expect(both({equals: '6 | 2 + 4'}, {equals: '(6 | 2) + 4'})).toEqual(['held', 'failed']);
	expect(both({not: 5}, {not: 'n'})).toEqual(['held', 'failed']);
	expect(both({atLeast: 6}, {atLeast: 7})).toEqual(['held', 'failed']);
	expect(both({atMost: '2 * 3'}, {atMost: 5})).toEqual(['held', 'failed']);
	const comm = {file: '/proc/{pid}/comm', field: 'comm'};
	expect(
		seen([
			{expect: 'a', ...comm, contains: 'min'},
			{expect: 'b', ...comm, lacks: 'min'},
		]),
	).toEqual(['held: mine', 'failed: mine']);
});

test('a unit is turned into what the field counts in', () => {
	const [size] = seen([
		anonymous,
		'touch(at)',
		{let: 'rss', file: '/proc/{pid}/status', field: 'VmRSS'},
		{expect: 'a page at least', file: '/proc/{pid}/status', field: 'VmRSS', unit: 'kB', atLeast: '1 page'},
	]);
	expect(size).toMatch(/^held: \d+$/);
});

test('what kills is tried in a child, which answers with the signal', () => {
	expect(
		seen([
			anonymous,
			'a = in_child(touch(at))',
			'b = in_child(touch(0))',
			{expect: 'it may', that: 'a', equals: 0},
			{expect: 'it dies', that: 'b', equals: 'SIGSEGV'},
		]),
	).toEqual(['held: 0', 'held: 11']);
	expect(inject(['touch(0)'])).toMatchObject({status: 'failed', result: 'its process was killed by signal 11'});
});

test('values are what a register holds: an error as an address kills, and odd numbers stop nothing', () => {
	const odd = fc.constantFrom(
		'0',
		'-1',
		'-14',
		'1 / 0',
		'0 / 0',
		'0xffffffff',
		'2.5',
		'999999999999999',
		'4 pages',
		'3',
	);
	const calls = ['mmap', 'munmap', 'mremap', 'mprotect', 'madvise', 'mlock', 'pread', 'brk', 'io_setup', 'io_destroy'];
	const counts = [6, 2, 4, 3, 3, 2, 4, 1, 1, 1];
	const line = fc
		.nat(calls.length - 1)
		.chain(which =>
			fc
				.array(odd, {minLength: counts[which]!, maxLength: counts[which]!})
				.map(all => `${calls[which]}(${all.join(', ')})`),
		);
	expect(seen(['a = in_child(touch(-14))', {expect: 'it dies', that: 'a', equals: 'SIGSEGV'}])).toEqual(['held: 11']);
	fc.assert(
		fc.property(fc.array(line, {minLength: 1, maxLength: 4}), lines => {
			inject(lines.map(each => `in_child(${each})`));
			expect(lab.stopped()).toBeUndefined();
		}),
		{numRuns: runs(40), seed: 11},
	);
});

test('requests go by AIO, and their results come back', () => {
	expect(
		seen([
			'fd = open("/data/table.db", O_RDONLY | O_DIRECT)',
			anonymous,
			'ctx = io_setup(2)',
			'n = io_submit(ctx, IOCB_CMD_PREAD(fd, at, 1 page, 0), IOCB_CMD_PREAD(fd, at + 1 page, 512, 0))',
			{expect: 'both are taken', that: 'n', equals: 2},
			'got = io_getevents(ctx, 2)',
			{expect: 'both came', that: 'got', equals: 2},
			'bytes = event_res(0)',
			'more = event_res(1)',
			{expect: 'each read its bytes', that: 'bytes + more', equals: '1 page + 512'},
			'io_destroy(ctx)',
		]),
	).toEqual(['held: 2', 'held: 2', 'held: 4608']);
});

test('the same steps on the same machine give the same lines', () => {
	const steps: StepRecord[] = [anonymous, 'touch(at, 4 pages)', {expect: 'a', ...area, equals: 4}];
	const once = () => {
		const own = quietLab({seed: 5});
		const id = Number(own.write(callsPath, JSON.stringify({name: 'mine', steps}), 'test'));
		return untilEnded(own, [id]);
	};
	expect(once()).toEqual(once());
});

describe('what cannot be done is refused with its step', () => {
	test.each<[string, unknown, string]>([
		['an unknown call', ['mmpa(0)'], 'step 1: there is no call mmpa, did you mean "mmap"?'],
		['too few values', ['munmap(0)'], 'step 1: munmap takes munmap(address, length), got 1 value'],
		['a name from nowhere', ['touch(at)'], 'step 1: nothing is called at so far'],
		['a name that comes later', ['touch(at)', anonymous], 'step 1: nothing is called at so far'],
		['a path without quotes', ['open(data, O_RDWR)'], 'a path is written in quotes'],
		['a call within a call', ['touch(open("/x", 0))'], 'open() has a line of its own'],
		['anything but a request', ['io_submit(0, 4)'], 'a request is written as IOCB_CMD_PREAD('],
		['half a call', ['touch('], 'expected a value, got its end'],
		['a number with a stranger’s unit', ['touch(4 miles)'], 'expected a unit'],
		['a value for a constant', ['EFAULT = 3'], 'EFAULT is a constant'],
		['two comparisons', [{expect: 'a', that: '1', equals: 1, not: 2}], 'got equals and not'],
		['none', [{expect: 'a', that: '1'}], 'it needs one of equals'],
		['a file without a format', [{let: 'a', file: '/data/table.db', field: 'x'}], 'has no documented format'],
		['a field that cannot be parsed', [{let: 'a', file: '/proc/meminfo', field: '[['}], 'a field is written as'],
		['a key that is not known', [{expect: 'a', thta: '1', equals: 1}], '"thta" is not known here'],
		['a state twice', [{show: 'a'}, {show: 'a'}], 'the state "a" is shown twice'],
		['nothing', [], 'steps has at least 1, got 0'],
	])('%s', (_, steps, sentence) => {
		expect(refusal(steps)).toContain(sentence);
	});

	test('and changes nothing', () => {
		const before = String(lab.read(files.inject.path));
		refusal(['mmpa(0)']);
		expect(String(lab.read(files.inject.path))).toBe(before);
	});

	test('two hundred steps are taken, one more is not', () => {
		expect(refusal(Array(201).fill('1'))).toContain('steps has at most 200, got 201');
		expect(inject(Array(200).fill('a = 1')).status).toBe('done');
	});

	test('a built-in name, and no JSON', () => {
		const write = (text: string) => () => lab.write(callsPath, text, 'test');
		expect(write(JSON.stringify({name: 'fork-pin', steps: ['1']}))).toThrow('fork-pin is an experiment');
		expect(write('fork')).toThrow('EINVAL');
	});

	test('whatever is written, the machine goes on', () => {
		const words = fc.array(fc.constantFrom('(', ')', 'mmap', 'at', '=', '|', '-', '4', 'pages', '"x"', ',', '*'), {
			maxLength: 12,
		});
		fc.assert(
			fc.property(words, line => {
				const answer = refusal([line.join(' ')]);
				expect(answer === 'taken' || /step 1: |steps/.test(answer)).toBe(true);
			}),
			{numRuns: runs(60), seed: 7},
		);
		expect(seen([{expect: 'it goes on', that: '1', equals: 1}])).toEqual(['held: 1']);
	});
});

test('the file lists what can be called, and is read back as it was printed', () => {
	const text = String(lab.read(callsPath));
	const record = parseCalls(text);
	expect(formatCalls(record)).toBe(text);
	expect(record.calls.map(({name}) => name)).toEqual(expect.arrayContaining(['mmap', 'io_submit', 'in_child']));
	expect(record.constants).toContainEqual({name: 'MREMAP_MAYMOVE', value: 1});
});
