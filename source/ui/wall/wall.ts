/** The wall of a class: what it knows of each machine, and what keys and samples do to that. Pure; it draws nothing. */

import {type Seat, type StepCounts, seatOf, stepCountsIn} from '../../model/seat.ts';
import {mergeSample, type SampledTree} from '../../model/tree.ts';
import type {Sample} from '../../target/target.ts';
import {type Notice, stillSaid} from '../state/answer.ts';
import type {Key, Mouse} from '../terminal/sequences.ts';
import {layOutWall, tileAt, topFor} from './layout.ts';
import type {WallClass} from './wallClass.ts';

export type Tile = {
	readonly student: string;
	readonly connection: 'connecting' | 'live' | 'silent' | 'lost';
	/** Why it is lost; empty otherwise. */
	readonly reason: string;
	readonly tree: SampledTree;
	/** Undefined before it answered. */
	readonly seat: Seat | undefined;
	/** Wall time of the last thing that its student was seen to do, in milliseconds. */
	readonly actedMs: number;
};

export type Wall = {
	readonly name: string;
	readonly role: WallClass['role'];
	readonly columns: number;
	readonly rows: number;
	readonly tiles: readonly Tile[];
	/** Index of the chosen tile. */
	readonly cursor: number;
	/** The first row of tiles that is shown. */
	readonly top: number;
	/** A message that is being typed. */
	readonly prompt: {readonly text: string; readonly toAll: boolean} | undefined;
	readonly notice: Notice | undefined;
	/** Everybody's monitor follows the one of this person. */
	readonly leads: boolean;
	/** Whether there is a monitor to go back to. */
	readonly hasBefore: boolean;
	readonly counts: StepCounts;
	/** When it was looked at last, in milliseconds of wall time. */
	readonly nowMs: number;
};

export type WallMessage =
	| {readonly type: 'key'; readonly key: Key; readonly nowMs: number}
	| {readonly type: 'mouse'; readonly mouse: Mouse; readonly nowMs: number}
	| {readonly type: 'pasted'; readonly text: string; readonly nowMs: number}
	| {readonly type: 'resized'; readonly columns: number; readonly rows: number}
	| {readonly type: 'sampled'; readonly index: number; readonly sample: Sample; readonly nowMs: number}
	| {readonly type: 'lost'; readonly index: number; readonly reason: string}
	| {readonly type: 'silent'; readonly index: number}
	| {readonly type: 'leads'; readonly leads: boolean}
	| {readonly type: 'told'; readonly text: string; readonly isError: boolean; readonly nowMs: number};

/** What is to be done outside. */
export type WallEffect =
	| {readonly type: 'enter'; readonly index: number; readonly as: 'observer' | 'helper'}
	/** Writes to lab/class of machines. @param said when all took it */
	| {readonly type: 'write'; readonly indices: readonly number[]; readonly text: string; readonly said: string}
	| {readonly type: 'lead'}
	| {readonly type: 'back'}
	| {readonly type: 'redraw' | 'suspend' | 'quit'};

type WallUpdate = {readonly wall: Wall; readonly effects: readonly WallEffect[]};

/** So long without anything done, a student is asleep, in milliseconds. */
const asleepMs = 5 * 60_000;
/** Characters of a message. */
const mostCharacters = 200;

const nothing: readonly WallEffect[] = [];
const quiet = (wall: Wall): WallUpdate => ({wall, effects: nothing});
const effect = (wall: Wall, each: WallEffect): WallUpdate => ({wall, effects: [each]});
const withNotice = (wall: Wall, text: string, nowMs: number, isError = true): Wall => ({
	...wall,
	notice: {text, isError, sinceMs: nowMs},
});

/** @param nowMs wall time in milliseconds */
export const initialWall = (
	{name, role, students}: Pick<Wall, 'name' | 'role'> & {readonly students: readonly string[]},
	{columns, rows, hasBefore, nowMs}: Pick<Wall, 'columns' | 'rows' | 'hasBefore' | 'nowMs'>,
): Wall => ({
	name,
	role,
	columns,
	rows,
	hasBefore,
	nowMs,
	tiles: students.map(student => ({
		student,
		connection: 'connecting',
		reason: '',
		tree: {},
		seat: undefined,
		actedMs: nowMs,
	})),
	cursor: 0,
	top: 0,
	prompt: undefined,
	notice: undefined,
	leads: false,
	counts: new Map(),
});

