/** Numbers of things in sentences. */

/** `1 page`, `2 pages`. */
export const countOf = (value: number, one: string, many = `${one}s`): string => `${value} ${value === 1 ? one : many}`;

/** What was done to so many: `1 page was`, `2 pages were`. */
export const wereOf = (value: number, one: string): string => `${countOf(value, one)} ${value === 1 ? 'was' : 'were'}`;
