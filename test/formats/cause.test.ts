import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {
	type CauseObject,
	formatCause,
	formatCauseObject,
	parseCause,
	parseCauseObject,
} from '../../source/formats/debugfs/cause.ts';
import {
	anyName,
	count,
	expectRoundTrip,
	orNull,
	pfn,
	pid,
	sentence,
	task,
	timeUs,
	uint32,
	word,
} from './support/roundTrip.ts';

const pciDevice = fc.constantFrom('0000:00:1d.7', '0000:02:05.0', 'dad0');
const causeObject: fc.Arbitrary<CauseObject> = fc.oneof(
	fc.record({kind: fc.constant('pfn' as const), pfn, frames: fc.integer({min: 1, max: 4096})}),
	fc.record({kind: fc.constant('vma' as const), pid, address: uint32}),
	fc.record({kind: fc.constant('slot' as const), cpu: fc.nat(7), slot: fc.nat(20)}),
	fc.record({kind: fc.constant('mapping' as const), device: pciDevice, address: uint32}),
	fc.record({kind: fc.constant('pool' as const), device: pciDevice, name: word}),
	fc.record({kind: fc.constant('iocb' as const), id: fc.nat()}),
	fc.record({kind: fc.constant('zone' as const), name: fc.constantFrom('DMA', 'Normal', 'HighMem')}),
	fc.record({kind: fc.constant('event' as const), timeUs, name: fc.constantFrom('console', 'mm_page_alloc')}),
);

describe('what is printed is read back, whatever names hold', () => {
	it('cause', () => {
		const step = fc.record({
			timeUs,
			cpu: fc.nat(7),
			task,
			context: fc.constantFrom('task', 'softirq', 'hardirq', 'timer'),
			name: fc.stringMatching(/^\w{1,12}$/),
			text: sentence,
		});
		const event = step.map(each => ({...each, result: null}));
		const call = fc.tuple(step, fc.constantFrom('?', '0x0', '-14')).map(([each, result]) => ({...each, result}));
		const change = fc.record({
			events: fc.array(event, {minLength: 1, maxLength: 3}),
			more: fc.nat(100),
			within: fc.array(fc.oneof(event, call), {maxLength: 3}),
			origin: fc.constantFrom('syscall', 'interrupt', 'lost', 'untraced'),
			injection: orNull(fc.record({id: fc.nat(), name: anyName})),
		});
		expectRoundTrip(
			fc.record({
				object: causeObject,
				on: fc.boolean(),
				oldestUs: orNull(timeUs),
				lost: count,
				changes: fc.array(change, {maxLength: 3}),
				nothing: orNull(sentence),
			}),
			formatCause,
			parseCause,
		);
	});

	it('what one asks the cause of', () => {
		expectRoundTrip(causeObject, formatCauseObject, parseCauseObject);
	});
});

it('cause tells a change, what it happened within, and where that came from', () => {
	const step = {cpu: 0, task: {comm: 'mremap', pid: 131}, context: 'task'} as const;
	const text = formatCause({
		object: {kind: 'vma', pid: 131, address: 0x40010000},
		on: true,
		oldestUs: 11_201_234,
		lost: 8192,
		changes: [
			{
				events: [{...step, timeUs: 12_345_630, name: 'vma_link', text: 'mm=9 40010000-40018000', result: null}],
				more: 2,
				within: [{...step, timeUs: 12_345_601, name: 'sys_mremap', text: 'addr: 40000000', result: '0x40010000'}],
				origin: 'syscall',
				injection: {id: 3, name: 'mremap-growth'},
			},
		],
		nothing: null,
	});
	expect(text.split('\n')).toEqual([
		'# cause 0.1: vma:131:0x40010000',
		'# trace: on=on oldest=11.201234 lost=8192',
		'change: time=12.345630 cpu=0 task=mremap-131 context=task vma_link: mm=9 40010000-40018000',
		'  more: 2',
		'  within: time=12.345601 cpu=0 task=mremap-131 context=task sys_mremap(addr: 40000000) -> 0x40010000',
		'  from: syscall',
		'  injection: id=3 name=mremap-growth',
		'',
	]);
});

describe('what one asks the cause of', () => {
	it.each([
		'pfn:zz',
		'vma:0x1',
		'slot:1',
		'mapping:0x1',
		'pool:x',
		'iocb:x',
		'event:12:x',
		'frame:0x1',
		'',
	])('%s is refused', text => {
		expect(() => parseCauseObject(text)).toThrow();
	});
});
