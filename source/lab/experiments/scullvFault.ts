import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {ScullDevice} from '../../kernel/drivers/scull.ts';
import {fget, fput, O_RDWR, O_WRONLY} from '../../kernel/fs/file.ts';
import {MAP_SHARED, PROT_READ} from '../../kernel/mm/mman.ts';
import {vmalloc_to_page} from '../../kernel/mm/vmalloc.ts';
import type {Experiment} from '../experiment.ts';
import {faultLessons} from '../lessons/faults.ts';
import {User} from '../userland.ts';
import {page, translate} from '../views.ts';
import {own} from './labDevice.ts';
import {anonymous, choice, found, frameOf, got, must} from './steps.ts';

export const scullvFault: Experiment = {
	name: 'scullv-fault',
	title: 'Mapping memory from vmalloc()',
	claim:
		'vmalloc_to_page() finds the frame behind a vmalloc address, so that a fault method can map it: both ' +
		'see one frame.',
	source: 'LDD3 page 433; scullv/mmap.c',
	rows: [5, 22],
	parameters: [choice('touch', '0 never touches the mapping', 1)],
	declares: ['device mapped', 'page faulted in'],
	control: {set: {touch: 0}, fails: 'the user address'},
	comm: 'scullvmap',
	lesson: {
		chapter: 'mmap',
		background: faultLessons.scullvFault,
		setup:
			'The driver scullv keeps its data in memory from vmalloc(). A program writes a page to ' +
			'/dev/scullv3, maps it, and touches the mapping (with touch=0 it does not).',
		question: {
			ask: 'Where does the program’s address lead then?',
			answers: [
				{
					text: 'To a frame with a copy of the data.',
					when: {'the program reads': true, 'the user address leads': false},
				},
				{text: 'To the frame behind the driver’s vmalloc address.', when: {'the user address leads': true}},
				{text: 'Nowhere: no frame is there.', when: {'the user address leads': 'nothing'}},
			],
		},
		looks: [{pane: 'page', says: 'f on the row of /dev/scullv3: one frame, a user address and a vmalloc address'}],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const {pid} = k.cpu.current;
		const fd = must(yield* u.open('/dev/scullv3', O_RDWR), '/dev/scullv3');
		const file = got(fget(k, fd), 'no file');
		x.later(() => fput(k, file));
		yield* own(k, file.inode);
		const source = yield* anonymous(u, 1);
		yield* u.poke8(source, 0x5a);
		must(yield* u.pwrite(fd, source, PAGE_SIZE, 0), 'write');
		const quantum = got((file.private_data as ScullDevice).quanta[0], 'the device holds nothing');
		const frame = found(x, vmalloc_to_page(k, quantum), 'vmalloc_to_page() finds a frame');
		const at = must(yield* u.mmap(0, PAGE_SIZE, PROT_READ, MAP_SHARED, fd), 'mmap');
		x.say(`the driver’s quantum is ${prefixedHex(quantum)}, vmalloc_to_page() = pfn ${prefixedHex(frame)}`);
		yield* x.show('device mapped');
		if (x.value('touch') === 1) x.observe('the program reads what was written', yield* u.peek8(at), {equals: 0x5a});
		x.expect('the user address leads to that frame', translate(`user:${pid}:${prefixedHex(at)}`), frameOf, {
			equals: frame,
		});
		x.expect(
			'the frame has its vmalloc address too',
			page(frame),
			({vmalloc}) => ('address' in vmalloc ? vmalloc.address : undefined),
			{equals: quantum},
		);
		yield* x.show('page faulted in');
		yield* u.munmap(at, PAGE_SIZE);
		yield* u.munmap(source, PAGE_SIZE);
		yield* u.close(fd);
		// Opening for writing only empties the device.
		yield* u.close(must(yield* u.open('/dev/scullv3', O_WRONLY), '/dev/scullv3'));
		return `pfn ${prefixedHex(frame)} had two addresses`;
	},
};
