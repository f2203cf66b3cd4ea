import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {formatCheck, parseCheck} from '../../source/formats/debugfs/lab/check.ts';
import {formatClock, paces, parseClock} from '../../source/formats/debugfs/lab/clock.ts';
import {formatExperiments, parseExperiments} from '../../source/formats/debugfs/lab/experiments.ts';
import {breakpointTypes, formatGdb, parseGdb} from '../../source/formats/debugfs/lab/gdb.ts';
import {formatInject, isOver, parseInject, unfitReason, unfitWords} from '../../source/formats/debugfs/lab/inject.ts';
import {formatLoad, loadNames, parseLoad} from '../../source/formats/debugfs/lab/load.ts';
import {formatMachine, parseMachine} from '../../source/formats/debugfs/lab/machine.ts';
import {anyName, count, expectRoundTrip, orNull, pfn, pid, sentence, timeUs, uint32} from './support/roundTrip.ts';

describe('what is printed is read back, whatever names and sentences hold', () => {
	it('lab/experiments', () => {
		const parameter = fc.record({
			name: anyName,
			about: sentence,
			type: fc.constantFrom('int', 'size', 'address', 'choice', 'text'),
			range: orNull(fc.record({min: fc.integer(), max: fc.integer()})),
			choices: fc.array(anyName),
			default: anyName,
			unit: orNull(anyName),
		});
		const experiment = fc.record({
			name: anyName,
			key: orNull(anyName),
			title: sentence,
			chapter: orNull(sentence),
			level: orNull(fc.nat()),
			minutes: orNull(fc.nat()),
			claim: sentence,
			source: sentence,
			setup: orNull(sentence),
			question: orNull(sentence),
			answers: fc.array(sentence),
			looks: fc.array(fc.record({pane: anyName, says: sentence})),
			why: orNull(sentence),
			next: orNull(fc.record({run: sentence.filter(text => !text.includes(': ')), says: sentence})),
			differences: fc.array(fc.record({eras: fc.array(anyName), says: sentence})),
			control: orNull(sentence),
			eras: fc.array(anyName),
			machine: orNull(anyName),
			parameters: fc.array(parameter),
			visible: fc.array(anyName),
		});
		expectRoundTrip(fc.record({experiments: fc.array(experiment)}), formatExperiments, parseExperiments);
	});

	it('lab/inject', () => {
		const observation = fc
			.record({
				state: fc.constantFrom('held' as const, 'failed' as const, 'open' as const),
				sentence,
				timeUs,
				file: orNull(anyName),
				field: orNull(anyName),
				expected: orNull(sentence),
				seen: orNull(sentence),
			})
			// A field is one of a file.
			.map(each => (each.file === null ? {...each, field: null} : each));
		const told = fc.record({
			id: count,
			name: anyName,
			timeUs,
			status: fc.constantFrom('waiting', 'running', 'done', 'failed', 'could-not-run'),
			by: anyName,
			parameters: fc.array(fc.record({name: anyName, value: anyName})),
			pids: fc.array(pid),
			result: orNull(sentence),
			answer: orNull(fc.record({number: count, by: fc.array(count)})),
			narration: fc.array(fc.record({timeUs, text: sentence})),
			states: fc.array(fc.record({timeUs, state: sentence})),
			observations: fc.array(observation),
		});
		const injection = fc
			.tuple(told, orNull(sentence))
			.map(([each, undecided]) => (undecided === null ? each : {...each, undecided}));
		const dropped = fc.option(fc.integer({min: 1, max: 1e6}), {nil: undefined});
		const file = fc
			.tuple(fc.array(injection), dropped)
			.map(([injections, dropped]) => ({injections, ...(dropped !== undefined && {dropped})}));
		expectRoundTrip(file, formatInject, parseInject);
	});

	it('lab/clock', () => {
		const records = fc.record({
			timeNs: count,
			rate: fc.constantFrom(1, 0.001, 1e-6, 1000, 0.1),
			state: fc.constantFrom('running', 'paused', 'rewinding', 'panic', 'broken'),
			watch: fc.boolean(),
			pace: fc.constantFrom(...paces),
			stays: fc.boolean(),
			holding: orNull(anyName),
			stepsWanted: count,
			untilNs: orNull(count),
			rewoundNs: orNull(count),
			rewindToNs: orNull(count),
			stopped: fc.option(sentence, {nil: undefined}),
		});
		expectRoundTrip(records, formatClock, parseClock);
	});

	it('lab/check', () => {
		const hint = fc.record({at: sentence.filter(text => !text.includes('→')), says: sentence});
		const exercise = fc.record({
			name: anyName,
			title: sentence,
			source: sentence,
			task: sentence,
			machine: orNull(anyName),
			hints: fc.array(hint),
		});
		expectRoundTrip(fc.record({exercises: fc.array(exercise)}), formatCheck, parseCheck);
		const text = formatCheck({
			exercises: [
				{name: 'remap', title: 'a', source: 'b', task: 'c', machine: null, hints: [{at: 'mmap()', says: 'd'}]},
			],
		});
		expect(() => parseCheck(text.replace(' → ', ' '))).toThrow('lab/check, line 7: expected sentence → hint');
	});

	it('lab/gdb', () => {
		const type = fc.constantFrom(...breakpointTypes);
		const records = fc.record({
			holder: orNull(anyName),
			stop: orNull(
				fc.record({
					why: fc.constantFrom('breakpoint', 'watchpoint', 'step', 'until', 'asked', 'begin'),
					tid: orNull(count),
					type: orNull(type),
					address: orNull(uint32),
					by: orNull(anyName),
				}),
			),
			instructions: count,
			breakpoints: fc.array(fc.record({type, address: uint32, bytes: count, pid: orNull(pid)})),
			threads: fc.array(
				fc.record({tid: pid, tgid: pid, comm: anyName, cpu: orNull(count), registers: fc.array(uint32)}),
			),
		});
		expectRoundTrip(records, formatGdb, parseGdb);
		expect(() => parseGdb('# gdb 0.1\nholder: -\n')).toThrow();
	});

	it('lab/load', () => {
		const records = fc.record({load: fc.constantFrom(...loadNames, 'none' as const), means: sentence});
		expectRoundTrip(records, formatLoad, parseLoad);
		expect(() => parseLoad('load: lazy\nmeans: nothing\n')).toThrow();
	});

	it('lab/machine', () => {
		const records = fc.record({
			version: anyName,
			preset: anyName,
			era: anyName,
			composite: orNull(sentence),
			seed: count,
			cpus: count,
			ramBytes: count,
			highmemBytes: count,
			pae: fc.boolean(),
			swiotlb: fc.constantFrom('off', 'auto', 'force'),
			iommu: fc.boolean(),
			coherentCaches: fc.boolean(),
			zones: fc.array(fc.record({name: anyName, startPfn: pfn, frames: count})),
			ranges: fc.array(fc.record({name: anyName, start: uint32, end: fc.integer({min: 0, max: 2 ** 32})})),
			devices: fc.array(fc.record({address: anyName, name: anyName, driver: orNull(anyName)})),
		});
		expectRoundTrip(records, formatMachine, parseMachine);
	});
});

