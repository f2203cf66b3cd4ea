/** How a field of a structure is written in the table. */
import type {EraName} from '../../era/behaviour.ts';

/** A C type, with `$` where the field's name stands if that is not the end. */
type Declaration = string;
/** The eras in which the type changes; null: the era has no such field. */
type ByEra = {readonly ldd3: Declaration | null} & {readonly [Name in EraName]?: Declaration | null};
export type Field = Declaration | ByEra;
export type Structure = Readonly<Record<string, Field>>;
