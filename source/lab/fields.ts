/** Which fields of a record a function reads. */

/** Keys that lead from the record to a value; elements of an array by their index. */
export type FieldPath = readonly string[];

/**
 * A record that tells what is read of it.
 * @param note called with the path and the value of each list, and of each value that is neither a record nor a list
 */
export function traced<T>(record: T, note: (path: FieldPath, value: unknown) => void, path: FieldPath = []): T {
	if (typeof record !== 'object' || record === null) return record;
	return new Proxy(record, {
		get(target, key) {
			const value: unknown = Reflect.get(target, key);
			if (typeof key === 'symbol' || typeof value === 'function') return value;
			if (Array.isArray(target) && key === 'length') {
				note(path, target);
				return value;
			}
			const here = [...path, key];
			if (typeof value === 'object' && value !== null) return traced(value, note, here);
			note(here, value);
			return value;
		},
		has(target, key) {
			if (typeof key === 'string') note([...path, key], Reflect.get(target, key));
			return Reflect.has(target, key);
		},
	});
}

/** Whether what was seen is this value: as it is, the elements of a list in a row, or how many there are. */
export const isSeenIn = (value: unknown, seen: unknown): boolean =>
	value === seen || (Array.isArray(value) && (value.length === seen || value.join(' ') === seen));

/** A path as an observation names it: `areas.pagesPresent`. */
export const fieldName = (path: FieldPath) => path.filter(key => !/^\d+$/.test(key)).join('.');
