/**
 * Models fallocate() of fs/open.c (2.6.23 and later), with the modes of linux/falloc.h: room in a file, and holes.
 *
 * Not modelled: filesystems that take more than KEEP_SIZE and PUNCH_HOLE, see shmem.ts.
 */
import {EBADF, EFBIG, EINVAL, ENODEV, EOPNOTSUPP, ESPIPE} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import type {Sleeps} from '../time.ts';
import {FMODE_WRITE, type file, withFile} from './file.ts';

export const FALLOC_FL_KEEP_SIZE = 0x1;
export const FALLOC_FL_PUNCH_HOLE = 0x2;
const FALLOC_FL_COLLAPSE_RANGE = 0x8;
const FALLOC_FL_ZERO_RANGE = 0x10;
const FALLOC_FL_INSERT_RANGE = 0x20;
const FALLOC_FL_UNSHARE_RANGE = 0x40;
const FALLOC_FL_WRITE_ZEROES = 0x80;
const MODES_5_10 =
	FALLOC_FL_PUNCH_HOLE |
	FALLOC_FL_COLLAPSE_RANGE |
	FALLOC_FL_ZERO_RANGE |
	FALLOC_FL_INSERT_RANGE |
	FALLOC_FL_UNSHARE_RANGE;

/** Whether modes are known and go together. @returns 0, -EOPNOTSUPP, -EINVAL */
function checkModes(k: Kernel, mode: number): number {
	const keeps = (mode & FALLOC_FL_KEEP_SIZE) !== 0;
	const others = mode & ~FALLOC_FL_KEEP_SIZE;
	const form = k.era.fallocateModes;
	// Bits beside KEEP_SIZE are not looked at.
	if (form === 'keep size') return mode === 0 || keeps ? 0 : -EOPNOTSUPP;
	const known = form === 'keep size or hole' ? FALLOC_FL_PUNCH_HOLE : MODES_5_10;
	const newer = form === 'one at a time' ? FALLOC_FL_WRITE_ZEROES : 0;
	if ((others & ~(known | newer)) !== 0) return -EOPNOTSUPP;
	if (form === 'one at a time') {
		if ((others & (others - 1)) !== 0) return -EOPNOTSUPP;
		const setsSize = [FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE, FALLOC_FL_WRITE_ZEROES].includes(others);
		return (others === FALLOC_FL_PUNCH_HOLE && !keeps) || (setsSize && keeps) ? -EOPNOTSUPP : 0;
	}
	const isHole = (mode & FALLOC_FL_PUNCH_HOLE) !== 0;
	if (isHole && ((mode & FALLOC_FL_ZERO_RANGE) !== 0 || !keeps)) return -EOPNOTSUPP;
	for (const alone of [FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE])
		if ((mode & alone) !== 0 && mode !== alone) return -EINVAL;
	return (mode & FALLOC_FL_UNSHARE_RANGE) !== 0 && others !== FALLOC_FL_UNSHARE_RANGE ? -EINVAL : 0;
}

/** Whether an open file's filesystem may be asked. @returns 0 or -errno. @see vfs_fallocate() */
function checkRange(k: Kernel, file: file, mode: number, offset: number, length: number): number {
	if (offset < 0 || length <= 0) return -EINVAL;
	const refused = checkModes(k, mode);
	if (refused < 0) return refused;
	if (!(file.f_mode & FMODE_WRITE)) return -EBADF;
	const {kind} = file.inode;
	if (kind === 'fifo') return -ESPIPE;
	const takesDisks = k.era.fallocatesDisks && kind === 'blkdev';
	if (kind !== 'regular' && kind !== 'shmem' && !takesDisks) return -ENODEV;
	return offset + length > k.era.MAX_LFS_FILESIZE ? -EFBIG : 0;
}

/** Makes room in a file, or a hole (2.6.23 on). @returns 0, -EBADF, -EINVAL, -EOPNOTSUPP, -ENODEV, -EFBIG, -ENOSPC */
export function* sys_fallocate(k: Kernel, fd: number, mode: number, offset: number, length: number): Sleeps<number> {
	return yield* withFile(k, fd, function* (file) {
		const error = checkRange(k, file, mode, offset, length);
		if (error < 0) return error;
		if (!file.f_op.fallocate || !k.era.tmpfsAllocates) return -EOPNOTSUPP;
		return yield* file.f_op.fallocate(k, file, mode, offset, length);
	});
}
