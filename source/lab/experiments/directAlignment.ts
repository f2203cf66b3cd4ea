import {PAGE_SIZE} from '../../hardware/address.ts';
import {O_DIRECT, O_RDONLY} from '../../kernel/fs/file.ts';
import type {Experiment} from '../experiment.ts';
import {bigLog} from '../files.ts';
import {pageLessons} from '../lessons/io.ts';
import {User} from '../userland.ts';
import {vma} from '../views.ts';
import {anonymous, must, told} from './steps.ts';

export const directAlignment: Experiment = {
	name: 'direct-alignment',
	title: 'Direct I/O wants whole sectors',
	claim: 'A direct read whose buffer, length or file offset is not a multiple of 512 bytes is refused with EINVAL.',
	source: 'fs/direct-io.c',
	rows: [24, 28],
	parameters: [
		{name: 'off', about: 'by how many bytes each of the three is off', least: 1, most: 512, usual: 1, unit: 'bytes'},
	],
	declares: ['reads refused'],
	control: {set: {off: 512}, fails: 'a buffer off'},
	comm: 'aligner',
	lesson: {
		chapter: 'io',
		background: pageLessons.directAlignment,
		setup:
			'A file is open with O_DIRECT. Three reads have one thing each that is off by one byte (parameter ' +
			'off): the address of the buffer, the length, the offset in the file.',
		question: {
			ask: 'Which of them are refused with EINVAL?',
			answers: [
				{
					text: 'None: the kernel copies the rest.',
					when: {'a buffer off': false, 'a length off': false, 'a file offset off': false},
				},
				{
					text: 'Only the one whose offset in the file is off.',
					when: {'a buffer off': false, 'a length off': false, 'a file offset off': true},
				},
				{text: 'All three.', when: {'a buffer off': true, 'a length off': true, 'a file offset off': true}},
			],
		},
		looks: [{pane: 'trace', says: 'sys_pread64 three times; -> 0xffffffea is -EINVAL'}],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const off = x.value('off');
		const fd = must(yield* u.open(bigLog.path, O_RDONLY | O_DIRECT), 'open');
		const buffer = yield* anonymous(u, 2);
		const tries = [
			['a buffer', yield* u.pread(fd, buffer + off, 512, 0)],
			['a length', yield* u.pread(fd, buffer, 512 + off, 0)],
			['a file offset', yield* u.pread(fd, buffer, 512, off)],
		] as const;
		yield* x.show('reads refused');
		for (const [what, result] of tries) {
			x.observe(`${what} off by ${off} is refused with EINVAL`, told(result), {equals: '-EINVAL'});
		}
		x.observe('512 bytes at 0 into a page are read', yield* u.pread(fd, buffer, 512, 0), {equals: 512});
		x.expect(`${k.era.mmapLockName} is free again`, vma(k.cpu.current.pid), ({mmapSem}) => mmapSem, {equals: 'free'});
		yield* u.munmap(buffer, 2 * PAGE_SIZE);
		yield* u.close(fd);
		return `off by ${off}: ${tries.filter(([, result]) => result < 0).length} of 3 were refused`;
	},
};
