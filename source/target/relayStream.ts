import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process';
import {Duplex} from 'node:stream';
import {oneLine} from './sentence.ts';

/** A connection that fails at once, for the reason given. */
export class RefusedStream extends Duplex {
	constructor(reason: string) {
		super();
		process.nextTick(() => this.destroy(new Error(reason)));
	}

	override _read(): void {}

	override _write(): void {}
}

/** Runs ssh, and is what goes in and out of it. Destroying it ends ssh. */
export class RelayStream extends Duplex {
	readonly #child: ChildProcessWithoutNullStreams;
	#stderr = '';

	constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
		super();
		this.#child = spawn('ssh', args, {env, stdio: 'pipe'});
		const {stdin, stdout, stderr} = this.#child;
		stdout.on('data', (chunk: Buffer) => {
			if (!this.push(chunk)) {
				stdout.pause();
			}
		});
		stderr.on('data', (chunk: Buffer) => {
			this.#stderr = (this.#stderr + chunk.toString()).slice(-2000);
		});
		stdin.on('error', () => {});
		this.#child.on('error', error => this.destroy(error));
		this.#child.on('close', () => this.destroy(new Error('ssh ended')));
	}

	/** The last line that ssh, or the shell over there, said about a failure. */
	lastWords(): string {
		const said = oneLine(this.#stderr.trim().split('\n').at(-1) ?? '');
		return /command not found|mmtop: not found/.test(said) ? `${said}; install mmtop there, in the PATH of ssh` : said;
	}

	override _read(): void {
		this.#child.stdout.resume();
	}

	override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
		this.#child.stdin.write(chunk, () => done());
	}

	override _final(done: () => void): void {
		this.#child.stdin.end(() => done());
	}

	override _destroy(error: Error | null, done: (error: Error | null) => void): void {
		this.#child.kill();
		done(error);
	}
}
