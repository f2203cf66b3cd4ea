/**
 * A file reader: reads a large file through the page cache, over and over, and so fills memory with it. On a calm
 * machine it reads only the file's beginning, a page at a time.
 */
import {PAGE_SIZE} from '../../hardware/address.ts';
import {O_RDONLY} from '../../kernel/fs/file.ts';
import {MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE} from '../../kernel/mm/mman.ts';
import type {Sleeps} from '../../kernel/time.ts';
import {type LabLoad, nextTurn} from '../load.ts';
import type {User} from '../userland.ts';

const chunk = 32 << 10;
/** Of the file's beginning that a calm machine reads. */
const calmBytes = 4 << 20;

export function* reader(u: User, path: string, load: LabLoad): Sleeps<number> {
	const {chance} = u.k.hw;
	const buffer = yield* u.mmap(0, chunk, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (let calmAt = 0; ; ) {
		const fd = yield* u.open(path, O_RDONLY);
		if (fd < 0) return 1;
		for (;;) {
			if ((yield* nextTurn(u.k, load, {calmMs: [3_000, 6_000]})) === 'calm') {
				yield* u.pread(fd, buffer, PAGE_SIZE, calmAt);
				calmAt = (calmAt + PAGE_SIZE) % calmBytes;
				continue;
			}
			const got = yield* u.read(fd, buffer, chunk);
			if (got <= 0) break;
			yield* u.compute(chance.integer(50_000, 150_000));
			yield* u.sleep(chance.integer(5, 25));
		}
		yield* u.close(fd);
		yield* u.sleep(chance.integer(100, 400));
	}
}
