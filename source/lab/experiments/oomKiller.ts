import {countOf} from '../../formats/words.ts';
import {PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import {SIGKILL} from '../../kernel/bug.ts';
import {erasBefore, erasFrom} from '../../kernel/era/behaviour.ts';
import {sys_wait4} from '../../kernel/exit.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {alloc_pages, put_page} from '../../kernel/mm/page_alloc.ts';
import {ZONE_HIGHMEM} from '../../kernel/mm/zone.ts';
import {dieIfKilled, sys_kill} from '../../kernel/signal.ts';
import type {Sleeps} from '../../kernel/time.ts';
import {schedule_timeout} from '../../kernel/timer.ts';
import type {Bench, Experiment} from '../experiment.ts';
import {addressLessons} from '../lessons/addresses.ts';
import {User} from '../userland.ts';
import {kmsg} from '../views.ts';
import {freePages} from './room.ts';
import {anonymous, choice, must, needsHighmem, nowUs, reap, sleep, startChild, waitFor} from './steps.ts';

const pagesOfMib = 2 ** 20 / PAGE_SIZE;
/** Pages of high memory that are free all the while. */
const thousands = 1_000;

/** The process that the kernel's log says was killed, since an instant. */
const killedSince =
	(timeUs: number) =>
	({lines}: ReturnType<typeof kmsg.parse>): number | undefined => {
		const line = lines.findLast(each => each.timeUs >= timeUs && /[Kk]illed process \d+/.test(each.text));
		return line && Number(/[Kk]illed process (\d+)/.exec(line.text)![1]);
	};

/** Free kB of high memory in the report that stands above it. */
const freeHighmemSince =
	(timeUs: number) =>
	({lines}: ReturnType<typeof kmsg.parse>): number | undefined => {
		const line = lines.find(each => each.timeUs >= timeUs && each.text.startsWith('HighMem free:'));
		return line && Number(/free:(\d+)kB/.exec(line.text)![1]);
	};

/** How often somebody looks whether a process was killed: more often than the kernel tries again. */
const lookNs = 100_000;
/** Pages that are given back then, so that no other process is killed as well. */
const pagesBack = 256;

/**
 * Takes page after page of low memory as the kernel does for itself, until a process is killed for it.
 * @returns the last one
 */
function* takeLowMemory({k, later}: Bench, u: User, taken: Pfn[]): Sleeps<Pfn | undefined> {
	const before = k.vmscan.oomKills;
	const isOver = () => k.vmscan.oomKills > before;
	let ended = false;
	later(() => {
		ended = true;
	});
	const watcher = yield* startChild(u, {
		comm: 'oomwatch',
		*body() {
			while (!isOver() && !ended) {
				k.cpu.current.state = 'TASK_INTERRUPTIBLE';
				yield* schedule_timeout(k, lookNs);
			}
			for (const frame of taken.splice(0, pagesBack)) put_page(k, frame);
		},
	});
	let frame: Pfn | undefined;
	while (!isOver()) {
		frame = yield* alloc_pages(k, GFP_KERNEL, 0);
		if (frame !== undefined) taken.push(frame);
		dieIfKilled(k);
		if (frame === undefined) break;
		// Pays for what was taken, so that the watcher is not late.
		if (taken.length % 64 === 0) yield 0;
	}
	ended = true;
	yield* reap(u, watcher);
	return frame;
}

export const oomKiller: Experiment = {
	name: 'oom-killer',
	title: 'Low memory runs out, and a bystander is killed',
	claim:
		'When the kernel gets no more low memory, it kills the process that has most memory, though it has not asked, ' +
		'and though thousands of pages of high memory are free.',
	source: 'mm/oom_kill.c; LDD3 page 415',
	rows: [8, 50],
	parameters: [
		choice('fill', '0 leaves low memory as it is', 1),
		{name: 'mib', about: 'memory of the bystander', least: 8, most: 32, usual: 16, unit: 'MiB'},
	],
	declares: ['bystander has its memory', 'bystander killed', 'low memory back'],
	disposable: true,
	unfit: needsHighmem,
	control: {set: {fill: 0}, fails: 'the log says that the bystander'},
	comm: 'oomhog',
	lesson: {
		chapter: 'addresses',
		background: addressLessons.oomKiller,
		setup:
			'A process, the bystander, has 16 MiB of memory and sleeps. Another one makes the kernel take ' +
			'page after page of low memory with GFP_KERNEL (with fill=0: none). Thousands of pages of high memory are free.',
		question: {
			ask: 'No page of low memory is left, and nothing can be reclaimed. What happens?',
			answers: [
				{text: 'The call that asks returns NULL.', when: {'the log says that the bystander': false}},
				{
					text: 'The bystander is killed, and the call returns NULL all the same.',
					when: {'the log says that the bystander': true, 'the kernel gets its page': false},
				},
				{
					text: 'The bystander is killed, and the call goes on.',
					when: {'the log says that the bystander': true, 'the kernel gets its page': true},
				},
			],
		},
		looks: [
			{pane: 'log', says: 'the report: each zone’s free pages, the process that was chosen'},
			{pane: 'zones', says: 'HighMem has plenty before, and more afterwards'},
		],
		differences: [
			{
				eras: erasBefore('2.6.32'),
				says: 'the size of the address space counts, and that of children counts for their parent, who sends one of them.',
			},
			{
				eras: erasFrom('2.6.32', '3.2'),
				says: 'children count half; the log names who was chosen, and then who dies for it.',
			},
			{eras: erasFrom('3.2'), says: 'the pages that a process has count, and those of its page tables.'},
			{eras: erasFrom('5.10'), says: 'reclaim is tried 16 times first.'},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const pages = x.value('mib') * pagesOfMib;
		yield* freePages(x, ZONE_HIGHMEM, pages + thousands);
		let ready = false;
		const pid = must(
			yield* u.fork({
				comm: 'bystander',
				*body() {
					const at = yield* anonymous(u, pages);
					for (let page = 0; page < pages; page++) yield* u.poke8(at + page * PAGE_SIZE, 1);
					ready = true;
					for (;;) yield* sleep(k, 1_000);
				},
			}),
			'fork',
		);
		x.later(() => void sys_kill(k, pid, SIGKILL));
		yield* waitFor(k, () => ready, `the bystander did not get its ${countOf(pages, 'page')}`);
		yield* x.show('bystander has its memory');
		const beganUs = nowUs(k);
		const taken: Pfn[] = [];
		const giveBack = x.later(() => {
			for (const frame of taken.splice(0)) put_page(k, frame);
		});
		let count = 0;
		let last: Pfn | undefined;
		if (x.value('fill') === 1) {
			last = yield* takeLowMemory(x, u, taken);
			count = taken.length + pagesBack;
		}
		if (count > 0) x.say(`${countOf(count, 'page')} of low memory were taken`);
		x.expect('the log says that the bystander was killed', kmsg, killedSince(beganUs), {equals: pid});
		if (count > 0) x.observe('the kernel gets its page then', last !== undefined, {equals: true});
		x.expect('its report has thousands of pages of high memory free', kmsg, freeHighmemSince(beganUs), {
			atLeast: (thousands * PAGE_SIZE) / 1024,
		});
		yield* x.show('bystander killed');
		giveBack();
		sys_kill(k, pid, SIGKILL);
		yield* sys_wait4(k, pid);
		yield* x.show('low memory back');
		if (count === 0) return 'low memory was left, and no process was killed';
		return `${countOf(count, 'page')} of low memory cost the bystander its life`;
	},
};
