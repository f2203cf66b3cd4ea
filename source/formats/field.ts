/**
 * A place in the record of a file, as a person writes it: `VmRSS`, `zones[zone=DMA].free`, `lines[last].text`,
 * `areas[at=0x40000000].pagesPresent`, `mappers.length`. In brackets stand an index from 0, `last`, a field of the
 * element with its value, or `at` with an address between its `start` and its `end`.
 */

/** What can be compared and printed: a list is the words of it. */
type FieldValue = number | string | boolean | null | undefined;

type Step =
	| {readonly name: string}
	| {readonly index: number}
	| {readonly last: true}
	| {readonly key: string; readonly value: string};

export type FieldSteps = readonly Step[];

/** A field that is not written as one is. */
export class FieldError extends Error {}

const part = /^(?:\.?([A-Za-z_][\w-]*)|\[(?:(\d{1,6})|(last)|([A-Za-z_]\w*)=([^\]]+))\])/;

/** @throws FieldError */
export function parseField(text: string): FieldSteps {
	const steps: Step[] = [];
	for (let rest = text; rest !== ''; ) {
		const found = part.exec(rest);
		if (!found || (steps.length === 0 && rest.startsWith('.'))) {
			const where = rest === text ? '' : ` at "${rest}"`;
			throw new FieldError(`a field is written as areas[0].start or zones[zone=DMA].free, got "${text}"${where}`);
		}
		const [all, name, index, last, key, value] = found;
		if (name !== undefined) steps.push({name});
		else if (index !== undefined) steps.push({index: Number(index)});
		else if (last !== undefined) steps.push({last: true});
		else steps.push({key: key!, value: value!.trim()});
		rest = rest.slice(all.length);
	}
	if (steps.length === 0) throw new FieldError('a field is the name of one, got ""');
	return steps;
}

const ownOf = (record: unknown, name: string): unknown =>
	typeof record === 'object' && record !== null && Object.hasOwn(record, name)
		? (record as Readonly<Record<string, unknown>>)[name]
		: undefined;

function isIt(element: unknown, key: string, value: string): boolean {
	const seen = ownOf(element, key);
	if (key === 'at' && seen === undefined) {
		const [start, end, address] = [ownOf(element, 'start'), ownOf(element, 'end'), Number(value)];
		return typeof start === 'number' && typeof end === 'number' && address >= start && address < end;
	}
	return typeof seen === 'number' ? seen === Number(value) : String(seen) === value;
}

function stepInto(value: unknown, step: Step): unknown {
	if ('name' in step) return ownOf(value, step.name);
	if (!Array.isArray(value)) return undefined;
	if ('index' in step) return value[step.index];
	return 'last' in step ? value.at(-1) : value.find(each => isIt(each, step.key, step.value));
}

const isPlain = (value: unknown): value is FieldValue => value === null || typeof value !== 'object';

const jsonOf = (record: unknown): string =>
	JSON.stringify(record, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));

/** @returns what stands there; undefined for nothing. A list of plain values is its words, a record its JSON */
export function fieldOf(record: unknown, steps: FieldSteps): FieldValue {
	const found = steps.reduce(stepInto, record);
	if (isPlain(found)) return typeof found === 'bigint' ? String(found) : found;
	return Array.isArray(found) && found.every(isPlain) ? found.join(' ') : jsonOf(found);
}
