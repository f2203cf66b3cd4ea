/** Meters as lines of small columns. */

import type {Meter} from '../../model/meter.ts';
import {sparkline} from '../panes/format.ts';
import {padStart, type Span, span} from '../terminal/lines.ts';

/**
 * Up to the largest on show; a gap is blank, and so is what lies before the first column.
 * @param from where columns begin: at nothing, or at the least on show, for levels that change by little
 */
export function meterSpans(
	meter: Meter | undefined,
	columns: number,
	from: 'zero' | 'least' = 'zero',
): readonly Span[] {
	const values = meter?.columns.slice(-columns) ?? [];
	const known = values.filter(value => value !== undefined);
	const least = from === 'zero' || known.length === 0 ? 0 : Math.min(...known);
	return [span(padStart(sparkline(values, least, Math.max(0, ...known)), columns), 'bar.full')];
}
