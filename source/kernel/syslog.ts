/**
 * Models do_syslog() of kernel/printk.c (2.6.11; kernel/printk/printk.c since 3.11): what a program reads of the log.
 *
 * Not modelled: a console, so that types 6 to 8 only check what they are given; reading lines that no program has read
 * yet (types 2 and 9, which answer -EINVAL).
 */
import {userAddress} from '../hardware/address.ts';
import {capable} from './cred.ts';
import {EFAULT, EINVAL, EPERM} from './errno.ts';
import type {Kernel} from './kernel.ts';
import {copy_to_user} from './mm/uaccess.ts';
import type {LogLine} from './printk.ts';
import type {Sleeps} from './time.ts';

/** Types of the call, as syslog(2) lists them. */
const CLOSE = 0;
const OPEN = 1;
const READ_ALL = 3;
const READ_CLEAR = 4;
const CLEAR = 5;
const CONSOLE_OFF = 6;
const CONSOLE_ON = 7;
const CONSOLE_LEVEL = 8;
const SIZE_BUFFER = 10;

/** CONFIG_LOG_BUF_SHIFT. The log keeps a number of lines instead, see printk.ts. */
const BUFFER_BYTES = 1 << 17;

/** `<6>[    1.234567] text` */
function logged({level, timeNs, text}: LogLine): string {
	const us = Math.floor(timeNs / 1000);
	const time = `${String(Math.floor(us / 1e6)).padStart(5)}.${String(us % 1e6).padStart(6, '0')}`;
	return text
		.split('\n')
		.map(part => `<${level}>[${time}] ${part}\n`)
		.join('');
}

/** The newest lines that fit whole. @returns how many bytes were copied */
function* readAll(k: Kernel, to: number, length: number): Sleeps<number> {
	const lines = k.log.lines.filter(({seq}) => seq >= k.log.clearedSeq).map(logged);
	let first = lines.length;
	for (let room = length; first > 0 && lines[first - 1]!.length <= room; first--) room -= lines[first - 1]!.length;
	const bytes = Uint8Array.from([...lines.slice(first).join('')], letter => letter.charCodeAt(0) & 0xff);
	return (yield* copy_to_user(k, userAddress(to), bytes)) > 0 ? -EFAULT : bytes.length;
}

/**
 * The system call. Sleeps where memory has to be read in.
 * @param length bytes of room at `to`; of type 8 the console's level, 1 to 8
 * @returns bytes read, the size of the log, 0, -EPERM, -EINVAL or -EFAULT
 */
export function* do_syslog(k: Kernel, type: number, to: number, length: number): Sleeps<number> {
	if (type !== READ_ALL && type !== SIZE_BUFFER && !capable(k, 'CAP_SYS_ADMIN')) return -EPERM;
	switch (type) {
		case CLOSE:
		case OPEN:
		case CONSOLE_OFF:
		case CONSOLE_ON:
			return 0;
		case READ_ALL:
		case READ_CLEAR: {
			if (to === 0 || length < 0) return -EINVAL;
			if (length === 0) return 0;
			const got = yield* readAll(k, to, length);
			if (type === READ_CLEAR && got >= 0) k.log.clearedSeq = k.log.seq;
			return got;
		}
		case CLEAR:
			k.log.clearedSeq = k.log.seq;
			return 0;
		case CONSOLE_LEVEL:
			return length < 1 || length > 8 ? -EINVAL : 0;
		case SIZE_BUFFER:
			return BUFFER_BYTES;
		default:
			return -EINVAL;
	}
}
