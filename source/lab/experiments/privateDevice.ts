import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {DAD_LENGTH} from '../../hardware/edu.ts';
import {pci_resource_start} from '../../kernel/drivers/device.ts';
import {erasBefore, erasFrom} from '../../kernel/era/behaviour.ts';
import {sys_wait4} from '../../kernel/exit.ts';
import {readl, writel} from '../../kernel/mm/ioremap.ts';
import {MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE} from '../../kernel/mm/mman.ts';
import {dieIfKilled} from '../../kernel/signal.ts';
import type {Experiment} from '../experiment.ts';
import {areaLessons} from '../lessons/areas.ts';
import {User} from '../userland.ts';
import {physicalOf, translate} from '../views.ts';
import {ownDad} from './labDevice.ts';
import {choice, must, offset, openDevice} from './steps.ts';

/** Kernels that cannot copy what has no struct page. */
const killing = erasBefore('2.6.32');

export const privateDevice: Experiment = {
	name: 'private-device',
	title: 'A private mapping of device memory',
	claim: 'What a program writes to a private mapping of registers does not reach the device.',
	source: 'LDD3 page 425; mm/memory.c do_wp_page()',
	rows: [16, 51],
	parameters: [choice('shared', '1 maps with MAP_SHARED', 0)],
	declares: ['registers mapped', 'program wrote'],
	control: {set: {shared: 1}, fails: 'the register keeps'},
	comm: 'privdev',
	lesson: {
		chapter: 'mmap',
		background: areaLessons.privateDevice,
		setup:
			'The driver writes 0x34 into the LENGTH register of its device. A program maps the page of registers with ' +
			'MAP_PRIVATE (with shared=1: MAP_SHARED) and writes 0x12 there.',
		question: {
			ask: 'What is in the register then?',
			answers: [
				{text: '0x34: the write went elsewhere.', when: {'the register keeps': true}},
				{text: '0x12.', when: {'the register keeps': false}},
			],
		},
		looks: [
			{pane: 'maps', says: 'the row of /dev/simple0: rw-p'},
			{pane: 'log', says: 'in 2.6.11: do_wp_page: bogus page'},
		],
		differences: [
			{
				eras: killing,
				says:
					'The program is killed: a page that has no struct page cannot be copied (“bogus page”). With 4 GiB of RAM ' +
					'the end of memory lies behind the registers, so that they have one.',
			},
			{eras: erasFrom('2.6.32'), says: 'The program gets a copy of the page of registers, as they read then.'},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const dad = yield* ownDad(x);
		const registers = pci_resource_start(dad.pdev, 0);
		writel(k, 0x34, offset(dad.registers, DAD_LENGTH));
		const how = x.value('shared') === 1 ? MAP_SHARED : MAP_PRIVATE;
		const fd = yield* openDevice(u, '/dev/simple0');
		const at = must(yield* u.mmap(0, PAGE_SIZE, PROT_READ | PROT_WRITE, how, fd, registers / PAGE_SIZE), 'mmap');
		yield* x.show('registers mapped');
		let saw = -1;
		let leads: number | undefined;
		function* writer() {
			yield* u.poke8(at + DAD_LENGTH, 0x12);
			saw = yield* u.peek8(at + DAD_LENGTH);
			leads = physicalOf(x.read(translate(`user:${k.cpu.current.pid}:${prefixedHex(at)}`)));
			return 0;
		}
		const waited = yield* sys_wait4(k, must(yield* u.fork({comm: 'privwriter', body: writer}), 'fork'));
		dieIfKilled(k);
		const status = typeof waited === 'number' ? waited : waited.code & 0x7f;
		const left = readl(k, offset(dad.registers, DAD_LENGTH));
		x.observe('the register keeps what the driver wrote', left, {equals: 0x34});
		const hasPage = registers < k.hw.ram.banks.at(-1)!.end;
		const dies = how === MAP_PRIVATE && !hasPage && killing.includes(k.era.name);
		x.observe(dies ? 'the program is killed by SIGKILL' : 'the program ends as usual', status, {
			equals: dies ? 9 : 0,
		});
		yield* x.show('program wrote');
		if (status === 0) {
			x.observe('the program reads what it wrote', saw, {equals: 0x12});
			if (how === MAP_PRIVATE)
				x.observe('its address leads to a page of RAM', k.hw.ram.holds(leads ?? registers, 1), {equals: true});
		}
		yield* u.munmap(at, PAGE_SIZE);
		yield* u.close(fd);
		return `the program wrote 0x12, the register has ${prefixedHex(left)}`;
	},
};
