/**
 * /proc/<pid>/maps: fs/proc/task_mmu.c show_map_vma(), the same columns from 2.6.11 to 6.18. Newer kernels name areas
 * without a file (`[heap]`, `[stack]`, `[vdso]`); 2.6.11 leaves them unnamed.
 */

import {address, hex, joinLines, Lines} from '../text.ts';

export type MapsArea = {
	readonly start: number;
	/** First address behind the area. */
	readonly end: number;
	/** `r` `w` `x` or `-`, then `s` (may be shared) or `p` (private): `rw-p`. */
	readonly perms: string;
	/** Offset in the file, in bytes. */
	readonly offset: number;
	readonly major: number;
	readonly minor: number;
	/** Some filesystems have numbers that a double does not hold; those stay text. */
	readonly inode: number | string;
	/** Path or `[heap]` and its like; null for an area without a name. */
	readonly pathname: string | null;
};

/** A kernel thread has no areas: its file is empty. */
export type Maps = {readonly areas: readonly MapsArea[]};

/** Column at which names start on a 32-bit kernel: 25 + 6 × sizeof(void *). */
const nameColumn = 49;

/** One line of the file, without its newline. */
export function formatMapsArea(area: MapsArea): string {
	const device = `${hex(area.major, 2)}:${hex(area.minor, 2)}`;
	const columns =
		`${address(area.start)}-${address(area.end)} ${area.perms} ${address(area.offset)} ` + `${device} ${area.inode} `;
	if (area.pathname === null) return columns;
	// One space more stands before the name even where the columns reach that far. Linux escapes only the newline, so a
	// name that really holds "\012" reads the same.
	return `${columns.padEnd(nameColumn - 1)} ${area.pathname.replaceAll('\n', '\\012')}`;
}

export const mapsAreaPattern =
	/^([0-9a-f]+)-([0-9a-f]+) ([r-][w-][x-][sp]) ([0-9a-f]+) ([0-9a-f]+):([0-9a-f]+) (\d+) (?: *(\S.*))?$/s;

function inodeFrom(digits: string): number | string {
	const inode = Number(digits);
	return Number.isSafeInteger(inode) ? inode : digits;
}

/** From the groups of `mapsAreaPattern`. */
export function mapsAreaFrom(groups: readonly string[]): MapsArea {
	const number = (index: number) => Number(`0x${groups[index]}`);
	return {
		start: number(0),
		end: number(1),
		perms: groups[2]!,
		offset: number(3),
		major: number(4),
		minor: number(5),
		inode: inodeFrom(groups[6]!),
		pathname: groups[7] || null,
	};
}

export function formatMaps(maps: Maps): string {
	return joinLines(maps.areas.map(formatMapsArea));
}

/** @throws FormatError */
export function parseMaps(text: string): Maps {
	const lines = new Lines('maps', text);
	const areas: MapsArea[] = [];
	const expected = 'start-end perms offset dev inode name';
	while (!lines.done) areas.push(mapsAreaFrom(lines.match(mapsAreaPattern, expected, true)));
	return {areas};
}
