/** The book's `mapper` (LDD3 page 434): maps part of a file or device and shows what is there. */
import {PAGE_SIZE} from '../../hardware/address.ts';
import {O_RDONLY} from '../../kernel/fs/file.ts';
import {MAP_PRIVATE, PROT_READ} from '../../kernel/mm/mman.ts';
import type {Sleeps} from '../../kernel/time.ts';
import type {User} from '../userland.ts';

/** @returns the bytes, or -errno of the call that failed */
export function* mapper(u: User, path: string, offsetPages: number, pages: number): Sleeps<Uint8Array | number> {
	const fd = yield* u.open(path, O_RDONLY);
	if (fd < 0) return fd;
	const address = yield* u.mmap(0, pages * PAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, offsetPages);
	if (address < 0) {
		yield* u.close(fd);
		return address;
	}
	const bytes = yield* u.peek(address, pages * PAGE_SIZE);
	yield* u.munmap(address, pages * PAGE_SIZE);
	yield* u.close(fd);
	return bytes;
}
