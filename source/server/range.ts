import type {ByteRange} from '../target/target.ts';

/**
 * The one range of a `Range` header, or undefined when the whole file must be sent: no header, several ranges, or a
 * form that this server does not know, which HTTP allows to ignore.
 *
 * A range counted from the end, or open at the end, has no length before the file was read: it is given as a function
 * of the file's size.
 */
export function parseRange(header: string | undefined): ((sizeBytes: number) => ByteRange) | ByteRange | undefined {
	const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
	if (!match) return undefined;

	const [, first = '', last = ''] = match;
	if (first === '') {
		return last === ''
			? undefined
			: sizeBytes => {
					const length = Math.min(Number(last), sizeBytes);
					return {offset: sizeBytes - length, length};
				};
	}

	const offset = Number(first);
	if (last === '') return sizeBytes => ({offset, length: Math.max(0, sizeBytes - offset)});

	return Number(last) < offset ? undefined : {offset, length: Number(last) - offset + 1};
}
