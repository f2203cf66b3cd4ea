/** Exercises about areas and the pages in them. */
import {PAGE_SIZE} from '../../hardware/address.ts';
import {MAP_SHARED, PROT_READ} from '../../kernel/mm/mman.ts';
import type {Sleeps} from '../../kernel/time.ts';
import type {Exercise} from '../exercise.ts';
import {type Bench, CouldNotRun} from '../experiment.ts';
import {anonymous, frameOf, inChild, SIGBUS, told} from '../experiments/steps.ts';
import type {User} from '../userland.ts';
import {page, translate, vma, vmaAt} from '../views.ts';
import {mapped, opened, type Program, works} from './steps.ts';

const frameAt = (x: Bench, pid: number, at: number) => frameOf(x.read(translate(`user:${pid}:0x${at.toString(16)}`)));

export const remap: Exercise = {
	name: 'remap',
	title: 'A page at once',
	source: 'LDD3 page 424',
	task:
		'Write mmap for a driver with one page of memory: enter the page with remap_pfn_range(), and refuse what is not ' +
		'that page.',
	declares: ['page mapped'],
	hints: {
		'mmap() of one page':
			'The method mmap answers an error. It has to call remap_pfn_range(vma, vma->vm_start, pfn, size, ' +
			'vma->vm_page_prot) and answer 0; the frame of a kernel address is __pa(page) >> PAGE_SHIFT.',
		'the page is there': 'remap_pfn_range() enters the page at once. Did mmap answer 0 without calling it?',
		'the area is VM_IO': 'remap_pfn_range() marks the area by itself. Did mmap answer 0 without calling it?',
		'the program reads': 'Another frame was mapped: take __pa(page) >> PAGE_SHIFT, not page, nor its physical address.',
		'read() gives': 'Another frame was mapped: take __pa(page) >> PAGE_SHIFT, not page, nor its physical address.',
		'two pages':
			'Without a look at vma->vm_end - vma->vm_start a program also gets the page behind, which may be anything.',
		'an offset': 'vma->vm_pgoff is the offset in pages. The device has page 0 alone.',
	},
	*steps(x, subject) {
		const program = yield* opened(x, subject);
		const {u, fd, pid, close} = program;
		const {at, unmap} = yield* mapped(x, program, 1, 'mmap() of one page succeeds');
		const here = vmaAt(at);
		x.expect('the page is there before it is touched', vma(pid), all => here(all)?.pagesPresent, {equals: 1});
		x.expect('the area is VM_IO', vma(pid), all => here(all)?.flags.join(' '), {contains: 'VM_IO'});
		yield* x.show('page mapped');
		const scratch = yield* anonymous(u, 1);
		yield* u.poke8(scratch, 0x5a);
		works(x, yield* u.write(fd, scratch, 1), 'write() of one byte succeeds');
		x.observe('the program reads in its mapping what write() stored', yield* u.peek8(at), {equals: 0x5a});
		yield* u.poke8(at + 1, 0xa5);
		works(x, yield* u.read(fd, scratch, 1), 'read() of one byte succeeds');
		x.observe('read() gives what the program stored in its mapping', yield* u.peek8(scratch), {equals: 0xa5});
		yield* refused(x, program, 2, 0, 'two pages are refused');
		yield* refused(x, program, 1, 1, 'an offset is refused');
		yield* unmap();
		yield* close();
		return 'one page was asked for, then two, then one at an offset';
	},
};

/** A mapping that the driver has to refuse. */
function* refused(x: Bench, {u, fd}: Program, pages: number, offset: number, sentence: string): Sleeps<void> {
	const length = pages * PAGE_SIZE;
	const at = yield* u.mmap(0, length, PROT_READ, MAP_SHARED, fd, offset);
	x.observe(sentence, told(Math.min(at, 0)), {equals: '-EINVAL'});
	if (at > 0) yield* u.munmap(at, length);
}

/** What both fault methods have to do: pages of which each begins with a letter of its own. */
function* pagesByFault(x: Bench, program: Program, pages: number): Sleeps<void> {
	const {u, pid} = program;
	const {at, unmap} = yield* mapped(x, program, pages + 1, 'mmap() succeeds');
	const here = vmaAt(at);
	x.expect('no page is there before it is touched', vma(pid), all => here(all)?.pagesPresent, {equals: 0});
	yield* x.show('mapped');
	const second = at + PAGE_SIZE;
	const letter = 'a'.charCodeAt(0);
	const code = yield* inChild(u, 'checkread', () => u.peek8(second));
	x.observe('a child that reads page 1 gets its letter', code, {equals: letter + 1});
	if (code !== letter + 1) throw new CouldNotRun('the steps end here');
	for (let i = 0; i < pages; i++)
		x.observe(`page ${i} begins with its letter`, yield* u.peek8(at + i * PAGE_SIZE), {equals: letter + i});
	x.expect('each page is there once it was touched', vma(pid), all => here(all)?.pagesPresent, {equals: pages});
	const behind = yield* inChild(u, 'checkread', () => u.peek8(at + pages * PAGE_SIZE));
	x.observe('behind the last page a child dies of SIGBUS', behind, {equals: SIGBUS});
	const frame = frameAt(x, pid, second)!;
	yield* unmap();
	x.expect('a page that left the process has the driver’s reference alone', page(frame), ({_count}) => _count, {
		equals: 1,
	});
}

