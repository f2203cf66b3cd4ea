/** Where one can go by typing it: in the frame map, and on the address ladder. */

import {pageMapLetters} from '../../formats/debugfs/pageMap.ts';
import {parseSpaceAddress, type SpaceAddress, userPlace} from '../../formats/debugfs/translate.ts';
import {quiet, say} from '../state/answer.ts';
import {follow, followAddress} from '../state/following.ts';
import type {AddressRange} from '../state/frames.ts';
import {modelIn} from '../state/panes.ts';
import {shownPid} from '../state/processes.ts';
import type {State, Update} from '../state/state.ts';
import {memoryEnds} from './framesCursor.ts';

/** Puts the cursor on the cell of a frame; on the ladder, follows it. */
function goToFrame(state: State, pfn: number, nowMs: number): Update {
	const [, end] = memoryEnds(state);
	if (pfn >= end) {
		const text = `there is no page frame 0x${pfn.toString(16)}: memory ends with 0x${(end - 1).toString(16)}`;
		return say(state, text, nowMs);
	}
	return quiet(
		state.focus === 'page' ? follow(state, pfn, nowMs) : {...state, frames: {...state.frames, cursorPfn: pfn}},
	);
}

/** Lights up the frames behind a part of an address space, in the map of all memory. */
const mark = (state: State, marked: AddressRange, what: string, nowMs: number): Update =>
	say(
		{...state, frames: {...state.frames, marked, cursorPfn: undefined, perCell: undefined}},
		`the frames of ${what} are lit; Esc undoes`,
		nowMs,
		false,
	);

const userEnd = 0xc0000000;

const markProcess = (state: State, pid: number, nowMs: number): Update =>
	state.processes.pids?.includes(pid)
		? mark(state, {pid, start: 0, end: userEnd}, `process ${pid}`, nowMs)
		: say(state, `there is no process ${pid}`, nowMs);

function markArea(state: State, address: number, nowMs: number): Update {
	const pid = shownPid(state);
	const areas = modelIn(state, 'maps')?.rows.map(({area}) => area);
	const area = areas?.find(({start, end}) => address >= start && address < end);
	return area && pid !== undefined
		? mark(state, {pid, start: area.start, end: area.end}, `the area at ${area.start.toString(16)} of ${pid}`, nowMs)
		: say(state, `pane 1 shows no area that holds ${address.toString(16)}`, nowMs);
}

function showOnly(state: State, letters: string, nowMs: number): Update {
	const isKnown = [...letters].every(letter => (pageMapLetters as readonly string[]).includes(letter));
	return isKnown
		? say(
				{...state, frames: {...state.frames, onlyLetters: letters}},
				`only ${letters} is shown; Esc shows all`,
				nowMs,
				false,
			)
		: say(state, `kinds of frame are ${pageMapLetters.join('')}, not ${letters}`, nowMs);
}

/** What can be typed, in a few words. */
export const goHint = '0x6a31 · b7fe1000 · pid 8 · vma b76b5000 · only DP';

/** So many digits are an address; fewer are the number of a frame. */
const addressDigits = 8;

/** A virtual address: of the process that pane 1 shows, or the kernel's. */
function virtualPlace(state: State, value: number): SpaceAddress | undefined {
	if (value >= userEnd) return {space: 'virt', owner: null, address: value};
	const pid = shownPid(state);
	return pid === undefined ? undefined : userPlace(pid, value);
}

/** `user 8 b7fe1000`, `phys 6a31000`, or as the files spell it, `user:8:0xb7fe1000`. */
function spelledPlace(words: string): SpaceAddress | undefined {
	try {
		return parseSpaceAddress(words.trim().split(/\s+/).join(':'));
	} catch {
		return undefined;
	}
}

/** Goes where the words say: to a frame, an address, the frames of a process or area, or to kinds of frame alone. */
export function jump(state: State, words: string, nowMs: number): Update {
	const [word = '', value = ''] = words.trim().split(/\s+/);
	const address = Number.parseInt(value, 16);
	if (word === 'pid' && /^\d+$/.test(value)) return markProcess(state, Number(value), nowMs);
	if (word === 'vma' && !Number.isNaN(address)) return markArea(state, address, nowMs);
	if (word === 'only' && value !== '') return showOnly(state, value, nowMs);
	const digits = /^(?:0x)?([\da-f]{1,9})$/i.exec(words.trim())?.[1];
	if (digits !== undefined && digits.length < addressDigits)
		return goToFrame(state, Number.parseInt(digits, 16), nowMs);
	const place =
		digits?.length === addressDigits ? virtualPlace(state, Number.parseInt(digits, 16)) : spelledPlace(words);
	return place
		? quiet(followAddress(state, place, nowMs))
		: say(state, `cannot go to "${words.trim()}"; examples: ${goHint}`, nowMs);
}
