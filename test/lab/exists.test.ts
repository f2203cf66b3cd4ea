/** What there is not has no answer: asking about it is an error that says so. */
import {expect, test} from 'vitest';
import {bootLab, type Lab} from '../../source/lab/lab.ts';
import {mostEvents, quietLab} from './support.ts';

const debug = '/sys/kernel/debug';

/** The first lines of an answer, or the error. */
function ask(lab: Lab, path: string): string {
	try {
		return String(lab.read(`${debug}/${path}`));
	} catch (error) {
		return (error as Error).message;
	}
}

const lab = quietLab();
const frames = 2 ** 20;

test.each([
	['translate/pfn:0xfffff', /^# translate/],
	['translate/pfn:0x100000', /a pfn must be 0\.\.0xfffff, got 0x100000/],
	['translate/phys:0xffffffff', /^# translate/],
	['translate/phys:0x100000000', /a physical address must be 0\.\.0xffffffff, got 0x100000000/],
	['translate/virt:0xffffffff', /^# translate/],
	['translate/virt:0x100000000', /an address of kind virt has 32 bits, got 0x100000000/],
	['translate/user:1:0x100000000', /an address of kind user has 32 bits/],
	['translate/user:999:0x8048000', /no process 999/],
	['translate/bus:nothing:0x1000', /no device nothing/],
	['cause/pfn:0xfffff', /^# cause/],
	['cause/pfn:0x100000', /a pfn must be 0\.\.0xfffff, got 0x100000/],
	[`cause/pfn:0x0+${frames}`, /^# cause/],
	[`cause/pfn:0x1+${frames}`, /a pfn must be/],
	['cause/slot:1:0', /^# cause/],
	['cause/slot:2:0', /a CPU must be 0\.\.1, got 2/],
	['cause/slot:9:99', /a CPU must be 0\.\.1, got 9/],
	['cause/slot:0:99', /a slot must be 0\.\.\d+, got 99/],
	['cause/vma:999:0x8048000', /no process had the number 999/],
	['cause/vma:1:0xbffff000', /^# cause|no area of process 1 holds/],
	['cause/vma:1:0xc0000000', /areas lie below 0xc0000000, not at 0xc0000000/],
	['cause/vma:1:0x1000', /no area of process 1 holds 0x1000, and the trace knows of none/],
	['cause/mapping:nothing:0x1000', /no device nothing/],
	['cause/mapping:0000:00:03.0:0xfffffff0', /no mapping of device 0000:00:03\.0 holds 0xfffffff0/],
	['cause/pool:nothing:x', /no device nothing/],
	['cause/pool:0000:00:03.0:x', /device 0000:00:03\.0 has no pool x, and the trace knows of none/],
	['cause/iocb:0', /no iocb had the number 0/],
	['cause/iocb:99999', /no iocb had the number 99999/],
	['cause/zone:Normal', /^# cause/],
	['cause/zone:Movable9', /this machine has no zone Movable9/],
	['cause/event:0.000001:nothing', /no event nothing at that time, and the trace knows of none/],
])('%s', (path, answer) => {
	expect(ask(lab, path)).toMatch(answer);
});

test('the last slot of a CPU can be asked about, and the one behind it not', () => {
	const slots = Number(/ per_cpu=(\d+)/.exec(ask(lab, 'kmap_atomic'))?.[1]);
	expect(ask(lab, `cause/slot:1:${slots - 1}`)).toMatch(/^# cause/);
	expect(ask(lab, `cause/slot:1:${slots}`)).toMatch(`a slot must be 0..${slots - 1}`);
});

test('a request that is over, and of which the trace knows, can be asked about', () => {
	const busy = bootLab({load: 'busy'});
	busy.run(2e9, mostEvents);
	const id = /id=(\d+)/.exec(ask(busy, 'tracing/trace'))?.[1];
	expect(ask(busy, `cause/iocb:${id}`)).toMatch(/^# cause/);
});
