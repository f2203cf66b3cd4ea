import {TargetError} from '../../target/target.ts';
import type {Debuggee, View} from './debuggee.ts';
import {documentPart} from './documents.ts';
import {hexOf, textAsHex, wordOfHex} from './packet.ts';
import {allRegisters, registerNames, registerOf} from './registers.ts';

/** The kernel's addresses begin here: they are the same for every process. */
const kernelStart = 0xc000_0000;

const features = [
	'PacketSize=1000',
	'QStartNoAckMode+',
	'qXfer:features:read+',
	'qXfer:threads:read+',
	'vContSupported+',
	'ReverseStep+',
	'ReverseContinue+',
].join(';');

/** Digits of signals, as gdb numbers them: SIGINT, SIGTRAP, SIGABRT. */
const [SIGINT, SIGTRAP, SIGABRT] = ['02', '05', '06'];

/** Signals of i386 that have another number in gdb (include/gdb/signals.def). */
export const gdbSignals: Readonly<Record<number, number>> = {
	...{7: 10, 10: 30, 12: 31, 17: 20, 18: 19, 19: 17, 20: 18, 23: 16, 29: 23, 30: 32, 31: 12},
};

const breakpointTypes: Readonly<Record<string, string>> = {0: 'x', 1: 'x', 2: 'w', 3: 'r', 4: 'rw'};
/** What a stop reply calls a watchpoint. */
const watchNames: Readonly<Record<string, string>> = {w: 'watch', r: 'rwatch', rw: 'awatch'};

type Gdb = {
	/** A line for the person at gdb. */
	readonly say: (text: string) => void;
	/** Whether ^C was pressed since it was asked last. */
	readonly wasInterrupted: () => boolean;
};

/**
 * The remote end of gdb: what a packet asks for is done by reads and writes of the machine's files, and answered.
 * Bodies go in and out without the framing of packet.ts.
 */
export class Stub {
	readonly #debuggee: Debuggee;
	readonly #gdb: Gdb;
	/** Only the threads of this process; undefined: all. */
	readonly #pid: number | undefined;
	/** What gdb wants; the machine may be in another time, where others are set. */
	readonly #breakpoints = new Set<string>();
	#view: View;
	#tid: number;
	/** Nothing more is to be answered. */
	isOver = false;
	needsAcknowledgement = true;

	private constructor(debuggee: Debuggee, gdb: Gdb, pid: number | undefined, view: View) {
		this.#debuggee = debuggee;
		this.#gdb = gdb;
		this.#pid = pid;
		this.#view = view;
		this.#tid = this.#threads()[0]?.tid ?? 0;
	}

	/** Has the machine stand still. @throws TargetError EBUSY where another client debugs it */
	static async hold(debuggee: Debuggee, gdb: Gdb, pid: number | undefined): Promise<Stub> {
		await debuggee.write('hold');
		const stub = new Stub(debuggee, gdb, pid, await debuggee.look());
		await stub.#awaitProgram();
		return stub;
	}

