/**
 * Models kernel/sys.c (2.6.11 and later): what the system is called.
 *
 * Not modelled: setting names, users and groups (all are root), resource usage.
 */
import {userAddress} from '../hardware/address.ts';
import {EFAULT} from './errno.ts';
import type {Kernel} from './kernel.ts';
import {copy_to_user} from './mm/uaccess.ts';
import type {Sleeps} from './time.ts';

/** Each of the six names has so many bytes. */
const NAME_BYTES = 65;

export function* sys_newuname(k: Kernel, to: number): Sleeps<number> {
	const names = ['Linux', 'lab', k.era.release, '#1', 'i686', '(none)'];
	const bytes = new Uint8Array(NAME_BYTES * names.length);
	for (const [i, name] of names.entries())
		bytes.set(
			[...name].map(letter => letter.charCodeAt(0)),
			i * NAME_BYTES,
		);
	return (yield* copy_to_user(k, userAddress(to), bytes)) > 0 ? -EFAULT : 0;
}
