import type {Flags} from './flags.ts';

/** What a command is given: nothing in it is looked up elsewhere. */
export type Context = {
	/** Positional arguments after the command's name. */
	readonly args: readonly string[];
	readonly flags: Flags;
	readonly env: NodeJS.ProcessEnv;
	readonly stdin: NodeJS.ReadStream;
	readonly stdout: NodeJS.WriteStream;
	readonly stderr: NodeJS.WriteStream;
};

/** Does what it is named for. @returns the exit code @throws UsageError, Failure, TargetError, LabError */
export type Command = (context: Context) => Promise<number>;

/** Writes to a stream, and waits until that has gone out. Where it cannot, the stream's `error` ends the process. */
export async function print(stream: NodeJS.WriteStream, content: string | Uint8Array): Promise<void> {
	await new Promise<void>(resolve => {
		stream.write(content, error => {
			if (!error) {
				resolve();
			}
		});
	});
}

export function printJson(stdout: NodeJS.WriteStream, value: unknown): Promise<void> {
	return print(stdout, `${JSON.stringify(value, undefined, '\t')}\n`);
}
