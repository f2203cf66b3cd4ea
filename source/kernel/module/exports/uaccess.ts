/** linux/uaccess.h: memory of the calling process. */
import {userAddress} from '../../../hardware/address.ts';
import {EFAULT} from '../../errno.ts';
import type {Kernel} from '../../kernel.ts';
import {clear_user, copy_from_user, copy_to_user} from '../../mm/uaccess.ts';
import type {Sleeps} from '../../time.ts';
import type {Gate} from '../state.ts';
import {readKernel, writeKernel} from '../text.ts';

function* toUser(k: Kernel, to: number, from: number, count: number): Sleeps<number> {
	return yield* copy_to_user(k, userAddress(to), readKernel(k, from, count));
}

/** What could not be read becomes zeros in the kernel's copy. */
function* fromUser(k: Kernel, to: number, from: number, count: number): Sleeps<number> {
	const bytes = new Uint8Array(count);
	const missed = yield* copy_from_user(k, bytes, userAddress(from));
	bytes.fill(0, count - missed);
	writeKernel(k, to, bytes);
	return missed;
}

export const uaccessExports: readonly Gate[] = [
	...['copy_to_user', '__copy_to_user'].map(
		(name): Gate => ({name, run: ({k, arg}) => toUser(k, arg(0), arg(1), arg(2))}),
	),
	...['copy_from_user', '__copy_from_user'].map(
		(name): Gate => ({name, run: ({k, arg}) => fromUser(k, arg(0), arg(1), arg(2))}),
	),
	{name: 'clear_user', run: ({k, arg}) => clear_user(k, userAddress(arg(0)), arg(1))},
	{
		name: '__put_user_size',
		*run({k, arg}) {
			return (yield* toUser(k, arg(1), arg(0), arg(2))) > 0 ? -EFAULT : 0;
		},
	},
	{
		name: '__get_user_size',
		*run({k, arg}) {
			return (yield* fromUser(k, arg(0), arg(1), arg(2))) > 0 ? -EFAULT : 0;
		},
	},
];
