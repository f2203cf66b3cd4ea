import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {O_RDONLY} from '../../kernel/fs/file.ts';
import {MAP_PRIVATE, MAP_SHARED, PROT_READ} from '../../kernel/mm/mman.ts';
import type {Experiment} from '../experiment.ts';
import {bigLog} from '../files.ts';
import {areaLessons} from '../lessons/areas.ts';
import {User} from '../userland.ts';
import {areaAt, maps} from '../views.ts';
import {choice, must} from './steps.ts';

export const mapsFields: Experiment = {
	name: 'maps-fields',
	title: 'A line of /proc/<pid>/maps',
	claim: 'The line of a private file mapping says rights, p for private, the offset in bytes and the path of the file.',
	source: 'LDD3 page 420; fs/proc/task_mmu.c',
	rows: [12, 13],
	parameters: [
		choice('shared', '1 maps with MAP_SHARED', 0),
		{
			name: 'offset',
			about: 'page of the file where the mapping begins',
			least: 0,
			most: 1_000,
			usual: 3,
			unit: 'pages',
		},
	],
	declares: ['file mapped'],
	control: {set: {shared: 1}, fails: 'the rights are'},
	comm: 'mapsreader',
	lesson: {
		chapter: 'mmap',
		background: areaLessons.mapsFields,
		setup:
			'A program maps two pages of /var/log/big.log, from page 3 of the file on, with PROT_READ and ' +
			'MAP_PRIVATE (with shared=1: MAP_SHARED).',
		question: {
			ask: 'Which rights does the line of this area show in /proc/<pid>/maps?',
			answers: [
				{text: 'r--p', when: {'the rights are': 'r--p'}},
				{text: 'r--s', when: {'the rights are': 'r--s'}},
				{text: 'rw-p', when: {'the rights are': 'rw-p'}},
				{text: 'rw-s', when: {'the rights are': 'rw-s'}},
			],
		},
		looks: [{pane: 'maps', says: 'the row of /var/log/big.log: perm, the offset in bytes, and the name'}],
	},
	*run(x) {
		const u = new User(x.k);
		const fd = must(yield* u.open(bigLog.path, O_RDONLY), 'open');
		const flags = x.value('shared') === 1 ? MAP_SHARED : MAP_PRIVATE;
		const at = must(yield* u.mmap(0, 2 * PAGE_SIZE, PROT_READ, flags, fd, x.value('offset')), 'mmap');
		x.say(`mmap(${bigLog.path}, 8192 bytes from page ${x.value('offset')}) = ${prefixedHex(at)}`);
		const file = maps(x.k.cpu.current.pid);
		const area = areaAt(at);
		x.expect('the rights are r--p', file, all => area(all)?.perms, {equals: 'r--p'});
		x.expect('the area ends two pages on', file, all => area(all)?.end, {equals: at + 2 * PAGE_SIZE});
		x.expect('the offset is in bytes', file, all => area(all)?.offset, {equals: x.value('offset') * PAGE_SIZE});
		x.expect('the path is the file’s', file, all => area(all)?.pathname, {equals: bigLog.path});
		yield* x.show('file mapped');
		yield* u.munmap(at, 2 * PAGE_SIZE);
		yield* u.close(fd);
		return `page ${x.value('offset')} of ${bigLog.path} was mapped at ${prefixedHex(at)}`;
	},
};
