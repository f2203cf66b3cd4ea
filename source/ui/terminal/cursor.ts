/** The cheapest way to move a terminal's cursor. */

const csi = '\u001B[';

const counted = (count: number, final: string): string => `${csi}${count === 1 ? '' : count}${final}`;

const shortest = (...candidates: readonly string[]): string =>
	candidates.reduce((best, candidate) => (candidate.length < best.length ? candidate : best));

const absolute = (column: number, row: number): string =>
	row === 0 && column === 0 ? `${csi}H` : `${csi}${row + 1}${column === 0 ? '' : `;${column + 1}`}H`;

function along(from: number, to: number): string {
	if (to === from) return '';
	const relative = to > from ? counted(to - from, 'C') : counted(from - to, 'D');
	const returned = to === 0 ? '\r' : `\r${counted(to, 'C')}`;
	return shortest(relative, counted(to + 1, 'G'), returned);
}

function across(from: number, to: number): string {
	if (to === from) return '';
	return to > from ? counted(to - from, 'B') : counted(from - to, 'A');
}

/**
 * The shortest sequence that takes the cursor from one cell to another, all counted from 0. Never scrolls: line feeds
 * are not used. An unknown position is negative.
 */
export function moveCursor(fromColumn: number, fromRow: number, column: number, row: number): string {
	const direct = absolute(column, row);
	if (fromColumn < 0 || fromRow < 0) return direct;
	return shortest(direct, across(fromRow, row) + along(fromColumn, column));
}
