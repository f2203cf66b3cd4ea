import {parseClock} from '../../formats/debugfs/lab/clock.ts';
import {parseExec} from '../../formats/debugfs/lab/exec.ts';
import {type Gdb, parseGdb} from '../../formats/debugfs/lab/gdb.ts';
import {pathOf} from '../../formats/fileRow.ts';
import {files} from '../../formats/files.ts';
import {fromSampled} from '../../target/content.ts';
import {type Target, TargetError} from '../../target/target.ts';

const gdbPath = files.gdb.path;
const clockPath = files.clock.path;

/** Bytes that `lab/gdb/memory` gives at once. */
const windowBytes = 1024;

/** The machine as it stands at an instant. */
export type View = Gdb & {
	readonly state: ReturnType<typeof parseClock>['state'];
	/** Why nothing of it runs any more. */
	readonly stopped: string | undefined;
};

/** The machine that is debugged, through the files of its tree. */
export class Debuggee {
	readonly #target: Target;
	readonly #pass: () => Promise<void>;

	/** @param pass lets some time pass, virtual on a machine of our own, else wall time */
	constructor(target: Target, pass: () => Promise<void>) {
		this.#target = target;
		this.#pass = pass;
	}

	/** @throws TargetError of a lost target */
	async look(): Promise<View> {
		const {files: found} = await this.#target.sample({paths: [gdbPath, clockPath]});
		const text = (path: string) => {
			const file = found[path];
			const content = file && fromSampled(file);
			if (typeof content !== 'string') throw new TargetError('ENOENT', `${this.#target.name} has no file ${path}`);
			return content;
		};
		const {state, stopped} = parseClock(text(clockPath));
		return {...parseGdb(text(gdbPath)), state, stopped};
	}

	pass(): Promise<void> {
		return this.#pass();
	}

	/** @throws TargetError EBUSY where another client debugs it */
	async write(words: string): Promise<void> {
		await this.#target.write(gdbPath, words);
	}

	/** Ends a way back in time where it began. */
	async stayHere(): Promise<void> {
		await this.#target.write(clockPath, 'pause');
	}

	/**
	 * Memory of a thread. Structures that point to what no driver has seen are loaded as a driver would.
	 *
	 * @returns as many bytes as there are
	 */
	async memory(tid: number, address: number, lengthBytes: number): Promise<Uint8Array> {
		const parts: Uint8Array[] = [];
		for (let done = 0; done < lengthBytes; ) {
			const part = await this.#window(tid, address + done, Math.min(windowBytes, lengthBytes - done));
			if (part === undefined || part.length === 0) break;

			parts.push(part);
			done += part.length;
		}

		return Buffer.concat(parts);
	}

	async #window(tid: number, address: number, lengthBytes: number): Promise<Uint8Array | undefined> {
		const path = pathOf(files.gdbMemory, {place: `${tid}:0x${address.toString(16)}+${lengthBytes}`});
		const read = async () => {
			const content = await this.#target.read(path);
			return typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
		};
		try {
			return await read();
		} catch (error) {
			if (!(error instanceof TargetError)) throw error;

			if (error.code === 'ENODATA') {
				await this.write(`tell ${address.toString(16)} ${lengthBytes}`);
				return read();
			}

			if (error.code === 'EDISCONNECTED') throw error;

			return undefined;
		}
	}

	/** How a program of `lab/exec` ended; undefined where the process is none of those. */
	async endOf(pid: number): Promise<{readonly status: string; readonly code: number} | undefined> {
		const content = await this.#target.read(files.exec.path);
		return parseExec(typeof content === 'string' ? content : '').programs.find(each => each.pid === pid);
	}
}
