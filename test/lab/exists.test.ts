/** What there is not has no answer: asking about it is an error that says so. */
import {expect, test} from 'vitest';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import {bootLab, type Lab} from '../../source/lab/lab.ts';
import {sampleOf} from '../sample.ts';
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

const questions: readonly (readonly [path: string, answer: RegExp])[] = [
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
	['page/0x7fff', /^pfn: 0x7fff$/m],
	['page/0x8000', /a pfn must be 0\.\.0x7fff, got "0x8000"/],
	['page/-1', /a pfn must be 0\.\.0x7fff, got "-1"/],
	['translate/pfn:-1', /translate takes/],
	['translate/kmap:0:1', /translate takes/],
	['cause/zone:Movable', /this machine has no zone Movable/],
	['cause/nothing:1', /what to ask about must be/],
	['vma/999', /no file .* on this machine/],
	['vma/1:0x1000', /no file .* on this machine/],
];

test.each(questions)('%s', (path, answer) => {
	expect(ask(lab, path)).toMatch(answer);
});

// The default era is asked above.
test.each(sampleOf(ERA_NAMES.slice(1), 2))('%s answers the same questions so', era => {
	const machine = quietLab({era});
	const wrong = questions.filter(([path, answer]) => !answer.test(ask(machine, path)));
	expect(wrong.map(([path]) => [path, ask(machine, path)])).toEqual([]);
	for (const path of ['/proc/999/maps', '/proc/0/maps', '/proc/01/maps', '/proc/1/fd/99', '/sys/block/sdz/size'])
		expect(() => machine.read(path)).toThrow('no file');
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
