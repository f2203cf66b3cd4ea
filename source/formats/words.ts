/** Numbers of things in sentences. */

/** The word for so many: `page`, `pages`. */
export const wordFor = (value: number, one: string, many = `${one}s`): string => (value === 1 ? one : many);

/** `1 page`, `2 pages`. */
export const countOf = (value: number, one: string, many?: string): string => `${value} ${wordFor(value, one, many)}`;

/** What was done to so many: `1 page was`, `2 pages were`. */
export const wereOf = (value: number, one: string): string => `${countOf(value, one)} ${wordFor(value, 'was', 'were')}`;
