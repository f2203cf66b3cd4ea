/**
 * How much goes on at the machine by itself: what its programs do, and what comes from outside through its devices.
 * `lab/load` shows and changes it.
 */
import {isLoadName, type LoadName, type LoadRecord, loadNames} from '../formats/debugfs/lab/load.ts';
import type {DiskRest} from '../hardware/diskMechanics.ts';
import {LAB_TRAFFIC, type LanTraffic} from '../hardware/lan.ts';
import {BUSY_HAND, type MouseHand, RECORDER_NS_PER_BYTE} from '../hardware/usb_functions.ts';
import {EINTR} from '../kernel/errno.ts';
import type {Kernel} from '../kernel/kernel.ts';
import {schedule, wake_up_process} from '../kernel/sched.ts';
import {syscall} from '../kernel/syscalls.ts';
import type {Sleeps} from '../kernel/time.ts';
import {schedule_timeout} from '../kernel/timer.ts';
import {type wait_queue_head as WaitQueue, wait_queue_head} from '../kernel/wait.ts';
import type {Slots} from './board.ts';
import {LabError} from './errors.ts';

/** `none`: no programs and no traffic, for tests that count what is left. */
export type MachineLoad = LoadName | 'none';

export type LabLoad = {
	now: MachineLoad;
	/** Those who wait for time to pass, or for another load. */
	readonly changed: WaitQueue;
};

export const newLoad = (now: MachineLoad): LabLoad => ({now, changed: wait_queue_head('lab/load')});

const means: Readonly<Record<MachineLoad, string>> = {
	none: 'there are no programs',
	quiet: 'programs and devices wait; the timer ticks, and what one injects happens alone',
	calm: 'a few things a second, one at a time, each of which can be followed',
	busy: 'a database, a reader of files, a shell, a network and USB devices at work, as on a server',
};

export const loadRecord = ({now}: LabLoad): LoadRecord => ({load: now, means: means[now]});

type Outside = {
	readonly traffic: LanTraffic | undefined;
	readonly hand: MouseHand | undefined;
	readonly recorderNsPerByte: number;
	readonly diskRest: DiskRest | undefined;
};

const still: Outside = {
	traffic: undefined,
	hand: undefined,
	recorderNsPerByte: RECORDER_NS_PER_BYTE,
	diskRest: undefined,
};

const outside: Readonly<Record<MachineLoad, Outside>> = {
	none: {...still, hand: BUSY_HAND},
	quiet: still,
	/** Devices that take their time: what they do is on the screen for a tenth of a second. */
	calm: {
		traffic: {framesPerSecond: 0.5, burst: 1},
		hand: {restOneIn: 1_000, moves: [1, 1]},
		recorderNsPerByte: 50_000,
		diskRest: {afterNs: 500_000_000, wakeNs: 120_000_000},
	},
	busy: {...still, traffic: LAB_TRAFFIC, hand: BUSY_HAND},
};

/** What a network that is up carries. */
export function setTraffic({lan}: Pick<Slots, 'lan'>, {now}: LabLoad): void {
	const {traffic} = outside[now];
	if (traffic) lan.start(traffic);
	else lan.stop();
}

/** The other devices, as this load has them. */
export function setDevices({mouse, recorder, disk}: Slots, {now}: LabLoad): void {
	const {hand, recorderNsPerByte, diskRest} = outside[now];
	mouse.hand = hand;
	recorder.nsPerByte = recorderNsPerByte;
	disk.rest = diskRest;
}

/**
 * Carries out what was written to `lab/load`.
 * @param hasNetwork whether the network card is in use: its driver starts the traffic otherwise
 * @throws LabError EINVAL for another word, EPERM on a machine without programs
 */
export function writeLoad(k: Kernel, slots: Slots, load: LabLoad, text: string, hasNetwork: boolean): void {
	const word = text.trim();
	if (!isLoadName(word)) throw new LabError('EINVAL', `load takes ${loadNames.join(', ')}, got "${word}"`);
	if (load.now === 'none') throw new LabError('EPERM', 'this machine was built without programs: it has no load');
	if (word === load.now) return;
	load.now = word;
	setDevices(slots, load);
	if (hasNetwork) setTraffic(slots, load);
	for (const task of load.changed.tasks.splice(0)) wake_up_process(k, task);
}

/**
 * Sleeps for so many milliseconds, without a number for ever, and in any case no longer than the load stays.
 * @returns 0, or -EINTR when the load ended it
 */
function* rest(k: Kernel, {changed}: LabLoad, milliseconds: number | undefined): Sleeps<number> {
	const {current} = k.cpu;
	changed.tasks.push(current);
	current.state = 'TASK_INTERRUPTIBLE';
	current.waitingFor = changed.name;
	let leftNs = Number.POSITIVE_INFINITY;
	if (milliseconds === undefined) yield* schedule(k);
	else leftNs = yield* schedule_timeout(k, milliseconds * 1_000_000);
	const at = changed.tasks.indexOf(current);
	if (at >= 0) changed.tasks.splice(at, 1);
	return leftNs > 0 ? -EINTR : 0;
}

/** As a program does it: another load ends the call as a signal that it handles would. */
function restOf(k: Kernel, load: LabLoad, milliseconds?: number): Sleeps<number> {
	if (!k.cpu.current.mm) return rest(k, load, milliseconds);
	const [name, args] = milliseconds === undefined ? ['pause', ''] : ['nanosleep', `${milliseconds} ms`];
	return syscall(k, name, args, rest(k, load, milliseconds));
}

type Between = {
	/** Milliseconds that a calm machine rests at least and at most. */
	readonly calmMs: readonly [least: number, most: number];
	/** How a busy one rests. */
	readonly busy?: () => Sleeps<unknown>;
};

/**
 * Waits until it is time to do something again: on a quiet machine until it is another one.
 * @returns how much is to be done
 */
export function* nextTurn(k: Kernel, load: LabLoad, {calmMs, busy}: Between): Sleeps<'calm' | 'busy'> {
	for (;;) {
		const {now} = load;
		if (now === 'busy') yield* busy?.() ?? [];
		else if (now === 'calm') yield* restOf(k, load, k.hw.chance.integer(...calmMs));
		else yield* restOf(k, load);
		if (now === load.now && (now === 'busy' || now === 'calm')) return now;
	}
}
