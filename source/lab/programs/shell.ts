/** A shell at which somebody works: now and then it runs a command, whose memory comes and goes with it. */
import {PAGE_SIZE} from '../../hardware/address.ts';
import {O_APPEND, O_CREAT, O_RDONLY, O_WRONLY} from '../../kernel/fs/file.ts';
import {MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE} from '../../kernel/mm/mman.ts';
import type {Sleeps} from '../../kernel/time.ts';
import {type LabLoad, nextTurn} from '../load.ts';
import {User} from '../userland.ts';
import {becomeProgram} from './start.ts';

export function* shell(u: User, load: LabLoad): Sleeps<number> {
	const {chance} = u.k.hw;
	for (let line = 0; ; line++) {
		const busy = () => u.sleep(chance.integer(200, 900));
		const isCalm = (yield* nextTurn(u.k, load, {calmMs: [3_000, 6_000], busy})) === 'calm';
		// The line typed goes into the history: a page or so of heap, now and then.
		if (line % 8 === 0) yield* growHeap(u, PAGE_SIZE);
		const command = chance.pick(commands);
		const pid = yield* u.fork({
			comm: 'sh',
			*body(k) {
				const child = new User(k);
				yield* becomeProgram(child, command.path, [command.comm]);
				return yield* command.main(child, isCalm);
			},
		});
		if (pid > 0) yield* u.wait(pid);
	}
}

function* growHeap(u: User, bytes: number): Sleeps<number> {
	const end = yield* u.brk(0);
	const grown = yield* u.brk(end + bytes);
	if (grown > end) yield* u.poke8(end, 1);
	return grown;
}

type Command = {
	readonly comm: string;
	readonly path: string;
	readonly main: (u: User, isCalm: boolean) => Sleeps<number>;
};

/** What a sort on a calm machine takes, and how long it has it. */
const calmSortPages = 8;
const calmSortMs = 1_000;

const commands: readonly Command[] = [
	{
		comm: 'sort',
		path: '/bin/sort',
		/** Reads a file into memory and sorts it there. */
		*main(u, isCalm) {
			const pages = isCalm ? calmSortPages : u.k.hw.chance.integer(16, 96);
			const memory = yield* u.mmap(0, pages * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
			const fd = yield* u.open('/home/student/notes.txt', O_RDONLY);
			if (fd < 0 || memory < 0) return 1;
			yield* u.read(fd, memory, 4 * PAGE_SIZE);
			for (let page = 0; page < pages; page++) {
				yield* u.poke32(memory + page * PAGE_SIZE, page);
				yield* u.compute(20_000);
			}
			yield* u.sleep(isCalm ? calmSortMs : u.k.hw.chance.integer(20, 200));
			yield* u.munmap(memory, pages * PAGE_SIZE);
			return 0;
		},
	},
	{
		comm: 'make',
		path: '/usr/bin/make',
		/** Appends to a log, as a build does. */
		*main(u, isCalm) {
			const fd = yield* u.open('/home/student/build.log', O_WRONLY | O_CREAT | O_APPEND);
			if (fd < 0) return 1;
			const lines = yield* u.brk(0);
			yield* u.brk(lines + 8 * PAGE_SIZE);
			for (let i = 0; i < (isCalm ? 2 : u.k.hw.chance.integer(4, 20)); i++) {
				yield* u.poke32(lines + (i % 8) * PAGE_SIZE, i);
				yield* u.write(fd, lines, u.k.hw.chance.integer(100, 3000));
				yield* u.compute(300_000);
				yield* u.sleep(5);
			}
			yield* u.close(fd);
			return 0;
		},
	},
	{
		comm: 'ps',
		path: '/bin/ps',
		*main(u) {
			const memory = yield* u.brk(0);
			yield* u.brk(memory + 4 * PAGE_SIZE);
			for (let page = 0; page < 4; page++) yield* u.poke8(memory + page * PAGE_SIZE, 1);
			yield* u.compute(2_000_000);
			return 0;
		},
	},
];
