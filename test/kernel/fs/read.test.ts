import {expect, it} from 'vitest';
import {userAddress} from '../../../source/hardware/address.ts';
import {O_DIRECT, O_RDWR} from '../../../source/kernel/fs/file.ts';
import {sys_pread64} from '../../../source/kernel/fs/read_write.ts';
import {sys_open} from '../../../source/kernel/fs/vfs.ts';
import {user_read} from '../../../source/kernel/mm/uaccess.ts';
import {bootWithDisk, install, newProcess, onDisk, runIn, userBuffer} from './machine.ts';

for (const [how, flags] of [
	['buffered', O_RDWR],
	['direct', O_RDWR | O_DIRECT],
] as const) {
	it(`a ${how} read gives the bytes that lie on the disk`, () => {
		const machine = bootWithDisk();
		const {k} = machine;
		const file = install(machine, '/data', 40);
		const got = runIn(k, newProcess(k), function* () {
			const fd = yield* sys_open(k, '/data', flags);
			const buffer = yield* userBuffer(k, 65_536);
			const count = yield* sys_pread64(k, fd, buffer, 49_152, 8192);
			expect(count).toBe(49_152);
			return yield* user_read(k, userAddress(buffer), 49_152);
		});
		expect(got).toEqual(onDisk(machine, file, 8192, 49_152));
		expect(machine.sd.ended).toBeGreaterThan(0);
	});
}
