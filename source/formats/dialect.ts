/**
 * Which kernel's way of printing a record follows. Only files whose text changed between these kernels carry one. A
 * parser answers the oldest kernel that prints what it saw; a formatter takes any of them. A file that a kernel did not
 * have yet is printed as by the first kernel that had it.
 */
export type Dialect = '2.6.11' | '2.6.32' | '3.2' | '5.10' | '6.1' | '6.18';

export const dialects: readonly Dialect[] = ['2.6.11', '2.6.32', '3.2', '5.10', '6.1', '6.18'];

/** True if `dialect` is `first` or newer. */
export function since(dialect: Dialect, first: Dialect): boolean {
	return dialects.indexOf(dialect) >= dialects.indexOf(first);
}
