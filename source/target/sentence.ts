import {TargetError} from './target.ts';

const maxSentenceLength = 500;

/**
 * A text of unknown origin as one line that is safe to print: control characters (a terminal's escape sequences among
 * them) become blanks, what turns the writing or is never shown goes, and what is too long is cut.
 */
export function oneLine(text: string): string {
	const line = text
		.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
		.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/gu, '')
		.trim();
	return line.length > maxSentenceLength ? `${line.slice(0, maxSentenceLength - 1)}…` : line;
}

/** `EINVAL: what was wrong` back into a TargetError; a text without an errno name counts as EIO. */
export function errorFromSentence(text: string): TargetError {
	const line = oneLine(text);
	const named = /^(E[A-Z0-9]+): (.*)$/.exec(line);
	return named
		? new TargetError(named[1] ?? '', named[2] ?? '')
		: new TargetError('EIO', line || 'no reason was given');
}

/** Whatever was thrown as a TargetError. What carries an errno keeps it; anything else is our own bug and says so. */
export function asTargetError(error: unknown): TargetError {
	if (error instanceof TargetError) return error;

	if (error instanceof Error) {
		const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
		if (code !== undefined && /^E[A-Z0-9]+$/.test(code)) {
			return errorFromSentence(error.message.startsWith(`${code}: `) ? error.message : `${code}: ${error.message}`);
		}

		return new TargetError('EIO', `internal error, ${oneLine(error.message)}`);
	}

	return new TargetError('EIO', `internal error, ${oneLine(String(error))}`);
}
