/**
 * How long a disk takes: arms move, platters turn. A 7200 rpm drive of 2005: 8.5 ms average seek, about 30 MB/s from
 * the platter, a track buffer that reads on after each read. Sources: data sheets of such drives; the square-root law
 * of seek times is Ruemmler and Wilkes, "An introduction to disk drive modeling", 1994.
 *
 * With power management (ATA, Advanced Power Management) the heads leave the platter when there is nothing to do, and
 * the next command waits for them.
 *
 * Not modelled: zones of different density, head switches within a cylinder, remapped sectors, the write cache (off, as
 * a database wants it).
 */
import type {Chance} from './chance.ts';

const SECTORS_PER_TRACK = 504;
const REVOLUTION_NS = 8_333_333;
const SECTOR_NS = Math.round(REVOLUTION_NS / SECTORS_PER_TRACK);
/** Shortest seek, and what the longest takes more. */
const SEEK_LEAST_NS = 1_000_000;
const SEEK_SPAN_NS = 14_000_000;
/** How much the settling of the arm varies. */
const SETTLE_SPAN_NS = 200_000;
const BUFFER_SECTORS = 4_096;

export type DiskRest = {
	/** Time without a command after which the heads are away. */
	readonly afterNs: number;
	/** What it takes to have them back. */
	readonly wakeNs: number;
};

type TrackBuffer = {readonly start: number; readonly beganNs: number; end: number};

export class DiskMechanics {
	private readonly tracks: number;
	private readonly chance: Chance;
	private arm = 0;
	private buffer: TrackBuffer | undefined;
	/** When the last command was, or will be, done. */
	private idleSinceNs = 0;
	/** Its power management; off unless somebody switches it on. */
	rest: DiskRest | undefined;

	constructor(sectors: number, chance: Chance) {
		this.tracks = Math.ceil(sectors / SECTORS_PER_TRACK);
		this.chance = chance;
	}

	/** How far the arm has to go, in tracks; what a drive orders its waiting commands by. */
	distanceTo(sector: number): number {
		return this.buffered(sector, 1) ? 0 : Math.abs(Math.floor(sector / SECTORS_PER_TRACK) - this.arm);
	}

	/** Starts a transfer. @returns nanoseconds until its first sector comes, and what each sector takes */
	position(nowNs: number, sector: number, count: number, write: boolean): {delayNs: number; perSectorNs: number} {
		const restingNs = this.rest && nowNs - this.idleSinceNs >= this.rest.afterNs ? this.rest.wakeNs : undefined;
		if (!write && this.buffered(sector, count)) {
			const times = this.fromBuffer(nowNs, sector, count);
			// It does not need the heads: where they are away they stay away.
			if (restingNs === undefined) this.idleSinceNs = nowNs + times.delayNs + count * times.perSectorNs;
			return times;
		}
		const wakeNs = restingNs ?? 0;
		const delayNs = wakeNs + this.reach(nowNs + wakeNs, sector);
		const beganNs = nowNs + delayNs;
		this.idleSinceNs = beganNs + count * SECTOR_NS;
		if (!write) this.buffer = {start: sector, beganNs, end: sector + BUFFER_SECTORS};
		else if (this.buffer && sector < this.buffer.end && sector + count > this.buffer.start) this.buffer = undefined;
		return {delayNs, perSectorNs: SECTOR_NS};
	}

	/** Sends the arm to a sector. @returns nanoseconds until it passes under the head */
	private reach(nowNs: number, sector: number): number {
		const track = Math.floor(sector / SECTORS_PER_TRACK);
		const seekNs = this.seekNs(track);
		this.arm = track;
		const arrivedNs = nowNs + seekNs;
		const turnedTo = Math.floor(arrivedNs / SECTOR_NS) % SECTORS_PER_TRACK;
		const waitSectors = (sector - track * SECTORS_PER_TRACK - turnedTo + SECTORS_PER_TRACK) % SECTORS_PER_TRACK;
		return seekNs + waitSectors * SECTOR_NS;
	}

	private buffered(sector: number, count: number): boolean {
		return this.buffer !== undefined && sector >= this.buffer.start && sector + count <= this.buffer.end;
	}

	/** The drive has read on by itself: what has passed under the head is there at once. */
	private fromBuffer(nowNs: number, sector: number, count: number): {delayNs: number; perSectorNs: number} {
		const buffer = this.buffer!;
		const passedNs = (at: number) => buffer.beganNs + (at - buffer.start) * SECTOR_NS;
		return {
			delayNs: Math.max(0, passedNs(sector) - nowNs),
			perSectorNs: passedNs(sector + count) <= nowNs ? 0 : SECTOR_NS,
		};
	}

	private seekNs(track: number): number {
		const distance = Math.abs(track - this.arm);
		if (distance === 0) return 0;
		const settleNs = this.chance.integer(0, SETTLE_SPAN_NS);
		return SEEK_LEAST_NS + Math.round(SEEK_SPAN_NS * Math.sqrt(distance / this.tracks)) + settleNs;
	}
}
