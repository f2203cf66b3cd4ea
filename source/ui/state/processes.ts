/** Processes and devices by name, and the process that the maps pane shows. */

import {parseMaps} from '../../formats/proc/maps.ts';
import {parseStatus, type Status} from '../../formats/proc/status.ts';
import {isOpen} from '../../model/injections.ts';
import {path} from '../../model/paths.ts';
import {likelyProcess, type ProcessRow, processRows} from '../../model/processes.ts';
import {pathIn, type Reading, readRecord, recordIn, type SampledTree} from '../../model/tree.ts';
import {isRefused} from './lacking.ts';
import type {State} from './state.ts';

export type Processes = {
	/** Undefined until they were listed. */
	readonly pids: readonly number[] | undefined;
	/** Names of the directories of PCI devices. */
	readonly devices: readonly string[];
	readonly listedMs: number | undefined;
	readonly rows: readonly ProcessRow[];
	/** The process that somebody chose for the maps pane. */
	readonly chosenPid: number | undefined;
	/** The one shown until somebody does. */
	readonly likelyPid: number | undefined;
	/** Processes whose areas a real Linux did not show. No other process of their users is shown by default. */
	readonly refusedPids: readonly number[];
	/** The process whose areas the maps pane has. */
	readonly picturedPid: number | undefined;
	/** Whether it has, or had, any: a kernel thread never does. */
	readonly hadAreas: boolean;
	/** The window that was moved to, of a process with too many areas for one: number of its first area. */
	readonly mapsWindow: {readonly pid: number; readonly first: number};
	/** True when the process that maps shows is gone; the picture is its last. */
	readonly hasEnded: boolean;
};

export const noProcesses: Processes = {
	pids: undefined,
	devices: [],
	listedMs: undefined,
	rows: [],
	chosenPid: undefined,
	likelyPid: undefined,
	refusedPids: [],
	picturedPid: undefined,
	hadAreas: false,
	mapsWindow: {pid: 0, first: 0},
	hasEnded: false,
};

/** Names of processes and devices are asked for this often. */
const listEveryMs = 1000;

export const isListDue = ({listedMs}: Processes, nowMs: number): boolean =>
	listedMs === undefined || nowMs - listedMs > listEveryMs;

/** On a machine that has just booted there is only init, which says the least. */
const isWorthShowing = (pid: number | undefined): boolean => pid !== undefined && pid !== 1;

/** The process of the followed injection, else the chosen one, else the one most worth seeing. */
export function shownPid({lab, injections, processes}: State): number | undefined {
	const followed = lab.inject?.injections.find(({id}) => id === injections.followed);
	const pid = followed?.pids.at(-1);
	// One that was over before it was seen has left nothing to show.
	const hasPicture = followed && (isOpen(followed) || processes.picturedPid === pid);
	return (hasPicture ? pid : undefined) ?? processes.chosenPid ?? processes.likelyPid;
}

type AreasRead = {
	readonly reading: Reading<ReturnType<typeof parseMaps>>;
	readonly vmaPath: string;
	readonly first: number | undefined;
	/** The process has ended, or is on its way out and has no areas left. */
	readonly isGone: boolean;
};

/** What a sample holds of a process's areas; undefined when it was not asked for them. */
export function readAreas(tree: SampledTree, pid: number): AreasRead | undefined {
	const whole = path.maps(pid);
	const found = pathIn(tree, [whole, ...Object.keys(tree).filter(each => each.startsWith(`${whole}/`))]);
	const reading = found === undefined ? undefined : readRecord(tree, found, parseMaps);
	if (found === undefined || reading === undefined) return undefined;
	const first = found === whole ? undefined : Number(found.slice(whole.length + 1).split('/')[0]);
	// A window behind the last area is empty too.
	const isGone = 'error' in reading || (reading.record.areas.length === 0 && (first ?? 0) === 0);
	return {reading, vmaPath: path.vma(pid) + found.slice(whole.length), first, isGone};
}

