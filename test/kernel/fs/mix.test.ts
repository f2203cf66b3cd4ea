import fc from 'fast-check';
import {expect, it} from 'vitest';
import {userAddress} from '../../../source/hardware/address.ts';
import {ERA_NAMES} from '../../../source/kernel/era/behaviour.ts';
import {sys_io_destroy} from '../../../source/kernel/fs/aio.ts';
import {O_DIRECT, O_RDWR} from '../../../source/kernel/fs/file.ts';
import {sys_fsync, sys_ftruncate, sys_pread64, sys_pwrite64} from '../../../source/kernel/fs/read_write.ts';
import {sys_open} from '../../../source/kernel/fs/vfs.ts';
import {sys_sync} from '../../../source/kernel/mm/pdflush.ts';
import {user_read, user_write} from '../../../source/kernel/mm/uaccess.ts';
import {runs} from '../../sample.ts';
import {dmesg, type TestKernelOptions} from '../support.ts';
import {aioProgram, getevents, rw, setup, submit} from './aioProgram.ts';
import {bootWithDisk, install, newProcess, onDisk, runIn, userBuffer} from './machine.ts';

const pages = 12;
const sectorBytes = 512;

/** A file as a plain array of bytes: what Linux promises, whichever way the bytes went. */
class Model {
	bytes: Uint8Array;

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
	}

	resize(size: number): void {
		const next = new Uint8Array(size);
		next.set(this.bytes.subarray(0, size));
		this.bytes = next;
	}

	write(pos: number, data: Uint8Array): void {
		if (pos + data.length > this.bytes.length) this.resize(pos + data.length);
		this.bytes.set(data, pos);
	}
}

/** Every kernel on every kind of machine: the disk's transfers are bounced, translated, or go past the caches. */
const board = fc
	.tuple(
		fc.constantFrom(...ERA_NAMES),
		fc.constantFrom<TestKernelOptions[]>({}, {swiotlb: 'force'}, {iommuPages: 1024}, {coherentCaches: false}),
	)
	.map(([era, options]): TestKernelOptions => ({era, ...options}));

const step = fc.record({
	how: fc.constantFrom('buffered', 'direct', 'aio', 'aio buffered', 'fsync', 'truncate'),
	write: fc.boolean(),
	sector: fc.nat(pages * 8 + 16),
	sectors: fc.integer({min: 1, max: 40}),
	odd: fc.nat(sectorBytes - 1),
	seed: fc.nat(255),
});

it(
	'whatever mix of buffered, direct and asynchronous I/O: a read gives what was written last, and so ' +
		'does the disk after sync',
	() => {
		fc.assert(
			fc.property(board, fc.array(step, {minLength: 3, maxLength: 14}), (options, steps) => {
				const machine = bootWithDisk(options);
				const {k} = machine;
				const inode = install(machine, '/data', pages);
				const model = new Model(onDisk(machine, inode, 0, pages * 4096));
				runIn(k, newProcess(k), function* () {
					const p = yield* aioProgram(k);
					const plain = yield* sys_open(k, '/data', O_RDWR);
					const direct = yield* sys_open(k, '/data', O_RDWR | O_DIRECT);
					const buffer = yield* userBuffer(k, 65_536);
					const ctx = yield* setup(k, p, 4);
					for (const {how, write, sector, sectors, odd, seed} of steps) {
						if (how === 'fsync') {
							expect(yield* sys_fsync(k, plain)).toBe(0);
							continue;
						}
						const unaligned = how === 'buffered' || how === 'aio buffered' ? odd : 0;
						const pos = sector * sectorBytes + unaligned;
						if (how === 'truncate') {
							expect(yield* sys_ftruncate(k, plain, pos + odd)).toBe(0);
							model.resize(pos + odd);
							continue;
						}
						const fd = how === 'direct' || how === 'aio' ? direct : plain;
						const length = sectors * sectorBytes - unaligned;
						const data = Uint8Array.from({length}, (_, i) => (seed + i * 7 + (i >> 8)) & 255);
						yield* user_write(k, buffer, write ? data : new Uint8Array(length).fill(0xee));
						let count: number;
						if (how === 'aio' || how === 'aio buffered') {
							expect(yield* submit(k, p, ctx, [rw(fd, write, buffer, length, pos)])).toBe(1);
							count = (yield* getevents(k, p, ctx, 1, 1))[0]!.res;
						} else {
							count = yield* (write ? sys_pwrite64 : sys_pread64)(k, fd, buffer, length, pos);
						}
						if (write) {
							expect(count).toBe(length);
							model.write(pos, data);
						} else {
							const wanted = model.bytes.subarray(pos, pos + length);
							expect(count).toBe(wanted.length);
							expect(Buffer.compare(yield* user_read(k, userAddress(buffer), count), wanted)).toBe(0);
						}
					}
					yield* sys_io_destroy(k, ctx);
					yield* sys_sync(k);
				});
				expect(inode.i_size).toBe(model.bytes.length);
				expect(Buffer.compare(onDisk(machine, inode, 0, model.bytes.length), model.bytes)).toBe(0);
				expect([k.filemap.nr_dirty, k.filemap.nr_writeback, k.mm.pins.size, k.aio.kiocbs.size]).toEqual([0, 0, 0, 0]);
				// Of the disk there is its command memory left, and nothing that was said about its driver.
				expect([k.dma.mappings.live, k.dma.debug.error_count, k.dma.swiotlb?.used ?? 0]).toEqual([1, 0, 0]);
				expect(dmesg(k).filter(line => /DMA-API: .*driver|Poison|Slab corruption|refcount/.test(line))).toEqual([]);
			}),
			{numRuns: runs(72), seed: 1},
		);
	},
);
