/**
 * The part of JSON Schema (2020-12) that our own documents need, and what is wrong with a value by it, in sentences. Of
 * the objects of `anyOf` each has a key of its own, the first that it requires: which one is meant is seen by that.
 */
import {didYouMean} from './nearest.ts';

export type Schema = {
	readonly description?: string;
	readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly required?: readonly string[];
	readonly additionalProperties?: false | Schema;
	readonly propertyNames?: {readonly pattern: string};
	readonly minProperties?: number;
	readonly items?: Schema;
	readonly minItems?: number;
	readonly maxItems?: number;
	readonly enum?: readonly string[];
	readonly pattern?: string;
	readonly minLength?: number;
	readonly maxLength?: number;
	readonly minimum?: number;
	readonly maximum?: number;
	readonly anyOf?: readonly Schema[];
};

/** Keys that lead to a value. */
export type ValuePath = readonly (string | number)[];

/** @param isKey it is about the key at the end of the path, not about the value */
export type SchemaProblem = {readonly path: ValuePath; readonly says: string; readonly isKey?: true};

function kindOf(value: unknown): string {
	if (value === null || value === undefined) return 'nothing';
	if (Array.isArray(value)) return 'a list';
	if (typeof value === 'object') return 'keys with values';
	if (typeof value === 'string') return 'a text';
	return typeof value === 'number' ? 'a number' : String(value);
}

const kinds = {
	object: 'keys with values',
	array: 'a list',
	string: 'a text',
	number: 'a number',
	integer: 'a whole number',
	boolean: 'true or false',
} as const;

function isOfType(value: unknown, type: NonNullable<Schema['type']>): boolean {
	switch (type) {
		case 'object':
			return typeof value === 'object' && value !== null && !Array.isArray(value);
		case 'array':
			return Array.isArray(value);
		case 'integer':
			return Number.isSafeInteger(value);
		default:
			return typeof value === type;
	}
}

function shown(value: unknown): string {
	const text = typeof value === 'object' ? kindOf(value) : JSON.stringify(value);
	return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}

/** A value in a sentence: `points`, or `this` at the top. */
function named(path: ValuePath): string {
	const key = path.at(-1);
	if (typeof key === 'string') return key;
	const list = path.at(-2);
	return key === undefined ? 'this' : `an item of ${typeof list === 'string' ? list : 'the list'}`;
}

function wrongScalar(value: unknown, schema: Schema): string | undefined {
	const {enum: words, pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY, minimum, maximum} = schema;
	if (words && !words.includes(value as string))
		return `is one of ${words.join(', ')}, got ${shown(value)}${didYouMean(String(value), words)}`;
	if (typeof value === 'string') {
		if (value.length < minLength) return 'is empty';
		if (value.length > maxLength) return `has at most ${maxLength} characters, got ${value.length}`;
		if (pattern !== undefined && !new RegExp(pattern, 'u').test(value))
			return `is ${schema.description ?? `written as ${pattern}`}; got ${shown(value)}`;
	}
	const least = minimum ?? Number.NEGATIVE_INFINITY;
	const most = maximum ?? Number.POSITIVE_INFINITY;
	if (typeof value === 'number' && (value < least || value > most)) {
		return maximum === undefined ? `is at least ${least}, got ${value}` : `is ${least}..${most}, got ${value}`;
	}
	return undefined;
}

function* problemsOfObject(value: object, schema: Schema, path: ValuePath): Generator<SchemaProblem> {
	const {properties = {}, required = [], additionalProperties, propertyNames, minProperties = 0} = schema;
	const keys = Object.keys(properties);
	for (const [key, each] of Object.entries(value)) {
		const here = [...path, key];
		const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
		if (known) yield* problemsOf(each, known, here);
		else if (additionalProperties === false) {
			const meant = didYouMean(key, keys) || `; there are ${keys.join(', ')}`;
			yield {path: here, says: `${JSON.stringify(key)} is not known here${meant}`, isKey: true};
		} else if (additionalProperties) {
			if (propertyNames && !new RegExp(propertyNames.pattern, 'u').test(key)) {
				yield {path: here, says: `a name is written as ${propertyNames.pattern}, got ${shown(key)}`, isKey: true};
			}
			yield* problemsOf(each, additionalProperties, here);
		}
	}
	const missing = required.filter(key => !Object.hasOwn(value, key));
	if (missing.length > 0) yield {path, says: `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing`};
	if (Object.keys(value).length < minProperties) yield {path, says: `${named(path)} has nothing in it`};
}

function* problemsOfList(value: readonly unknown[], schema: Schema, path: ValuePath): Generator<SchemaProblem> {
	const {items, minItems = 0, maxItems = Number.POSITIVE_INFINITY} = schema;
	if (value.length < minItems) yield {path, says: `${named(path)} has at least ${minItems}, got ${value.length}`};
	if (value.length > maxItems) yield {path, says: `${named(path)} has at most ${maxItems}, got ${value.length}`};
	if (items) for (const [index, each] of value.entries()) yield* problemsOf(each, items, [...path, index]);
}

function meantOf(value: unknown, all: readonly Schema[]): Schema | undefined {
	const fitting = all.filter(each => each.type === undefined || isOfType(value, each.type));
	const keyed = fitting.filter(
		({type, required: [key] = []}) => type !== 'object' || key === undefined || key in Object(value),
	);
	return keyed[0];
}

/** What is wrong with a value, in the order in which it stands there. */
export function* problemsOf(value: unknown, schema: Schema, path: ValuePath = []): Generator<SchemaProblem> {
	const {type, anyOf} = schema;
	if (anyOf) {
		const meant = meantOf(value, anyOf);
		if (meant) yield* problemsOf(value, meant, path);
		else {
			const keys = anyOf.flatMap(({required: [key] = []}) => key ?? []);
			const others = anyOf.filter(({required}) => !required).map(each => kinds[each.type!]);
			const ways = [...others, ...(keys.length > 0 ? [`keys with one of ${keys.join(', ')}`] : [])];
			yield {path, says: `${named(path)} is ${ways.join(', or ')}; got ${kindOf(value)}`};
		}
		return;
	}
	if (type !== undefined && !isOfType(value, type)) {
		yield {path, says: `${named(path)} is ${kinds[type]}, got ${shown(value)}`};
		return;
	}
	const wrong = wrongScalar(value, schema);
	if (wrong !== undefined) yield {path, says: `${named(path)} ${wrong}`};
	if (type === 'object') yield* problemsOfObject(value as object, schema, path);
	if (type === 'array') yield* problemsOfList(value as readonly unknown[], schema, path);
}
