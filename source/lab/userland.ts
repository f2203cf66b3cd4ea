/** The C library of simulated programs: system calls by name, and memory that faults when it is touched. */
import {hex} from '../formats/text.ts';
import {type UserAddress, userAddress} from '../hardware/address.ts';
import {EINTR} from '../kernel/errno.ts';
import {sys_wait4} from '../kernel/exit.ts';
import {do_fork, type ForkWish} from '../kernel/fork.ts';
import {sys_io_destroy, sys_io_getevents, sys_io_setup} from '../kernel/fs/aio.ts';
import {
	formatIocb,
	IO_EVENT_BYTES,
	IOCB_BYTES,
	type IocbFields,
	type io_event,
	parseIoEvents,
} from '../kernel/fs/aio_abi.ts';
import {sys_io_submit} from '../kernel/fs/aio_submit.ts';
import {sys_close} from '../kernel/fs/file.ts';
import {sys_fsync, sys_pread64, sys_pwrite64, sys_read, sys_write} from '../kernel/fs/read_write.ts';
import {sys_open} from '../kernel/fs/vfs.ts';
import type {Kernel} from '../kernel/kernel.ts';
import {sys_brk} from '../kernel/mm/brk.ts';
import {sys_madvise} from '../kernel/mm/madvise.ts';
import {sys_mmap2} from '../kernel/mm/mmap.ts';
import {sys_mprotect} from '../kernel/mm/mprotect.ts';
import {sys_mremap} from '../kernel/mm/mremap.ts';
import {sys_munmap} from '../kernel/mm/munmap.ts';
import {user_read, user_read8, user_write, user_write8} from '../kernel/mm/uaccess.ts';
import {dieIfKilled} from '../kernel/signal.ts';
import {syscall} from '../kernel/syscalls.ts';
import type {Sleeps} from '../kernel/time.ts';
import {msleep_interruptible} from '../kernel/timer.ts';

/** What a program of this machine can do. Numbers below zero are -errno, as the kernel returns them. */
export class User {
	readonly k: Kernel;

	constructor(k: Kernel) {
		this.k = k;
	}

	/** Computes for a while in user mode. */
	*compute(ns: number): Sleeps<void> {
		yield ns;
		dieIfKilled(this.k);
	}

	sleep(milliseconds: number): Sleeps<number> {
		const {k} = this;
		function* body(): Sleeps<number> {
			return (yield* msleep_interruptible(k, milliseconds)) > 0 ? -EINTR : 0;
		}
		return syscall(k, 'nanosleep', `${milliseconds} ms`, body());
	}

	open(path: string, flags: number): Sleeps<number> {
		return syscall(this.k, 'open', `filename: "${path}", flags: ${hex(flags)}`, sys_open(this.k, path, flags));
	}

	close(fd: number): Sleeps<number> {
		return syscall(this.k, 'close', `fd: ${hex(fd)}`, sys_close(this.k, fd));
	}

	read(fd: number, buffer: number, count: number): Sleeps<number> {
		const args = `fd: ${hex(fd)}, buf: ${hex(buffer)}, count: ${hex(count)}`;
		return syscall(this.k, 'read', args, sys_read(this.k, fd, userAddress(buffer), count));
	}

	write(fd: number, buffer: number, count: number): Sleeps<number> {
		const args = `fd: ${hex(fd)}, buf: ${hex(buffer)}, count: ${hex(count)}`;
		return syscall(this.k, 'write', args, sys_write(this.k, fd, userAddress(buffer), count));
	}

	pread(fd: number, buffer: number, count: number, pos: number): Sleeps<number> {
		const args = `fd: ${hex(fd)}, buf: ${hex(buffer)}, count: ${hex(count)}, pos: ${hex(pos)}`;
		return syscall(this.k, 'pread64', args, sys_pread64(this.k, fd, userAddress(buffer), count, pos));
	}

	pwrite(fd: number, buffer: number, count: number, pos: number): Sleeps<number> {
		const args = `fd: ${hex(fd)}, buf: ${hex(buffer)}, count: ${hex(count)}, pos: ${hex(pos)}`;
		return syscall(this.k, 'pwrite64', args, sys_pwrite64(this.k, fd, userAddress(buffer), count, pos));
	}

	fsync(fd: number): Sleeps<number> {
		return syscall(this.k, 'fsync', `fd: ${hex(fd)}`, sys_fsync(this.k, fd));
	}

	/** @param offsetPages offset in the file, in pages */
	mmap(address: number, length: number, prot: number, flags: number, fd: number, offsetPages = 0): Sleeps<number> {
		const args =
			`addr: ${hex(address)}, len: ${hex(length)}, prot: ${hex(prot)}, flags: ${hex(flags)}, ` +
			`fd: ${fd < 0 ? 'ffffffff' : hex(fd)}, pgoff: ${hex(offsetPages)}`;
		return syscall(this.k, 'mmap2', args, sys_mmap2(this.k, address, length, prot, flags, fd, offsetPages));
	}