/** The process whose areas a recording holds: that which was looked at then. */
function recordedPid(tree: SampledTree): number | undefined {
	const pids = Object.keys(tree).flatMap(name => /^\/proc\/(\d+)\/maps\b/.exec(name)?.[1] ?? []);
	const found = pids.find(pid => readAreas(tree, Number(pid))?.isGone === false);
	return found === undefined ? undefined : Number(found);
}

/** At most so many users are tried. */
const mostRefused = 4;

/** The process shown by default, if this user may not see its areas; undefined once enough users were tried. */
function refusedPid({likelyPid, chosenPid, refusedPids}: Processes, tree: SampledTree): number | undefined {
	if (likelyPid === undefined || chosenPid !== undefined || refusedPids.length === mostRefused) return undefined;
	const file = tree[path.maps(likelyPid)];
	return file && 'error' in file && isRefused(file.error) ? likelyPid : undefined;
}

type Statuses = readonly (readonly [pid: number, status: Status])[];

/** Processes of users other than those of the refused ones; all of them if no other is left. */
function visible(
	rows: readonly ProcessRow[],
	statuses: Statuses,
	refusedPids: readonly number[],
): readonly ProcessRow[] {
	if (refusedPids.length === 0) return rows;
	const userOf = new Map(statuses.map(([pid, {Uid}]) => [pid, Uid?.[1]]));
	const users = new Set(refusedPids.map(pid => userOf.get(pid)));
	const others = rows.filter(({pid}) => !users.has(userOf.get(pid)));
	return others.length === 0 ? rows : others;
}

/** The list as far as the newest sample has it. */
export function readProcesses({processes, picture: {tree}, target, injections}: State): Processes {
	const recorded = target.kind === 'recording' ? recordedPid(tree) : undefined;
	if (recorded !== undefined) return {...processes, likelyPid: recorded};
	const refused = refusedPid(processes, tree);
	if (refused !== undefined)
		return {...processes, likelyPid: undefined, refusedPids: [...processes.refusedPids, refused]};
	const statuses = (processes.pids ?? []).flatMap(pid => {
		const status = recordIn(tree, path.status(pid), parseStatus);
		return status ? [[pid, status] as const] : [];
	});
	if (statuses.length === 0) return processes;
	const rows = processRows(statuses, injections.culprits.byPid);
	const {likelyPid} = processes;
	const isAlive = rows.some(({pid}) => pid === likelyPid);
	// An injected process comes and goes: what is shown by default is one that stays.
	const lasting = visible(
		rows.filter(({injection}) => injection === undefined),
		statuses,
		processes.refusedPids,
	);
	return {
		...processes,
		rows,
		likelyPid: isAlive && isWorthShowing(likelyPid) ? likelyPid : likelyProcess(lasting)?.pid,
	};
}

export function hasShownEnded(state: State): boolean {
	const pid = shownPid(state);
	const read = pid === undefined ? undefined : readAreas(state.picture.tree, pid);
	const {picturedPid, hadAreas} = state.processes;
	// While it exits a process is without areas before it is without files.
	return read?.isGone === true && ('error' in read.reading || (picturedPid === pid && hadAreas));
}

/** Whether the process list has to be read: while it is shown, and until there is a process worth showing. */
export const needsProcesses = ({overlay, processes: {likelyPid, hasEnded}}: State): boolean =>
	overlay?.kind === 'processes' || !isWorthShowing(likelyPid) || hasEnded;

const withoutSlash = (name: string): string => name.replace(/\/$/, '');

const isSame = <T>(a: readonly T[] | undefined, b: readonly T[]): boolean =>
	a?.length === b.length && b.every((each, index) => each === a[index]);

/** @returns the same object when the names are the same */
export function listed(processes: Processes, directory: string, names: readonly string[]): Processes {
	const plain = names.map(withoutSlash);
	if (directory === path.processes) {
		const pids = plain.filter(name => /^\d+$/.test(name)).map(Number);
		return isSame(processes.pids, pids) ? processes : {...processes, pids};
	}
	const devices = plain.filter(name => /^[\da-f]{4}:[\da-f]{2}:[\da-f]{2}\.\d$/.test(name));
	return isSame(processes.devices, devices) ? processes : {...processes, devices};
}
