/**
 * A request that the machine refuses: an errno name and one sentence that says what was wrong and what would be right.
 */
export class LabError extends Error {
	readonly code: string;

	constructor(code: string, sentence: string) {
		super(`${code}: ${sentence}`);
		this.name = 'LabError';
		this.code = code;
	}
}
