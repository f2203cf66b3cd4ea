import {TargetError} from '../target/target.ts';
import {type CommandContext, type CommandFunction, print, printRaw} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {parseCount} from './flags.ts';
import {Debuggee} from './gdb/debuggee.ts';
import {type Incoming, PacketReader, packetOf, textAsHex} from './gdb/packet.ts';
import {Stub} from './gdb/stub.ts';
import {symbolLines} from './gdb/symbols.ts';
import {chosenToDrive, onChosen, withTarget} from './machine.ts';

/** Between two looks at a machine that runs by itself, in wall time. */
const lookEveryMs = 5;
/** And on our own, in virtual time. */
const passNs = 1e6;

/** `mmtop gdb [-t TARGET] [--pid N]`: GDB's remote serial protocol on standard input and output. */
export const gdb: CommandFunction = async context => {
	const {args, flags, stdout} = context;
	const pid = flags.pid === undefined ? undefined : parseCount('pid', flags.pid);
	if (flags.symbols) {
		return onChosen(context, async target => {
			await print(stdout, await symbolLines(target, args, pid));
			return 0;
		});
	}

	if (args.length > 0) throw new UsageError(`gdb takes files only with --symbols, got ${JSON.stringify(args[0])}`);

	const chosen = await chosenToDrive(context);
	if ('own' in chosen) {
		const {own} = chosen;
		const pass = async () => {
			own.runUntil(own.timeNs() + passNs);
			await new Promise(resolve => setImmediate(resolve));
		};
		return talk(context, new Debuggee(own.target, pass), pid);
	}

	if (!chosen.target.writable) {
		await chosen.target.close();
		throw new Failure([`${chosen.target.name} can only be read: a debugger has to hold the machine`]);
	}

	const pass = () => new Promise<void>(resolve => setTimeout(resolve, lookEveryMs));
	return withTarget(Promise.resolve(chosen.target), target => talk(context, new Debuggee(target, pass), pid));
};

/** Answers packet after packet, until gdb has enough or is gone; then the machine goes on. */
async function talk({stdin, stdout}: CommandContext, debuggee: Debuggee, pid: number | undefined): Promise<number> {
	const line = new Line(stdin);
	const say = (text: string) => void stdout.write(packetOf(`O${textAsHex(`${text}\n`)}`), 'latin1');
	const stub = await Stub.hold(debuggee, {say, wasInterrupted: () => line.wasInterrupted()}, pid);
	try {
		if (!stub.hasThreads)
			throw new Failure([`no compiled program has the pid ${pid}; "mmtop cat …/lab/exec" lists them`]);

		let last = '';
		const send = async (body: string) => {
			last = Buffer.from(packetOf(body), 'latin1').toString('latin1');
			await printRaw(stdout, Buffer.from(last, 'latin1'));
		};
		for await (const incoming of line) {
			if (incoming.kind === 'again') await printRaw(stdout, Buffer.from(last, 'latin1'));
			if (incoming.kind !== 'packet') continue;

			if (stub.needsAcknowledgement) await printRaw(stdout, incoming.isIntact ? '+' : '-');
			if (!incoming.isIntact) continue;

			const answer = await stub.answer(incoming.body);
			if (answer !== undefined) await send(answer);
			if (stub.isOver) return 0;
		}

		return 0;
	} catch (error) {
		if (error instanceof TargetError && error.code === 'EDISCONNECTED') throw new Failure([error.message]);

		throw error;
	} finally {
		if (!stub.isOver) await stub.detach().catch(() => {});
	}
}

/** What gdb sends, in its order; but ^C is heard at once. */
class Line {
	readonly #reader = new PacketReader();
	readonly #waiting: Incoming[] = [];
	#wake: (() => void) | undefined;
	#isInterrupted = false;
	#hasEnded = false;

	constructor(stdin: NodeJS.ReadStream) {
		stdin.on('data', (bytes: Buffer) => {
			for (const incoming of this.#reader.take(bytes)) {
				if (incoming.kind === 'interrupt') this.#isInterrupted = true;
				else this.#waiting.push(incoming);
			}

			this.#wake?.();
		});
		const end = () => {
			this.#hasEnded = true;
			// gdb no longer waits for the machine to come to a stop.
			this.#isInterrupted = true;
			this.#wake?.();
		};
		stdin.on('end', end);
		stdin.on('error', end);
	}

	wasInterrupted(): boolean {
		const was = this.#isInterrupted;
		this.#isInterrupted = this.#hasEnded;
		return was;
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<Incoming> {
		for (;;) {
			const next = this.#waiting.shift();
			if (next !== undefined) yield next;
			else if (this.#hasEnded) return;
			else {
				await new Promise<void>(resolve => {
					this.#wake = resolve;
				});
			}
		}
	}
}