export const isAsleep = ({actedMs, connection}: Tile, nowMs: number): boolean =>
	connection === 'live' && nowMs - actedMs >= asleepMs;

/** What only a student changes: what goes on by itself is not in it. */
const actOf = ({injected, clock}: Seat): string => JSON.stringify([injected, clock?.rate, clock?.pace, clock?.watch]);

/** When the student of a machine that is seen for the first time did something, by the machine's own time. */
function firstActMs({injectedUs, clock}: Seat, nowMs: number): number {
	if (clock?.state !== 'running' || clock.rate <= 0) return nowMs;
	return nowMs - Math.max(0, clock.timeNs / 1e6 - (injectedUs ?? 0) / 1000) / clock.rate;
}

function sampled(wall: Wall, {index, sample, nowMs}: Extract<WallMessage, {type: 'sampled'}>): Wall {
	const before = wall.tiles[index]!;
	const tree = mergeSample(before.tree, sample);
	const counts = wall.counts.size > 0 ? wall.counts : stepCountsIn(tree);
	const seat = seatOf(tree, counts);
	const isSame = before.seat !== undefined && actOf(before.seat) === actOf(seat);
	const actedMs = before.seat === undefined ? firstActMs(seat, nowMs) : isSame ? before.actedMs : nowMs;
	const tile: Tile = {...before, connection: 'live', reason: '', tree, seat, actedMs};
	return {
		...wall,
		counts,
		nowMs,
		notice: stillSaid(wall.notice, nowMs),
		tiles: wall.tiles.with(index, tile),
	};
}

const layoutOf = ({columns, rows, tiles}: Wall) => layOutWall(columns, rows, tiles.length);

function chosen(wall: Wall, index: number): Wall {
	const cursor = Math.max(0, Math.min(wall.tiles.length - 1, index));
	return {...wall, cursor, top: topFor(cursor, wall.top, wall.tiles.length, layoutOf(wall))};
}

/** Tiles that a key moves the cursor by; undefined for other keys. */
function stepOf(key: Key, {across, down}: ReturnType<typeof layOutWall>): number | undefined {
	const steps: Readonly<Record<string, number>> = {
		left: -1,
		right: 1,
		up: -across,
		down: across,
		k: -across,
		j: across,
		l: 1,
		pageup: -across * down,
		pagedown: across * down,
		home: Number.NEGATIVE_INFINITY,
		end: Number.POSITIVE_INFINITY,
	};
	return Object.hasOwn(steps, key) ? steps[key] : undefined;
}

/** Up and down stay in their column; past the last row they go nowhere. */
function moved(wall: Wall, step: number): Wall {
	const {across} = layoutOf(wall);
	const target = wall.cursor + step;
	const isStep = Math.abs(step) === across && across > 1;
	return isStep && (target < 0 || target >= wall.tiles.length) ? wall : chosen(wall, target);
}

const everybody = ({tiles}: Wall): readonly number[] => tiles.map((_, index) => index);

const nameOf = ({tiles, cursor}: Wall): string => tiles[cursor]!.student;

/** Freezes one machine or all of them; what is frozen is let go. Of all, when any is frozen all are let go. */
function freeze(wall: Wall, toAll: boolean): WallUpdate {
	const indices = toAll ? everybody(wall) : [wall.cursor];
	const isFrozen = indices.some(index => wall.tiles[index]!.seat?.classRecord?.frozenBy);
	const whom = toAll ? 'all machines' : nameOf(wall);
	const said = isFrozen ? `${whom}: free again` : `${whom}: frozen; the same key frees`;
	return effect(wall, {type: 'write', indices, text: isFrozen ? 'thaw' : 'freeze', said});
}

function promptKey(wall: Wall, prompt: NonNullable<Wall['prompt']>, key: Key): WallUpdate {
	const {text, toAll} = prompt;
	const typed = (next: string): WallUpdate => quiet({...wall, prompt: {...prompt, text: next}});
	if (key === 'escape') return quiet({...wall, prompt: undefined});
	if (key === 'enter') {
		const closed = {...wall, prompt: undefined};
		if (text.trim() === '') return quiet(closed);
		const indices = toAll ? everybody(wall) : [wall.cursor];
		const said = `sent to ${toAll ? 'everybody' : nameOf(wall)}`;
		return effect(closed, {type: 'write', indices, text: `message ${text.trim()}`, said});
	}
	if (key === 'backspace') return typed([...text].slice(0, -1).join(''));
	if (key === 'ctrl+u') return typed('');
	const character = key === 'space' ? ' ' : key;
	return [...character].length === 1 && [...text].length < mostCharacters ? typed(text + character) : quiet(wall);
}

