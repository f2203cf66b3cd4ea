/** linux/uaccess.h: memory of the calling process. */
import {kernelAddress, PAGE_SIZE, pageAlignDown, userAddress} from '../../../hardware/address.ts';
import {EFAULT} from '../../errno.ts';
import type {Kernel} from '../../kernel.ts';
import {kernelToPhysical} from '../../mm/access.ts';
import {PAGE_OFFSET} from '../../mm/page.ts';
import {clear_user, copy_from_user, copy_to_user} from '../../mm/uaccess.ts';
import type {Sleeps} from '../../time.ts';
import type {Gate, GateCall} from '../state.ts';
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

/** As memcpy, of memory that may not be there. @returns 0 or -EFAULT */
function fromKernelNofault({k, arg}: GateCall): number {
	const [from, count] = [arg(1), arg(2)];
	const isThere = (at: number) => at >= PAGE_OFFSET && kernelToPhysical(k, kernelAddress(at)) !== undefined;
	for (let at = from; at < from + count; at = pageAlignDown(at) + PAGE_SIZE) if (!isThere(at)) return -EFAULT;
	if (from + count > 2 ** 32) return -EFAULT;
	writeKernel(k, arg(0), readKernel(k, from, count));
	return 0;
}

export const uaccessExports: readonly Gate[] = [
	{name: 'copy_from_kernel_nofault', run: fromKernelNofault},
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
