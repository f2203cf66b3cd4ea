import type {TargetError} from '../target/target.ts';

/** HTTP's word for an errno; the errno itself is the first word of the body. */
export function statusOf(error: TargetError): number {
	switch (error.code) {
		case 'ENOENT':
		case 'ESRCH':
			return 404;
		case 'EACCES':
		case 'EPERM':
		case 'EROFS':
			return 403;
		case 'EFBIG':
			return 413;
		case 'EBUSY':
			return 409;
		case 'EAGAIN':
			return 429;
		case 'ENAMETOOLONG':
			return 414;
		case 'ERANGE':
			return 416;
		case 'EOPNOTSUPP':
			return 405;
		case 'EIO':
			return 500;
		case 'EDISCONNECTED':
			return 502;
		default:
			return 400;
	}
}
