/** aio: contexts, and the requests that are not finished. */
import {formatAio, type KiocbOpcode} from '../../formats/debugfs/aio.ts';
import {micros} from '../../formats/text.ts';
import {aioContexts} from '../../kernel/fs/aio.ts';
import {is_sync_kiocb} from '../../kernel/fs/kiocb.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {runsOf} from './runs.ts';

const opcodes: Readonly<Record<number, KiocbOpcode>> = {
	0: 'PREAD',
	1: 'PWRITE',
	2: 'FSYNC',
	3: 'FDSYNC',
	5: 'POLL',
	6: 'NOOP',
	7: 'PREADV',
	8: 'PWRITEV',
};

export function aioFile(k: Kernel): string {
	const now = k.hw.timeline.nowNs;
	return formatAio({
		contexts: aioContexts(k),
		kiocbs: [...k.aio.kiocbs].map(iocb => ({
			id: iocb.id,
			ctx: is_sync_kiocb(iocb) ? null : iocb.ki_ctx!.user_id,
			pid: iocb.task.pid,
			comm: iocb.task.comm,
			opcode: opcodes[iocb.ki_opcode]!,
			file: iocb.ki_filp.path,
			pos: iocb.ki_pos,
			nbytes: iocb.ki_nbytes,
			kind: is_sync_kiocb(iocb) ? ('sync' as const) : ('async' as const),
			state: iocb.state,
			pagesPinned: iocb.pinned.size,
			pinned: runsOf(iocb.pinned),
			ageUs: micros(now - iocb.submittedNs),
		})),
	});
}
