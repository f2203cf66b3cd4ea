/** The book's `mapcmp`: compares what a mapping shows with what read() gives. */
import {PAGE_SIZE} from '../../hardware/address.ts';
import {O_RDONLY} from '../../kernel/fs/file.ts';
import {MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE} from '../../kernel/mm/mman.ts';
import type {Sleeps} from '../../kernel/time.ts';
import type {User} from '../userland.ts';
import {mapper} from './mapper.ts';

/** @returns how many bytes differ, or -errno of the call that failed */
export function* mapcmp(u: User, path: string, pages: number): Sleeps<number> {
	const mapped = yield* mapper(u, path, 0, pages);
	if (typeof mapped === 'number') return mapped;
	const fd = yield* u.open(path, O_RDONLY);
	if (fd < 0) return fd;
	const buffer = yield* u.mmap(0, pages * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	if (buffer < 0) return buffer;
	let got = 0;
	while (got < pages * PAGE_SIZE) {
		const count = yield* u.read(fd, buffer + got, pages * PAGE_SIZE - got);
		if (count < 0) return count;
		if (count === 0) break;
		got += count;
	}
	const read = yield* u.peek(buffer, pages * PAGE_SIZE);
	yield* u.munmap(buffer, pages * PAGE_SIZE);
	yield* u.close(fd);
	return mapped.reduce((differing, byte, i) => differing + (i < got && byte === read[i] ? 0 : 1), 0);
}
