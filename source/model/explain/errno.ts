/** What a system call answers. @see include/asm-generic/errno-base.h, errno.h, include/linux/errno.h */

const errors: Readonly<Record<number, readonly [name: string, says: string]>> = {
	1: ['EPERM', 'not permitted'],
	2: ['ENOENT', 'no file has this name'],
	3: ['ESRCH', 'no process has this number'],
	4: ['EINTR', 'a signal came first'],
	5: ['EIO', 'the device failed'],
	6: ['ENXIO', 'the device or address does not exist'],
	7: ['E2BIG', 'too many arguments'],
	8: ['ENOEXEC', 'not a program that can run'],
	9: ['EBADF', 'not an open file, or not open for that'],
	10: ['ECHILD', 'the process has no such child'],
	11: ['EAGAIN', 'not now: try again'],
	12: ['ENOMEM', 'no memory or no room in the address space'],
	13: ['EACCES', 'the file does not allow that'],
	14: ['EFAULT', 'an address that is not mapped, or not for that'],
	16: ['EBUSY', 'somebody else uses it'],
	17: ['EEXIST', 'it is there already'],
	19: ['ENODEV', 'the device cannot do that'],
	20: ['ENOTDIR', 'not a directory'],
	21: ['EISDIR', 'a directory'],
	22: ['EINVAL', 'an argument is not allowed: often one that is not aligned'],
	23: ['ENFILE', 'too many open files'],
	24: ['EMFILE', 'too many open files of this process'],
	25: ['ENOTTY', 'the device does not know this ioctl()'],
	27: ['EFBIG', 'beyond the largest file'],
	28: ['ENOSPC', 'no room left'],
	29: ['ESPIPE', 'one cannot seek in it'],
	30: ['EROFS', 'read only'],
	32: ['EPIPE', 'the other end is closed'],
	34: ['ERANGE', 'the result is too large'],
	36: ['ENAMETOOLONG', 'the name is too long'],
	38: ['ENOSYS', 'this kernel has no such call'],
	39: ['ENOTEMPTY', 'the directory is not empty'],
	62: ['ETIME', 'time ran out'],
	75: ['EOVERFLOW', 'the value does not fit'],
	95: ['EOPNOTSUPP', 'the file cannot do that'],
	108: ['ESHUTDOWN', 'the other end is down'],
	115: ['EINPROGRESS', 'begun and not finished'],
	512: ['ERESTARTSYS', 'a signal came first: the call begins again after it'],
	514: ['ERESTARTNOHAND', 'a signal came first: the call begins again if no handler ran'],
	515: ['ENOIOCTLCMD', 'the driver does not know this ioctl()'],
	529: ['EIOCBQUEUED', 'queued: aio_complete() will tell the result'],
	530: ['EIOCBRETRY', 'to be tried again later'],
};

const largestError = 4095;

/** The number that a result stands for: `0x1f`, `-14`, or `0xfffffff2` for -14. */
export function resultNumber(result: string): number | undefined {
	const value = Number(result);
	if (!Number.isInteger(value)) return undefined;
	return value > 0xffff_ffff - largestError && value <= 0xffff_ffff ? value - 2 ** 32 : value;
}

/** `-EFAULT: an address that is not mapped, or not for that`; empty for what is no error. */
export function errorSays(result: string): string {
	const value = resultNumber(result);
	if (value === undefined || value >= 0 || value < -largestError) return '';
	const known = errors[-value];
	return known ? `-${known[0]}: ${known[1]}` : `error ${-value}`;
}
