/** What a file takes that holds a whole number. */
import {LabError} from '../errors.ts';

/**
 * @param name as the sentence calls it
 * @param most the largest that its variable in Linux holds
 * @throws LabError EINVAL
 */
export function wholeNumber(name: string, text: string, most: number): number {
	const value = Number(text.trim());
	if (!/^\s*\d+\s*$/.test(text) || value > most)
		throw new LabError('EINVAL', `${name} must be 0..${most}, got "${text.trim().slice(0, 40)}"`);
	return value;
}