	munmap(address: number, length: number): Sleeps<number> {
		const args = `addr: ${hex(address)}, len: ${hex(length)}`;
		return syscall(this.k, 'munmap', args, sys_munmap(this.k, address, length));
	}

	mremap(address: number, oldLength: number, newLength: number, flags: number, newAddress = 0): Sleeps<number> {
		const args =
			`addr: ${hex(address)}, old_len: ${hex(oldLength)}, new_len: ${hex(newLength)}, ` +
			`flags: ${hex(flags)}, new_addr: ${hex(newAddress)}`;
		return syscall(this.k, 'mremap', args, sys_mremap(this.k, address, oldLength, newLength, flags, newAddress));
	}

	mprotect(address: number, length: number, prot: number): Sleeps<number> {
		const args = `start: ${hex(address)}, len: ${hex(length)}, prot: ${hex(prot)}`;
		return syscall(this.k, 'mprotect', args, sys_mprotect(this.k, address, length, prot));
	}

	madvise(address: number, length: number, advice: number): Sleeps<number> {
		const args = `start: ${hex(address)}, len_in: ${hex(length)}, behavior: ${hex(advice)}`;
		return syscall(this.k, 'madvise', args, sys_madvise(this.k, address, length, advice));
	}

	brk(address: number): Sleeps<number> {
		return syscall(this.k, 'brk', `brk: ${hex(address)}`, sys_brk(this.k, address));
	}

	fork(wish: ForkWish): Sleeps<number> {
		return syscall(this.k, wish.cloneVm ? 'clone' : 'fork', '', do_fork(this.k, wish));
	}

	/** Waits for a child. @returns its pid or -ECHILD */
	wait(pid: number): Sleeps<number> {
		const {k} = this;
		function* body(): Sleeps<number> {
			const waited = yield* sys_wait4(k, pid);
			return typeof waited === 'number' ? waited : waited.pid;
		}
		return syscall(k, 'wait4', `upid: ${hex(pid < 0 ? pid + 2 ** 32 : pid)}`, body());
	}

	// ── asynchronous I/O ────────────────────────────────────────────────────────────────────────────────────────────

	/** @param ctxp where the context's id is put; must hold 0 */
	ioSetup(events: number, ctxp: number): Sleeps<number> {
		const args = `nr_events: ${hex(events)}, ctxp: ${hex(ctxp)}`;
		return syscall(this.k, 'io_setup', args, sys_io_setup(this.k, events, userAddress(ctxp)));
	}

	/** @param pointers where `count` addresses of iocbs lie */
	ioSubmit(ctx: number, count: number, pointers: number): Sleeps<number> {
		const args = `ctx_id: ${hex(ctx)}, nr: ${hex(count)}, iocbpp: ${hex(pointers)}`;
		return syscall(this.k, 'io_submit', args, sys_io_submit(this.k, ctx, count, userAddress(pointers)));
	}

	/** Waits for at least `least` events without a limit of time. */
	ioGetevents(ctx: number, least: number, most: number, events: number): Sleeps<number> {
		const args = `ctx_id: ${hex(ctx)}, min_nr: ${hex(least)}, nr: ${hex(most)}, events: ${hex(events)}, timeout: 0`;
		return syscall(this.k, 'io_getevents', args, sys_io_getevents(this.k, ctx, least, most, userAddress(events), 0));
	}

	ioDestroy(ctx: number): Sleeps<number> {
		return syscall(this.k, 'io_destroy', `ctx: ${hex(ctx)}`, sys_io_destroy(this.k, ctx));
	}

	/** Writes iocbs and the array of pointers to them at `at`. @returns where the pointers lie */
	*prepareIocbs(at: number, wanted: readonly IocbFields[]): Sleeps<number> {
		const pointers = at + wanted.length * IOCB_BYTES;
		for (const [i, fields] of wanted.entries()) {
			yield* this.poke(at + i * IOCB_BYTES, formatIocb(fields));
			yield* this.poke32(pointers + i * 4, at + i * IOCB_BYTES);
		}
		return pointers;
	}

	*readEvents(at: number, count: number): Sleeps<io_event[]> {
		return parseIoEvents(yield* this.peek(at, count * IO_EVENT_BYTES));
	}

	// ── memory; touching what is not there faults, and kills where Linux would ─────────────────────────────────────

	peek(address: number, lengthBytes: number): Sleeps<Uint8Array> {
		return user_read(this.k, address as UserAddress, lengthBytes);
	}

	peek8(address: number): Sleeps<number> {
		return user_read8(this.k, address as UserAddress);
	}

	*peek32(address: number): Sleeps<number> {
		const bytes = yield* this.peek(address, 4);
		return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
	}

	poke(address: number, bytes: Uint8Array): Sleeps<void> {
		return user_write(this.k, address as UserAddress, bytes);
	}

	poke8(address: number, value: number): Sleeps<void> {
		return user_write8(this.k, address as UserAddress, value);
	}

	*poke32(address: number, value: number): Sleeps<void> {
		const bytes = new Uint8Array(4);
		for (let i = 0; i < 4; i++) bytes[i] = value >>> (8 * i);
		yield* this.poke(address, bytes);
	}
}
