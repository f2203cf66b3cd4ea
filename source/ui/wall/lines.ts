/** What the wall says, line by line. */

import {plural} from '../panes/format.ts';
import {
	blankLine,
	clipLine,
	type Line,
	line,
	lineWidth,
	type Span,
	span,
	spreadLine,
	toned,
} from '../terminal/lines.ts';
import {wrapText} from '../terminal/text.ts';
import type {Tone} from '../terminal/theme.ts';
import {isAsleep, mayPress, type Tile, type Wall} from './wall.ts';

/** How a machine stands, in a few words: what needs the teacher most goes first. */
export function standingOf(tile: Tile, nowMs: number): {readonly text: string; readonly tone: Tone} {
	const {connection, seat, actedMs} = tile;
	if (connection === 'lost') return {text: 'LOST', tone: 'bad'};
	if (connection === 'silent') return {text: 'NO ANSWER', tone: 'bad'};
	if (!seat) return {text: 'connecting …', tone: 'dim'};
	const {classRecord, clock} = seat;
	if (clock?.state === 'panic' || clock?.state === 'broken') return {text: clock.state.toUpperCase(), tone: 'bad'};
	if (classRecord?.frozenBy) return {text: `frozen by ${classRecord.frozenBy}`, tone: 'warning'};
	if (isAsleep(tile, nowMs)) return {text: `asleep ${Math.floor((nowMs - actedMs) / 60_000)} min`, tone: 'warning'};
	if (clock?.state === 'paused') return {text: '‖ paused', tone: 'status.paused'};
	return {text: clock?.state === 'rewinding' ? '◀ going back' : '▶', tone: 'good'};
}

const verdictTones = {'✓': 'good', '✗': 'bad', '⊘': 'warning'} as const;

function nowLine({now, injected}: NonNullable<Tile['seat']>, columns: number): Line {
	if (!now) return line(span(injected === 0 ? ' nothing injected yet' : ' nothing under way', 'dim'));
	const of = now.of !== undefined && now.of >= now.step ? ` of ${now.of}` : '';
	return spreadLine(line(' ', span(now.called, 'strong')), line(span(` step ${now.step}${of} `, 'number')), columns);
}

/** As many verdicts as fit into rows, the newest first. */
function verdictLines({verdicts}: NonNullable<Tile['seat']>, columns: number, rows: number): readonly Line[] {
	const lines: Span[][] = [[]];
	for (const {sign, name} of verdicts) {
		const spans = [span(' '), span(sign, verdictTones[sign]), span(` ${name} `)];
		const here = lines.at(-1)!;
		if (here.length > 0 && lineWidth(line(...here, ...spans)) > columns) lines.push(spans);
		else here.push(...spans);
	}
	return lines.slice(0, rows).map(spans => line(...spans));
}

function lastLine({seat, student}: Tile): Line {
	const {findings = 0, classRecord} = seat ?? {};
	const here = (classRecord?.present ?? []).map(({who, role}) => `${who} (${role})`).join(', ');
	const leader = classRecord?.follow ? `follows ${classRecord.follow.who}` : '';
	const others = [here === '' ? '' : `${here} is here`, leader].filter(each => each !== '').join(' · ');
	return line(
		span(findings === 0 ? '' : ` ${plural(findings, 'finding')}`, 'warning'),
		span(others === '' ? '' : ` ${others}`, 'status.paused'),
		span(classRecord && classRecord.student !== student ? ` ${classRecord.student}` : '', 'dim'),
	);
}

/** What stands within a tile. @param columns within its frame */
export function tileLines(tile: Tile, columns: number, rows: number): readonly Line[] {
	const {seat, connection, reason} = tile;
	const fill = (lines: readonly Line[]): readonly Line[] =>
		Array.from({length: rows}, (_, row) => clipLine(lines[row] ?? blankLine, columns));
	if (connection === 'lost') return fill(wrapText(reason, columns - 2).map(text => line(' ', span(text, 'dim'))));
	if (!seat) return fill([]);
	const verdicts = verdictLines(seat, columns, rows - 2);
	const gap = Array.from({length: rows - 2 - verdicts.length}, () => blankLine);
	return fill([nowLine(seat, columns), ...verdicts, ...gap, lastLine(tile)]);
}

/** Of all machines: the name of the class, and how many need somebody. */
export function headLine(wall: Wall): Line {
	const {name, tiles, nowMs, leads, columns} = wall;
	const count = (is: (tile: Tile) => boolean): number => tiles.filter(is).length;
	const lost = count(({connection}) => connection === 'lost' || connection === 'silent');
	const asleep = count(tile => isAsleep(tile, nowMs));
	const frozen = count(({seat}) => Boolean(seat?.classRecord?.frozenBy));
	const findings = tiles.reduce((sum, {seat}) => sum + (seat?.findings ?? 0), 0);
	const parts: readonly (readonly [number, string, Tone])[] = [
		[lost, `${lost} lost`, 'status.lost'],
		[frozen, `${frozen} frozen`, 'warning'],
		[asleep, `${asleep} asleep`, 'warning'],
		[findings, plural(findings, 'finding'), 'warning'],
	];
	const left = line(
		span(' mmtop class ', 'strong'),
		span(name, 'strong'),
		`  ${plural(tiles.length, 'machine')}`,
		...parts.filter(([number]) => number > 0).map(([, text, tone]) => span(`  ${text}`, tone)),
	);
	const right = line(span(leads ? ' all follow you ' : '', 'status.paused'));
	return toned('status', spreadLine(left, right, columns));
}

const keys: readonly (readonly [string, string])[] = [
	['Enter', 'look in'],
	['h', 'help'],
	['m', 'message'],
	['M', 'all'],
	['z', 'freeze'],
	['Z', 'all'],
	['F', 'lead'],
	['b', 'back'],
	['q', 'quit'],
];

function moreText({top, tiles}: Wall, shown: number, across: number): string {
	const above = top * across;
	const below = Math.max(0, tiles.length - above - shown);
	return [above > 0 ? `↑ ${above}` : '', below > 0 ? `↓ ${below}` : ''].filter(each => each !== '').join(' ');
}

/** @param shown tiles on the screen @param across tiles in a row */
export function footLine(wall: Wall, shown: number, across: number): Line {
	const {prompt, notice, tiles, cursor, columns, role, hasBefore} = wall;
	if (prompt) {
		const whom = prompt.toAll ? 'everybody' : tiles[cursor]!.student;
		const head = ` to ${whom}: `;
		const room = Math.max(8, columns - lineWidth(line(head)) - 24);
		const text = [...prompt.text];
		const end = text.length > room ? `…${text.slice(1 - room).join('')}` : prompt.text;
		return line(span(head, 'key'), end, span(' ', 'page.cursor'), span('  Enter sends · Esc', 'dim'));
	}
	if (notice) return line(span(notice.isError ? ' ! ' : '   ', 'bad'), span(notice.text, 'notice'));
	const hints = keys
		.filter(([key]) => mayPress(key, role) && (hasBefore || key !== 'b'))
		.flatMap(([key, text]) => [span(` ${key}`, 'key'), span(` ${text} `)]);
	return spreadLine(line(...hints), line(span(` ${moreText(wall, shown, across)} `, 'dim')), columns);
}
