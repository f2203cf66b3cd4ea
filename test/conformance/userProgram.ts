/** What the 32-bit test program of truth/i386 does and prints, on a simulated process. */
import {userAddress} from '../../source/hardware/address.ts';
import {formatMapsArea} from '../../source/formats/proc/maps.ts';
import {errnoName} from '../../source/kernel/errno.ts';
import {fd_install, type file, O_RDWR} from '../../source/kernel/fs/file.ts';
import {get_empty_filp} from '../../source/kernel/fs/file_table.ts';
import {shmem_file_setup} from '../../source/kernel/fs/shmem.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {type FaultVerdict, verdictCode, verdictSignal} from '../../source/kernel/mm/fault.ts';
import {user_read8, user_touch, user_write8} from '../../source/kernel/mm/uaccess.ts';
import {mapsArea} from '../../source/lab/tree/maps.ts';

export const hex = (value: number) => `0x${value.toString(16)}`;

/** Result of a call that returns an address or 0: `ok`, or the errno's name. */
export const okOrErrno = (result: number) => (result < 0 ? errnoName(result) : 'ok');

/** Lines of /proc/self/maps within a window. */
export function mapsLines(k: Kernel, start: number, end: number): string[] {
	const mm = k.cpu.current.mm!;
	return [...mm.mmap]
		.filter(vma => vma.vm_start >= start && vma.vm_start < end)
		.map(vma => formatMapsArea(mapsArea(k, mm, vma)));
}

/** Opens an unlinked file of tmpfs, as the program's work file is. @returns its descriptor and file */
export function openUnlinked(k: Kernel, path: string, sizeBytes: number, flags = O_RDWR): {fd: number; file: file} {
	const made = shmem_file_setup(k, path.slice(1), sizeBytes);
	const opened = get_empty_filp(k, made.path, made.inode, flags);
	return {fd: fd_install(k.cpu.current.files, opened), file: opened};
}

const SIGNALS: Readonly<Record<number, string>> = {7: 'SIGBUS', 11: 'SIGSEGV'};
const CODES: Readonly<Record<string, string>> = {'7.2': 'BUS_ADRERR', '11.1': 'SEGV_MAPERR', '11.2': 'SEGV_ACCERR'};

/** What the program prints of a signal that it caught. */
export function signalFields(verdict: FaultVerdict, address: number) {
	const [signo, code] = [verdictSignal(verdict), verdictCode(verdict)];
	return {signal: SIGNALS[signo] ?? String(signo), si_code: CODES[`${signo}.${code}`] ?? String(code), si_addr: hex(address)};
}

const byteHex = (value: number) => `0x${value.toString(16).padStart(2, '0')}`;

/** Loads a byte and prints what came of it. */
export function* load(k: Kernel, address: number) {
	const head = {addr: hex(address), op: 'read'};
	const verdict = yield* user_touch(k, address, false);
	if (verdict !== 0) return {...head, ...signalFields(verdict, address)};
	return {...head, value: byteHex(yield* user_read8(k, userAddress(address)))};
}

/** Stores a byte and prints what came of it. */
export function* store(k: Kernel, address: number, value: number) {
	const head = {addr: hex(address), op: 'write', value: byteHex(value)};
	const verdict = yield* user_touch(k, address, true);
	if (verdict !== 0) {
		const {value: _, ...withoutValue} = head;
		return {...withoutValue, ...signalFields(verdict, address)};
	}
	yield* user_write8(k, userAddress(address), value);
	return {...head, ok: true};
}

