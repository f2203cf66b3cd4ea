/** Error numbers of i386 Linux, as kernel functions return them (negated) and user space names them. */
const ERRNO = {
	EPERM: 1,
	ENOENT: 2,
	ESRCH: 3,
	EINTR: 4,
	EIO: 5,
	ENXIO: 6,
	E2BIG: 7,
	ENOEXEC: 8,
	EBADF: 9,
	ECHILD: 10,
	EAGAIN: 11,
	ENOMEM: 12,
	EACCES: 13,
	EFAULT: 14,
	EBUSY: 16,
	EEXIST: 17,
	ENODEV: 19,
	ENOTDIR: 20,
	EISDIR: 21,
	EINVAL: 22,
	ENFILE: 23,
	EMFILE: 24,
	ENOTTY: 25,
	EFBIG: 27,
	ENOSPC: 28,
	ESPIPE: 29,
	EROFS: 30,
	ENOSYS: 38,
	EOVERFLOW: 75,
	ESHUTDOWN: 108,
	EINPROGRESS: 115,
	ERESTARTSYS: 512,
	EIOCBQUEUED: 529,
	EIOCBRETRY: 530,
} as const;

type ErrnoName = keyof typeof ERRNO;

export const {
	EPERM,
	ENOENT,
	ESRCH,
	EINTR,
	EIO,
	ENXIO,
	E2BIG,
	ENOEXEC,
	EBADF,
	ECHILD,
	EAGAIN,
	ENOMEM,
	EACCES,
	EFAULT,
	EBUSY,
	EEXIST,
	ENODEV,
	ENOTDIR,
	EISDIR,
	EINVAL,
	ENFILE,
	EMFILE,
	ENOTTY,
	EFBIG,
	ENOSPC,
	ESPIPE,
	EROFS,
	ENOSYS,
	EOVERFLOW,
	ESHUTDOWN,
	EINPROGRESS,
	ERESTARTSYS,
	EIOCBQUEUED,
	EIOCBRETRY,
} = ERRNO;

const names = new Map<number, ErrnoName>(Object.entries(ERRNO).map(([name, value]) => [value, name as ErrnoName]));

/** Name of an error number, negated or not: `errnoName(-14)` is `EFAULT`. */
export const errnoName = (error: number): string => names.get(Math.abs(error)) ?? `errno ${Math.abs(error)}`;

/** As Linux's IS_ERR_VALUE: the last page of numbers below zero are errors. */
export const IS_ERR = (value: number) => value < 0 && value >= -4095;
