import {errnoName} from '../../kernel/errno.ts';
import {O_RDWR} from '../../kernel/fs/file.ts';
import {type Experiment, ExperimentFailed} from '../experiment.ts';
import {MAP_SHARED, MREMAP_MAYMOVE, PROT_READ, PROT_WRITE, User} from '../userland.ts';

const PAGE = 4096;

/** Where there is room to grow. */
const HINT = 0x4000_0000;
/** The system BIOS: reserved memory, which every kernel lets a driver remap. */
const BIOS_PAGE = 0xf0;

/** The book's driver whose mapping has no fault handler. */
export const FAULTLESS_DEVICE = '/dev/simple0';

export const mremapGrowth: Experiment = {
	name: 'mremap-growth',
	title: 'mremap growth of a device mapping without a fault handler',
	key: 'm',
	claim:
		'A device mapping without a fault handler grows with zero-filled memory in 2.6.11; later kernels refuse to let a remapped area grow.',
	source: 'mission rows 19 and 20; LDD3 page 429; mm/mremap.c',
	rows: [12, 15, 16, 19, 20],
	parameters: [
		{name: 'pages', about: 'pages mapped at first', least: 1, most: 16, usual: 4, unit: 'pages'},
		{name: 'grow', about: 'pages added', least: 1, most: 1_024, usual: 4, unit: 'pages'},
	],
	declares: ['device mapped', 'area grown', 'zero page mapped', 'page written'],
	comm: 'mapper',
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const length = x.value('pages') * PAGE;
		const longer = length + x.value('grow') * PAGE;
		const fd = yield* u.open(FAULTLESS_DEVICE, O_RDWR);
		if (fd < 0) throw new ExperimentFailed(`${FAULTLESS_DEVICE} cannot be opened: ${errnoName(fd)}`);
		const address = yield* u.mmap(HINT, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, BIOS_PAGE);
		if (address < 0) throw new ExperimentFailed(`mmap of ${FAULTLESS_DEVICE}: ${errnoName(address)}`);
		x.say(
			`mmap(${FAULTLESS_DEVICE}, ${length}) = 0x${address.toString(16)}: the driver filled the page tables at once`,
		);
		yield* x.show('device mapped');
		const moved = yield* u.mremap(address, length, longer, MREMAP_MAYMOVE);
		if (k.era.mremapGrowRefused !== 0 && moved < 0) {
			x.say(`mremap() to ${longer} bytes = -${errnoName(moved)}: remapped areas may not grow in this kernel`);
			x.observe('mremap answers EFAULT', errnoName(moved) === 'EFAULT');
			yield* u.munmap(address, length);
			yield* u.close(fd);
			return `${k.era.release} refuses to let the area grow`;
		}
		if (moved < 0) throw new ExperimentFailed(`mremap: ${errnoName(moved)}`);
		x.say(`mremap() to ${longer} bytes = 0x${moved.toString(16)}: no page was touched yet`);
		yield* x.show('area grown');
		const vma = k.cpu.current.mm!.mmap.find(moved);
		x.observe(`the area is ${longer / PAGE} pages long`, vma !== undefined && vma.vm_end - vma.vm_start === longer);
		const beyond = moved + length;
		const before = k.cpu.current.mm!.rss_anon;
		const value = yield* u.peek8(beyond);
		x.say(`read of 0x${beyond.toString(16)} = ${value}: no fault handler, so do_anonymous_page() maps the zero page`);
		yield* x.show('zero page mapped');
		x.observe('the first new page reads as zeros', value === 0);
		x.observe('the zero page does not count as resident', k.cpu.current.mm!.rss_anon === before);
		yield* u.poke8(beyond, 0x55);
		x.say(
			`write to 0x${beyond.toString(16)}: a frame of its own replaces the zero page; the device sees nothing of it`,
		);
		yield* x.show('page written');
		x.observe('writing gives a frame of its own', k.cpu.current.mm!.rss_anon === before + 1);
		yield* u.munmap(moved, longer);
		yield* u.close(fd);
		return `the area grew by ${x.value('grow')} pages of zeros`;
	},
};
