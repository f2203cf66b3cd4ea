import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {kread8} from '../../kernel/mm/access.ts';
import {vfree, vmalloc} from '../../kernel/mm/vmalloc.ts';
import type {Experiment} from '../experiment.ts';
import {addressLessons} from '../lessons/addresses.ts';
import {User} from '../userland.ts';
import {kmsg, linesWith, vmallocAt, vmallocinfo} from '../views.ts';
import {got, inChild, nowUs, offset} from './steps.ts';

export const vmallocGuard: Experiment = {
	name: 'vmalloc-guard',
	title: 'The guard page behind a vmalloc area',
	claim:
		'Each vmalloc area ends in a page that is not mapped: reading one byte too far is an oops, not ' +
		'somebody else’s data.',
	source: 'LDD3 page 225; mm/vmalloc.c',
	rows: [5],
	parameters: [{name: 'at', about: 'byte that is read', least: 0, most: 8_191, usual: 4_096, unit: ''}],
	declares: ['areas allocated', 'reader dead'],
	control: {set: {at: 4_095}, fails: 'reading byte'},
	comm: 'vmguard',
	lesson: {
		chapter: 'addresses',
		background: addressLessons.vmallocGuard,
		setup:
			'vmalloc() gives two areas of 4096 bytes. A child, in kernel mode, then reads byte 4096 of the ' +
			'first one (parameter at): the first byte that is not its own.',
		question: {
			ask: 'What does the reader get?',
			answers: [
				{text: 'A byte of memory, its own or a neighbour’s.', when: {'reading byte': false}},
				{text: 'Its death, without a word.', when: {'reading byte': true, 'the kernel says': false}},
				{
					text: 'An oops: it is killed, and the log says at which address.',
					when: {'reading byte': true, 'the kernel says': true},
				},
			],
		},
		looks: [
			{pane: 'log', says: 'the oops, and the address in it'},
			{pane: 'trace', says: 'the two addresses: they lie further apart than the one page that each area holds'},
		],
	},
	*run(x) {
		const {k} = x;
		const first = got(yield* vmalloc(k, PAGE_SIZE, 'vmguard+0x20/0x90'), 'vmalloc had no memory');
		x.later(() => vfree(k, first));
		const second = got(yield* vmalloc(k, PAGE_SIZE, 'vmguard+0x30/0x90'), 'vmalloc had no memory');
		x.later(() => vfree(k, second));
		x.say(`vmalloc(4096) = ${prefixedHex(first)}, vmalloc(4096) = ${prefixedHex(second)}`);
		yield* x.show('areas allocated');
		for (const [nth, address] of [
			['first', first],
			['second', second],
		] as const)
			x.expect(
				`the ${nth} area takes two pages of addresses for one of memory`,
				vmallocinfo,
				all => vmallocAt(address)(all)?.sizeBytes,
				{equals: 2 * PAGE_SIZE},
			);
		const since = nowUs(k);
		const at = x.value('at');
		const code = yield* inChild(new User(k), 'toucher', function* () {
			kread8(k, offset(first, at));
			return 0;
		});
		x.observe(`reading byte ${at} kills the reader: it ends with`, code, {not: 0});
		x.expect(
			'the kernel says which address it could not handle',
			kmsg,
			linesWith(prefixedHex(first + at).slice(2), since),
			{
				atLeast: 1,
			},
		);
		yield* x.show('reader dead');
		return `byte ${at} of a 4096-byte area: the reader ${code === 0 ? 'lived' : 'died'}`;
	},
};
