/**
 * /sys/kernel/debug/lab/results (ours), as it is read: what students handed in, a line of JSON each, the newest last.
 * The server has it, and the machine does not. `sheet run` writes such lines; they have at least these fields:
 *
 *     {"sheet":"5. A mapping that grows","student":"ann","points":3,"of":4,"ended":"2026-11-28T09:41:00.000Z"}
 */
import {FormatError} from '../../text.ts';

type Results = {readonly results: readonly unknown[]};

/** @throws FormatError */
export function parseResults(text: string): Results {
	const lines = text.split('\n');
	if (lines.at(-1) === '') lines.pop();
	return {
		results: lines.map((line, index) => {
			try {
				return JSON.parse(line);
			} catch {
				throw new FormatError('lab/results', index + 1, 'a JSON object', line);
			}
		}),
	};
}