const teaching: ReadonlySet<Key> = new Set(['z', 'Z', 'F']);

/** Whether a key is for this role. */
export const mayPress = (key: Key, role: WallClass['role']): boolean => role === 'teacher' || !teaching.has(key);

function applyKey(before: Wall, key: Key, nowMs: number): WallUpdate {
	const wall: Wall = {...before, notice: undefined, nowMs};
	if (key === 'ctrl+c') return effect(wall, {type: 'quit'});
	if (wall.prompt) return promptKey(wall, wall.prompt, key);
	const step = stepOf(key, layoutOf(wall));
	if (step !== undefined) return quiet(moved(wall, step));
	if (!mayPress(key, wall.role)) return quiet(withNotice(wall, 'only the teacher of the class may do that', nowMs));
	switch (key) {
		case 'enter':
			return effect(wall, {type: 'enter', index: wall.cursor, as: 'observer'});
		case 'h':
			return effect(wall, {type: 'enter', index: wall.cursor, as: 'helper'});
		case 'm':
		case 'M':
			return quiet({...wall, prompt: {text: '', toAll: key === 'M'}});
		case 'z':
		case 'Z':
			return freeze(wall, key === 'Z');
		case 'F':
			return effect(wall, {type: 'lead'});
		case 'b':
		case 'W':
		case 'escape':
			return wall.hasBefore
				? effect(wall, {type: 'back'})
				: quiet(withNotice(wall, 'q leaves the wall; the machines go on', nowMs, false));
		case 'ctrl+l':
			return effect(wall, {type: 'redraw'});
		case 'ctrl+z':
			return effect(wall, {type: 'suspend'});
		case 'q':
			return effect(wall, {type: 'quit'});
		default:
			return quiet(withNotice(wall, 'the keys are named below', nowMs, false));
	}
}

/** A click chooses a tile, one on the chosen tile goes in; the wheel moves by a row of tiles. */
function applyMouse(wall: Wall, mouse: Mouse, nowMs: number): WallUpdate {
	const layout = layoutOf(wall);
	if (mouse.kind !== 'click') return quiet(moved(wall, mouse.kind === 'wheelUp' ? -layout.across : layout.across));
	const index = tileAt(mouse, wall.top, wall.tiles.length, layout);
	if (index === undefined) return quiet(wall);
	return index === wall.cursor ? applyKey({...wall, prompt: undefined}, 'enter', nowMs) : quiet(chosen(wall, index));
}

/** Text that was pasted is typed into an open message. */
function pasted(wall: Wall, text: string): Wall {
	const {prompt} = wall;
	return prompt
		? {...wall, prompt: {...prompt, text: [...prompt.text, ...text].slice(0, mostCharacters).join('')}}
		: wall;
}

const withTile = (wall: Wall, index: number, change: Partial<Tile>): Wall => ({
	...wall,
	tiles: wall.tiles.with(index, {...wall.tiles[index]!, ...change}),
});

export function updateWall(wall: Wall, message: WallMessage): WallUpdate {
	switch (message.type) {
		case 'key':
			return applyKey(wall, message.key, message.nowMs);
		case 'mouse':
			return applyMouse(wall, message.mouse, message.nowMs);
		case 'pasted':
			return quiet(pasted(wall, message.text));
		case 'resized': {
			const {columns, rows} = message;
			return quiet(chosen({...wall, columns, rows}, wall.cursor));
		}
		case 'sampled':
			return quiet(sampled(wall, message));
		case 'lost':
			return quiet(withTile(wall, message.index, {connection: 'lost', reason: message.reason}));
		case 'silent':
			return quiet(withTile(wall, message.index, {connection: 'silent'}));
		case 'leads':
			return quiet({...wall, leads: message.leads});
		case 'told':
			return quiet(withNotice(wall, message.text, message.nowMs, message.isError));
	}
}
