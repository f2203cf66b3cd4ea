/** Cells of the frame map: every zone is cut from its own first frame on, whichever number that has. */

/** A zone, or the part of it that a window shows. */
type Stretch = {readonly startPfn: number; readonly frames: number};

/** Number of the cell that holds a frame, counted from 0; -1 where none does. */
export const cellOf = ({startPfn, frames}: Stretch, framesPerCell: number, pfn: number): number =>
	pfn < startPfn || pfn >= startPfn + frames ? -1 : Math.floor((pfn - startPfn) / framesPerCell);

type FrameCell<Zone extends Stretch> = {
	readonly zone: Zone;
	/** Counted from 0. */
	readonly cell: number;
	/** Its first frame. */
	readonly pfn: number;
	/** The last cell of a zone may have fewer than others. */
	readonly frames: number;
};

/** The cell that holds a frame; undefined for a frame outside of the map. */
export function cellAt<Zone extends Stretch>(
	{zones, framesPerCell}: {readonly zones: readonly Zone[]; readonly framesPerCell: number},
	pfn: number,
): FrameCell<Zone> | undefined {
	const zone = zones.find(each => cellOf(each, framesPerCell, pfn) >= 0);
	if (!zone) return undefined;
	const cell = cellOf(zone, framesPerCell, pfn);
	const before = cell * framesPerCell;
	return {zone, cell, pfn: zone.startPfn + before, frames: Math.min(framesPerCell, zone.frames - before)};
}
