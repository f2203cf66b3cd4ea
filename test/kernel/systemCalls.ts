import {userAddress} from '../../source/hardware/address.ts';
import {newRegisters} from '../../source/hardware/cpu/processor.ts';
import {ENOSYS} from '../../source/kernel/errno.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE} from '../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../source/kernel/mm/mmap.ts';
import {user_read, user_write} from '../../source/kernel/mm/uaccess.ts';
import {newThread} from '../../source/kernel/processor.ts';
import {SYSTEM_CALLS} from '../../source/kernel/syscall_table.ts';
import type {Sleeps} from '../../source/kernel/time.ts';

/** What a compiled program does, without one: arguments in memory, calls by the table that int 0x80 goes through. */
export class Caller {
	readonly #k: Kernel;
	#at = 0;
	/** What a child does that a call makes. @returns its exit code */
	goOn: (k: Kernel) => Sleeps<number> = () => this.room(0);

	constructor(k: Kernel) {
		this.#k = k;
	}

	/** Room for arguments. */
	*room(lengthBytes: number): Sleeps<number> {
		if (this.#at === 0)
			this.#at = yield* sys_mmap2(this.#k, 0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, 0, 0);
		const at = this.#at;
		this.#at += Math.ceil(lengthBytes / 16) * 16;
		return at;
	}

	*bytes(bytes: Uint8Array): Sleeps<number> {
		const at = yield* this.room(bytes.length);
		yield* user_write(this.#k, userAddress(at), bytes);
		return at;
	}

	text(text: string): Sleeps<number> {
		return this.bytes(Uint8Array.from([...text, '\0'], letter => letter.charCodeAt(0)));
	}

	words(...words: number[]): Sleeps<number> {
		return this.bytes(new Uint8Array(Uint32Array.from(words).buffer));
	}

	*readText(at: number, lengthBytes: number): Sleeps<string> {
		return String.fromCharCode(...(yield* user_read(this.#k, userAddress(at), lengthBytes)));
	}

	*readWords(at: number, count: number): Sleeps<number[]> {
		return [...new Uint32Array((yield* user_read(this.#k, userAddress(at), 4 * count)).slice().buffer)];
	}

	/** Texts become addresses of them; negative numbers what their bits are. */
	*call(name: string, ...args: readonly (number | string)[]): Sleeps<number> {
		const k = this.#k;
		const [number, row] = [...SYSTEM_CALLS].find(([, each]) => each.name === name)!;
		if (number > k.era.lastSystemCall) return -ENOSYS;
		const values: number[] = [];
		for (const each of args) values.push(typeof each === 'string' ? yield* this.text(each) : each >>> 0);
		while (values.length < 6) values.push(0);
		const thread = newThread(newRegisters());
		return yield* row.run({k, thread, args: values, read: {}, goOn: this.goOn});
	}
}
