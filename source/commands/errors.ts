/** The command line itself is wrong: exit code 2. The message is one sentence that says what would be right. */
export class UsageError extends Error {}

/**
 * What was asked for could not be done: exit code 1, where no other is said. One sentence for each thing that failed.
 */
export class Failure extends Error {
	readonly sentences: readonly string[];
	readonly exitCode: number;

	constructor(sentences: readonly string[], exitCode = 1, cause?: unknown) {
		super(sentences.join('\n'), {cause});
		this.sentences = sentences;
		this.exitCode = exitCode;
	}
}