const faultHints = {
	'no page is there': 'mmap has to leave the pages to the fault method: it sets vma->vm_ops and answers 0.',
	'a child that reads page 1':
		'7 is SIGBUS: the fault method answered VM_FAULT_SIGBUS, or gave no page. It has to set vmf->page and answer 0. ' +
		'11 is SIGSEGV. Another letter: another page was given than vmf->pgoff says.',
	'page ': 'The page that is wanted is number vmf->pgoff of the device, not always the first.',
	'behind the last page': 'Where vmf->pgoff is behind the last page, the method has to answer VM_FAULT_SIGBUS.',
	'a page that left':
		'The kernel puts a reference when a page leaves a process, so the method has to take one: get_page(vmf->page).',
} as const;

export const fault: Exercise = {
	name: 'fault',
	title: 'A page when it is touched',
	source: 'LDD3 page 426',
	task: 'Write the fault method of a driver with four pages: each is given at the first access, none behind the last.',
	declares: ['mapped'],
	hints: faultHints,
	*steps(x, subject) {
		const program = yield* opened(x, subject);
		yield* pagesByFault(x, program, 4);
		yield* program.close();
		return 'each page was touched, and one behind the last';
	},
};

export const vmallocPages: Exercise = {
	name: 'vmalloc',
	title: 'Pages of vmalloc',
	source: 'LDD3 page 430',
	task:
		'Write the fault method of a driver whose three pages come from vmalloc(): they lie beside each other in the ' +
		'kernel’s addresses, and anywhere in memory.',
	declares: ['mapped'],
	hints: {
		...faultHints,
		'a child that reads page 1':
			'7 is SIGBUS: the fault method gave no page. vmalloc_to_page(memory + offset) finds it; virt_to_page() is for ' +
			'memory of kmalloc() and __get_free_page() alone, and __pa() too.',
		'the program reads': 'The page in the mapping is not that of the driver’s memory: vmalloc_to_page() finds it.',
	},
	*steps(x, subject) {
		const program = yield* opened(x, subject);
		const {u, fd, close} = program;
		yield* pagesByFault(x, program, 3);
		const {at, unmap} = yield* mapped(x, program, 1, 'mmap() succeeds again');
		const scratch = yield* anonymous(u, 1);
		yield* u.poke8(scratch, 0x5a);
		works(x, yield* u.write(fd, scratch, 1), 'write() of one byte succeeds');
		const code = yield* inChild(u, 'checkread', () => u.peek8(at));
		x.observe('the program reads in its mapping what write() stored', code, {equals: 0x5a});
		yield* unmap();
		yield* close();
		return 'each page was touched, and one was written to';
	},
};

/** The number that a driver gives as text; -1 for anything else. */
function* numberFrom(u: User, fd: number, scratch: number): Sleeps<number> {
	const length = yield* u.read(fd, scratch, 16);
	const text = length > 0 ? String.fromCharCode(...(yield* u.peek(scratch, length))) : '';
	return /^\d+\s*$/.test(text) ? Number(text) : -1;
}

export const areas: Exercise = {
	name: 'areas',
	title: 'Areas that come and go',
	source: 'LDD3 page 421',
	task: 'Write open and close of an area, so that the driver knows in how many areas it is mapped.',
	declares: ['mapped'],
	hints: {
		'after mmap()':
			'The kernel does not call open for the area that mmap itself makes: call your open method at the end of mmap.',
		'a hole in it':
			'A piece that is split off is a new area, for which the kernel calls open; for the piece that goes it calls ' +
			'close. Are both in the vm_operations?',
		'a child that has': 'fork() copies each area, and the kernel calls open for each copy.',
		'the child’s areas': 'The kernel calls close for each area that goes. Is it in the vm_operations?',
		'in the end': 'The kernel calls close for each area that goes. Is it in the vm_operations?',
	},
	*steps(x, subject) {
		const program = yield* opened(x, subject);
		const {u, fd, close} = program;
		const scratch = yield* anonymous(u, 1);
		const count = () => numberFrom(u, fd, scratch);
		x.observe('before the first mmap() it is mapped in no area', yield* count(), {equals: 0});
		const {at, unmap} = yield* mapped(x, program, 3, 'mmap() of three pages succeeds');
		x.observe('after mmap() it is mapped in one', yield* count(), {equals: 1});
		yield* x.show('mapped');
		yield* u.munmap(at + PAGE_SIZE, PAGE_SIZE);
		x.observe('a hole in it makes two', yield* count(), {equals: 2});
		const child = yield* inChild(u, 'checkfork', function* () {
			return (yield* count()) & 0x7f;
		});
		x.observe('a child that has both counts four', child, {equals: 4});
		x.observe('the child’s areas went with it', yield* count(), {equals: 2});
		yield* unmap();
		x.observe('in the end it is mapped in none', yield* count(), {equals: 0});
		yield* close();
		return 'three pages were mapped, cut in two and copied by fork()';
	},
};