describe('an injection reads as a story', () => {
	it('parameters, processes, what was done, what was seen', () => {
		const text = formatInject({
			injections: [
				{
					id: 1,
					name: 'mremap-growth',
					timeUs: 12_345_655,
					status: 'done',
					by: 'shell',
					parameters: [{name: 'pages', value: '4'}],
					pids: [131],
					result: 'the area is 8 pages long',
					answer: {number: 2, by: [1, 2]},
					narration: [{timeUs: 12_345_700, text: 'mremap(0x40000000, 16384, 32768, MREMAP_MAYMOVE)'}],
					states: [{timeUs: 12_345_705, state: 'area grown'}],
					observations: [
						{
							state: 'held',
							sentence: 'the zero page does not count as resident',
							timeUs: 12_345_710,
							file: '/proc/131/status',
							field: 'VmRSS',
							expected: '1204',
							seen: '1204',
						},
						{
							state: 'failed',
							sentence: 'page 5 reads as zeros',
							timeUs: 12_345_711,
							file: null,
							field: null,
							expected: '0',
							seen: '85',
						},
						{
							state: 'open',
							sentence: 'writing page 5 gives a private frame',
							timeUs: 12_345_711,
							file: null,
							field: null,
							expected: null,
							seen: null,
						},
					],
				},
			],
		});
		expect(text.split('\n')).toEqual([
			'# inject 0.1',
			'injection: id=1 name=mremap-growth time=12.345655 status=done by=shell',
			'  parameter: pages=4',
			'  pids: 131',
			'  result: the area is 8 pages long',
			'  answer: number=2 by=1,2',
			'  | [12.345700] mremap(0x40000000, 16384, 32768, MREMAP_MAYMOVE)',
			'  ‖ [12.345705] area grown',
			'  ✓ [12.345710] the zero page does not count as resident',
			'    file: /proc/131/status VmRSS',
			'    expected: 1204',
			'    seen: 1204',
			'  ✗ [12.345711] page 5 reads as zeros',
			'    expected: 0',
			'    seen: 85',
			'  … [12.345711] writing page 5 gives a private frame',
			'',
		]);
	});

	it('a sentence cannot forge a line or steer a terminal', () => {
		const experiment = {
			name: 'x',
			key: null,
			title: 'a\nb',
			chapter: null,
			level: null,
			minutes: null,
			claim: '\x1b[2J',
			source: '',
			setup: null,
			question: null,
			answers: [],
			looks: [],
			why: null,
			next: null,
			differences: [],
			control: null,
			eras: [],
			machine: null,
			parameters: [],
			visible: [],
		};
		const text = formatExperiments({experiments: [experiment]});
		expect(text).toContain('  title: a\\012b\n  claim: \\033[2J\n');
	});
});