	/** A program that was just started has no registers before it is loaded. */
	async #awaitProgram(): Promise<void> {
		while (this.#pid !== undefined && !this.hasThreads && (await this.#isRunning(this.#pid))) {
			await this.#debuggee.write('run');
			await this.#debuggee.pass();
			await this.#debuggee.write('stop');
			this.#view = await this.#debuggee.look();
			this.#tid = this.#threads()[0]?.tid ?? 0;
		}
	}

	async #isRunning(pid: number): Promise<boolean> {
		return (await this.#debuggee.endOf(pid))?.status === 'running';
	}

	get hasThreads(): boolean {
		return this.#threads().length > 0;
	}

	/** Lets the machine go on, for everybody. */
	async detach(): Promise<void> {
		this.isOver = true;
		try {
			await this.#debuggee.write('detach');
		} catch (error) {
			// A machine that stopped takes no word; it hears of it when the connection ends.
			if (!(error instanceof TargetError && error.code === 'EIO')) throw error;
		}
	}

	/** @returns what is answered; undefined: nothing @throws TargetError of a lost target */
	async answer(body: string): Promise<string | undefined> {
		try {
			return await this.#answer(body);
		} catch (error) {
			if (!(error instanceof TargetError) || error.code === 'EDISCONNECTED') throw error;

			this.#gdb.say(`mmtop: ${error.message}`);
			return 'E01';
		}
	}

	async #answer(body: string): Promise<string | undefined> {
		const rest = body.slice(1);
		switch (body[0]) {
			case '?':
				return this.#stopReply();
			case 'g':
				return allRegisters(this.#registers());
			case 'G':
				return this.#setAll(rest);
			case 'p':
				return registerOf(this.#registers(), Number.parseInt(rest, 16));
			case 'P':
				return this.#setRegister(rest);
			case 'm':
				return this.#read(rest);
			case 'M':
			case 'X':
				return this.#write(rest, body[0] === 'X');
			case 'H':
				return this.#choose(rest);
			case 'T':
				return this.#threads().some(({tid}) => tid === Number.parseInt(rest, 16)) ? 'OK' : 'E03';
			case 'Z':
			case 'z':
				return this.#breakpoint(rest, body[0] === 'Z');
			case 'c':
			case 'C':
				return this.#goOn('run');
			case 's':
			case 'S':
				return this.#goOn(`step ${this.#tid}`);
			case 'b':
				if (rest === 's') return this.#goOn(`back ${this.#tid}`);

				return rest === 'c' ? this.#goOn(`reverse ${this.#tid}`) : '';
			case 'D':
				await this.detach();
				return 'OK';
			case 'k':
				await this.detach();
				return undefined;
			case 'v':
				return this.#verbose(body);
			case 'q':
			case 'Q':
				return this.#query(body);
			default:
				return '';
		}
	}

	async #verbose(body: string): Promise<string | undefined> {
		if (body === 'vCont?') return 'vCont;c;C;s;S';

		if (body.startsWith('vKill')) {
			await this.detach();
			return 'OK';
		}

		if (!body.startsWith('vCont;')) return '';

		// All threads of a machine go on together; a step is about one of them.
		const actions = body.slice(6).split(';');
		const stepped = actions.find(action => /^[sS]/.test(action));
		if (stepped === undefined) return this.#goOn('run');

		const tid = stepped.split(':')[1];
		return this.#goOn(`step ${tid === undefined ? this.#tid : Number.parseInt(tid, 16)}`);
	}

	#query(body: string): string {
		const [name = ''] = body.split(/[:,;]/);
		switch (name) {
			case 'qSupported':
				return features;
			case 'QStartNoAckMode':
				this.needsAcknowledgement = false;
				return 'OK';
			case 'qAttached':
				return '1';
			case 'qC':
				return `QC${this.#tid.toString(16)}`;
			case 'qSymbol':
				return 'OK';
			case 'qfThreadInfo':
				return `m${this.#threads()
					.map(({tid}) => tid.toString(16))
					.join(',')}`;
			case 'qsThreadInfo':
				return 'l';
			case 'qThreadExtraInfo': {
				const thread = this.#threads().find(({tid}) => tid === Number.parseInt(body.split(',')[1] ?? '', 16));
				return thread ? textAsHex(thread.comm) : 'E03';
			}
			case 'qXfer':
				return documentPart(body, this.#threads());
			default:
				return '';
		}
	}

	/** Those of the process, and the one that came to the stop. */
	#threads() {
		const {threads, stop} = this.#view;
		if (this.#pid === undefined) return threads;

		return threads.filter(({tid, tgid}) => tgid === this.#pid || tid === stop?.tid);
	}

	#choose(text: string): string {
		const tid = Number.parseInt(text.slice(1), 16);
		if (tid > 0 && !this.#threads().some(each => each.tid === tid)) return 'E03';

		// 0 is any thread, and -1 all.
		if (text[0] === 'g' && tid > 0) {
			this.#tid = tid;
		}

		return 'OK';
	}

	// ── registers and memory ───────────────────────────────────────────────────────────────────────────────────────

	#registers(): readonly number[] {
		return this.#view.threads.find(({tid}) => tid === this.#tid)?.registers ?? [];
	}

	async #setRegister(text: string): Promise<string> {
		const [number = '', hex = ''] = text.split('=');
		const name = registerNames[Number.parseInt(number, 16)];
		const value = wordOfHex(hex);
		if (name === undefined || value === undefined) return 'E01';

		await this.#debuggee.write(`set ${this.#tid} ${name} ${value.toString(16)}`);
		this.#view = await this.#debuggee.look();
		return 'OK';
	}

	async #setAll(hex: string): Promise<string> {
		const former = this.#registers();
		for (const [index, name] of registerNames.entries()) {
			const value = wordOfHex(hex.slice(index * 8, index * 8 + 8));
			if (value !== undefined && value !== former[index]) {
				await this.#debuggee.write(`set ${this.#tid} ${name} ${value.toString(16)}`);
			}
		}

		this.#view = await this.#debuggee.look();
		return 'OK';
	}

	async #read(text: string): Promise<string> {
		const [address = Number.NaN, length = Number.NaN] = text.split(',').map(each => Number.parseInt(each, 16));
		if (Number.isNaN(address) || Number.isNaN(length)) return 'E01';

		if (length === 0) return '';

		const bytes = await this.#debuggee.memory(this.#tid, address, length);
		return bytes.length === 0 ? 'E14' : hexOf(bytes);
	}

	async #write(text: string, isBinary: boolean): Promise<string> {
		const colon = text.indexOf(':');
		const [address = Number.NaN, length = Number.NaN] = text
			.slice(0, colon)
			.split(',')
			.map(each => Number.parseInt(each, 16));
		const data = text.slice(colon + 1);
		const hex = isBinary ? hexOf(Buffer.from(data, 'latin1')) : data;
		if (colon < 0 || Number.isNaN(address) || hex.length !== 2 * length) return 'E01';

		if (length > 0) {
			await this.#debuggee.write(`store ${this.#tid} ${address.toString(16)} ${hex}`);
		}

		return 'OK';
	}

	#breakpoint(text: string, isSet: boolean): string {
		const [type = '', at = '', kind = ''] = text.split(';')[0]!.split(',');
		const word = breakpointTypes[type];
		const address = Number.parseInt(at, 16);
		if (word === undefined) return '';

		if (Number.isNaN(address)) return 'E01';

		// Of an instruction, `kind` is the length of the one that would be planted.
		const bytes = word === 'x' ? 1 : Number.parseInt(kind, 16);
		const owner = this.#pid ?? this.#view.threads.find(({tid}) => tid === this.#tid)?.tgid ?? 0;
		const pid = address < kernelStart && owner > 0 ? `:${owner}` : '';
		const spelt = `${word}:${address.toString(16)}:${bytes}`;
		if (isSet) {
			this.#breakpoints.add(`${spelt}${pid}`);
			return 'OK';
		}

		// By now another process may be the current one.
		for (const each of this.#breakpoints) {
			if (each === spelt || each.startsWith(`${spelt}:`)) this.#breakpoints.delete(each);
		}

		return 'OK';
	}

	// ── going on ───────────────────────────────────────────────────────────────────────────────────────────────────

	/** @returns the stop reply, when there is one */
	async #goOn(words: string): Promise<string> {
		// A ^C that came too late for the stop before.
		this.#gdb.wasInterrupted();
		const wanted = [...this.#breakpoints].join(' ');
		const set = this.#view.breakpoints.map(
			({type, address, bytes, pid}) => `${type}:${address.toString(16)}:${bytes}${pid === null ? '' : `:${pid}`}`,
		);
		if (set.join(' ') !== wanted) {
			await this.#debuggee.write(`breakpoints ${wanted}`);
		}

		await this.#debuggee.write(words);
		return this.#untilItStands();
	}

	async #untilItStands(): Promise<string> {
		for (;;) {
			const view = await this.#debuggee.look();
			this.#view = view;
			if (view.stopped !== undefined) {
				this.#gdb.say(`mmtop: ${view.stopped}`);
				return this.#stopReply();
			}

			const isRewinding = view.state === 'rewinding';
			if (this.#pid !== undefined && !this.hasThreads && !isRewinding) return this.#ended(this.#pid);

			if (view.stop !== null && !isRewinding) return this.#stopReply();

			if (this.#gdb.wasInterrupted()) {
				if (isRewinding) await this.#debuggee.stayHere();
				else await this.#debuggee.write('stop');
			} else if (view.state === 'paused') {
				// Another client has paused the machine.
				await this.#debuggee.write('stop');
			} else {
				await this.#debuggee.pass();
			}
		}
	}

	/** The process is gone: that is the end for gdb, and for the stub. */
	async #ended(pid: number): Promise<string> {
		const end = await this.#debuggee.endOf(pid);
		const code = end?.code ?? 0;
		const isKilled = end?.status === 'killed';
		const says = isKilled ? (gdbSignals[code] ?? code) : code;
		return `${isKilled ? 'X' : 'W'}${says.toString(16).padStart(2, '0')}`;
	}

	#stopReply(): string {
		const {stop, stopped, threads} = this.#view;
		const isThere = (tid: number | null | undefined) => threads.some(each => each.tid === tid);
		if (isThere(stop?.tid)) {
			this.#tid = stop!.tid!;
		} else if (!isThere(this.#tid)) {
			this.#tid = this.#threads()[0]?.tid ?? 0;
		}

		const signal = stopped !== undefined ? SIGABRT : stop?.why === 'asked' ? SIGINT : SIGTRAP;
		const watch = watchNames[stop?.type ?? ''];
		const why =
			stop?.why === 'begin'
				? 'replaylog:begin;'
				: watch !== undefined && stop?.address != null
					? `${watch}:${stop.address.toString(16)};`
					: '';
		return `T${signal}${why}thread:${this.#tid.toString(16)};`;
	}
}
