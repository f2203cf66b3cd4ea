/** Values of steps and of checks: expressions of names and constants, what stands in braces, and what is wanted. */
import {parseQuantity} from '../../formats/quantity.ts';
import type {WantedValue} from '../../formats/steps.ts';
import {prefixedHex} from '../../formats/text.ts';
import {type Check, CouldNotRun, type Seen} from '../experiment.ts';
import {bracePattern, textProblems} from './check.ts';
import {type Expression, parseExpression} from './expression.ts';
import {constants} from './table.ts';

/** What has a name beside the constants; in a check of a sheet, nothing. */
export type Names = ReadonlyMap<string, number>;

/** Steps were checked: what is not plain is not here. */
export function plain(of: Expression, names: Names): number {
	switch (of.kind) {
		case 'number':
			return of.value;
		case 'name':
			return names.get(of.name) ?? constants.get(of.name) ?? Number.NaN;
		case 'minus':
			return -plain(of.of, names);
		case 'binary':
			return computed(of.operator, plain(of.left, names), plain(of.right, names));
		default:
			throw new CouldNotRun('a call stands where a number is wanted');
	}
}

function computed(operator: string, left: number, right: number): number {
	switch (operator) {
		case '+':
			return left + right;
		case '-':
			return left - right;
		case '*':
			return left * right;
		case '/':
			return Math.trunc(left / right);
		default:
			return left | right;
	}
}

/** What is in braces as numbers: `{pid}`, `{at:x}`. */
export const filled = (text: string, names: Names): string =>
	text.replace(bracePattern, (_, inner: string, isHex?: string) => {
		const value = plain(parseExpression(inner), names);
		return isHex ? prefixedHex(value) : String(value);
	});

/** @param isText whether what is compared may be words; an expression of known names is its value then, too */
export function checkOf(wanted: WantedValue, names: Names, unit: string | undefined, isText: boolean): Check<Seen> {
	const number = (value: number | string) =>
		typeof value === 'number' ? value : (parseQuantity(value, unit) ?? plain(parseExpression(value), names));
	const value = (each: number | string | boolean): Seen => {
		if (typeof each !== 'string') return each;
		return isText ? (parseQuantity(each, unit) ?? namedIn(each, names) ?? each) : number(each);
	};
	if (wanted.equals !== undefined) return {equals: value(wanted.equals)};
	if (wanted.not !== undefined) return {not: value(wanted.not)};
	if (wanted.contains !== undefined) return {contains: wanted.contains};
	if (wanted.lacks !== undefined) return {lacks: wanted.lacks};
	return wanted.atLeast !== undefined ? {atLeast: number(wanted.atLeast)} : {atMost: number(wanted.atMost!)};
}

/** What a text says if it is an expression of known names; undefined for any other text. */
function namedIn(text: string, names: Names): number | undefined {
	const known = new Set(names.keys());
	return [...textProblems(text, known)].length === 0 ? plain(parseExpression(text), names) : undefined;
}