describe('what could not run', () => {
	it('is a status of its own, with the reason as result and as why nothing was decided', () => {
		const reason = 'zone HighMem has 96 free pages after reclaim, and 130 are needed';
		const text = [
			'# inject 0.1',
			'injection: id=2 name=atomic-kmaps time=70.000000 status=could-not-run by=shell',
			'  pids: 140',
			`  result: ${reason}`,
			`  undecided: ${reason}`,
			'',
		].join('\n');
		const {injections} = parseInject(text);
		expect(injections[0]).toMatchObject({status: 'could-not-run', result: reason, undecided: reason, answer: null});
		expect(formatInject({injections})).toBe(text);
		expect(() => parseInject(text.replace('could-not-run', 'could-not'))).toThrow(/could-not-run/);
	});

	it('is over, as what is done or failed; what waits or runs is not', () => {
		const over = (['waiting', 'running', 'done', 'failed', 'could-not-run'] as const).filter(status =>
			isOver({status}),
		);
		expect(over).toEqual(['done', 'failed', 'could-not-run']);
	});

	it('is told from other refusals by its words', () => {
		const message = unfitWords('pool-leak', 'it needs a fresh machine');
		expect(unfitReason('pool-leak', {code: 'EPERM', message})).toBe('it needs a fresh machine');
		expect(unfitReason('pool-leak', {code: 'EPERM', message: `EPERM: ${message}`})).toBe('it needs a fresh machine');
		expect(unfitReason('pool-leak', {code: 'EINVAL', message})).toBeUndefined();
		expect(unfitReason('pool-work', {code: 'EPERM', message})).toBeUndefined();
		expect(unfitReason('pool-leak', {code: 'EPERM', message: 'mmtop only reads this host'})).toBeUndefined();
	});
});
