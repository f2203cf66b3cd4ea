import {harmlessText, steeringPattern} from '../formats/steering.ts';
import {encodeText} from '../target/content.ts';
import type {FlagName, Flags} from './flags.ts';

const steering = steeringPattern();

/** What a command is given: nothing in it is looked up elsewhere. */
export type CommandContext = {
	/** Positional arguments after the command's name. */
	readonly args: readonly string[];
	readonly flags: Flags;
	readonly env: NodeJS.ProcessEnv;
	readonly stdin: NodeJS.ReadStream;
	readonly stdout: NodeJS.WriteStream;
	readonly stderr: NodeJS.WriteStream;
	/** All that there are, for help and completion. */
	readonly commands: Commands;
};

export type CommandSpec = {
	readonly usage: string;
	/** Left out of `--help` when undefined: for programs, not people. */
	readonly summary: string | undefined;
	/** What `mmtop help COMMAND` says beside the summary, in whole sentences. */
	readonly about?: string;
	/** Lines that can be typed, and what each does. */
	readonly examples?: readonly (readonly [line: string, does: string])[];
	readonly flags: readonly FlagName[];
	readonly load: () => Promise<CommandFunction>;
};

export type Commands = {
	/** What mmtop does without one. */
	readonly monitor: CommandSpec;
	readonly named: Readonly<Record<string, CommandSpec>>;
};

/** Does what it is named for. @returns the exit code @throws UsageError, Failure, TargetError, LabError */
export type CommandFunction = (context: CommandContext) => Promise<number>;

/**
 * Writes to a stream as it is, and waits until that has gone out. Where it cannot, the stream's `error` ends the
 * process.
 */
export async function printRaw(stream: NodeJS.WriteStream, content: string | Uint8Array): Promise<void> {
	await new Promise<void>(resolve => {
		stream.write(content, error => {
			if (!error) {
				resolve();
			}
		});
	});
}

/** The same, but a terminal gets text that it shows and does not obey: a name in a file may hold anything. */
export function print(stream: NodeJS.WriteStream, content: string | Uint8Array): Promise<void> {
	if (typeof content !== 'string') return printRaw(stream, content);
	return printRaw(stream, stream.isTTY ? harmlessText(content) : encodeText(content));
}

/** A character as JSON escapes it: by the 16-bit units of which it has one or two. */
function unitsOf(character: string): string {
	return character
		.split('')
		.map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
		.join('');
}

/** A record in a line of its own. */
export function printJsonLine(stdout: NodeJS.WriteStream, value: unknown): Promise<void> {
	return printJson(stdout, value, '');
}

/** @param indent of each level; none: all in one line */
export function printJson(stdout: NodeJS.WriteStream, value: unknown, indent = '\t'): Promise<void> {
	const text = JSON.stringify(value, undefined, indent);
	// JSON lets some of them stand as they are.
	const escaped = text.replace(steering, found => (found === '\n' || found === '\t' ? found : unitsOf(found)));
	return printRaw(stdout, `${escaped}\n`);
}
